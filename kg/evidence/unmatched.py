"""What a solution rests on not being there, and how that is said: the row's values put in, with labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kg.dates import DAWN, DUSK, Span
from kg.model import Term
from kg.sparql.analysis import all_patterns, bound_by, in_expression, inner_groups, occurrences
from kg.sparql.syntax_tree import Filter, Group, Path, Pattern, asked_in
from kg.sparql.tokens import tokens
from kg.timeline.words import in_words
from kg.vocab import RDF, iri

if TYPE_CHECKING:
    from kg.evidence.grounds import Grounds
    from kg.evidence.matched import Node

__all__ = ["Absence", "Wording", "names_in"]

_TYPE = iri(RDF + "type")


class Absence(NamedTuple):
    """A group that matches nothing for a solution, with the values of its variables there (None where open)."""

    group: Group
    values: tuple[Node | None, ...]

    @classmethod
    def of(cls, group: Group, solution: Mapping[str, Node]) -> Absence:
        """That a group matches nothing with what a solution gives its variables."""
        return cls(group, tuple(map(solution.get, names_in(group))))


@lru_cache(maxsize=1024)
def names_in(group: Group) -> tuple[str, ...]:
    """The variables that stand in a group, by name."""
    return tuple(sorted(occurrences(group)))


@lru_cache(maxsize=1024)
def _standing(group: Group) -> Counter[str]:
    """In how many places of what is said of a group each variable stands."""
    counts = Counter(name for pattern in all_patterns(group) for name in bound_by(pattern))
    for each in (group, *inner_groups(group)):
        for plain in _plain_filters(each):
            counts.update(set(in_expression(plain.expression)))
    return counts


class Wording:
    """Says what is absent in one graph."""

    def __init__(self, grounds: Grounds) -> None:
        self.grounds = grounds
        self._label = grounds.graph.label
        name = grounds.graph.project.iri
        self._period = name("period", "")[:-1]

    def __reduce__(self) -> tuple[object, ...]:
        """What a worker sends of it is whose it is."""
        return Wording, (self.grounds,)

    def __call__(self, absence: Absence) -> str:
        """``Afghanistan member of CSTO``: that this is not so is what a row rests on.

        What is left open is ``…``, or has its variable's name in brackets where it stands in several places.
        """
        group = absence.group
        values = {n: str(v) for n, v in zip(names_in(group), absence.values, strict=True) if v is not None}
        return self._group(group, values, _standing(group)) or " ".join(group.text.split())

    def _group(self, group: Group, values: Mapping[str, Term], counts: Counter[str]) -> str:
        def within(inner: Group) -> str:
            return self._group(inner, values, counts)

        said = [self._pattern(pattern, values, counts) for pattern in group.patterns]
        said += map(within, (*group.groups, *group.exists, *(select.where for select in group.selects)))
        said += (" or ".join(filter(None, map(within, branches))) for branches in group.unions)
        text = " and ".join(filter(None, said))
        if filters := _plain_filters(group):
            said = [self._filter(group.source[e.start : e.end], values, counts) for e in filters]
            text += f" where {' and '.join(said)}"
        for inner in (*group.not_exists, *group.minus):
            text += f" without {within(inner)}"
        return text

    def _pattern(self, pattern: Pattern, values: Mapping[str, Term], counts: Counter[str]) -> str:
        path = pattern.path
        if isinstance(path, Path) and path.op == "^":
            return self._pattern(Pattern(pattern.object, path.parts[0], pattern.subject), values, counts)
        said = self._term(path, values, counts) if isinstance(path, str) else self._path(path)
        ends = (self._term(end, values, counts) for end in (pattern.subject, pattern.object))
        return f" {said} ".join(ends)

    def _path(self, path: Path) -> str:
        if path.op == "iri":
            return "is a" if path.term == _TYPE else self._label(path.term)
        parts = [self._path(part) for part in path.parts]
        if path.op in ("/", "|"):
            return f"({f' {path.op} '.join(parts)})"
        return f"{path.op}({'|'.join(parts)})" if path.op in ("^", "!") else f"({parts[0]}){path.op}"

    def _filter(self, text: str, values: Mapping[str, Term], counts: Counter[str]) -> str:
        """An expression as it is written, values and labels put in."""
        said = []
        for token in tokens(text[len("FILTER") :]):
            if token.kind == "variable":
                said.append(self._term(f"?{token.text[1:]}", values, counts))
            else:
                said.append(self._label(token.text) if token.kind == "iri" else token.text)
        whole = " ".join("".join(said).split())
        return whole[1:-1].strip() if whole.startswith("(") and whole.endswith(")") else whole

    def _term(self, text: str, values: Mapping[str, Term], counts: Counter[str]) -> str:
        if not text.startswith("?"):
            return self._label(text)
        name = text[1:]
        if name not in values:
            return f"({name})" if counts[name] > 1 else "…"
        term = values[name]
        if content := self.grounds.statement(term):
            return f"“{self.grounds.words(content)}”"
        if term.startswith(self._period):
            return f"the period {_period_words(term[len(self._period) : -1])}"
        return self._label(term)


def _period_words(name: str) -> str:
    """A period from the name of its node (:func:`kg.graph.compose.period_triples`): ``2009 to unknown``."""
    first, last, *end = (None if bound == "open" else bound for bound in name.removesuffix("_doubtful").split("_"))
    begin = Span(first or DAWN, last or DUSK)
    return f"{in_words(begin)} to {in_words(Span(end[0] or DAWN, end[1] or DUSK))}"


def _plain_filters(group: Group) -> list[Filter]:
    """The filters of a group that ask for no group."""
    return [each for each in group.filters if not asked_in(each.expression)]
