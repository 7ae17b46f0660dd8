"""Credentials for a store, from the environment, a netrc file or a prompt; Basic, Digest and Bearer authentication.

Digest (RFC 7616) is computed by httpx; Basic is RFC 7617, Bearer RFC 6750. Nothing here is ever shown: values are
kept out of representations, and ``kg.redaction`` keeps them out of every message.
"""

from __future__ import annotations

import netrc
import os
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import httpx

from kg.errors import InputError, Problem, UsageError
from kg.redaction import VARIABLES, keep_secret


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
                raise UsageError(Problem("KG716", f"{what} holds {fault}", remedy="Set it again without this."))


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

    Of the allowed schemes, the strongest that the server offers is used: Digest, Bearer, Basic. ``asks`` is a phrase
    in the refusals of a store that wants a token and sends no challenge.
    """

    def __init__(self, credentials: Credentials | None, schemes: tuple[str, ...], asks: str = "") -> None:
        self.credentials = credentials
        self.asks = asks
        self._schemes = schemes
        self._chosen: httpx.DigestAuth | str | None = None
        self._flow: Generator[httpx.Request, httpx.Response, None] | None = None

    def sign(self, request: httpx.Request) -> None:
        """Add the credentials to a request, once a challenge was taken up. Raises UsageError (KG716)."""
        if isinstance(self._chosen, str):
            request.headers["Authorization"] = self._chosen
        elif self._chosen:
            self._flow = self._chosen.auth_flow(request)
            self._step(lambda flow: next(flow))

    def challenged(self, response: httpx.Response) -> bool:
        """Take up a challenge, with which the request is signed; whether it is to be sent again."""
        known = self.credentials
        offered = " , ".join(response.headers.get_list("WWW-Authenticate"))
        schemes = {name.lower() for name in re.findall(r"(?:^|,)\s*(\w+)(?=\s|,|$)", offered)} & set(self._schemes)
        if known is None or isinstance(self._chosen, str):
            return False
        if "digest" in schemes and known.password:
            if self._chosen is None:
                self._chosen = httpx.DigestAuth(known.user, known.password)
                self.sign(response.request)
            return self._step(lambda flow: flow.send(response))
        return self._send_plainly(schemes, known, response.request)

    def asked(self, refusal: bytes, request: httpx.Request) -> bool:
        """Take up a refusal that asks for a token in words; whether the request is to be sent again."""
        known = self.credentials
        if not (self.asks and known and self._chosen is None and self.asks.encode() in refusal):
            return False
        return self._send_plainly({"bearer"}, known, request)

    def _send_plainly(self, schemes: set[str], known: Credentials, request: httpx.Request) -> bool:
        if "bearer" in schemes and known.token:
            self._chosen = f"Bearer {known.token}"
        elif "basic" in schemes and known.password:
            self._chosen = "Basic " + b64encode(f"{known.user}:{known.password}".encode()).decode()
        else:
            return False
        keep_secret(self._chosen.partition(" ")[2])
        self.sign(request)
        return True

    def _step(self, step: Callable[[Generator[httpx.Request, httpx.Response, None]], object]) -> bool:
        """Let httpx answer a Digest challenge; whether it did."""
        try:
            step(self._flow)  # type: ignore[arg-type]  # made before every step
        except UnicodeEncodeError:
            remedy = "Use an account whose name is ASCII."
            raise UsageError(Problem("KG716", "Digest cannot send this user name or realm", remedy=remedy)) from None
        except (StopIteration, httpx.HTTPError, ValueError, LookupError, NotImplementedError):
            # The answer was not accepted, or the challenge is malformed or of an unknown algorithm.
            return False
        return True
