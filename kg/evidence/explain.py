"""``explain``: the proof of a triple as numbered steps, each asserted or inferred, in words, down to its leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import Problem, UsageError
from kg.evidence.grounds import Grounds, Reference
from kg.model import Term, Triple
from kg.vocab import RDF, iri

if TYPE_CHECKING:
    from kg.corpus.anchors import Texts
    from kg.proofs import Proof
    from kg.store import Graph

__all__ = ["Explanation", "Step", "explain", "parse_terms"]

#: How many minimal proofs are looked for.
LIMIT = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a proof: its number, what it concludes, and why.

    ``rule`` is None for what is asserted; then ``references`` are its leaves (claims, an axiom, an entity's
    description). Else ``words`` say the rule, and ``premises`` are the numbers of its premises. A sub-proof that
    is used twice has one number.
    """

    number: int
    triple: Triple
    text: str
    rule: str | None
    words: str
    premises: tuple[int, ...]
    references: tuple[Reference, ...]

    @property
    def status(self) -> str:
        """``ASSERTED`` or ``INFERRED``."""
        return "ASSERTED" if self.rule is None else "INFERRED"


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """A proof of a triple in a view: its steps by number, the conclusion first."""

    graph: Graph
    triple: Triple
    steps: tuple[Step, ...]
    texts: Texts | None = None

    @property
    def certain(self) -> bool | None:
        """Whether it certainly holds at the view's date, and not only possibly; None in a view of all dates."""
        return self.graph.materialised.certain(self.triple) if self.graph.view.as_of else None

    @property
    def view(self) -> str:
        """The view in words, and at a date whether it certainly holds then."""
        said = {None: "", True: "; it certainly holds then", False: "; it possibly holds then"}
        return self.graph.describe_view() + said[self.certain]

    @property
    def conclusion(self) -> Step:
        """The step that concludes the triple."""
        return self.steps[0]

    def __str__(self) -> str:
        """The proof as a tree."""
        from kg.evidence.render import render

        return render(self, "text")

    def __repr__(self) -> str:
        return f"<kg proof: {self.conclusion.text}, {len(self.steps)} steps>"

    def _repr_html_(self) -> str:
        """The proof as notebooks show it."""
        from kg.evidence.notebook import explanation_html

        return explanation_html(self)

    def sentences(self, reference: Reference) -> list[str]:
        """The sentences of a claim's passages, for whoever has the texts."""
        claim = self.graph.corpus.claims.get(reference.source)
        if claim is None or self.texts is None:
            return []
        return [text for place in claim.passages if (text := self.texts.sentence(claim.document, place))]

    def as_json(self) -> dict[str, Any]:
        """The proof as data: steps with their premises by number."""
        return {
            "triple": list(self.triple),
            "view": self.graph.describe_view(),
            **({} if self.certain is None else {"certain": self.certain}),
            "steps": [
                {
                    "number": step.number,
                    "triple": list(step.triple),
                    "text": step.text,
                    "status": step.status,
                    "rule": step.rule,
                    "words": step.words,
                    "premises": list(step.premises),
                    "leaves": [
                        {
                            "kind": r.kind,
                            "text": r.line,
                            "source": r.source.strip("<>"),
                            "sentences": self.sentences(r),
                        }
                        for r in step.references
                    ],
                }
                for step in self.steps
            ],
        }


def explain(graph: Graph, triple: Triple, *, every: bool = False, texts: Path | None = None) -> list[Explanation]:
    """Why a triple holds in a graph's view: its canonical proof, or with ``every`` all minimal ones up to a limit.

    Raises UsageError (KG670) when it does not hold.
    """
    from kg.proofs import all_proofs

    view = graph.materialised
    if triple not in view or not view.holds(triple):
        said = Grounds.of(graph).words(triple)
        remedy = "`kg why-not` with the same three says what is missing."
        if graph.possibly.materialised.holds(triple):
            remedy = "It possibly holds then: ask without --certain."
        raise UsageError(Problem("KG670", f"in this view it does not hold that {said}", remedy=remedy))
    if every:
        # At a date, only what holds then proves anything.
        proofs = all_proofs(view if graph.view.as_of else view.closure, triple, LIMIT)
    else:
        proof = Grounds.of(graph).proof(triple)
        proofs = [proof] if proof else []
    known = None
    if texts:
        from kg.corpus.anchors import texts as read_texts

        known = read_texts(graph.project, texts)
    grounds = Grounds.of(graph)
    return [Explanation(graph, triple, _steps(proof, grounds), known) for proof in proofs]


def _steps(proof: Proof, grounds: Grounds) -> tuple[Step, ...]:
    """The distinct sub-proofs, numbered from the conclusion down, axioms on terms left to the words of their rule."""
    shown = [part for part in reversed(list(proof.ordered())) if part is proof or not _in_words(part, grounds)]
    numbers = {id(part): number for number, part in enumerate(shown, start=1)}
    steps = []
    for part in shown:
        references: tuple[Reference, ...] = ()
        words = ""
        if part.rule is None:
            references = grounds.ground(part.conclusion).references
        else:
            words = grounds.rule_reference(part).line
        premises = tuple(numbers[id(premise)] for premise in part.premises if id(premise) in numbers)
        steps.append(
            Step(
                numbers[id(part)],
                part.conclusion,
                grounds.words(part.conclusion),
                part.rule,
                words,
                premises,
                references,
            )
        )
    return tuple(steps)


def _in_words(part: Proof, grounds: Grounds) -> bool:
    return part.rule is None and grounds.is_schema(part.conclusion)


def parse_terms(graph: Graph, subject: str, predicate: str, value: str) -> Triple:
    """A triple from three terms as people write them: labels, prefixed names, IRIs; the object may be a literal.

    A predicate is also found by its local name or label in the ontology; ``a`` is rdf:type. Raises UsageError
    with the candidates of each term that names nothing, or several things.
    """
    from kg.queries.entities import find_entity

    properties = frozenset(
        s for s, p, o in graph.corpus.ontology if p == iri(RDF + "type") and o.endswith(("Property>",))
    )
    problems: list[Problem] = []

    def found(text: str, within: frozenset[Term] = frozenset()) -> Term:
        try:
            return find_entity(graph, text, within)
        except UsageError as error:
            problems.extend(error.problems)
            return ""

    verb = iri(RDF + "type") if predicate == "a" else found(predicate, properties)
    triple = (found(subject), verb, value if value.startswith('"') else found(value))
    if problems:
        raise UsageError(problems)
    return triple
