"""The index by which a name written by hand is found: built once, looked up for every parameter.

A name is folded before it is looked up: case, diacritics, script (Serbian Cyrillic and Latin) and punctuation do
not matter. Folding loses a little, so a key may lead to several terms; who asks then decides, not the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kg.model import Term
from kg.vocab import local_name

__all__ = ["fold", "keys", "name_index"]

# Serbian letters that Unicode does not decompose, and those of other Cyrillic alphabets that names here may have.
_LETTERS = str.maketrans(
    {
        **dict(zip("абвгдежзијклмнопрстћуфхцчш", "abvgdežzijklmnoprstćufhcčš", strict=True)),
        "ђ": "đ", "љ": "lj", "њ": "nj", "џ": "dž", "й": "j", "щ": "šč", "ы": "i", "э": "e", "ю": "ju", "я": "ja",
        "ё": "jo", "ъ": "", "ь": "", "і": "i", "ї": "ji", "є": "je", "ґ": "g",
        "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "’": "", "'": "", ".": "", "ʼ": "",
    }
)  # fmt: skip
_APART = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """A name without case, diacritics, script and punctuation: ``Србија`` and ``SRBIJA`` are ``srbija``."""
    if text.isascii():
        return _APART.sub(" ", text.lower().replace("'", "").replace(".", "")).strip()
    # Normalised first: a letter may come with its mark apart, which casefold and the table would not know.
    latin = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS).replace("đ", "dj")
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    return _APART.sub(" ", plain).strip()


def keys(text: str) -> set[str]:
    """The keys under which a name is kept: also with ``d`` for ``đ``, which is written both ways."""
    latin = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return {fold(text), fold(latin.replace("đ", "d"))} - {""}


def name_index(
    names: Mapping[Term, Mapping[str, Sequence[str]]], people: Iterable[Term] = ()
) -> dict[str, list[Term]]:
    """Every folded name with the terms that bear it, sorted: labels, other names, codes, the IRI's last step.

    One of the ``people`` is also found by the last word of their name, where nothing is called so, and nobody
    else's name ends so.
    """
    index: dict[str, set[Term]] = defaultdict(set)
    for term, by_kind in names.items():
        for text in (local_name(term), *(name for found in by_kind.values() for name in found)):
            for key in keys(text):
                index[key].add(term)
    for key, bearers in _surnames(names, people).items():
        if len(bearers) == 1 and key not in index:
            index[key] = bearers
    return {key: sorted(terms) for key, terms in sorted(index.items())}


def _surnames(names: Mapping[Term, Mapping[str, Sequence[str]]], people: Iterable[Term]) -> dict[str, set[Term]]:
    found: dict[str, set[Term]] = defaultdict(set)
    for person in people:
        for name in (name for kind, texts in names.get(person, {}).items() if kind != "code" for name in texts):
            _first, space, last = name.rpartition(" ")
            for key in keys(last) if space else ():
                found[key].add(person)
    return found
