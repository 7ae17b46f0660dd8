"""A naive reasoner to hold the real one against: every rule of the table over all facts, until nothing is new.

It shares the table and the datatypes' values with the reasoner and nothing else: no partial evaluation, no records,
no representatives, no shortcut for lists or literals. Of Table 8 it says everything, of the literals that are given.
"""

from itertools import product

from kg.reasoner import Outcome, axioms, table, trivial
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import DATATYPES, in_space, is_literal, value_key

__all__ = ["naive_closure"]


def naive_closure(given):
    """What follows, without trivial and generalised triples, and the names of the ``false`` rules that fire."""
    facts = _Facts([*given, *(triple for _, triple in axioms())])
    facts.add(_table_8({term for triple in given for term in triple if is_literal(term)}))
    false, waiting = set(), list(table())
    while waiting:
        before = dict(facts.sizes)
        for rule in waiting:
            for conclusion in list(_fire(facts, rule)):
                if conclusion is None:
                    false.add(rule.name)
                else:
                    facts.add([conclusion])
        grown = {p for p, size in facts.sizes.items() if before.get(p) != size}
        waiting = [rule for rule in table() if grown and _reads(rule, grown)]
    if any(is_literal(s) and p == n.TYPE and in_space(s, o) is False for s, p, o in facts.all):
        false.add("dt-not-type")
    found = {t for t in facts.all - set(given) if t[1].startswith("<") and not trivial(t)}
    return Outcome(frozenset(found), tuple(sorted(false)))


def _table_8(literals):
    for one in literals:
        yield from ((one, n.TYPE, name) for name in DATATYPES if in_space(one, name))
        for other in literals:
            a, b = value_key(one), value_key(other)
            if a is not None and b is not None:
                yield one, n.SAME if a == b else n.DIFFERENT, other


def _reads(rule, predicates):
    patterns = (*rule.given, *rule.when)
    return rule.members is not None or any(p.startswith("?") or p in predicates for _, p, _ in patterns)


class _Facts:
    """Triples by each of their parts that is known."""

    def __init__(self, triples):
        self.all = set()
        self.index = {}
        self.sizes = {}
        self.add(triples)

    def add(self, triples):
        for s, p, o in triples:
            if (s, p, o) not in self.all:
                self.all.add((s, p, o))
                self.sizes[p] = self.sizes.get(p, 0) + 1
                for key in product((s, None), (p, None), (o, None)):
                    self.index.setdefault(key, []).append((s, p, o))

    def like(self, key):
        return tuple(self.index.get(key, ()))


def _fire(facts, rule):
    for binding in _matches(facts, rule.given, {}):
        if rule.members is None:
            for found in _matches(facts, rule.when, binding):
                yield from _heads(rule.then, found)
            continue
        start, each = rule.members
        for members in _lists(facts, binding[start], ()):
            named = {**binding, **{f"{each}[{k}]": member for k, member in enumerate(members, 1)}}
            for i, j in product(range(1, len(members) + 1), repeat=2):
                if i < j or not rule.pairs:
                    body = _counted(rule, i, j, len(members))
                    for found in _matches(facts, body, named):
                        yield from _heads([_at(head, i, j, len(members)) for head in rule.then], found)


def _heads(heads, binding):
    if not heads:
        yield None
    for s, p, o in heads:
        yield binding.get(s, s), binding.get(p, p), binding.get(o, o)


def _lists(facts, node, seen):
    """Every way to read a list."""
    if node == n.NIL:
        yield ()
    elif node not in seen:
        for (_, _, member), (_, _, rest) in product(
            facts.like((node, n.FIRST, None)), facts.like((node, n.REST, None))
        ):
            yield from ((member, *others) for others in _lists(facts, rest, (*seen, node)))


def _counted(rule, i, j, count):
    for position, pattern in enumerate(rule.when):
        for step in range(1, count + 1) if position in rule.repeat else (i,):
            yield _at(pattern, step, j, count)


def _at(pattern, i, j, count):
    steps = {"[i+1]": i + 1, "[n+1]": count + 1, "[i]": i, "[j]": j}
    found = []
    for term in pattern:
        for mark, value in steps.items():
            term = term.replace(mark, f"[{value}]")
        found.append(term)
    return tuple(found)


def _matches(facts, patterns, binding):
    patterns = list(patterns)
    if not patterns:
        yield binding
        return
    first, *rest = patterns
    key = tuple(binding.get(term, None if term.startswith("?") else term) for term in first)
    for fact in facts.like(key):
        found = dict(binding)
        if all(found.setdefault(term, part) == part for term, part in zip(first, fact, strict=True)):
            yield from _matches(facts, rest, found)
