"""``explain``: the proof of a triple as numbered steps, each asserted or inferred, in words, down to its leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.corpus.anchors import texts as read_texts
from kg.errors import Problem, UsageError
from kg.evidence.grounds import Grounds, Reference
from kg.evidence.notebook import explanation_html
from kg.evidence.render import render
from kg.evidence.verify import verify
from kg.labels import fold
from kg.model import Term, Triple, canonical_literal
from kg.queries.entities import find_partly
from kg.reasoner import all_proofs, walk
from kg.vocab import PREFIXES, RDF, iri

if TYPE_CHECKING:
    from kg.corpus.anchors import Texts
    from kg.graph.store import Graph
    from kg.reasoner import Proof, Visit

__all__ = ["Explanation", "Step", "explain", "explained", "parse_literal", "parse_terms"]

#: How many minimal proofs are looked for.
LIMIT = 20

#: A quoted text, with a language tag or a datatype; what is in it is for the parser to judge.
_LITERAL = re.compile(r'"(?:[^"\\\r\n]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^(?:<[^<>\s]*>|\w+:\w+))?')
#: Words that names of properties have and people leave out.
_LITTLE = frozenset(("is", "are", "was", "were", "a", "an", "the"))
_EXAMPLES = 'Write it like "text", "text"@en or "12"^^xsd:integer, with \\" for a quotation mark inside.'

#: How it holds at the view's date, by the mark of its periods.
_THEN = {
    "certain": "; it certainly holds then",
    "possible": "; it possibly holds then",
    "undated": "; nothing dates it then",
}
_CELL = (iri(RDF + "first"), iri(RDF + "rest"))


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a proof: its number, what it concludes, and why.

    ``rule`` is None for what is asserted; then ``references`` are its leaves (claims, an axiom, an entity's
    description). Else ``words`` say the rule, ``premises`` are the numbers of its premises, and ``axioms`` are those
    that the words stand for. A sub-proof that is used twice has one number.
    """

    number: int
    triple: Triple
    text: str
    rule: str | None
    words: str
    premises: tuple[int, ...]
    references: tuple[Reference, ...]
    axioms: tuple[Reference, ...] = ()

    @property
    def status(self) -> str:
        """``ASSERTED`` or ``INFERRED``."""
        return "ASSERTED" if self.rule is None else "INFERRED"


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """A proof of a triple in a view: its steps by number, in the order in which a tree shows them."""

    graph: Graph
    triple: Triple
    steps: tuple[Step, ...]
    texts: Texts | None = None

    @property
    def certain(self) -> bool | None:
        """Whether it certainly holds at the view's date, and not only possibly; None in a view of all dates."""
        return self.graph.facts.certain(self.triple) if self.graph.view.as_of else None

    @property
    def verdict(self) -> str:
        """How it stands, in the words that ``verify`` and ``why-not`` use too."""
        return verify(self.graph, self.triple).summary

    @property
    def view(self) -> str:
        """The view in words, and at a date whether it certainly holds then."""
        when = self.graph.view.as_of
        marks = {period.mark_in(when) for period in self.graph.facts.periods(self.triple)} if when else ()
        said = next((said for mark, said in _THEN.items() if mark in marks), "")
        return self.graph.describe_view() + said

    @property
    def conclusion(self) -> Step:
        """The step that concludes the triple."""
        return self.steps[0]

    def walk(self) -> Iterator[tuple[Step, Visit]]:
        """The steps as a tree shows them; what a step rests on follows where it is first met."""
        return walk(
            self.conclusion,
            lambda step: [self.steps[number - 1] for number in step.premises],
            lambda step: step.number,
        )

    def __str__(self) -> str:
        """The proof as a tree."""
        return render(self, "text")

    def __repr__(self) -> str:
        return f"<kg proof: {self.conclusion.text}, {len(self.steps)} steps>"

    def _repr_html_(self) -> str:
        """The proof as notebooks show it."""
        return explanation_html(self)

    def sentences(self, reference: Reference) -> list[str]:
        """The sentences of a claim's passages, if you have the texts."""
        claim = self.graph.index.claim(reference.source)
        if claim is None or self.texts is None:
            return []
        return [text for place in claim.passages if (text := self.texts.sentence(claim.document, place))]

    def as_json(self) -> dict[str, Any]:
        """The proof as data: steps with their premises by number."""
        return {
            "triple": list(self.triple),
            "verdict": self.verdict,
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
                    "axioms": [self._leaf(r) for r in step.axioms],
                    "leaves": [{**self._leaf(r), "sentences": self.sentences(r)} for r in step.references],
                }
                for step in self.steps
            ],
        }

    @staticmethod
    def _leaf(reference: Reference) -> dict[str, Any]:
        return {"kind": reference.kind, "text": reference.line, "source": reference.source.strip("<>")}


