"""An explanation as text, Markdown, JSON, DOT or Turtle: renderings of one type."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kg.evidence.explain import Explanation, Step
from kg.vocab import KG, PREFIXES, RDF

__all__ = ["FORMATS", "render"]


def _text(explanation: Explanation) -> str:
    """A tree; a step shown before is referred to by its number."""
    return "\n".join(_tree(explanation, explanation.conclusion, "", "", set()))


def _tree(explanation: Explanation, step: Step, head: str, tail: str, shown: set[int]) -> Iterator[str]:
    if step.number in shown:
        yield f"{head}{step.text}   see step {step.number}"
        return
    shown.add(step.number)
    by = f": {step.words}" if step.words else ""
    yield f"{head}({step.number}) {step.text}   {step.status}{by}"
    last = len(step.references) + len(step.premises) - 1
    for place, reference in enumerate(step.references):
        branch, stem = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
        yield f"{tail}{branch}{reference.line}"
        for sentence in explanation.sentences(reference):
            yield f"{tail}{stem}   “{sentence}”"
    for place, number in enumerate(step.premises, start=len(step.references)):
        branch, stem = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
        yield from _tree(explanation, explanation.steps[number - 1], tail + branch, tail + stem, shown)


def _markdown(explanation: Explanation) -> str:
    def item(step: Step, depth: int, shown: set[int]) -> Iterator[str]:
        indent = "  " * depth
        if step.number in shown:
            yield f"{indent}- {_plain(step.text)} (see step {step.number})"
            return
        shown.add(step.number)
        by = f" — {_plain(step.words)}" if step.words else ""
        yield f"{indent}- ({step.number}) **{_plain(step.text)}** {step.status}{by}"
        for reference in step.references:
            yield f"{indent}  - {_plain(reference.line)}"
            yield from (f"{indent}    > {_plain(sentence)}" for sentence in explanation.sentences(reference))
        for number in step.premises:
            yield from item(explanation.steps[number - 1], depth + 1, shown)

    return "\n".join([*item(explanation.conclusion, 0, set()), "", f"View: {_plain(explanation.view)}"])


def _json(explanation: Explanation) -> str:
    return json.dumps(explanation.as_json(), ensure_ascii=False, indent=2)


def _dot(explanation: Explanation) -> str:
    view = _quoted(f"view: {explanation.view}")
    lines = ["digraph proof {", f"  rankdir=BT; label={view};", '  node [shape=box, fontname="sans-serif"];']
    for step in explanation.steps:
        style = "" if step.rule is None else ', style="rounded"'
        lines.append(f"  s{step.number} [label={_quoted(step.text)}{style}];")
        for premise in step.premises:
            lines.append(f"  s{premise} -> s{step.number} [label={_quoted(step.rule or '')}];")
        for place, reference in enumerate(step.references):
            lines.append(f"  s{step.number}l{place} [label={_quoted(reference.line)}, shape=note];")
            lines.append(f"  s{step.number}l{place} -> s{step.number};")
    return "\n".join([*lines, "}"])


def _turtle(explanation: Explanation) -> str:
    """Each step a statement that was derived from its premises by a rule (PROV-O), its claims as primary sources."""
    prefixes = {"kg": KG, "rdf": RDF, "prov": PREFIXES["prov"]}
    lines = [f"# view: {explanation.view}", *(f"@prefix {name}: <{iri}> ." for name, iri in prefixes.items()), ""]
    for step in explanation.steps:
        subject, predicate, value = step.triple
        parts = [f"rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value}"]
        if step.rule:
            parts.append(f"kg:byRule {_quoted(step.rule)}")
        parts += [f"prov:wasDerivedFrom <#step-{premise}>" for premise in step.premises]
        parts += [f"prov:hadPrimarySource {r.source}" for r in step.references if r.kind == "claim"]
        lines.append(f"<#step-{step.number}> a kg:Statement , prov:Entity ;\n    " + " ;\n    ".join(parts) + " .")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    for mark in "\\`*_[]<>":
        text = text.replace(mark, f"\\{mark}")
    return text


#: The formats by name.
FORMATS = {"text": _text, "md": _markdown, "json": _json, "dot": _dot, "ttl": _turtle}


def render(explanation: Explanation, form: str = "text") -> str:
    """An explanation in one of FORMATS."""
    return FORMATS[form](explanation)
