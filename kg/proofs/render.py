"""Renderings of a proof: text, Markdown, JSON, DOT and Turtle.

Each takes ``label`` (a term in words; by default its N-Triples form) and ``leaf`` (what an asserted triple rests
on, in words; by default nothing). A sub-proof that is used twice is shown once, under a number, and then
referred to. Premises that only spell out an RDF list are left out of texts and pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from kg.model import Term, Triple
from kg.proofs.proof import Proof
from kg.rules.names import FIRST, REST

__all__ = ["FORMATS", "render"]

Label = Callable[[Term], str]
Leaf = Callable[[Triple], str]


def render(proof: Proof, form: str = "text", label: Label = str, leaf: Leaf = lambda _: "") -> str:
    """A proof in one of :data:`FORMATS`. Raises KeyError for another."""
    return FORMATS[form](proof, label, leaf)


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
    shown: set[int] = set()
    todo = [(0, proof)]
    while todo:
        depth, part = todo.pop()
        number = numbers.get(id(part))
        mark = f"({number}) " if number else ""
        sentence = _sentence(part.conclusion, label)
        if part.rule is None:
            words = leaf(part.conclusion)
            yield depth, f"{sentence}  ASSERTED{': ' + words if words else ''}"
        elif number and id(part) in shown:
            yield depth, f"{sentence}  see {mark.strip()}"
        else:
            shown.add(id(part))
            yield depth, f"{mark}{sentence}  INFERRED by {part.rule}"
            todo += [(depth + 1, premise) for premise in reversed(_shown(part))]


def _text(proof: Proof, label: Label, leaf: Leaf) -> str:
    return "".join(f"{'  ' * depth}{line}\n" for depth, line in _lines(proof, label, leaf))


def _markdown(proof: Proof, label: Label, leaf: Leaf) -> str:
    lines = _lines(proof, label, leaf)
    return "".join(f"{'  ' * depth}- {line.replace('<', chr(92) + '<')}\n" for depth, line in lines)


def _json(proof: Proof, label: Label, leaf: Leaf) -> str:
    """The steps, premises before conclusions; ``premises`` are positions in the array."""
    parts = list(proof.ordered())
    places = {id(part): place for place, part in enumerate(parts)}
    steps = [
        {
            "triple": part.conclusion,
            "says": _sentence(part.conclusion, label),
            **(
                {"kind": "asserted", "rests on": leaf(part.conclusion)}
                if part.rule is None
                else {"kind": "inferred", "rule": part.rule, "premises": [places[id(p)] for p in part.premises]}
            ),
        }
        for part in parts
    ]
    return json.dumps(steps, ensure_ascii=False, indent=2) + "\n"


def _dot(proof: Proof, label: Label, leaf: Leaf) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    reached = {id(proof)} | {id(p) for part in proof.ordered() for p in _shown(part)}
    parts = [part for part in proof.ordered() if id(part) in reached]
    places = {id(part): place for place, part in enumerate(parts)}
    lines = ["digraph proof {", "  rankdir=BT;", "  node [shape=box];"]
    for part in parts:
        words = part.rule or leaf(part.conclusion) or "asserted"
        style = "" if part.rule else " style=filled"
        text = quoted(f"{_sentence(part.conclusion, label)}\n{words}")
        lines.append(f"  n{places[id(part)]} [label={text}{style}];")
        lines += [f"  n{places[id(premise)]} -> n{places[id(part)]};" for premise in _shown(part)]
    return "\n".join([*lines, "}"]) + "\n"


def _turtle(proof: Proof, label: Label, leaf: Leaf) -> str:
    """Reified statements, each derived one ``prov:wasDerivedFrom`` its premises."""
    parts = list(proof.ordered())
    places = {id(part): place for place, part in enumerate(parts)}
    text = (
        "@prefix prov: <http://www.w3.org/ns/prov#> .\n"
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    for part in parts:
        s, p, o = part.conclusion
        lines = [f"rdf:subject {s} ; rdf:predicate {p} ; rdf:object {o}"]
        words = part.rule or leaf(part.conclusion)
        if words:
            lines.append(f"rdfs:comment {json.dumps(words, ensure_ascii=False)}")
        if part.premises:
            sources = ", ".join(f"_:step{places[id(premise)]}" for premise in part.premises)
            lines.append(f"prov:wasDerivedFrom {sources}")
        text += f"_:step{places[id(part)]} a rdf:Statement ; {' ; '.join(lines)} .\n"
    return text


#: Name to rendering.
FORMATS: dict[str, Callable[[Proof, Label, Leaf], str]] = {
    "text": _text,
    "md": _markdown,
    "json": _json,
    "dot": _dot,
    "ttl": _turtle,
}
