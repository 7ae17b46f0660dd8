"""A proof as plain text, for RDF of any origin; proofs of this graph have more to show (``kg.evidence.render``).

``label`` gives a term in words (by default its N-Triples form) and ``leaf`` what an asserted triple rests on (by
default nothing). A sub-proof that is used twice is shown once, under a number, and then referred to. Premises that
only spell out an RDF list are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kg.model import Term, Triple
from kg.reasoner.owl_terms import FIRST, REST
from kg.reasoner.proof import Proof
from kg.reasoner.proof_walk import walk

__all__ = ["render"]

Label = Callable[[Term], str]
Leaf = Callable[[Triple], str]


def render(proof: Proof, label: Label = str, leaf: Leaf = lambda _: "") -> str:
    """A proof as a tree of lines, each indented by its depth."""
    return "".join(f"{'  ' * depth}{line}\n" for depth, line in _lines(proof, label, leaf))


def _sentence(triple: Triple, label: Label) -> str:
    return " ".join(label(term) for term in triple)


def _shown(proof: Proof) -> tuple[Proof, ...]:
    """The premises worth showing."""
    return tuple(p for p in proof.premises if p.rule is not None or p.conclusion[1] not in (FIRST, REST))


def _numbers(proof: Proof) -> dict[int, int]:
    """A number for each derived sub-proof that is used more than once."""
    uses: dict[int, int] = {}
    for part in proof.ordered():
        for premise in _shown(part):
            uses[id(premise)] = uses.get(id(premise), 0) + 1
    several = [p for p in proof.ordered() if p.rule is not None and uses.get(id(p), 0) > 1]
    return {id(part): number for number, part in enumerate(several, 1)}


def _lines(proof: Proof, label: Label, leaf: Leaf) -> Iterator[tuple[int, str]]:
    """Depth and text of each line of the tree."""
    numbers = _numbers(proof)
    for part, visit in walk(proof, _shown, id):
        number = numbers.get(id(part))
        mark = f"({number}) " if number else ""
        sentence = _sentence(part.conclusion, label)
        if part.rule is None:
            words = leaf(part.conclusion)
            yield visit.depth, f"{sentence}  ASSERTED{': ' + words if words else ''}"
        elif visit.again:
            yield visit.depth, f"{sentence}  see {mark.strip()}"
        else:
            yield visit.depth, f"{mark}{sentence}  INFERRED by {part.rule}"
