"""The datatypes of OWL 2 RL (Profiles, section 4.2): lexical forms, values and value spaces.

Table 8 needs four things of a literal: which datatypes its value belongs to (dt-type2, dt-not-type), and
whether two literals have the same value (dt-eq) or different ones (dt-diff). A value is represented by a
hashable key: equal keys, equal values. Lexical forms and their values follow XML Schema 1.1 part 2; so a float or
double too large for its type is an infinity, and one too small is a zero (section E.1, floatingPointRound).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from kg.model import Term
from kg.reasoner.owl_terms import RDF, RDFS, XSD

#: A value's key: its primitive space, then the value in it. None: ill-typed, or of an unknown datatype.
Key = tuple[str, Any]

_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
#: White space of XML; Python's has more.
_BLANK = " \t\n\r"
#: XML 1.0, fifth edition, section 2.3: NameStartChar without the colon, and what else NameChar has.
_NAME_START = (
    r"A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    r"\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = rf"{_NAME_START}\-.0-9\xb7\u0300-\u036f\u203f\u2040"
_STRINGS: dict[str, str] = {
    "string": r"(?s:.*)",
    "normalizedString": r"[^\t\n\r]*",
    "token": rf"(?:[^{_BLANK}]+(?: [^{_BLANK}]+)*)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "Name": rf"[:{_NAME_START}][:{_NAME}]*",
    "NCName": rf"[{_NAME_START}][{_NAME}]*",
    "NMTOKEN": rf"[:{_NAME}]+",
}
_OTHERS = ("decimal", "float", "double", "boolean", "hexBinary", "base64Binary", "anyURI", "dateTime")

#: Every datatype of OWL 2 RL, as terms.
DATATYPES: tuple[Term, ...] = (
    f"<{RDF}PlainLiteral>",
    f"<{RDF}XMLLiteral>",
    f"<{RDFS}Literal>",
    *(f"<{XSD}{name}>" for name in (*_OTHERS, "dateTimeStamp", *_INTEGERS, *_STRINGS)),
)
_SUPPORTED = frozenset(DATATYPES)
_LITERAL = r'(?s)"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9\-]+)|\^\^(<[^>]*>))?\Z'
_ESCAPE = r"(?s)\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))"
_PLAIN = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def is_literal(term: Term) -> bool:
    """Whether the term is a literal."""
    return term.startswith('"')


def literal_parts(term: Term) -> tuple[str, str | None, Term]:
    """Lexical form (unescaped), language tag and datatype of a literal term.

    Raises ValueError when the term is not a literal.
    """
    found = re.match(_LITERAL, term)
    if not found:
        raise ValueError(f"not a literal: {term}")
    text, language, datatype = found.groups()
    if "\\" in text:
        text = re.sub(_ESCAPE, lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), text)
    if language:
        return text, language, f"<{RDF}langString>"
    return text, None, datatype or f"<{XSD}string>"


@cache
def _readers() -> dict[Term, Callable[[str], Key | None]]:
    """For each datatype the function from a lexical form to the value's key."""
    readers: dict[Term, Callable[[str], Key | None]] = {
        f"<{XSD}decimal>": _decimal,
        f"<{XSD}boolean>": _boolean,
        f"<{XSD}float>": lambda text: _floating(text, "float"),
        f"<{XSD}double>": lambda text: _floating(text, "double"),
        f"<{XSD}hexBinary>": lambda text: _hex(text),
        f"<{XSD}base64Binary>": _base64,
        f"<{XSD}anyURI>": _uri,
        f"<{XSD}dateTime>": _date_time,
        f"<{XSD}dateTimeStamp>": _date_time_stamp,
        f"<{RDF}XMLLiteral>": _xml,
        f"<{RDF}PlainLiteral>": _plain,
    }
    for name in _INTEGERS:
        readers[f"<{XSD}{name}>"] = _bounded(name)
    for name, pattern in _STRINGS.items():
        readers[f"<{XSD}{name}>"] = _textual(re.compile(pattern))
    return readers


@lru_cache(maxsize=65536)
def value_key(term: Term) -> Key | None:
    """The key of a literal's value; None when it is ill-typed or its datatype is not one of OWL 2 RL."""
    text, language, datatype = literal_parts(term)
    if language:
        return ("text", (text, language.lower()))
    reader = _readers().get(datatype)
    return reader(text) if reader else None


def spaces(term: Term) -> tuple[Term, ...]:
    """Every datatype whose value space has the literal's value (rule dt-type2)."""
    return tuple(name for name in DATATYPES if in_space(term, name))


def in_space(term: Term, datatype: Term) -> bool | None:
    """Whether the literal's value lies in the datatype's value space; None when that cannot be said.

    It cannot for a datatype that is not of OWL 2 RL, on either side.
    """
    if datatype not in _SUPPORTED:
        return None
    key = value_key(term)
    if key is None:
        own = literal_parts(term)[2]
        return False if own in _SUPPORTED else None
    primitive, value = key
    name = datatype.rpartition("#")[2].rstrip(">")
    if name == "Literal":
        return True
    if name in _INTEGERS:
        low, high = _INTEGERS[name]
        return (
            primitive == "number"
            and value == value.to_integral_value()
            and (low is None or value >= low)
            and (high is None or value <= high)
        )
    if name in _STRINGS:
        return primitive == "text" and not value[1] and re.fullmatch(_STRINGS[name], value[0]) is not None
    if name == "dateTimeStamp":
        return primitive == "dateTime" and value[0] == "Z"
    return primitive == {"decimal": "number", "PlainLiteral": "text"}.get(name, name)


