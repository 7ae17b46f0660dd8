"""Credentials for a store, from the environment, a netrc file or a prompt; Basic, Digest and Bearer authentication.

Digest is RFC 7616 with MD5 or SHA-256 and ``qop=auth``; Basic RFC 7617; Bearer RFC 6750. Nothing here is ever
shown: values are kept out of representations, and ``kg.redaction`` keeps them out of every message.
"""

from __future__ import annotations

import hashlib
import netrc
import os
import secrets as random
import unicodedata
from base64 import b64encode
from dataclasses import dataclass, field

from kg.errors import InputError, Problem, UsageError
from kg.redaction import VARIABLES, keep_secret

__all__ = ["Authorisation", "Credentials", "find_credentials", "netrc_credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or a token, without white space at their ends.

    ``source`` says where they come from. Raises UsageError (KG716), which never repeats a value, for a control
    character, and for a token with white space or with a character outside ASCII (RFC 6750).
    """

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    source: tuple[str, str, str] = field(
        default=("the user name", "the password", "the token"), repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name, what in zip(("user", "password", "token"), self.source, strict=True):
            value = getattr(self, name).strip()
            object.__setattr__(self, name, value)
            if name != "user":
                keep_secret(value)
            if fault := _unsendable(value, token=name == "token"):
                raise UsageError(Problem("KG716", f"{what} holds {fault}", remedy="Set it anew, without that."))


def _unsendable(value: str, token: bool) -> str:
    """The kind of character in a credential that cannot be sent, or an empty string."""
    if any(unicodedata.category(letter) == "Cc" for letter in value):
        return "a control character"
    if any(unicodedata.category(letter) == "Cs" for letter in value):
        return "bytes that are no UTF-8"
    if token and not value.isascii():
        return "a character outside ASCII"
    return "a space" if token and " " in value else ""


def find_credentials(host: str) -> Credentials | None:
    """Those of the environment, else those of the netrc file for the host; None when there are none.

    Raises UsageError (KG716) for a value that cannot be sent, and InputError (KG717) as ``netrc_credentials`` does.
    """
    user, password, token = (os.environ.get(name, "").strip() for name in VARIABLES)
    if token or (user and password):
        return Credentials(user, password, token, VARIABLES)
    return netrc_credentials(host)


def netrc_credentials(host: str) -> Credentials | None:
    """Those of the netrc file for the host; None when there are none.

    Raises InputError (KG717) with the file and line, and none of its words, when it cannot be read or parsed.
    """
    file = os.environ.get("NETRC") or os.path.join(os.path.expanduser("~"), ".netrc")
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except FileNotFoundError:
        return None
    except netrc.NetrcParseError as error:
        if error.lineno is None:
            raise _unread(file, "its permissions let others read it", "Run chmod 600 on it.") from None
        # The parser's message quotes the word that it stumbled over, which may be a password.
        raise _unread(file, f"it cannot be parsed at line {error.lineno}", "Correct that line.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise _unread(file, f"it cannot be read: {reason}", "Correct it, or set NETRC to another file.") from None
    names = tuple(f"the {what} for {host} in {file}" for what in ("user name", "password", "token"))
    return Credentials(found[0], found[2] or "", source=(names[0], names[1], names[2])) if found else None


def _unread(file: str, reason: str, remedy: str) -> InputError:
    return InputError(Problem("KG717", f"the netrc file {file} is not used: {reason}", remedy=remedy))


class Authorisation:
    """The authentication of one server: answers its challenges, and repeats the answer without being asked.

    ``asks`` is what a store that sends no challenge says in its refusal when it wants a token.
    """

    def __init__(self, credentials: Credentials | None, schemes: tuple[str, ...], asks: str = "") -> None:
        self.credentials = credentials
        self.asks = asks
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

            try:
                details = parse_keqv_list(parse_http_list(offered["digest"]))
            except (ValueError, IndexError):
                return False
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

    def asked(self, refusal: bytes) -> bool:
        """Take up a refusal that asks for a token in words; whether there is one to give that was not given yet."""
        known = self.credentials
        if not (self.asks and known and known.token and self._scheme != "bearer" and self.asks.encode() in refusal):
            return False
        self._scheme = "bearer"
        return True

    def header(self, method: str, target: str) -> str | None:
        """The Authorization header of a request, once a challenge was taken up or a token is held."""
        known = self.credentials
        if known is None:
            return None
        if self._scheme == "bearer":
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
