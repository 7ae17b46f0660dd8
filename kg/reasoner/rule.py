"""A rule as data, and the clauses that partial evaluation makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.model import Term, Triple
from kg.reasoner.owl_terms import expand

if TYPE_CHECKING:
    from kg.errors import Place

__all__ = ["Clause", "Condition", "CustomRule", "Pattern", "Rule", "clauses_of", "parse_rule", "places", "substitute"]

#: Three pattern terms: ``?x`` is a variable, anything else a term.
Pattern = tuple[str, str, str]


class Rule(NamedTuple):
    """One rule of the table. ``repeat`` holds the positions in ``when`` that stand for every list member."""

    name: str
    given: tuple[Pattern, ...]
    members: tuple[str, str] | None  # LIST[?x, ?y]: the list's variable, the members' variable
    when: tuple[Pattern, ...]
    repeat: tuple[int, ...]
    then: tuple[Pattern, ...]

    @property
    def pairs(self) -> bool:
        """Whether it speaks of any two members of its list."""
        return any("[j]" in term for pattern in self.when for term in pattern)


class Condition(NamedTuple):
    """A condition of a project's own rule.

    ``kind`` is ``filter`` (``detail``: a nested expression over variables and terms) or ``absent``
    (``detail``: the patterns and filters of a NOT EXISTS); both are plain data.
    """

    kind: str
    detail: Any


class Clause(NamedTuple):
    """A rule evaluated against the ontology: what is left to match in the data.

    ``axioms`` are the premises found in the ontology; ``head`` is None for an inconsistency. Conditions
    are of a project's own rules.
    """

    name: str
    axioms: tuple[Triple, ...]
    body: tuple[Pattern, ...]
    head: Pattern | None
    conditions: tuple[Condition, ...] = ()

    @property
    def negative(self) -> bool:
        """Whether it asks that something be absent."""
        return any(condition.kind == "absent" for condition in self.conditions)

    @property
    def absent(self) -> tuple[Pattern, ...]:
        """The patterns of what it asks to be absent."""
        return tuple(p for condition in self.conditions if condition.kind == "absent" for p in condition.detail[0])

    def premises(self, binding: dict[str, Term]) -> tuple[Triple, ...]:
        """The premises of one application: the axioms, then the body under the binding."""
        return (*self.axioms, *(substitute(pattern, binding) for pattern in self.body))


class CustomRule(NamedTuple):
    """One rule file: its name (the file's stem), what it says in words, and its clauses."""

    name: str
    summary: str
    clauses: tuple[Clause, ...]
    file: str
    line: int


def clauses_of(rules: Iterable[CustomRule | Clause]) -> Iterator[Clause]:
    """The clauses of rules, in order."""
    for each in rules:
        if isinstance(each, Clause):
            yield each
        else:
            yield from each.clauses


def places(rules: Iterable[CustomRule | Clause]) -> dict[str, Place]:
    """Where each rule stands, by name."""
    from kg.errors import Place

    return {each.name: Place(each.file, each.line) for each in rules if isinstance(each, CustomRule)}


def substitute(pattern: Pattern, binding: dict[str, Term]) -> Pattern:
    """The pattern with the variables that the binding has replaced."""
    s, p, o = pattern
    return binding.get(s, s), binding.get(p, p), binding.get(o, o)


def parse_rule(line: str) -> Rule:
    """Read one line of the table (its notation is described in :mod:`kg.reasoner.rule_table`)."""
    name, _, rest = line.partition(" : ")
    premises, _, then = rest.partition("->")
    given, bar, when = premises.partition("|")
    if not bar:
        given, when = "", premises
    given, _, members = given.partition("LIST[")
    found = members.rstrip(" ]").split(", ")
    given_parts = [part.strip() for part in given.split(" , ")]
    when_parts = [part.strip() for part in when.split(" , ") if part.strip()]
    heads = [] if then.strip() == "false" else then.split(" , ")
    return Rule(
        name.strip(),
        tuple(_pattern(part) for part in given_parts if part.strip(" ,")),
        (found[0], found[1]) if members else None,
        tuple(_pattern(part.removeprefix("all ")) for part in when_parts),
        tuple(n for n, part in enumerate(when_parts) if part.startswith("all ")),
        tuple(_pattern(part) for part in heads),
    )


def _pattern(text: str) -> Pattern:
    """Three tokens as a pattern."""
    s, p, o = (expand(token) for token in text.split())
    return s, p, o
