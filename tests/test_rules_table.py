"""One test a rule of the W3C tables: its If and Then stand in the comment that opens the case's file."""

from pathlib import Path

import pytest

from kg.reasoner import axioms, check, check_step, close, get_reasoner, prove, table
from kg.reasoner.rule_table import BUILT_IN
from tests.rdf_files import triples
from tests.turbo import needs_turbo, turbo_closure

CASES = Path(__file__).parent / "cases" / "rules"
NAMES = sorted({rule.name for rule in table()} | set(BUILT_IN) | {name for name, _ in axioms()})
#: What owlrl makes of a one-rule case otherwise, and why.
OWLRL_DIFFERS = {
    "dt-diff": "owlrl finds no inconsistency between two values of a functional property",
    "dt-eq": "rdflib writes 01 as 1 on the way in, so owlrl sees one literal",
    "dt-not-type": "owlrl checks a literal against its own datatype only, not against one that a range gives it",
    "dt-type2": "owlrl types every literal's equals as rdfs:Datatype, and knows no narrower datatypes of a value",
    "eq-diff2": "owlrl leaves the last member of owl:members out when it compares",
    "eq-diff3": "owlrl leaves the last member of owl:distinctMembers out when it compares",
    "prp-adp": "owlrl leaves the last member of AllDisjointProperties out when it compares",
    "prp-key": "owlrl skips the last key property",
}
#: What owlrl-turbo 0.1.0a3 makes of a one-rule case otherwise, and why.
TURBO_DIFFERS = {
    "dt-diff": "it says of no two literals that they differ, so finds no inconsistency between two values",
    "dt-eq": "it equates no literals that are written differently, so says nothing under the other spelling",
    "dt-not-type": "it checks a literal against its own datatype only, not against one that a range gives it",
    "dt-type2": "it gives a value its own datatype only, none of those that also have it",
    "eq-diff2": "like owlrl, it leaves the last member of owl:members out when it compares",
    "eq-diff3": "like owlrl, it leaves the last member of owl:distinctMembers out when it compares",
    "prp-adp": "like owlrl, it leaves the last member of AllDisjointProperties out when it compares",
}


def test_one_case_for_each_rule():
    """The tables have 78 rules; each has a case, and no case is without a rule."""
    assert len(NAMES) == 78
    assert sorted(path.stem for path in CASES.glob("*.ttl") if "." not in path.stem) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_rule(name):
    """If the premises of the case hold, then its expectation does, by that rule; proofs of all pass the checker."""
    given = triples(CASES / f"{name}.ttl")
    expected = triples(CASES / f"{name}.expected.ttl")
    closure = close(given)
    if not expected:
        found = [each for each in closure.inconsistencies if each.rule == name or name == "dt-diff"]
        assert found
        assert all(check_step(each.rule, None, each.premises) for each in found)
    else:
        assert closure.inconsistencies == []
    rules = set()
    for triple in expected:
        assert triple in closure
        proof = prove(closure, triple)
        assert check(proof, closure.asserted) == []
        rules |= {step.rule for step in closure.derivations(triple)} | {part.rule for part in proof.ordered()}
    assert not expected or name in rules


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OWLRL_DIFFERS])
def test_same_as_owlrl(name):
    """The closure, filtered of trivial triples, is owlrl's."""
    given = triples(CASES / f"{name}.ttl")
    ours, theirs = get_reasoner("native").reason(given), get_reasoner("owlrl").reason(given)
    assert ours.inferred == theirs.inferred
    assert bool(ours.inconsistent) == bool(theirs.inconsistent)


@pytest.mark.parametrize("name", sorted(OWLRL_DIFFERS))
def test_owlrl_differs(name):
    """Where owlrl is known to differ, it still does: else the exception is to go."""
    given = triples(CASES / f"{name}.ttl")
    ours, theirs = get_reasoner("native").reason(given), get_reasoner("owlrl").reason(given)
    assert (ours.inferred, bool(ours.inconsistent)) != (theirs.inferred, bool(theirs.inconsistent))


@needs_turbo
@pytest.mark.parametrize("name", [name for name in NAMES if name not in TURBO_DIFFERS])
def test_same_as_owlrl_turbo(name):
    """The closure, filtered of trivial triples, is owlrl-turbo's, where keys are compared as a whole."""
    given = triples(CASES / f"{name}.ttl")
    ours, theirs = get_reasoner("native").reason(given), turbo_closure(given)
    assert ours.inferred == theirs.inferred
    assert bool(ours.inconsistent) == bool(theirs.inconsistent)


@needs_turbo
@pytest.mark.parametrize("name", sorted(TURBO_DIFFERS))
def test_owlrl_turbo_differs(name):
    """Where owlrl-turbo is known to differ, it still does, and infers nothing that this reasoner does not."""
    given = triples(CASES / f"{name}.ttl")
    ours, theirs = get_reasoner("native").reason(given), turbo_closure(given)
    assert theirs.inferred <= ours.inferred
    assert (ours.inferred, bool(ours.inconsistent)) != (theirs.inferred, bool(theirs.inconsistent))
