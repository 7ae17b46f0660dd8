"""``explain``: the proof of a triple as numbered steps, each asserted or inferred, in words, down to its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kg.corpus.anchors import Texts
from kg.corpus.anchors import texts as read_texts
from kg.errors import Problem, UsageError
from kg.evidence.triple_support import Reference, SupportFinder, sentences_of
from kg.evidence.verify import verify
from kg.harmless import html_text, json_text, markdown_text
from kg.model import Triple
from kg.reasoner import Proof, Visit, all_proofs, walk
from kg.vocab import KG, PREFIXES, RDF, iri

if TYPE_CHECKING:
    from kg.graph.store import Graph

#: How many minimal proofs are looked for.
LIMIT = 20

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
        return self.graph.facts.mark(self.triple) == "certain" if self.graph.view.as_of else None

    @property
    def verdict(self) -> str:
        """How it stands, in the words that ``verify`` and ``why-not`` use too."""
        return verify(self.graph, self.triple).summary

    @property
    def view(self) -> str:
        """The view in words, and at a date whether it certainly holds then."""
        mark = self.graph.facts.mark(self.triple) if self.graph.view.as_of else ""
        return self.graph.describe_view() + _THEN.get(mark, "")

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
        return render(self, "text")

    def __repr__(self) -> str:
        return f"<kg proof: {self.conclusion.text}, {len(self.steps)} steps>"

    def _repr_html_(self) -> str:
        return f"<ul>{''.join(_html_items(self))}</ul>"

    def sentences(self, reference: Reference) -> list[str]:
        """The sentences of a claim's passages, if you have the texts."""
        return sentences_of(self.graph, reference, self.texts)

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
        said = SupportFinder.of(graph).words(triple)
        remedy = "`kg why-not` with the same three says what is missing."
        if graph.possibly.facts.holds(triple):
            remedy = "It possibly holds then: ask without --certain."
        raise UsageError(Problem("KG670", f"in this view it does not hold that {said}", remedy=remedy))
    if every:
        proofs = all_proofs(facts, triple, LIMIT)
    else:
        proof = SupportFinder.of(graph).proof(triple)
        proofs = [proof] if proof else []
    known = read_texts(graph.project, texts) if texts else None
    return [explained(graph, proof, known) for proof in proofs]


def explained(graph: Graph, proof: Proof, texts: Texts | None = None) -> Explanation:
    """A proof of a graph's view as numbered steps in words."""
    return Explanation(graph, proof.conclusion, _steps(proof, SupportFinder.of(graph)), texts)


def _steps(proof: Proof, grounds: SupportFinder) -> tuple[Step, ...]:
    """The distinct sub-proofs as a tree shows them; axioms on terms are left to the words of their rule."""
    shown = _in_order(proof, grounds)
    numbers = {id(part): number for number, part in enumerate(shown, start=1)}
    return tuple(_step(part, numbers, grounds) for part in shown)


def _in_order(proof: Proof, grounds: SupportFinder) -> list[Proof]:
    """Each sub-proof that is shown, where a walk from the conclusion down first meets it."""
    shown: dict[int, Proof] = {}
    todo = [proof]
    while todo:
        part = todo.pop()
        if id(part) not in shown and (part is proof or part.rule or not grounds.is_schema(part.conclusion)):
            shown[id(part)] = part
            todo += reversed(part.premises)
    return list(shown.values())


def _step(part: Proof, numbers: Mapping[int, int], grounds: SupportFinder) -> Step:
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


def _headed(explanations: Sequence[Explanation], heading: str, body: Callable[[Explanation], str]) -> str:
    """One proof as it is; several under headings that count them."""
    if len(explanations) == 1:
        return body(explanations[0])
    count = len(explanations)
    return "\n\n".join(f"{heading} {k} of {count}\n{body(one)}" for k, one in enumerate(explanations, start=1))


def _text(explanations: Sequence[Explanation]) -> str:
    """A tree; a step shown before is referred to by its number."""
    return _headed(explanations, "proof", lambda one: "\n".join(_tree(one)))


def _tree(explanation: Explanation) -> Iterator[str]:
    stems: list[str] = []  # what stands before a line, for each depth
    for step, visit in explanation.walk():
        del stems[max(visit.depth - 1, 0) :]
        head = "".join(stems)
        if visit.depth:
            branch, stem = ("└─ ", "   ") if visit.last else ("├─ ", "│  ")
            head += branch
            stems.append(stem)
        if visit.again:
            yield f"{head}{step.text}   see step {step.number}"
            continue
        by = f": {step.words}" if step.words else ""
        yield f"{head}({step.number}) {step.text}   {step.status}{by}"
        tail = "".join(stems)
        last = len(step.references) + len(step.premises) - 1
        for place, reference in enumerate(step.references):
            branch, stem = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
            yield f"{tail}{branch}{reference.line}"
            for sentence in explanation.sentences(reference):
                yield f"{tail}{stem}   “{sentence}”"


def _markdown(explanations: Sequence[Explanation]) -> str:
    proofs = _headed(explanations, "## Proof", lambda one: "\n".join(_items(one)))
    return f"{proofs}\n\nView: {markdown_text(explanations[0].view)}"


