"""Read a project's own rules: SPARQL CONSTRUCT files, compiled to clauses like those of the W3C table.

A file has one ``CONSTRUCT { … } WHERE { … }``. The WHERE has triple patterns with fixed predicates, FILTER over
comparisons (``= != < <= > >= IN && || !``) of variables and terms, and FILTER NOT EXISTS with patterns and
filters of the same kind. An empty template makes the rule a finding of inconsistency. Leading ``#+`` lines are
YAML; ``summary`` says the rule in words. ``!=`` compares terms and values: equality by owl:sameAs is not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from kg.errors import InputError, Place, Problem
from kg.files import read_text
from kg.model import Term
from kg.reasoner.conditions import variables
from kg.reasoner.rule import Clause, Condition, CustomRule, Pattern
from kg.reasoner.rule_table import axioms, rule
from kg.sparql.tokens import tokens

__all__ = ["read_rules", "reserved"]

#: An expression of rdflib's algebra, and the variables that the filter's own group binds.
_Filter = tuple[Any, set[str]]
_UNSUPPORTED = (
    *("OPTIONAL", "UNION", "BIND", "VALUES", "GRAPH", "SERVICE", "MINUS", "SELECT", "ASK", "DESCRIBE"),
    *("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FROM"),
)
_REMEDY = "use triple patterns with fixed predicates, FILTER comparisons and FILTER NOT EXISTS"


def read_rules(path: str | Path, completeness_predicates: Collection[Term] = ()) -> list[CustomRule]:
    """Read one ``.rq`` file, or every one in a folder, sorted by name.

    A rule with NOT EXISTS must have, among its other patterns, one whose predicate is in
    ``completeness_predicates`` (N-Triples terms) and that shares a variable with what is to be absent: absence counts
    only over what is declared complete. Raises InputError with every problem of every file: KG471 to KG474.
    """
    path = Path(path)
    files = sorted(path.glob("*.rq")) if path.is_dir() else [path]
    rules: list[CustomRule] = []
    problems: list[Problem] = []
    for file in files:
        try:
            rules.append(_read(file, completeness_predicates))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return rules


def _read(file: Path, completeness: Collection[Term]) -> CustomRule:
    text = read_text(file, str(file))
    reader = _Reader(str(file), text)
    name = file.stem
    if reserved(name):
        remedy = "give the file another name"
        raise reader.refusal("KG473", f"{name} is the name of a rule of the W3C's, or like one", "CONSTRUCT", remedy)
    body, conditions, heads = reader.parts()
    if not all(_bounded(condition, body, completeness) for condition in conditions):
        raise reader.refusal(
            "KG471",
            "NOT EXISTS without a pattern that says what is complete",
            "NOT",
            "add a pattern whose predicate declares a list complete, of something that the NOT EXISTS is about",
        )
    clauses = [Clause(name, (), body, head, conditions) for head in heads or (None,)]
    return CustomRule(name, reader.summary(), tuple(clauses), str(file), reader.line_of("CONSTRUCT"))


def reserved(name: str) -> bool:
    """Whether a rule of the W3C's has the name, or code of ours goes by its beginning."""
    return name.startswith(("dt-", "eq-")) or rule(name) is not None or any(name == each for each, _ in axioms())


def _bounded(condition: Condition, body: Iterable[Pattern], completeness: Collection[Term]) -> bool:
    """Whether a condition asks for no absence, or for one of what some pattern declares complete."""
    return condition.kind != "absent" or any(
        p in completeness and not {s, o}.isdisjoint(condition.detail[2]) for s, p, o in body
    )


