"""Who we are to a store: from the environment, a netrc file or a prompt; Basic, Digest and Bearer authentication.

Digest is RFC 7616 with MD5 or SHA-256 and ``qop=auth``; Basic RFC 7617; Bearer RFC 6750. Nothing here is ever
shown: the values are kept out of representations, and ``secrets`` lets messages leave them out.
"""

from __future__ import annotations

import hashlib
import netrc
import os
import secrets as random
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Authorisation", "Credentials", "find_credentials", "netrc_credentials"]

#: Environment variables that hold the name, the password and an access token.
VARIABLES = ("KG_LOAD_USER", "KG_LOAD_PASSWORD", "KG_LOAD_TOKEN")
Prompt = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or a token."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any message."""
        return tuple(value for value in (self.password, self.token) if value)


def find_credentials(host: str) -> Credentials | None:
    """Those of the environment, else those of the netrc file for the host; None when there are none."""
    user, password, token = (os.environ.get(name, "") for name in VARIABLES)
    if token or (user and password):
        return Credentials(user, password, token)
    return netrc_credentials(host)


def netrc_credentials(host: str) -> Credentials | None:
    """Those of the netrc file for the host; None when there are none."""
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        # No such file, or one that is not ours to judge: the server will say if it wants a password.
        return None
    return Credentials(found[0], found[2] or "") if found else None


class Authorisation:
    """The authentication of one server: answers its challenges, and repeats the answer without being asked."""

    def __init__(self, credentials: Credentials | None, schemes: tuple[str, ...]) -> None:
        self.credentials = credentials
        self._schemes = schemes
        self._scheme = ""
        self._digest: dict[str, str] = {}
        self._count = 0

    def challenged(self, challenges: list[str]) -> bool:
        """Take up a challenge; whether there is now an answer to give. A weaker scheme is never chosen."""
        if self.credentials is None:
            return False
        offered = {c.partition(" ")[0].lower(): c.partition(" ")[2] for c in challenges}
        if "digest" in offered and "digest" in self._schemes and self.credentials.password:
            # Imported where it is used: it takes a fifth of a load's imports.
            from urllib.request import parse_http_list, parse_keqv_list

            details = parse_keqv_list(parse_http_list(offered["digest"]))
            again = self._scheme == "digest" and details.get("stale", "").lower() != "true"
            if details.get("algorithm", "MD5").upper() not in ("MD5", "SHA-256") or "nonce" not in details:
                return False
            self._scheme, self._digest, self._count = "digest", details, 0
            return not again
        for scheme, held in (("bearer", self.credentials.token), ("basic", self.credentials.password)):
            if scheme in offered and scheme in self._schemes and held:
                again, self._scheme = self._scheme == scheme, scheme
                return not again
        return False

    def header(self, method: str, target: str) -> str | None:
        """The Authorization header of a request, once a challenge was taken up or a token is held."""
        known = self.credentials
        if known is None:
            return None
        if self._scheme == "bearer" or (known.token and "bearer" in self._schemes):
            return f"Bearer {known.token}"
        if self._scheme == "basic":
            return "Basic " + b64encode(f"{known.user}:{known.password}".encode()).decode()
        return self._digest_header(known, method, target) if self._scheme == "digest" else None

    def _digest_header(self, known: Credentials, method: str, target: str) -> str:
        asked = self._digest
        algorithm = asked.get("algorithm", "MD5")

        def digest(*parts: str) -> str:
            text = ":".join(parts).encode()
            if algorithm.upper() == "SHA-256":
                return hashlib.sha256(text).hexdigest()
            # The protocol of the server asks for MD5; it protects the password's hash, nothing else.
            return hashlib.md5(text, usedforsecurity=False).hexdigest()

        self._count += 1
        count, client = f"{self._count:08x}", random.token_hex(8)
        realm, nonce = asked.get("realm", ""), asked["nonce"]
        first, second = digest(known.user, realm, known.password), digest(method, target)
        answer = {"username": known.user, "realm": realm, "nonce": nonce, "uri": target}
        if "auth" in [word.strip() for word in asked.get("qop", "").split(",")]:
            response = digest(first, nonce, count, client, "auth", second)
            extra = f', qop=auth, nc={count}, cnonce="{client}"'
        else:
            response, extra = digest(first, nonce, second), ""
        quoted = ", ".join(f'{name}="{_escaped(value)}"' for name, value in answer.items())
        opaque = f', opaque="{_escaped(asked["opaque"])}"' if "opaque" in asked else ""
        return f'Digest {quoted}, response="{response}", algorithm={algorithm}{extra}{opaque}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
