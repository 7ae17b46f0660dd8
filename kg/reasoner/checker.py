"""A proof checker that does not know the reasoner: it reads the rule table and compares, and no more.

It holds proofs against :mod:`kg.reasoner.rule_table` (patterns), :mod:`kg.reasoner.datatypes` (Table 8) and the
project's own rules as clauses; of the engine, its programs and its indexes it uses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import in_space, is_literal, value_key
from kg.reasoner.matching import passes
from kg.reasoner.proof import Proof
from kg.reasoner.rule_table import Clause, CustomRule, Pattern, Rule, axioms, clauses_of, find_rule

Binding = dict[str, Term]


def check(
    proof: Proof,
    asserted: Collection[Triple],
    rules: Iterable[CustomRule | Clause] = (),
    facts: Collection[Triple] | None = None,
) -> list[str]:
    """The faults of a proof, each in words; an empty list when it is sound.

    Every leaf must be in ``asserted``, every step an instance of the rule it names, and no triple may rest on
    itself. A NOT EXISTS of a project's own rule is checked over ``facts`` (all that holds); where these are not
    given, a step that needs them is a fault.
    """
    faults = []
    custom = list(clauses_of(rules))
    proved: set[Triple] = set()
    for part in proof.ordered():
        if any(premise.conclusion not in proved for premise in part.premises):
            faults.append(f"{part.conclusion} comes before one of its premises")
        if part.rule is None:
            if part.conclusion not in asserted:
                faults.append(f"{part.conclusion} is a leaf and not asserted")
        elif not check_step(part.rule, part.conclusion, _conclusions(part.premises), custom, facts):
            faults.append(f"{part.conclusion} is no instance of {part.rule}")
        proved.add(part.conclusion)
    return faults


def _conclusions(premises: tuple[Proof, ...]) -> tuple[Triple, ...]:
    return tuple(premise.conclusion for premise in premises)


def check_step(
    name: str,
    conclusion: Triple | None,
    premises: tuple[Triple, ...],
    custom: Iterable[Clause] = (),
    facts: Collection[Triple] | None = None,
) -> bool:
    """Whether a step is an instance of the rule of that name; ``conclusion`` is None for an inconsistency."""
    if not premises and (name, conclusion) in axioms():
        return True
    if name.startswith("dt-"):
        return _of_datatypes(name, conclusion, premises)
    if name == "eq-ref":
        return (
            conclusion is not None
            and conclusion[1] == n.SAME
            and conclusion[0] == conclusion[2]
            and any(conclusion[0] in premise for premise in premises)
        )
    own = [clause for clause in custom if clause.name == name]
    if own:
        return any(_of_clause(clause, conclusion, premises, facts) for clause in own)
    found = find_rule(name)
    if found is None:
        return False
    heads = found.then or (None,)
    if found.members is not None:
        return any(_of_list(found, head, conclusion, premises) for head in heads)
    body = (*found.given, *found.when)
    return any(_bind(body, head, conclusion, premises) is not None for head in heads)


def _of_datatypes(name: str, conclusion: Triple | None, premises: tuple[Triple, ...]) -> bool:
    """Table 8."""
    if name == "dt-not-type":
        if conclusion is not None or len(premises) != 1:
            return False
        s, p, o = premises[0]
        return p == n.TYPE and is_literal(s) and in_space(s, o) is False
    if conclusion is None or premises or not is_literal(conclusion[0]):
        return False
    s, p, o = conclusion
    if name == "dt-type2":
        return p == n.TYPE and in_space(s, o) is True
    a, b = value_key(s), value_key(o) if is_literal(o) else None
    if a is None or b is None:
        return False
    return p == n.SAME and a == b if name == "dt-eq" else name == "dt-diff" and p == n.DIFFERENT and a != b


def _of_list(found: Rule, head: Pattern | None, conclusion: Triple | None, premises: tuple[Triple, ...]) -> bool:
    """A rule over a list of as many members as there are premises for."""
    assert found.members is not None  # noqa: S101 - only such rules come here
    start, each = found.members
    once = len(found.given) + len(found.when) - len(found.repeat)
    count, rest = divmod(len(premises) - once, 2 + len(found.repeat))
    if rest or count < 1:
        return False
    body = list(found.given)
    for k in range(1, count + 1):
        node = start if k == 1 else f"?node{k}"
        following = f"?node{k + 1}" if k < count else n.NIL
        body += [(node, n.FIRST, f"{each}[{k}]"), (node, n.REST, following)]
    listed, others = premises[: len(body)], premises[len(body) :]
    known = _bind(body, None, None, listed)
    if known is None:
        return False
    patterns, triples = [*found.when, *([head] if head else [])], [*others, *([conclusion] if conclusion else [])]
    chosen = ([0] if found.repeat else _places(f"{each}[{x}]", patterns, triples, known, count) for x in "ij")
    first, second = chosen
    return any(
        _bind(_counted(found, count, i, j), head and _at(head, i, j, count), conclusion, others, known) is not None
        for i in first
        for j in second
        if not j or i < j
    )


def _places(token: str, patterns: list[Pattern], triples: list[Triple], known: Binding, count: int) -> list[int]:
    """Which members of the list an index can stand for: those that the premises or the conclusion have there."""
    for pattern, triple in zip(patterns, triples, strict=False):
        if token in pattern:
            term, each = triple[pattern.index(token)], token.partition("[")[0]
            return [k for k in range(1, count + 1) if known[f"{each}[{k}]"] == term]
    return [0]


def _counted(found: Rule, count: int, i: int, j: int) -> list[Pattern]:
    out = []
    for position, pattern in enumerate(found.when):
        for k in range(1, count + 1) if position in found.repeat else (i,):
            out.append(_at(pattern, k, j, count))
    return out


def _at(pattern: Pattern, i: int, j: int, count: int) -> Pattern:
    def term(text: str) -> str:
        text = text.replace("[i+1]", f"[{i + 1}]").replace("[n+1]", f"[{count + 1}]")
        return text.replace("[i]", f"[{i}]").replace("[j]", f"[{j}]")

    return term(pattern[0]), term(pattern[1]), term(pattern[2])


def _bind(
    body: Iterable[Pattern],
    head: Pattern | None,
    conclusion: Triple | None,
    premises: tuple[Triple, ...],
    known: Binding | None = None,
) -> Binding | None:
    """The one binding, beyond what is known, under which the patterns are the triples; None when there is none."""
    patterns, triples = list(body), list(premises)
    if (head is None) != (conclusion is None) or len(patterns) != len(triples):
        return None
    if head is not None and conclusion is not None:
        patterns.append(head)
        triples.append(conclusion)
    binding: Binding = dict(known or {})
    for pattern, triple in zip(patterns, triples, strict=True):
        for part, term in zip(pattern, triple, strict=True):
            if (binding.setdefault(part, term) if part.startswith("?") else part) != term:
                return None
    return binding


def _of_clause(
    clause: Clause, conclusion: Triple | None, premises: tuple[Triple, ...], facts: Collection[Triple] | None
) -> bool:
    """A project's own rule, its conditions included."""
    binding = _bind(clause.body, clause.head, conclusion, premises)
    if binding is None:
        return False
    for condition in clause.conditions:
        if condition.kind == "filter":
            if not passes(condition.detail, binding):
                return False
        elif facts is None or _exists(condition.detail[0], condition.detail[1], binding, facts):
            return False
    return True


def _exists(
    patterns: tuple[Pattern, ...], filters: tuple[object, ...], binding: Binding, facts: Collection[Triple]
) -> bool:
    """Whether facts match the patterns, by trying every one."""
    if not patterns:
        return all(passes(each, binding) for each in filters)
    first, rest = patterns[0], patterns[1:]
    for fact in facts:
        tried = dict(binding)
        pairs = zip(first, fact, strict=True)
        if all((tried.setdefault(p, t) if p.startswith("?") else p) == t for p, t in pairs) and _exists(
            rest, filters, tried, facts
        ):
            return True
    return False