def explain(graph: Graph, triple: Triple, *, every: bool = False, texts: Path | None = None) -> list[Explanation]:
    """Why a triple holds in a graph's view: its canonical proof, or with ``every`` all minimal ones up to a limit.

    Raises UsageError (KG670) when it does not hold.
    """
    facts = graph.facts
    if not facts.holds(triple):
        said = Grounds.of(graph).words(triple)
        remedy = "`kg why-not` with the same three says what is missing."
        if graph.possibly.facts.holds(triple):
            remedy = "It possibly holds then: ask without --certain."
        raise UsageError(Problem("KG670", f"in this view it does not hold that {said}", remedy=remedy))
    if every:
        proofs = all_proofs(facts, triple, LIMIT)
    else:
        proof = Grounds.of(graph).proof(triple)
        proofs = [proof] if proof else []
    known = None
    if texts:
        known = read_texts(graph.project, texts)
    return [explained(graph, proof, known) for proof in proofs]


def explained(graph: Graph, proof: Proof, texts: Texts | None = None) -> Explanation:
    """A proof of a graph's view as numbered steps in words."""
    return Explanation(graph, proof.conclusion, _steps(proof, Grounds.of(graph)), texts)


def _steps(proof: Proof, grounds: Grounds) -> tuple[Step, ...]:
    """The distinct sub-proofs as a tree shows them; axioms on terms are left to the words of their rule."""
    shown = _in_order(proof, grounds)
    numbers = {id(part): number for number, part in enumerate(shown, start=1)}
    return tuple(_step(part, numbers, grounds) for part in shown)


def _in_order(proof: Proof, grounds: Grounds) -> list[Proof]:
    """Each sub-proof that is shown, where a walk from the conclusion down first meets it."""
    shown: dict[int, Proof] = {}
    todo = [proof]
    while todo:
        part = todo.pop()
        if id(part) not in shown and (part is proof or not _in_words(part, grounds)):
            shown[id(part)] = part
            todo += reversed(part.premises)
    return list(shown.values())


def _step(part: Proof, numbers: Mapping[int, int], grounds: Grounds) -> Step:
    text = grounds.words(part.conclusion)
    if part.rule is None:
        references = grounds.ground(part.conclusion).references
        dating = (replace(each, line=f"bounds its date: {each.line}") for each in grounds.dating(part.conclusion))
        references = (*references, *dating)
        return Step(numbers[id(part)], part.conclusion, text, None, "", (), references)
    words = grounds.rule_reference(part).line
    premises = tuple(numbers[id(premise)] for premise in part.premises if id(premise) in numbers)
    # The cells of a list say nothing that the axiom with the list does not.
    hidden = [p.conclusion for p in part.premises if id(p) not in numbers and p.conclusion[1] not in _CELL]
    axioms = tuple(grounds.axiom_reference(axiom) for axiom in hidden)
    return Step(numbers[id(part)], part.conclusion, text, part.rule, words, premises, (), axioms)


def _in_words(part: Proof, grounds: Grounds) -> bool:
    return part.rule is None and grounds.is_schema(part.conclusion)


def parse_terms(graph: Graph, subject: str, predicate: str, value: str) -> Triple:
    """A triple from three terms as people write them: labels, prefixed names, IRIs; the object may be a literal.

    A predicate is also found by its local name or label in the ontology; ``a`` is rdf:type. Raises UsageError
    with the candidates of each term that names nothing, or several things, and for what only begins as a literal.
    """
    properties = frozenset(
        s for s, _p, o in graph.index.given_with([iri(RDF + "type")], "ontology") if o.endswith("Property>")
    )
    problems: list[Problem] = []

    def found(text: str, within: frozenset[Term] = frozenset()) -> Term:
        try:
            return find_partly(graph, text, within)[0]
        except UsageError as error:
            problems.extend(error.problems)
            return ""

    def literal(text: str) -> Term:
        try:
            return parse_literal(text)
        except UsageError as error:
            problems.extend(error.problems)
            return ""

    verb = iri(RDF + "type") if predicate == "a" else _verb(graph, predicate, properties)
    verb = verb or found(predicate, properties)
    triple = (found(subject), verb, literal(value) if value.startswith('"') else found(value))
    if problems:
        raise UsageError(problems)
    return triple


def _verb(graph: Graph, text: str, properties: frozenset[Term]) -> Term | None:
    """The one property whose name says the same but for words such as *is a*: "member of" for "is a member of"."""
    meant = _bare(text)
    named = graph.index.names_beginning("")
    found = {term for name, term in named if term in properties and _bare(name) == meant}
    return found.pop() if len(found) == 1 else None


def _bare(text: str) -> list[str]:
    return [word for word in fold(text).split() if word not in _LITTLE]


def parse_literal(text: str) -> Term:
    """A literal as N-Triples or Turtle writes it in one line, as the store keeps it; KG654 when it is none."""
    import pyoxigraph

    match = _LITERAL.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        prefixes = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
        turtle = f"{prefixes}<x:x> <x:x> {match[0]} ."
        (quad,) = pyoxigraph.parse(turtle.encode(), format=pyoxigraph.RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        raise UsageError(Problem("KG654", f"{text!r} is no literal", remedy=_EXAMPLES)) from None
    return canonical_literal(str(quad.object))
