"""Absence: the groups that must match nothing for a row, said in plain sentences with the row's values as labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kg.model import Term
from kg.sparql.analysis import all_patterns, bound_by, occurrences
from kg.sparql.syntax_tree import Group, Path, Pattern
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from kg.evidence.solutions import Node
    from kg.evidence.triple_support import SupportFinder

_SUBJECT, _PREDICATE, _OBJECT, _TYPE = (iri(RDF + name) for name in ("subject", "predicate", "object", "type"))
#: What is said where a property of a fact, a claim or a period has no value.
_UNSAID = {
    kg("period"): "No document says when this was so.",
    kg("earliestBegin"): "No document says when this began.",
    kg("latestBegin"): "No document says when this began.",
    kg("earliestEnd"): "No document says when this ended.",
    kg("latestEnd"): "No document says when this ended.",
    kg("doubtful"): "Nothing makes this date doubtful.",
    kg("holder"): "Nobody but the author is named as saying this.",
    kg("reporter"): "Nobody is named as reporting this.",
    kg("hedge"): "Nothing weakens the statement.",
    kg("listComplete"): "No document says that the list is complete.",
}


class Absence(NamedTuple):
    """A group that matches nothing for a solution, with the values of its variables (None where unbound)."""

    group: Group
    values: tuple[Node | None, ...]

    @classmethod
    def of(cls, group: Group, solution: Mapping[str, Node]) -> Absence:
        """The absence of a group under the bindings of a solution."""
        return cls(group, tuple(map(solution.get, names_in(group))))


@lru_cache(maxsize=1024)
def names_in(group: Group) -> tuple[str, ...]:
    """The variables of a group, sorted."""
    return tuple(sorted(occurrences(group)))


class Wording:
    """Says absences of one graph in words."""

    def __init__(self, grounds: SupportFinder) -> None:
        self.grounds = grounds
        self._label = grounds.graph.label
        self._periods = grounds.graph.project.iri("period", "")[:-1]

    def __reduce__(self) -> tuple[object, ...]:
        """Workers send only the graph that it belongs to."""
        return Wording, (self.grounds,)

    def __call__(self, absence: Absence) -> str:
        """An absence as a sentence: ``Nothing in this view says that Afghanistan is a member of CSTO.``."""
        values = {n: str(v) for n, v in zip(names_in(absence.group), absence.values, strict=True) if v is not None}
        return self.nothing(absence.group, values)

    def nothing(self, group: Group, values: Mapping[str, Term]) -> str:
        """One sentence that says that a group matches nothing, without SPARQL syntax."""
        unsaid = [_UNSAID.get(_last(pattern.path)) for pattern in all_patterns(group)]
        if unsaid and all(unsaid):
            return unsaid[-1] or ""
        clauses = self.clauses(group, values)
        return (
            f"Nothing in this view says that {clauses}." if clauses else "Nothing fits a condition of the question."
        )

    def clauses(self, group: Group, values: Mapping[str, Term]) -> str:
        """The patterns of a group in words, joined by "and"; filters on values are left out."""
        return self._group(group, values, _Open(group, values))

    def _group(self, group: Group, values: Mapping[str, Term], opened: _Open) -> str:
        said = list(self._patterns(group.patterns, values, opened))
        inner = (*group.groups, *group.exists, *(select.where for select in group.selects))
        said += (self._group(each, values, opened) for each in inner)
        for branches in group.unions:
            ways = dict.fromkeys(filter(None, (self._group(branch, values, opened) for branch in branches)))
            said.append(" or ".join(ways))
        return " and ".join(dict.fromkeys(filter(None, said)))

    def _patterns(self, patterns: tuple[Pattern, ...], values: Mapping[str, Term], opened: _Open) -> Iterator[str]:
        """Each pattern as a clause; the three of a statement node as what the statement says."""
        statements: dict[str, dict[Term, str]] = {}
        for pattern in patterns:
            if _last(pattern.path) in (_SUBJECT, _PREDICATE, _OBJECT) and pattern.subject[1:] not in values:
                statements.setdefault(pattern.subject, {})[_last(pattern.path)] = pattern.object
        for parts in statements.values():
            subject, verb, value = (parts.get(part, "?") for part in (_SUBJECT, _PREDICATE, _OBJECT))
            yield self.clause(Pattern(subject, verb, value), values, opened)
        for pattern in patterns:
            if pattern.subject not in statements:
                yield self.clause(pattern, values, opened)

    def clause(self, pattern: Pattern, values: Mapping[str, Term], opened: _Open | None = None) -> str:
        """A pattern in words. Unbound variables are "anything", or "something" and then "it" if repeated."""
        opened = opened or _Open(None, values)
        path = pattern.path
        if isinstance(path, Path) and path.op == "^":
            return self.clause(Pattern(pattern.object, path.parts[0], pattern.subject), values, opened)
        subject = self._term(pattern.subject, values, opened)
        verb = self._path(path) if isinstance(path, Path) else self._verb(path, values)
        value = self._term(pattern.object, values, opened)
        return f"{subject} {'is' if (verb, value) == ('is a', 'anything') else verb} {value}"

    def _verb(self, text: str, values: Mapping[str, Term]) -> str:
        term = values.get(text[1:]) if text.startswith("?") else text
        return "has anything to do with" if term is None else "is a" if term == _TYPE else self._label(term)

    def _path(self, path: Path) -> str:
        if path.op == "iri":
            return "is a" if path.term == _TYPE else self._label(path.term)
        parts = [self._path(part) for part in path.parts]
        if path.op == "/":
            return " something that ".join(parts)
        if path.op == "|":
            return " or ".join(parts)
        if path.op == "^":
            return f"is what another {parts[0]}:"
        if path.op == "!":
            return f"has something to do, other than that it {' or '.join(parts)}, with"
        return f"{parts[0]}, directly or through others," if path.op in ("*", "+") else f"is or {parts[0]}"

    def _term(self, text: str, values: Mapping[str, Term], opened: _Open) -> str:
        term = values.get(text[1:]) if text.startswith("?") else text
        if term is None:
            return opened.word(text[1:])
        if content := self.grounds.statement(term):
            return f"“{self.grounds.words(content)}”"
        return "the time" if term.startswith(self._periods) else self._label(term)


class _Open:
    """The words for the unbound variables of one sentence."""

    def __init__(self, group: Group | None, values: Mapping[str, Term]) -> None:
        self._counts = _standing(group) if group is not None else Counter[str]()
        self._named: set[str] = set()

    def word(self, name: str) -> str:
        """The word for the next occurrence of a variable."""
        if self._counts[name] < 2:
            return "anything"
        if name in self._named:
            return "it"
        self._named.add(name)
        return "something"


@lru_cache(maxsize=1024)
def _standing(group: Group) -> Counter[str]:
    """How often each variable occurs in the patterns of a group."""
    return Counter(name for pattern in all_patterns(group) for name in bound_by(pattern))


def _last(path: Path | str) -> Term:
    """The property of a pattern; of a path, the last property."""
    if isinstance(path, str):
        return path
    return path.term if path.op == "iri" else _last(path.parts[-1])
