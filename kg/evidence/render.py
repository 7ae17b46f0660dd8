"""Explanations as text, Markdown, JSON, DOT or Turtle: renderings of one type, one of them or all in one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.harmless import json_text, markdown_text
from kg.vocab import KG, PREFIXES, RDF

if TYPE_CHECKING:
    from kg.evidence.explain import Explanation, Step
    from kg.evidence.grounds import Reference

__all__ = ["FORMATS", "render", "render_all"]


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


def _json(explanations: Sequence[Explanation]) -> str:
    """An array, however many there are."""
    return json_text([each.as_json() for each in explanations], indent=2)


def _dot(explanations: Sequence[Explanation]) -> str:
    """One graph; of several proofs each has a frame of its own."""
    view = _quoted(f"view: {explanations[0].view}")
    lines = ["digraph proof {", f"  rankdir=BT; label={view};", '  node [shape=box, fontname="sans-serif"];']
    for number, explanation in enumerate(explanations, start=1):
        body = _dot_body(explanation, f"p{number}s")
        if len(explanations) > 1:
            label = _quoted(f"proof {number} of {len(explanations)}")
            body = [f"  subgraph cluster_{number} {{", f"  label={label};", *body, "  }"]
        lines += body
    return "\n".join([*lines, "}"])


def _dot_body(explanation: Explanation, name: str) -> list[str]:
    lines = []
    for step in explanation.steps:
        style = "" if step.rule is None else ', style="rounded"'
        node = f"{name}{step.number}"
        lines.append(f"  {node} [label={_quoted(step.text)}{style}];")
        for premise in step.premises:
            lines.append(f"  {name}{premise} -> {node} [label={_quoted(step.rule or '')}];")
        for place, reference in enumerate(step.references):
            lines.append(f"  {node}l{place} [label={_quoted(reference.line)}, shape=note];")
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
        parts.append(f"kg:byRule {_quoted(step.rule)}")
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


def _quoted(text: str) -> str:
    return json_text(text)


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
