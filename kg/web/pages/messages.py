"""The pages' own words in the language of a page: ``messages.toml`` has the Serbian for each English message."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import pass_context
from jinja2.runtime import Context

from kg.errors import counted
from kg.harmless import json_text
from kg.labels import cyrillic

__all__ = ["counted_in", "language_tag", "messages", "script_words", "translated"]

_FILE = Path(__file__).parent / "messages.toml"
#: What the script says.
_SCRIPT = (
    "Copy", "Copied", "Found", "Nothing has these words.", "Sources", "status", "stands", "falls", "left out", "any",
    "Asking …", "Answered in", "triples are here", "rows", "fall", "without", "Yes", "No", "This cannot be answered",
    "The graph cannot be loaded", "No claim: the row rests on the ontology and on descriptions.",
    "Statements that join what this row names; `kg serve` finds exactly what it rests on.",
)  # fmt: skip
_TAGS = {"sr": "sr-Latn", "sr-latn": "sr-Latn", "sr-cyrl": "sr-Cyrl"}


def language_tag(language: str) -> str:
    """The tag of a language of labels as BCP 47 writes it; English for any that pages are not in."""
    return _TAGS.get(language.lower(), "en")


@cache
def messages(tag: str) -> Mapping[str, str | list[str]]:
    """The messages of a language by their English; a noun has its forms for 1, 2 to 4, and 5. None for English."""
    if tag == "en":
        return {}
    found: dict[str, str | list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if tag == "sr-Latn":
        return found
    return {name: cyrillic(said) if isinstance(said, str) else [*map(cyrillic, said)] for name, said in found.items()}


def script_words(tag: str) -> str:
    """What the pages' script says, in a language, as JSON."""
    return json_text({word: messages(tag)[word] for word in _SCRIPT})


@pass_context
def translated(context: Context, message: str) -> str:
    """A message in the language of the page; in English where the table lacks it."""
    found = messages(context["page_language"]).get(message, message)
    return found if isinstance(found, str) else found[0]


@pass_context
def counted_in(context: Context, number: int, one: str, several: str = "") -> str:
    """A number with its noun in the language of the page: ``1 row``, ``22 reda``."""
    forms = messages(context["page_language"]).get(one)
    if not isinstance(forms, list):
        return counted(number, one, several)
    teen, last = number // 10 % 10 == 1, number % 10
    form = forms[2] if teen or last == 0 or last > 4 else forms[0] if last == 1 else forms[1]
    return f"{number:,} {form}".replace(",", ".")
