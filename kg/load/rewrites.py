"""What stores make of literals on the way in: each rewriting by its name, as the form that both sides share.

A difference is allowed only where the profile of the store declares the rewriting, and it is named in the report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from kg.vocab import XSD

__all__ = ["REWRITES", "shared_form"]

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"\^\^<' + re.escape(XSD) + r"([A-Za-z]+)>", re.DOTALL)


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false", "TRUE": "true", "FALSE": "false"}.get(text, text)


def _double(text: str) -> str:
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _decimal(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _fraction(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


#: Each rewriting: what it is in words, the datatypes that it touches, and the form that both sides are brought to.
REWRITES: dict[str, tuple[str, frozenset[str], Callable[[str], str]]] = {
    "boolean": ("booleans written as 1 and 0", frozenset({"boolean"}), _boolean),
    "double": ("floating-point numbers kept to fifteen digits", frozenset({"double", "float"}), _double),
    "decimal": ("decimals without closing zeros", frozenset({"decimal"}), _decimal),
    "fraction": ("fractions of a second kept to the microsecond", frozenset({"dateTime", "time"}), _fraction),
}


def shared_form(term: str, names: tuple[str, ...], touched: Counter[str]) -> str:
    """A literal in the form that it has on both sides; counts in ``touched`` the rewritings that changed it."""
    match = _LITERAL.fullmatch(term)
    if not match:
        return term
    for name in names:
        _words, datatypes, change = REWRITES[name]
        if match[2] in datatypes:
            changed = change(match[1])
            if changed != match[1]:
                touched[name] += 1
            return f'"{changed}"^^<{XSD}{match[2]}>'
    return term