def _items(explanation: Explanation) -> Iterator[str]:
    for step, visit in explanation.walk():
        indent = "  " * visit.depth
        if visit.again:
            yield f"{indent}- {markdown_text(step.text)} (see step {step.number})"
            continue
        by = f" — {markdown_text(step.words)}" if step.words else ""
        yield f"{indent}- ({step.number}) **{markdown_text(step.text)}** {step.status}{by}"
        for reference in step.references:
            yield f"{indent}  - {markdown_text(reference.line)}"
            yield from (f"{indent}    > {markdown_text(sentence)}" for sentence in explanation.sentences(reference))


def _html_items(explanation: Explanation) -> Iterator[str]:
    opened = 0
    for step, visit in explanation.walk():
        yield "</ul></li>" * (opened - visit.depth)
        opened = visit.depth
        if visit.again:
            yield f"<li>{html_text(step.text)} (see step {step.number})</li>"
            continue
        opened += 1
        by = f": {step.words}" if step.words else ""
        yield f"<li>({step.number}) <b>{html_text(step.text)}</b> {step.status.lower()}{html_text(by)}<ul>"
        for reference in step.references:
            yield f"<li>{html_text(reference.line)}"
            yield from (f"<blockquote>{html_text(text)}</blockquote>" for text in explanation.sentences(reference))
            yield "</li>"
    yield "</ul></li>" * opened


def _json(explanations: Sequence[Explanation]) -> str:
    """An array, however many there are."""
    return json_text([each.as_json() for each in explanations], indent=2)


def _dot(explanations: Sequence[Explanation]) -> str:
    """One graph; of several proofs each has a frame of its own."""
    view = json_text(f"view: {explanations[0].view}")
    lines = ["digraph proof {", f"  rankdir=BT; label={view};", '  node [shape=box, fontname="sans-serif"];']
    for number, explanation in enumerate(explanations, start=1):
        body = _dot_body(explanation, f"p{number}s")
        if len(explanations) > 1:
            label = json_text(f"proof {number} of {len(explanations)}")
            body = [f"  subgraph cluster_{number} {{", f"  label={label};", *body, "  }"]
        lines += body
    return "\n".join([*lines, "}"])


def _dot_body(explanation: Explanation, name: str) -> list[str]:
    lines = []
    for step in explanation.steps:
        style = "" if step.rule is None else ', style="rounded"'
        node = f"{name}{step.number}"
        lines.append(f"  {node} [label={json_text(step.text)}{style}];")
        for premise in step.premises:
            lines.append(f"  {name}{premise} -> {node} [label={json_text(step.rule or '')}];")
        for place, reference in enumerate(step.references):
            lines.append(f"  {node}l{place} [label={json_text(reference.line)}, shape=note];")
            lines.append(f"  {node}l{place} -> {node};")
    return lines


def _turtle(explanations: Sequence[Explanation]) -> str:
    """Each step a statement that was derived from its premises by a rule (PROV-O), its leaves as primary sources.

    A claim is named by its IRI; an axiom, a background fact or a description by file and line, as an address
    relative to the project's folder.
    """
    lines = [
        f"# view: {explanations[0].view}",
        f"@prefix kg: <{KG}> .",
        f"@prefix rdf: <{RDF}> .",
        f"@prefix prov: <{PREFIXES['prov']}> .",
        "",
    ]
    for number, explanation in enumerate(explanations, start=1):
        lines += (_statement(step, f"#proof-{number}-step-") for step in explanation.steps)
    return "\n".join(lines)


def _statement(step: Step, name: str) -> str:
    subject, predicate, value = step.triple
    parts = [f"rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value}"]
    if step.rule:
        parts.append(f"kg:byRule {json_text(step.rule)}")
    parts += [f"prov:wasDerivedFrom <{name}{premise}>" for premise in step.premises]
    sources = dict.fromkeys(_source(reference) for reference in (*step.references, *step.axioms))
    parts += [f"prov:hadPrimarySource {source}" for source in sources]
    return f"<{name}{step.number}> a kg:Statement , prov:Entity ;\n    " + " ;\n    ".join(parts) + " ."


def _source(reference: Reference) -> str:
    """The IRI of a leaf."""
    if reference.kind == "claim":
        return reference.source
    file, _colon, line = reference.source.partition(":")
    return f"<{quote(file)}{'#L' + line.partition(':')[0] if line else ''}>"


#: The formats by name, each of one or more explanations.
FORMATS: dict[str, Callable[[Sequence[Explanation]], str]] = {
    "text": _text,
    "md": _markdown,
    "json": _json,
    "dot": _dot,
    "ttl": _turtle,
}


def render(explanation: Explanation, form: str = "text") -> str:
    """An explanation in one of FORMATS; as JSON, an object."""
    if form == "json":
        return json_text(explanation.as_json(), indent=2)
    return FORMATS[form]([explanation])


def render_all(explanations: Sequence[Explanation], form: str = "text") -> str:
    """Explanations of one triple in one of FORMATS, as one piece; as JSON, an array."""
    return FORMATS[form](explanations)
