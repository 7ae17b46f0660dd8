"""Passwords and tokens stay out of messages: a text that repeats one, in any usual encoding, is not shown at all.

A server may echo a request, percent-encoded, in Base64, or cut off. So a text is decoded in the usual ways,
reduced to letters and digits, and searched for any eight successive ones of a secret; what holds some is replaced
whole, since a part that is left, or the places where parts were removed, would tell something too.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, unquote

#: Environment variables that hold the user name, the password and an access token.
VARIABLES = ("KG_LOAD_USER", "KG_LOAD_PASSWORD", "KG_LOAD_TOKEN")
_HIDDEN = "(not shown: it repeats a password or token)"
_WINDOW = 8
_ESCAPE = re.compile(r"\\+(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2}))")
#: Every secret that this process has met; never read but to be searched for.
_SECRETS: set[str] = set()


def keep_secret(value: str) -> None:
    """Keep a value out of every message from now on."""
    if value:
        _SECRETS.add(value)


def redacted(text: str) -> str:
    """A text, or a note in its place when it holds a known secret or a recognisable part of one."""
    forms = {form for secret in _known() for form in _forms(secret)}
    return _HIDDEN if any(_holds(reading, forms) for reading in _readings(text)) else text


def secret_bytes() -> tuple[bytes, ...]:
    """The usual encodings of the known secrets, of those that are long enough to be found in data by no accident."""
    forms = {form for secret in _known() for form in (*_forms(secret), quote(secret, safe="", errors="ignore"))}
    return tuple(sorted(form.encode("utf-8", "ignore") for form in forms if len(form) >= _WINDOW))


def _known() -> set[str]:
    return _SECRETS | {os.environ.get(name, "").strip() for name in VARIABLES[1:]} - {""}


def _holds(text: str, forms: set[str]) -> bool:
    squeezed = _squeezed(text)
    for form in forms:
        short = _squeezed(form)
        if len(short) < 4:
            # Little but punctuation: as it is, or not at all.
            if form in text:
                return True
        elif any(short[at : at + _WINDOW] in squeezed for at in range(max(1, len(short) - _WINDOW + 1))):
            return True
    return False


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is and as other encodings have it; in Base64 at each of the three places of a group."""
    yield secret
    for encoding in ("utf-8", "latin-1"):
        raw = secret.encode(encoding, "ignore")
        yield raw.decode("latin-1")
        if len(raw) > 3:
            yield raw.hex()
            for shift, start in enumerate((0, 2, 3)):
                # What a neighbour's bits share in is left out at both ends.
                yield b64encode(bytes(shift) + raw).decode()[start : (shift + len(raw)) * 8 // 6]


def _readings(text: str) -> Iterator[str]:
    """A text as it is, and with percent, HTML and backslash escapes decoded, up to three deep."""
    yield text
    for _depth in range(3):
        again = _ESCAPE.sub(_letter, unescape(unquote(text)))
        if again == text:
            return
        yield again
        text = again


def _letter(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else ""
