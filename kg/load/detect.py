"""Which kind of store answers at an address, told from what it says of itself."""

from __future__ import annotations

from contextlib import closing
from email.message import Message

from kg.errors import Problem, UsageError
from kg.load.address import store_address
from kg.load.credentials import Authorisation, Credentials
from kg.load.profiles import PROFILES, Profile, profile_named
from kg.load.transport import Transport

__all__ = ["detect", "profile_for"]

#: What may be answered to a store of which nothing is known yet; of several that it offers the strongest.
_SCHEMES = ("digest", "bearer", "basic")


def profile_for(
    address: str, name: str | None, credentials: Credentials | None = None, timeout: float = 600.0
) -> Profile:
    """The profile of that name, or the one that the server's answer tells.

    Raises UsageError (KG713) when the name is unknown or the server says nothing of its kind, and RemoteError
    when nothing answers, or says nothing of its kind without a password (KG702).
    """
    if name:
        return profile_named(name)
    found = detect(address, credentials, timeout)
    if found is None:
        remedy = f"Name it: --profile {'|'.join(PROFILES)}."
        raise UsageError(Problem("KG713", "the server does not say what kind of store it is", remedy=remedy))
    return found


def detect(address: str, credentials: Credentials | None = None, timeout: float = 600.0) -> Profile | None:
    """Ask the address, then the server's root, without a password, then with it if one is wanted.

    None when no sign is known. Raises RemoteError as ``Transport.request`` does: KG702 only when nothing was told
    and the address itself is refused.
    """
    address = store_address(address)
    for known in dict.fromkeys((None, credentials)):
        with closing(Transport(address, Authorisation(known, _SCHEMES), timeout)) as transport:
            refused = []
            for url in (address, f"{transport.where}/"):
                answer = transport.request("GET", url, refused=True)
                transport.close()
                # A refusal is signed like any answer.
                if found := _told_by(answer.headers):
                    return found
                refused.append(answer.status == 401)
            if not any(refused):
                return None
            if refused[0] and known == credentials:
                raise transport.refusal()
    return None


def _told_by(headers: Message) -> Profile | None:
    said = {name.lower(): value.lower() for name, value in headers.items()}
    for profile in PROFILES.values():
        if any(header in said and part in said[header] for header, part in profile.signs):
            return profile
    return None
