"""Match one clause at a time, and evaluate the conditions of a project's own rules: FILTER and NOT EXISTS.

The generated loops of :mod:`kg.reasoner.joins` are for many facts; ``match`` and ``solve`` are for few: why a triple
holds, why it does not, whether something is absent.

An expression is plain data: a variable (``?x``), a term, or a tuple of an operator and expressions. It is true,
false, or an error (None), as in SPARQL 1.1, section 17.2: an error does not pass a filter.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kg.model import Term, Triple
from kg.reasoner.datatypes import ZONE, day_number, is_day, is_literal, literal_parts, value_key, whole, zone_minutes
from kg.reasoner.joins import plan
from kg.reasoner.owl_terms import XSD
from kg.reasoner.relations import MASK, Relation
from kg.reasoner.rule_table import Condition, Pattern

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses
    from kg.reasoner.joins import Compiled
    from kg.reasoner.seminaive import Engine

Values = list[int | None]
#: Called for each fact that is tried; it may raise to end the search.
Spend = Callable[[], None]


def solve(engine: Engine, compiled: Compiled, conclusion: Triple, spend: Spend | None = None) -> Iterator[list[int]]:
    """Every binding of a clause's variables that gives the conclusion."""
    values = unify(engine, compiled, conclusion)
    if values is None:
        return
    for found in match(
        list(zip(compiled.relations, compiled.shape.atoms, strict=True)), compiled.constants, values, spend
    ):
        row = [value for value in found if value is not None]
        if all(
            test(*(row[v] for v in needed))
            for test, needed in zip(compiled.conditions, compiled.shape.conditions, strict=True)
        ):
            yield row


def unify(engine: Engine, compiled: Compiled, conclusion: Triple) -> Values | None:
    """The variables that a conclusion fixes; None when the head is another."""
    kind, args = compiled.shape.head
    s, _, o = (engine.ids.get(term) for term in conclusion)
    values: Values = [None] * len(compiled.variables)
    head = compiled.clause.head
    if head is None or head[1] != conclusion[1]:
        return None
    if kind == "C" and head[2] != conclusion[2]:
        return None
    for arg, part in zip(args, (s,) if kind == "C" else (s, o), strict=True):
        if part is None or (arg < 0 and compiled.constants[-1 - arg] != part):
            return None
        if arg >= 0:
            if values[arg] not in (None, part):
                return None
            values[arg] = part
    return values


Atoms = list[tuple[Relation, tuple[int, ...]]]


def match(atoms: Atoms, constants: tuple[int, ...], values: Values, spend: Spend | None = None) -> Iterator[Values]:
    """Every way to complete the values so that each atom is a fact.

    However many atoms there are, it makes no deep recursion.
    """

    def value(arg: int) -> int | None:
        return values[arg] if arg >= 0 else constants[-1 - arg]

    def facts(n: int) -> Iterator[tuple[int, ...]]:
        relation, args = atoms[n]
        return facts_of(relation, tuple(value(arg) for arg in args))

    def hold(checks: tuple[int, ...]) -> bool:
        return all(next(facts(n), None) is not None for n in checks)

    known = frozenset(n for n, part in enumerate(values) if part is not None)
    checks, steps = plan(tuple(args for _, args in atoms), known)
    if not hold(checks):
        return
    if not steps:
        yield list(values)
        return
    visits = [facts(steps[0].atom)]
    while visits:
        step = steps[len(visits) - 1]
        for variable in step.binds:
            values[variable] = None
        parts = next(visits[-1], None)
        if parts is None:
            visits.pop()
            continue
        if spend:
            spend()
        args = atoms[step.atom][1]
        for arg, part in zip(args, parts, strict=True):
            if value(arg) is None:
                values[arg] = part
        if any(value(arg) != part for arg, part in zip(args, parts, strict=True)) or not hold(step.checks):
            continue
        if len(visits) == len(steps):
            yield list(values)
        else:
            visits.append(facts(steps[len(visits)].atom))


def facts_of(relation: Relation, known: tuple[int | None, ...]) -> Iterator[tuple[int, ...]]:
    """The facts of a relation that agree with what is known."""
    if len(known) == 1:
        if known[0] is None:
            yield from ((member,) for member in list(relation.facts))
        elif known[0] in relation.facts:
            yield (known[0],)
        return
    s, o = known
    if s is not None and o is not None:
        if s << 32 | o in relation.facts:
            yield s, o
    elif s is not None:
        yield from ((s, other) for other in tuple(relation.forward().get(s, ())))
    elif o is not None:
        yield from ((other, o) for other in tuple(relation.backward().get(o, ())))
    else:
        yield from ((fact >> 32, fact & MASK) for fact in list(relation.facts))


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MINUTES_OF_DAY = 24 * 60
_TIMED = re.compile(rf"(?a)(-?\d{{4,}})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d):(\d\d(?:\.\d+)?))?({ZONE})?\Z")
_TIMES = ("date", "dateTime", "gYear", "gYearMonth")


def variables(expression: Any) -> set[str]:  # noqa: ANN401 - nested data
    """The variables of an expression."""
    if isinstance(expression, tuple):
        return set().union(*(variables(part) for part in expression[1:]))
    return {expression} if expression.startswith("?") else set()


def passes(expression: Any, binding: Mapping[str, Term]) -> bool:  # noqa: ANN401
    """Whether a filter passes under a binding."""
    return evaluate(expression, binding) is True


