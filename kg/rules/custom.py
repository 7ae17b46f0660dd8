"""Read a project's own rules: SPARQL CONSTRUCT files, compiled to clauses like those of the W3C table.

A file has one ``CONSTRUCT { … } WHERE { … }``. The WHERE has triple patterns with fixed predicates, FILTER over
comparisons (``= != < <= > >= IN && || !``) of variables and terms, and FILTER NOT EXISTS with patterns and
filters of the same kind. An empty template makes the rule a finding of inconsistency. Leading ``#+`` lines are
YAML; ``summary`` says the rule in words. ``!=`` compares terms and values: equality by owl:sameAs is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from kg.errors import InputError, Place, Problem
from kg.files import read_text
from kg.model import Term
from kg.rules.conditions import variables
from kg.rules.rule import Clause, Condition, CustomRule, Pattern

__all__ = ["read_rules"]


_UNSUPPORTED = re.compile(
    r"\b(OPTIONAL|UNION|BIND|VALUES|GRAPH|SERVICE|MINUS|SELECT|ASK|DESCRIBE|GROUP|HAVING|ORDER|LIMIT|OFFSET|FROM)\b",
    re.IGNORECASE,
)
_REMEDY = "use triple patterns with fixed predicates, FILTER comparisons and FILTER NOT EXISTS"


def read_rules(path: str | Path, completeness_predicates: Collection[Term] = ()) -> list[CustomRule]:
    """Read one ``.rq`` file, or every one in a folder, sorted by name.

    A rule with NOT EXISTS must have, among its other patterns, one whose predicate is in
    ``completeness_predicates`` (N-Triples terms): absence counts only over what is declared complete. Raises
    InputError with every problem of every file: KG472, KG473, KG474 or
    KG471.
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
    body, conditions, heads = reader.parts()
    if any(c.kind == "absent" for c in conditions) and not any(p in completeness for _, p, _ in body):
        raise reader.refusal(
            "KG471",
            "NOT EXISTS without a pattern that says what is complete",
            "NOT",
            "add a pattern whose predicate declares a list complete",
        )
    name = file.stem
    clauses = [Clause(name, (), body, head, conditions) for head in heads or (None,)]
    return CustomRule(name, reader.summary(), tuple(clauses), str(file), reader.line_of("CONSTRUCT"))


class _Reader:
    """One file on its way to clauses."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        blank = lambda m: re.sub(r"[^\n]", " ", m[0])  # noqa: E731
        self.code = re.sub(r'<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|#[^\n]*', blank, text)

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
        """The line, from 1, where a word first stands."""
        found = re.search(rf"\b{word}\b", self.code, re.IGNORECASE)
        return self.code.count("\n", 0, found.start()) + 1 if found else 1

    def refusal(self, code: str, message: str, word: str, remedy: str = _REMEDY) -> InputError:
        """An error at the line of a word."""
        return InputError(Problem(code, message, Place(self.file, self.line_of(word)), remedy))

    def parts(self) -> tuple[tuple[Pattern, ...], tuple[Condition, ...], tuple[Pattern, ...]]:
        """The rule's patterns, conditions and heads."""
        found = _UNSUPPORTED.search(self.code)
        if found:
            raise self.refusal("KG473", f"{found[1].upper()} is not supported in a rule", found[1])
        algebra = self._parse()
        if algebra.name != "ConstructQuery":
            raise self.refusal("KG473", "a rule is a CONSTRUCT query", "WHERE")
        triples, filters = self._group(algebra.p)
        body = tuple(self._pattern(triple) for triple in triples)
        heads = tuple(self._pattern(triple) for triple in algebra.template or ())
        bound = {term for pattern in body for term in pattern if term.startswith("?")}
        loose = {term for pattern in heads for term in pattern if term.startswith("?")} - bound
        conditions = tuple(self._condition(expression, bound) for expression in filters)
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

    def _group(self, part: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401
        """The triples and filter expressions of a group, through joins and filters."""
        if part.name in ("BGP", "ToMultiSet"):
            return list(part.get("triples") or ()), []
        if part.name == "Join":
            left, right = self._group(part.p1), self._group(part.p2)
            return left[0] + right[0], left[1] + right[1]
        if part.name == "Filter":
            triples, filters = self._group(part.p)
            return triples, [*filters, *_conjuncts(part.expr)]
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

    def _condition(self, expression: Any, bound: set[str]) -> Condition:  # noqa: ANN401
        if getattr(expression, "name", "") != "Builtin_NOTEXISTS":
            return Condition("filter", self._expression(expression))
        triples, filters = self._group(expression.graph)
        patterns = tuple(self._pattern(triple) for triple in triples)
        inner = tuple(self._expression(each) for each in filters)
        used = {term for pattern in patterns for term in pattern if term.startswith("?")}
        used |= set().union(*(variables(each) for each in inner))
        return Condition("absent", (patterns, inner, tuple(sorted(used & bound))))

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
                within = ("in", self._term(expression.expr), *(self._term(o) for o in expression.other))
                return within if expression.op == "IN" else ("!", within)
            return (expression.op, self._term(expression.expr), self._term(expression.other))
        kind = name.removeprefix("Builtin_") or "a bare term"
        raise self.refusal("KG473", f"{kind} is not supported in a rule's FILTER", "FILTER")


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
