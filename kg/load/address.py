"""Addresses of stores: what is one, and which server it is of."""

from __future__ import annotations

from urllib.parse import urlsplit

from kg.errors import Problem, UsageError

__all__ = ["Origin", "check_address", "origin", "store_address"]

#: Scheme, host and port: what is one server, to which alone its credentials go.
Origin = tuple[str, str, int]


def check_address(address: str, what: str = "the address") -> str:
    """An http or https address as it was given.

    Raises UsageError (KG713) for anything else, for a name or password in it, and for a fragment, which no server
    ever sees; ``what`` names it there, since it is not repeated.
    """
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(ord(letter) < 33 or ord(letter) > 126 for letter in address):
        raise _refused(f"{what} is no http or https address", "http://localhost:7878, say.")
    if "@" in parts.netloc:
        remedy = "Set KG_LOAD_USER and KG_LOAD_PASSWORD, or use a netrc file: others can see a command line."
        raise _refused(f"{what} has a name or password in it", remedy)
    if "#" in address:
        raise _refused(f"{what} has a # in it", "Leave out what begins there.")
    return address


def store_address(address: str, query: str = "") -> str:
    """The address to which a profile's paths are added: without a closing slash and without its ``query`` path.

    So the address of a store is good, and that of its queries too. Raises UsageError (KG713) as ``check_address``
    does, and for parameters, after which no path can be added.
    """
    if "?" in check_address(address):
        remedy = "Leave out what begins there; `kg load --profiles` says which address each kind of store wants."
        raise _refused("the address has a ? in it", remedy)
    return address.rstrip("/").removesuffix(query).rstrip("/")


def origin(address: str) -> Origin:
    """The server of an address that was checked: scheme, host and port."""
    parts = urlsplit(address)
    return (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _refused(message: str, remedy: str) -> UsageError:
    return UsageError(Problem("KG713", message, remedy=remedy))
