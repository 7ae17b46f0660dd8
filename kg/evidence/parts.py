"""Which parts of a group take part in a solution: each part is given a mark of its own, and the engine says.

A part is a branch of a UNION, or an OPTIONAL. A BIND at its end changes no solution, and is bound in those of the
part alone (SPARQL 1.1, section 18.2.2.5: a group's BIND extends what stands before it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.sparql import Group, Select, inner_groups, joined, own_variables, visible
from kg.sparql.tokens import tokens, variables

if TYPE_CHECKING:
    from kg.evidence.matched import Node

__all__ = ["assigned", "mark", "marked", "parts", "projected", "seen", "telling", "uses"]


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


def marked(group: Group, *, itself: bool = False, given: Mapping[str, Node] | None = None) -> str:
    """The text of a group with the marks of its parts; with ``itself``, also one of its own.

    Values that are ``given`` stand at its head, and at that of each SELECT within that gives their variables out.
    """
    inserted: list[tuple[int, str]] = []
    for part in (*parts(group), *([group] if itself else [])):
        start = part.start - group.start
        end = start + len(part.text) - 1
        # Beside a SELECT nothing can stand in its group: it needs one of its own.
        if part.selects:
            inserted.append((start + 1, " {"))
        inserted.append((end, f"{' }' if part.selects else ''} BIND(true AS ?{mark(part)}) "))
    for inner, names in _heads(group, frozenset(given or ())):
        values = " ".join(f"VALUES ?{name} {{ {given[name]} }}" for name in sorted(names))  # type: ignore[index]  # names are of it
        inserted.append((inner.start - group.start + 1, f" {values} "))
    text, done = "", 0
    for place, insertion in sorted(inserted):
        text += group.text[done:place] + insertion
        done = place
    return text + group.text[done:]


@lru_cache(maxsize=1024)
def assigned(group: Group) -> frozenset[str]:
    """The variables to which no value can be given in a group: something assigns to them, or they are others there.

    Others are those that a SELECT within does not give out as they are.
    """
    own = {name for name, _expression in group.binds}.union(*map(variables, group.values))
    for select in group.selects:
        plain = {name for name, expression in select.columns if expression is None}
        own |= (variables(select.text) - plain) if select.columns else variables(select.values)
    return frozenset(own.union(*map(assigned, inner_groups(group))))


@lru_cache(maxsize=1024)
def projected(group: Group) -> frozenset[str]:
    """The variables that a SELECT within a group gives out as they are, wherever in it that stands."""
    own = {name for select in group.selects for name, expression in select.columns if expression is None}
    return frozenset(own.union(*map(projected, inner_groups(group))))


def _heads(group: Group, names: frozenset[str]) -> Iterator[tuple[Group, frozenset[str]]]:
    """The groups at whose heads values of some variables can stand so that all of a group sees them."""
    if names and not group.selects:
        yield group, names
        for inner in joined(group):
            yield from (head for head in _heads(inner, names) if head[0] is not inner)
    for select in group.selects:
        yield from _heads(select.where, names & {name for name, _e in select.columns} if select.columns else names)


def seen(group: Group, names: Iterable[str]) -> list[str]:
    """Those of some variables that have values before an OPTIONAL or a MINUS, which knows nothing of the others."""
    return [name for name in names if group.before is None or name in group.before]


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
