"""Read a project's own rules: SPARQL CONSTRUCT files, as clauses like those of the W3C table.

A file has one ``CONSTRUCT { … } WHERE { … }``. The WHERE has triple patterns with fixed predicates, FILTER over
comparisons (``= != < <= > >= IN && || !``) of variables and terms, and FILTER NOT EXISTS with patterns and
filters of the same kind. An empty template makes the rule a finding of inconsistency. Leading ``#+`` lines are
YAML; ``summary`` gives the rule in words. ``!=`` compares terms and values: equality by owl:sameAs is not asked.
A value means what it means in a claim: ``5.0`` and ``5`` of type xsd:decimal are one term.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.corpus.query_files import read_header
from kg.errors import InputError, Place, Problem, UsageError, gathered
from kg.files import read_text
from kg.model import Term
from kg.reasoner import Clause, Condition, CustomRule, Pattern, axioms, find_rule, variables
from kg.sparql.parser import parse
from kg.sparql.syntax_tree import (
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Nested,
    Query,
    Select,
    Triples,
)
from kg.sparql.syntax_tree import Pattern as Written

_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_REMEDY = "use triple patterns with fixed predicates, FILTER comparisons and FILTER NOT EXISTS"


def read_rules(path: str | Path, completeness_predicates: Collection[Term] = ()) -> list[CustomRule]:
    """Read one ``.rq`` file, or every one in a folder, sorted by name.

    A rule with NOT EXISTS must have, among its other patterns, one whose predicate is in
    ``completeness_predicates`` (N-Triples terms) and that shares a variable with what is to be absent: absence counts
    only over what is declared complete. Raises InputError with every problem of every file: KG471 to KG474, KG607,
    KG610.
    """
    path = Path(path)
    files = sorted(path.glob("*.rq")) if path.is_dir() else [path]
    return gathered(lambda file: _read(file, completeness_predicates), files)


def reserved(name: str) -> bool:
    """Whether a name is one of a W3C rule, or begins like those that the code treats specially."""
    return name.startswith(("dt-", "eq-")) or find_rule(name) is not None or any(name == each for each, _ in axioms())


def _read(file: Path, completeness: Collection[Term]) -> CustomRule:
    text = read_text(file, str(file))
    header, problems = read_header(text, str(file))
    if problems:
        raise InputError(problems)
    query = _parsed(text, str(file))
    reader = _Reader(str(file), text)
    start, name = query.select.start, file.stem
    if reserved(name):
        remedy = "give the file another name"
        raise reader.refusal("KG473", f"{name} is the name of a W3C rule, or like one", start, remedy)
    body, conditions, heads = reader.parts(query)
    for condition, place in conditions:
        if not _bounded(condition, body, completeness):
            raise reader.refusal(
                "KG471",
                "NOT EXISTS without a pattern that says what is complete",
                place,
                "add a pattern whose predicate declares a list complete, of something that the NOT EXISTS is about",
            )
    plain = tuple(condition for condition, _place in conditions)
    clauses = [Clause(name, (), body, head, plain) for head in heads or (None,)]
    return CustomRule(name, str(header.get("summary", "")), tuple(clauses), str(file), reader.line(start))


def _parsed(text: str, file: str) -> Query:
    try:
        return parse(text)
    except UsageError as error:
        (problem,) = error.problems
        place = problem.place or Place(file)
        code, remedy = ("KG472", "correct the query") if problem.code == "KG630" else (problem.code, problem.remedy)
        found = Problem(code, problem.message, Place(file, place.line, place.column), remedy)
        raise InputError(found) from None


def _bounded(condition: Condition, body: Iterable[Pattern], completeness: Collection[Term]) -> bool:
    """Whether a condition asks for no absence, or for one of what some pattern declares complete."""
    return condition.kind != "absent" or any(
        p in completeness and not {s, o}.isdisjoint(condition.detail[2]) for s, p, o in body
    )


#: A part of a filter that must hold, the variables that its own group binds, and where the filter stands.
_Conjunct = tuple[Expression, set[str], int]


class _Reader:
    """One file on its way to clauses."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def refusal(self, code: str, message: str, offset: int, remedy: str = _REMEDY) -> InputError:
        """An error at a place of the text."""
        return InputError(Problem(code, message, Place(self.file, self.line(offset)), remedy))

    def unsupported(self, what: str, offset: int) -> InputError:
        """The error that a rule cannot have something (KG473)."""
        return self.refusal("KG473", f"{what} is not supported in a rule", offset)

    def parts(self, query: Query) -> tuple[tuple[Pattern, ...], list[tuple[Condition, int]], tuple[Pattern, ...]]:
        """The rule's patterns, its conditions with their places, and its heads."""
        select = query.select
        if query.form != "CONSTRUCT":
            raise self.refusal("KG473", "a rule is a CONSTRUCT query", select.start)
        if query.dataset:
            raise self.unsupported("FROM", select.start)
        if select.keys or select.having or select.order or select.sliced or select.values:
            raise self.unsupported("what follows the WHERE", select.where.end)
        body, conjuncts = self._group(select.where)
        heads = tuple(map(self._pattern, query.template))
        bound = _variables(body)
        loose = _variables(heads) - bound
        conditions = [(self._condition(each, bound), each[2]) for each in conjuncts]
        loose |= {v for c, _place in conditions if c.kind == "filter" for v in variables(c.detail)} - bound
        if loose or not body:
            names = ", ".join(sorted(loose)) or "the rule"
            message = f"{names}: not bound by any triple pattern of the WHERE"
            raise self.refusal("KG474", message, select.start)
        return body, conditions, heads

    def _group(self, group: Group) -> tuple[tuple[Pattern, ...], list[_Conjunct]]:
        """The patterns of a group and of groups within it, and the filters, those of inner groups first."""
        patterns: list[Pattern] = []
        inner: list[_Conjunct] = []
        for element in group.elements:
            if isinstance(element, Triples):
                patterns += map(self._pattern, element.patterns)
            elif isinstance(element, Nested) and element.kind == "UNION" and len(element.groups) == 1:
                more, filters = self._group(element.groups[0])
                patterns += more
                inner += filters
            elif not isinstance(element, Filter):
                raise self.unsupported(_named(element), element.start)
        within = _variables(patterns)
        own = [(part, within, each.start) for each in group.filters for part in _conjuncts(each.expression)]
        return tuple(patterns), [*inner, *own]

    def _pattern(self, pattern: Written) -> Pattern:
        if isinstance(pattern.path, str):
            raise self.refusal("KG473", "a predicate must be fixed", pattern.start)
        if pattern.path.op != "iri":
            raise self.refusal("KG473", "property paths are not supported in a rule", pattern.start)
        return pattern.subject, pattern.path.term, pattern.object

    def _condition(self, conjunct: _Conjunct, bound: set[str]) -> Condition:
        """A filter as a condition; ``bound`` are the variables of the rule."""
        expression, within, place = conjunct
        if not isinstance(expression, Exists) or not expression.negated:
            detail = self._expression(expression, place)
            self._in_scope(variables(detail), bound, within, place)
            return Condition("filter", detail)
        patterns, filters = self._group(expression.group)
        here = _variables(patterns)
        inner = []
        for each, own, at in filters:
            inner.append(self._expression(each, at))
            self._in_scope(variables(inner[-1]), here - bound, own, at)
        used = here.union(*(variables(each) for each in inner))
        self._in_scope(used, bound, within, place)
        return Condition("absent", (patterns, tuple(inner), tuple(sorted(used & bound))))

    def _in_scope(self, used: set[str], bound: set[str], within: set[str], place: int) -> None:
        """Refuse a filter on variables that are bound, but not in the filter's own group: SPARQL sees none there."""
        beyond = (used & bound) - within
        if beyond:
            names = ", ".join(sorted(beyond))
            message = f"a FILTER sees only the variables of its own group, which does not bind {names}"
            raise self.refusal("KG473", message, place, "put the FILTER into the group that binds its variables")

    def _expression(self, expression: Expression, place: int) -> Any:  # noqa: ANN401 - nested data
        """An expression as the reasoner has it: an operator with its operands, or a term."""
        if isinstance(expression, Call):
            name, parts = expression.name, expression.arguments
            if name in ("&&", "||", "!"):
                return (name, *(self._expression(part, place) for part in parts))
            if name in _COMPARISONS:
                return (name, *(self._operand(part, place) for part in parts))
            if name in ("IN", "NOT IN"):
                within = ("in", *(self._operand(part, place) for part in parts))
                return within if name == "IN" else ("!", within)
        raise self._strange(expression, place)

    def _operand(self, expression: Expression, place: int) -> Term:
        """A side of a comparison: a variable or a term."""
        if not isinstance(expression, str):
            raise self._strange(expression, place)
        return expression

    def _strange(self, expression: Expression, place: int) -> InputError:
        what = expression.name if isinstance(expression, Call) else "a bare term"
        if isinstance(expression, Exists):
            what = "NOT EXISTS in an expression" if expression.negated else "EXISTS"
        return self.refusal("KG473", f"{what} is not supported in a rule's FILTER", place)


def _named(element: Element) -> str:
    """The SPARQL keyword of an element of a group."""
    if isinstance(element, Nested):
        return element.kind
    return "SELECT" if isinstance(element, Select) else type(element).__name__.upper()


def _variables(patterns: Iterable[Pattern]) -> set[str]:
    return {term for pattern in patterns for term in pattern if term.startswith("?")}


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    """The parts of an expression that must all hold."""
    if isinstance(expression, Call) and expression.name == "&&":
        for part in expression.arguments:
            yield from _conjuncts(part)
    else:
        yield expression
