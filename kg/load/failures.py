"""Errors on the way to a store: it cannot be reached, it refuses, or its answer is no answer (exit code 5)."""

from __future__ import annotations

import ssl

import httpcore

from kg.errors import KgError, Problem
from kg.redaction import redacted

_FULL = ("no space left", "file too large", "disk full", "disk is full", "quota", "insufficient storage")

#: Characters of a server's words that a message shows.
_SHOWN = 300


class RemoteError(KgError):
    """A store could not be reached, refused, or did not answer as the protocol asks."""

    exit_code = 5

    @property
    def code(self) -> str:
        """The code of its problem."""
        return self.problems[0].code


def failure(code: str, message: str, remedy: str = "") -> RemoteError:
    """A RemoteError of one problem."""
    return RemoteError(Problem(code, message, remedy=remedy))


def excerpt(said: bytes | str) -> str:
    """The beginning of a server's words, fit for a message: one line, printable, short, no secret in it."""
    text = said if isinstance(said, str) else said[: 8 * _SHOWN].decode("utf-8", "replace")
    text = redacted(" ".join(text[: 8 * _SHOWN].split()))
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def unauthorised(where: str, known: bool) -> RemoteError:
    """The error when a server wants credentials, or other ones than those that are ``known`` (KG702)."""
    message = "does not accept the credentials" if known else "asks for a name and a password"
    return failure(
        "KG702",
        f"{where} {message}",
        "Set KG_LOAD_USER and KG_LOAD_PASSWORD (or KG_LOAD_TOKEN), or add the host to your netrc file; "
        "for an --update-url on another server only the netrc file counts.",
    )


def unreached(where: str, error: Exception) -> RemoteError:
    """The error when a request got no answer (KG701), or one that is not HTTP (KG705)."""
    tls = "Does this port speak http, and not https?"
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"the certificate of {where} is not trusted: {excerpt(error.verify_message)}"
        return failure("KG701", message, "Use the name in the certificate, and an authority known here.")
    if isinstance(error, ssl.SSLError):
        return failure("KG701", f"no secure connection to {where}: {excerpt(str(error.reason))}", tls)
    if isinstance(error, httpcore.TimeoutException):
        remedy = tls if "TLS" in str(error) else "Is the address right, and may this machine reach it?"
        return failure("KG701", f"{where} cannot be reached: {error}", remedy)
    if isinstance(error, httpcore.RemoteProtocolError) and "disconnected" not in str(error):
        message = f"{where} answered what is not HTTP: {excerpt(str(error))}"
        return failure("KG705", message, "Is the address that of a store?")
    reason = excerpt(getattr(error, "strerror", None) or str(error) or "the connection was closed")
    remedy = "Is the store running, and is the address right? Run a load again: it goes on where it stopped."
    return failure("KG701", f"{where} cannot be reached: {reason}", remedy)


def refused(where: str, status: int, media_type: str, body: bytes) -> RemoteError:
    """The error of an answer whose status is no success (KG702, KG703, KG704, KG708, KG709)."""
    text = excerpt(body)
    message = f"{where} answered {status}"
    if status == 403:
        return failure("KG702", f"{where} refused the request: {text}", "Use an account that has this right.")
    if status == 413:
        return failure("KG708", f"{message}: the request is too large", "Raise the limit of the store or proxy.")
    if status == 507 or any(words in text.lower() for words in _FULL):
        return failure("KG709", f"{message}: its storage is full: {text}", "Free some space, then run it again.")
    if media_type == "text/html" and status in (502, 503, 504):
        return failure("KG704", f"the proxy before {message}: {text}", "Try again when the store is up.")
    if status == 404:
        remedy = "Is the address right? `kg load --profiles` lists the address of each kind of store."
        return failure("KG703", f"{message}: {text}", remedy)
    return failure("KG703", f"{message}: {text}", "See the store's own log.")


def unexpected(where: str, media_type: str, wanted: str, body: bytes) -> RemoteError:
    """The error of an answer of another media type (KG704)."""
    kind = excerpt(media_type or "no type")
    page = "This is a web page: a proxy or a login stands before the store, or the address is not the endpoint's."
    remedy = page if kind == "text/html" else "Check the address and --profile."
    return failure("KG704", f"{where} sent {kind} instead of {wanted}: {excerpt(body)}", remedy)
