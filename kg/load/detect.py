"""Which kind of store answers at an address, told from what it says of itself."""

from __future__ import annotations

from kg.errors import Problem, UsageError
from kg.load.failures import RemoteError
from kg.load.profiles import PROFILES, Profile, profile_named
from kg.load.transport import Transport

__all__ = ["detect", "profile_for"]


def profile_for(address: str, name: str | None, timeout: float = 600.0) -> Profile:
    """The profile of that name, or the one that the server's answer tells.

    Raises UsageError (KG713) when the name is unknown or the server says nothing of its kind, and RemoteError
    when nothing answers.
    """
    if name:
        return profile_named(name)
    found = detect(address, timeout)
    if found is None:
        remedy = f"Name it: --profile {'|'.join(PROFILES)}."
        raise UsageError(Problem("KG713", "the server does not say what kind of store it is", remedy=remedy))
    return found


def detect(address: str, timeout: float = 600.0) -> Profile | None:
    """Ask the address, then the server's root, without a password; None when no sign is known."""
    transport = Transport(address, timeout=timeout)
    try:
        for url in (transport.address, f"{transport.where}/"):
            try:
                answer = transport.request("GET", url)
            except RemoteError as error:
                if error.problems[0].code != "KG702":
                    raise
                continue
            headers = {name.lower(): value.lower() for name, value in answer.headers.items()}
            transport.close()
            for profile in PROFILES.values():
                if any(header in headers and part in headers[header] for header, part in profile.signs):
                    return profile
    finally:
        transport.close()
    return None