def _decimal(text: str) -> Key | None:
    text = text.strip(_BLANK)
    return ("number", Decimal(text)) if re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", text) else None


def _bounded(name: str) -> Callable[[str], Key | None]:
    low, high = _INTEGERS[name]

    def read(text: str) -> Key | None:
        text = text.strip(_BLANK)
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            return None
        value = Decimal(text)
        if (low is not None and value < low) or (high is not None and value > high):
            return None
        return ("number", value)

    return read


def _textual(pattern: re.Pattern[str]) -> Callable[[str], Key | None]:
    return lambda text: ("text", (text, "")) if pattern.fullmatch(text) else None


def _boolean(text: str) -> Key | None:
    value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip(_BLANK))
    return None if value is None else ("boolean", value)


def _floating(text: str, name: str) -> Key | None:
    text = text.strip(_BLANK)
    if text in ("INF", "+INF", "-INF", "NaN"):
        return (name, text.lstrip("+"))
    if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", text, re.A):
        return None
    value = float(text)
    if name == "float":
        try:
            value = struct.unpack("f", struct.pack("f", value))[0]
        except OverflowError:
            value = math.copysign(math.inf, value)
    return name, {math.inf: "INF", -math.inf: "-INF"}.get(value) or str(value)


def _hex(text: str) -> Key | None:
    return ("hexBinary", bytes.fromhex(text)) if re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text) else None


def _base64(text: str) -> Key | None:
    try:
        return ("base64Binary", base64.b64decode(re.sub(rf"[{_BLANK}]", "", text), validate=True))
    except (binascii.Error, ValueError):
        return None


def _uri(text: str) -> Key | None:
    well_formed = re.fullmatch(rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:|[^:/?#{_BLANK}]*(?:[/?#]|\Z))[^{_BLANK}<>]*", text)
    return ("anyURI", text) if well_formed else None


#: A time zone: at most 14 hours.
ZONE = r"Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)"
_DATE_TIME = rf"(?a)(-?(?:[1-9]\d{{3,}}|0\d{{3}}))-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?({ZONE})?"


def _date_time(text: str) -> Key | None:
    """A moment as seconds since year 1 and the digits of the fraction; local ones are apart from those with a zone.

    Of two with different time zones the moment may be equal, and still they are two values.
    """
    found = re.fullmatch(_DATE_TIME, text.strip(_BLANK))
    if not found:
        return None
    year, month, day, hour, minute, second = (whole(found[n]) for n in range(1, 7))
    if not (is_day(year, month, day) and minute < 60 and second < 60):
        return None
    fraction = (found[7] or "").rstrip("0")
    if hour > 24 or (hour == 24 and (minute or second or fraction)):
        return None
    total = ((day_number(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    shift = zone_minutes(found[8] or "")
    return ("dateTime", ("Z" if found[8] else "", total - shift * 60, fraction, shift))


def whole(text: str) -> int:
    """The integer of any number of digits, which may follow a minus sign: int() refuses more than 4,300."""
    if len(text) < 4000:
        return int(text)
    if text[0] == "-":
        return -whole(text[1:])
    right = len(text) // 2
    power: int = 10**right
    return whole(text[:-right]) * power + whole(text[-right:])


def zone_minutes(zone: str) -> int:
    """What a time zone is ahead of UTC, in minutes; 0 for ``Z``."""
    if zone in ("", "Z"):
        return 0
    shift = int(zone[1:3]) * 60 + int(zone[4:])
    return -shift if zone[0] == "-" else shift


def _date_time_stamp(text: str) -> Key | None:
    key = _date_time(text)
    return key if key and key[1][0] == "Z" else None


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def is_day(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    return 1 <= month <= 12 and 1 <= day <= _days(year, month)


def day_number(year: int, month: int, day: int) -> int:
    """Days since a fixed one, in the proleptic Gregorian calendar; any year."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 + sum(_days(year, m) for m in range(1, month)) + day


def _xml(text: str) -> Key | None:
    """A fragment is what a parser reports of it, so ``<a/>`` is ``<a></a>`` (RDF 1.1 Concepts, section 5.2)."""
    from xml.parsers.expat import ExpatError, ParserCreate

    parts: list[Any] = []

    def characters(data: str) -> None:
        if isinstance(parts[-1], str):
            data = parts.pop() + data
        parts.append(data)

    parser = ParserCreate()
    parser.StartElementHandler = lambda name, attributes: parts.append((name, frozenset(attributes.items())))
    parser.EndElementHandler = lambda name: parts.append((name,))
    parser.CharacterDataHandler = characters
    parser.CommentHandler = lambda data: parts.append(("", "comment", data))
    parser.ProcessingInstructionHandler = lambda target, data: parts.append(("", target, data, "instruction"))
    try:
        parser.Parse(f"<r>{text}</r>", True)
    except ExpatError:
        return None
    return ("XMLLiteral", tuple(parts))


def _plain(text: str) -> Key | None:
    """``text@tag``, as rdf:PlainLiteral (W3C, section 2) writes it; an empty tag means none."""
    lexical, at, tag = text.rpartition("@")
    if not at or (tag and not re.fullmatch(_STRINGS["language"], tag)):
        return None
    return ("text", (lexical, tag.lower()))
