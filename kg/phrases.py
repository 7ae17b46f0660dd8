"""The fixed words of pages, answers and pictures in English and Serbian: ``phrases.toml`` has the Serbian for each.

Times in words are ``kg.timeline.dates_in_words``; names of things are labels of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_suffix(".toml")
_TAGS = {"sr": "sr-Latn", "sr-latn": "sr-Latn", "sr-cyrl": "sr-Cyrl"}
_CYRILLIC = {
    **dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)),
    "lj": "љ", "nj": "њ", "dž": "џ",
}  # fmt: skip
_CYRILLIC |= {latin.capitalize(): letter.upper() for latin, letter in _CYRILLIC.items()}
#: Places for values, tags and abbreviations, which stay; then letters.
_PIECES = re.compile(r"`[^`]*`|\{[^}]*\}|%\(\w+\)s|<[^>]*>|\b[A-Z]{2,}\b|[LNln]j|[Dd]ž|.", re.DOTALL)


def cyrillic(text: str) -> str:
    """Serbian in Latin letters in Cyrillic ones; ``{places}``, ``%(places)s``, tags and abbreviations stay."""
    return _PIECES.sub(lambda found: _CYRILLIC.get(found[0], found[0]), text)


def language_tag(language: str) -> str:
    """The tag of a language of labels as BCP 47 writes it; English for any that has no words here."""
    return _TAGS.get(language.lower(), "en")


@cache
def phrases(tag: str) -> Mapping[str, str | list[str]]:
    """The words of a language by their English; a noun has its forms for 1, 2 to 4, and 5. None for English."""
    if tag == "en":
        return {}
    import tomllib

    found: dict[str, str | list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if tag == "sr-Latn":
        return found
    return {name: cyrillic(said) if isinstance(said, str) else [*map(cyrillic, said)] for name, said in found.items()}


def phrase(text: str, language: str, *values: object) -> str:
    """A phrase in a language, with values in its places (``{}``); in English where it has no translation."""
    found = phrases(language_tag(language)).get(text, text)
    told = found if isinstance(found, str) else found[0]
    return told.format(*values) if values else told
