"""Which parts of a group take part in a solution: each part is given a mark of its own, and the engine says.

A part is a branch of a UNION, or an OPTIONAL. A BIND at its end changes no solution, and is bound in those of the
part alone (SPARQL 1.1, section 18.2.2.5: a group's BIND extends what stands before it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from kg.patterns import Group, Select, joined, own_variables, visible
from kg.sparql import tokens

__all__ = ["mark", "marked", "parts", "telling", "uses"]


def mark(part: Group) -> str:
    """The variable that is bound where a part takes part; no other part of the query has it."""
    return f"part__{part.start}"


def parts(group: Group) -> Iterator[Group]:
    """The parts of a group and of what is joined in it. A SELECT within is asked by itself, and so is an EXISTS."""
    yield from group.optionals
    for branches in group.unions:
        yield from branches
    for inner in joined(group):
        yield from parts(inner)


def marked(group: Group, *, itself: bool = False) -> str:
    """The text of a group with the marks of its parts; with ``itself``, also one of its own."""
    inserted: list[tuple[int, str]] = []
    for part in (*parts(group), *([group] if itself else [])):
        start = part.start - group.start
        end = start + len(part.text) - 1
        # Beside a SELECT nothing can stand in its group: it needs one of its own.
        if part.selects:
            inserted.append((start + 1, " {"))
        inserted.append((end, f"{' }' if part.selects else ''} BIND(true AS ?{mark(part)}) "))
    text, done = "", 0
    for place, insertion in sorted(inserted):
        text += group.text[done:place] + insertion
        done = place
    return text + group.text[done:]


def telling(select: Select) -> frozenset[Group]:
    """The OPTIONALs of a SELECT whose finding nothing shows: a variable that only they bind is used elsewhere."""
    everywhere = uses(select.text)
    everything = not select.columns
    return frozenset(_telling(select.where, everywhere, frozenset(), everything=everything))


def _telling(group: Group, everywhere: Counter[str], given: frozenset[str], *, everything: bool) -> Iterator[Group]:
    given |= own_variables(group)
    beside = given.union(*map(visible, group.groups), *(visible(b) for branches in group.unions for b in branches))
    for optional in group.optionals:
        inside = uses(optional.text)
        mine = visible(optional) - beside
        if any(everything or everywhere[name] > inside[name] for name in mine):
            yield optional
    for inner in joined(group):
        yield from _telling(inner, everywhere, given, everything=everything)


@lru_cache(maxsize=1024)
def uses(text: str) -> Counter[str]:
    """How often each variable stands in a text."""
    return Counter(token.text[1:] for token in tokens(text) if token.kind == "variable")
