"""Why a triple does not hold: the rules that could have given it, and what they lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, combinations, islice
from typing import Any, NamedTuple

from kg.model import Term, Triple
from kg.reasoner import Closure
from kg.reasoner.joins import Compiled
from kg.reasoner.matching import Values, match, passes, solutions, unify, variables
from kg.reasoner.owl_terms import NOTHING, TYPE
from kg.reasoner.partial_evaluation import implied_clauses_to
from kg.reasoner.rule_table import Condition, Pattern, substitute
from kg.reasoner.seminaive import Engine

#: How many choices of premises to leave open are tried for a clause, and how many matches of the others.
_CHOICES, _ROWS = 1_000, 200


class Failing(NamedTuple):
    """A condition of one of the project's own rules that does not pass.

    A FILTER: its ``expression``, with terms in place of variables (:func:`expression_text` writes it). A NOT
    EXISTS: the facts that are ``present`` and would have to be absent.
    """

    expression: Any
    present: tuple[Triple, ...]


class NearMiss(NamedTuple):
    """A rule that could have given the triple.

    ``found`` are the premises that hold, axioms first; ``missing``, those that do not, with variables where any
    term would do; ``failed``, the rule's conditions that do not pass under what is found, as far as they can be told.
    """

    rule: str
    found: tuple[Triple, ...]
    missing: tuple[Pattern, ...]
    failed: tuple[Failing, ...] = ()


def why_not(closure: Closure, triple: Triple, limit: int = 10) -> list[NearMiss]:
    """The nearest match of each rule that has such a conclusion, those that lack least first.

    Empty when the triple holds, or when no rule of the program could give it. That something would have to be an
    owl:Nothing is no near miss.
    """
    if triple in closure:
        return []
    engine = closure.engine
    for term in triple:
        engine.intern(term)
    found = {miss for compiled in _could_give(engine, triple) if (miss := _nearest(engine, compiled, triple))}
    return sorted(found, key=_distance)[:limit]


def expression_text(expression: Any, label: Callable[[Term], str] = str) -> str:  # noqa: ANN401 - nested data
    """A FILTER's expression as SPARQL writes it, with the labels of its terms."""
    if not isinstance(expression, tuple):
        return label(expression)
    name, *parts = expression
    texts = [expression_text(part, label) for part in parts]
    if name == "!":
        return f"!({texts[0]})"
    if name == "in":
        return f"{texts[0]} IN ({', '.join(texts[1:])})"
    return f" {name} ".join(f"({text})" if name in ("&&", "||") else text for text in texts)


def _distance(miss: NearMiss) -> tuple[Any, ...]:
    return len(miss.missing) + len(miss.failed), miss.rule, miss.missing, miss.found


def _could_give(engine: Engine, triple: Triple) -> Iterator[Compiled]:
    for compiled in (*engine.by_head(triple), *implied_clauses_to(engine, triple)):
        if compiled.clause.body and compiled.clause.head not in compiled.clause.body:
            yield compiled


def _nearest(engine: Engine, compiled: Compiled, triple: Triple) -> NearMiss | None:
    """The match of a clause that leaves the fewest premises open."""
    values = unify(engine, compiled, triple)
    if values is None:
        return None
    atoms = list(zip(compiled.relations, compiled.shape.atoms, strict=True))
    constants = compiled.constants
    lacking = [k for k, atom in enumerate(atoms) if next(match([atom], constants, list(values)), None) is None]
    others = [k for k in range(len(atoms)) if k not in lacking]
    choices = chain.from_iterable(combinations(others, count) for count in range(len(others)))
    best: NearMiss | None = None
    for more in (*islice(choices, _CHOICES), others):
        left_out = tuple(sorted((*lacking, *more)))
        if best is not None and len(best.missing) < len(left_out):
            break
        kept = [atom for k, atom in enumerate(atoms) if k not in left_out]
        for row in islice(match(kept, constants, list(values)), _ROWS):
            miss = _miss(engine, compiled, row, left_out)
            if triple in (*miss.found, *miss.missing) or any(m[1:] == (TYPE, NOTHING) for m in miss.missing):
                continue  # it would rest on itself, or on what can never be
            if best is None or _distance(miss) < _distance(best):
                best = miss
    return best


def _miss(engine: Engine, compiled: Compiled, row: Values, left_out: tuple[int, ...]) -> NearMiss:
    """A partial match of a clause, with the conditions that do not pass."""
    clause = compiled.clause
    names = zip(compiled.variables, row, strict=True)
    binding: dict[str, Term] = {v: engine.terms[k] for v, k in names if k is not None}
    body = [substitute(pattern, binding) for pattern in clause.body]
    there = tuple(pattern for k, pattern in enumerate(body) if k not in left_out)
    missing = tuple(body[k] for k in left_out)
    failed = tuple(found for each in clause.conditions if (found := _failing(engine, each, binding)))
    return NearMiss(clause.name, (*clause.axioms, *there), missing, failed)


def _failing(engine: Engine, condition: Condition, binding: dict[str, Term]) -> Failing | None:
    """The part of a condition that does not pass; None when it passes, or cannot be told yet."""
    if condition.kind == "filter":
        if not variables(condition.detail) <= set(binding) or passes(condition.detail, binding):
            return None
        return Failing(_filled(condition.detail, binding), ())
    patterns, filters, outer = condition.detail
    if not set(outer) <= set(binding):
        return None
    known = {name: binding[name] for name in outer}
    found = next(solutions(engine.negative or engine, patterns, filters, known), None)
    return Failing(None, tuple(substitute(pattern, found) for pattern in patterns)) if found is not None else None


def _filled(expression: Any, binding: dict[str, Term]) -> Any:  # noqa: ANN401 - nested data
    if isinstance(expression, tuple):
        return (expression[0], *(_filled(part, binding) for part in expression[1:]))
    return binding.get(expression, expression)