def evaluate(expression: Any, binding: Mapping[str, Term]) -> bool | None:  # noqa: ANN401
    """The truth of an expression under a binding of all its variables; None for an error."""
    name, *parts = expression
    if name in ("&&", "||"):
        found = [evaluate(part, binding) for part in parts]
        decided = bool(name == "||")
        if decided in found:
            return decided
        return None if None in found else not decided
    if name == "!":
        value = evaluate(parts[0], binding)
        return None if value is None else not value
    terms = [binding.get(part, part) for part in parts]
    if name == "in":
        found = [_equal(terms[0], other) for other in terms[1:]]
        return True if True in found else None if None in found else False
    if name == "=":
        return _equal(*terms)
    if name == "!=":
        value = _equal(*terms)
        return None if value is None else not value
    return _ordered(name, *terms)


def _equal(one: Term, other: Term) -> bool | None:
    """Operator ``=``: RDFterm-equal, and by value for literals of known datatypes."""
    if one == other:
        return True
    if not (is_literal(one) and is_literal(other)):
        return False
    a, b = comparable(one), comparable(other)
    if a is None or b is None:
        return None
    if a[0] != b[0]:
        return False
    return _zoned(a[1], b[1], operator.eq) if a[0] in _TIMES else bool(a[1] == b[1])


def _ordered(name: str, one: Term, other: Term) -> bool | None:
    a = comparable(one) if is_literal(one) else None
    b = comparable(other) if is_literal(other) else None
    if a is None or b is None or a[0] != b[0] or a[0] == "other":
        return None
    compare = _ORDER[name]
    return _zoned(a[1], b[1], compare) if a[0] in _TIMES else compare(a[1], b[1])


def _zoned(
    one: tuple[Fraction, bool], other: tuple[Fraction, bool], compare: Callable[[Any, Any], bool]
) -> bool | None:
    """Compare two moments; one with a time zone and one without only when 14 hours cannot matter."""
    if one[1] != other[1] and abs(one[0] - other[0]) <= 14 * 60:
        return None
    return compare(one[0], other[0])


@lru_cache(maxsize=65536)
def comparable(literal: Term) -> tuple[str, Any] | None:
    """A literal's kind and a value to compare within it; None when ill-typed or unknown.

    Moments are minutes with whether they have a time zone.
    """
    text, language, datatype = literal_parts(literal)
    name = datatype.removeprefix(f"<{XSD}").rstrip(">")
    if name in _TIMES:
        return _moment(name, text)
    key = value_key(literal)
    if key is None:
        return None
    kind, value = key
    if kind == "number":
        return "number", value
    if kind in ("float", "double"):
        number = float(value)
        return None if number != number else ("number", Decimal(number) if abs(number) < float("inf") else number)
    if kind == "text":
        return ("string", value[0]) if not language else ("other", value)
    return ("boolean", value) if kind == "boolean" else ("other", value)


def _moment(name: str, text: str) -> tuple[str, Any] | None:
    found = _TIMED.match(text.strip(" \t\n\r"))
    if not found or (found[4] is not None) != (name == "dateTime"):
        return None
    if (found[2] is None) != (name == "gYear") or (found[3] is None) != (name in ("gYear", "gYearMonth")):
        return None
    year, month, day = (whole(part or "1") for part in found.group(1, 2, 3))
    if not is_day(year, month, day):
        return None
    minutes = Fraction(day_number(year, month, day) * _MINUTES_OF_DAY)
    if found[4]:
        minutes += int(found[4]) * 60 + int(found[5]) + Fraction(Decimal(found[6])) / 60
    return name, (minutes - zone_minutes(found[7] or ""), found[7] is not None)


def compile_condition(engine: Clauses, condition: Condition) -> tuple[tuple[str, ...], Callable[..., bool]]:
    """The variables that a condition needs, and its test over an engine's integers."""
    if condition.kind == "filter":
        needed = tuple(sorted(variables(condition.detail)))
        terms = engine.terms
        expression = condition.detail

        def check(*values: int) -> bool:
            return passes(expression, dict(zip(needed, (terms[value] for value in values), strict=True)))

        return needed, check
    patterns, filters, outer = condition.detail
    return tuple(outer), _absence(engine, patterns, filters, tuple(outer))


def _absence(
    engine: Clauses, patterns: tuple[Pattern, ...], filters: tuple[Any, ...], outer: tuple[str, ...]
) -> Callable[..., bool]:
    """The test of a NOT EXISTS: that nothing in the closure to be asked matches the patterns."""

    def check(*values: int) -> bool:
        target = engine.negative or engine
        known = dict(zip(outer, (engine.terms[value] for value in values), strict=True))
        return next(solutions(target, patterns, filters, known), None) is None

    return check


def solutions(
    engine: Clauses, patterns: tuple[Pattern, ...], filters: tuple[Any, ...], known: Mapping[str, Term]
) -> Iterator[dict[str, Term]]:
    """Each completion of a partial binding under which facts match the patterns and pass the filters."""
    names: dict[str, int] = {}
    constants: list[int] = []

    def arg(term: str) -> int:
        if term.startswith("?"):
            return names.setdefault(term, len(names))
        constants.append(engine.ids.get(term, 0))
        return -len(constants)

    atoms: list[tuple[Relation, tuple[int, ...]]] = []
    for s, p, o in patterns:
        s, o = known.get(s, s), known.get(o, o)
        if not engine.has((s, p, o)):
            return
        typed = engine.ids[p] == engine.type_id and not o.startswith("?")
        relation = engine.relation(engine.ids[p], engine.ids[o] if typed else None)
        atoms.append((relation, (arg(s),) if typed else (arg(s), arg(o))))
    values: Values = [None] * len(names)
    for found in match(atoms, tuple(constants), values):
        binding = {**known, **{v: engine.terms[found[k] or 0] for v, k in names.items()}}
        if all(passes(expression, binding) for expression in filters):
            yield binding