class _Reader:
    """One file on its way to clauses."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        #: Each keyword, in capitals, with the line where it stands.
        self.words = [
            (token.text.upper(), text.count("\n", 0, token.start) + 1)
            for token in tokens(text)
            if token.kind == "name"
        ]

    def summary(self) -> str:
        """What the ``#+`` lines say under ``summary``."""
        import yaml

        header = "\n".join(line[2:] for line in self.text.splitlines() if line.startswith("#+"))
        try:
            data = yaml.safe_load(header) if header else {}
        except yaml.YAMLError as error:
            message = f"the #+ lines are not YAML: {error}"
            raise self.refusal("KG472", message, "CONSTRUCT", "correct the header") from error
        return str(data.get("summary", "")) if isinstance(data, dict) else ""

    def line_of(self, word: str) -> int:
        """The line, from 1, where a keyword first stands."""
        return next((line for found, line in self.words if found == word), 1)

    def refusal(self, code: str, message: str, word: str, remedy: str = _REMEDY) -> InputError:
        """An error at the line of a word."""
        return InputError(Problem(code, message, Place(self.file, self.line_of(word)), remedy))

    def parts(self) -> tuple[tuple[Pattern, ...], tuple[Condition, ...], tuple[Pattern, ...]]:
        """The rule's patterns, conditions and heads."""
        for word, _ in self.words:
            if word in _UNSUPPORTED:
                raise self.refusal("KG473", f"{word} is not supported in a rule", word)
        algebra = self._parse()
        if algebra.name != "ConstructQuery":
            raise self.refusal("KG473", "a rule is a CONSTRUCT query", "WHERE")
        triples, filters = self._group(algebra.p)
        body = tuple(self._pattern(triple) for triple in triples)
        heads = tuple(self._pattern(triple) for triple in algebra.template or ())
        bound = _variables(body)
        loose = _variables(heads) - bound
        conditions = tuple(self._condition(expression, bound, within) for expression, within in filters)
        loose |= {v for c in conditions if c.kind == "filter" for v in variables(c.detail)} - bound
        if loose or not body:
            names = ", ".join(sorted(loose)) or "the rule"
            raise self.refusal("KG474", f"{names}: not bound by any triple pattern of the WHERE", "CONSTRUCT")
        return body, conditions, heads

    def _parse(self) -> Any:  # noqa: ANN401 - rdflib's algebra
        from pyparsing import ParseBaseException
        from rdflib.plugins.sparql.algebra import translateQuery
        from rdflib.plugins.sparql.parser import parseQuery

        try:
            return translateQuery(parseQuery(self.text)).algebra
        except ParseBaseException as error:
            place = Place(self.file, error.lineno, error.column)
            raise InputError(Problem("KG472", "not valid SPARQL here", place, "correct the query")) from error
        except Exception as error:  # rdflib raises bare Exceptions for unknown prefixes and the like
            raise self.refusal("KG472", str(error), "WHERE", "correct the query") from error

    def _group(self, part: Any) -> tuple[list[Any], list[_Filter]]:  # noqa: ANN401
        """The triples of a group, through joins, and its filters, each with the variables of its own group."""
        if part.name in ("BGP", "ToMultiSet"):
            return list(part.get("triples") or ()), []
        if part.name == "Join":
            left, right = self._group(part.p1), self._group(part.p2)
            return left[0] + right[0], left[1] + right[1]
        if part.name == "Filter":
            triples, filters = self._group(part.p)
            within = _variables(self._pattern(triple) for triple in triples)
            return triples, [*filters, *((expression, within) for expression in _conjuncts(part.expr))]
        if part.name in ("Project", "Distinct"):
            return self._group(part.p)
        raise self.refusal("KG473", f"{part.name} is not supported in a rule", "WHERE")

    def _pattern(self, triple: Any) -> Pattern:  # noqa: ANN401
        s, p, o = (self._term(term) for term in triple)
        if p.startswith("?"):
            raise self.refusal("KG473", "a predicate must be fixed", "WHERE")
        return s, p, o

    def _term(self, term: Any) -> str:  # noqa: ANN401
        from rdflib.term import BNode, Literal, URIRef, Variable

        if isinstance(term, Variable):
            return f"?{term}"
        if isinstance(term, BNode):
            return f"?_{term}"
        if isinstance(term, URIRef):
            return f"<{term}>"
        if isinstance(term, Literal):
            return _literal(term)
        raise self.refusal("KG473", "property paths are not supported in a rule", "WHERE")

    def _operand(self, term: Any) -> str:  # noqa: ANN401
        """A side of a comparison: a variable or a term."""
        name = getattr(term, "name", "")
        if name:
            kind = name.removeprefix("Builtin_").removesuffix("Expression") or "an expression"
            raise self.refusal("KG473", f"{kind} is not supported in a rule's FILTER", "FILTER")
        return self._term(term)

    def _condition(self, expression: Any, bound: set[str], within: set[str]) -> Condition:  # noqa: ANN401
        """A filter as a condition. ``bound``: the variables of the rule; ``within``: those of the filter's group."""
        if getattr(expression, "name", "") != "Builtin_NOTEXISTS":
            detail = self._expression(expression)
            self._in_scope(variables(detail), bound, within)
            return Condition("filter", detail)
        triples, filters = self._group(expression.graph)
        patterns = tuple(self._pattern(triple) for triple in triples)
        here = _variables(patterns)
        inner = []
        for each, own in filters:
            inner.append(self._expression(each))
            self._in_scope(variables(inner[-1]), here - bound, own)
        used = here.union(*(variables(each) for each in inner))
        self._in_scope(used, bound, within)
        return Condition("absent", (patterns, tuple(inner), tuple(sorted(used & bound))))

    def _in_scope(self, used: set[str], bound: set[str], within: set[str]) -> None:
        """Refuse a filter on variables that are bound, but not in the filter's own group: SPARQL sees none there."""
        beyond = (used & bound) - within
        if beyond:
            names = ", ".join(sorted(beyond))
            message = f"a FILTER sees only the variables of its own group, which does not bind {names}"
            raise self.refusal("KG473", message, "FILTER", "put the FILTER into the group that binds its variables")

    def _expression(self, expression: Any) -> Any:  # noqa: ANN401
        """An expression of rdflib's algebra as plain data."""
        name = getattr(expression, "name", "")
        if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
            parts = [expression.expr, *(expression.other or ())]
            operator = "&&" if name == "ConditionalAndExpression" else "||"
            return (operator, *(self._expression(part) for part in parts))
        if name == "UnaryNot":
            return ("!", self._expression(expression.expr))
        if name == "RelationalExpression":
            if expression.op in ("IN", "NOT IN"):
                within = ("in", self._operand(expression.expr), *(self._operand(o) for o in expression.other))
                return within if expression.op == "IN" else ("!", within)
            return (expression.op, self._operand(expression.expr), self._operand(expression.other))
        kind = name.removeprefix("Builtin_") or "a bare term"
        raise self.refusal("KG473", f"{kind} is not supported in a rule's FILTER", "FILTER")


def _variables(patterns: Iterable[Pattern]) -> set[str]:
    return {term for pattern in patterns for term in pattern if term.startswith("?")}


def _conjuncts(expression: Any) -> list[Any]:  # noqa: ANN401
    if getattr(expression, "name", "") == "ConditionalAndExpression":
        return [part for each in (expression.expr, *(expression.other or ())) for part in _conjuncts(each)]
    return [expression]


def _literal(literal: Any) -> Term:  # noqa: ANN401
    """A literal of rdflib's as the N-Triples term that pyoxigraph would write."""
    import pyoxigraph

    if literal.language:
        return str(pyoxigraph.Literal(str(literal), language=literal.language.lower()))
    datatype = pyoxigraph.NamedNode(str(literal.datatype)) if literal.datatype else None
    return str(pyoxigraph.Literal(str(literal), datatype=datatype))
