"""SPARQL 1.1 Query Results JSON Format; what is ours stands in a member of its own, ``kg``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kg.harmless import json_text
from kg.model import Term, is_literal, text_of, triple_of
from kg.render.formats.footing import cited
from kg.render.formats.grid import extended
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["term_json", "write"]


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """Head, view, version, documents and evidence, and the bindings, one a line."""
    about = json_text(_about(answer, settings), indent=1)
    links = [document["url"] for document in cited(answer, settings).values() if document["url"]]
    if answer.boolean is not None:
        head = json_text({"link": links})
        yield f'{{"head": {head},\n"kg": {about},\n"boolean": {json_text(answer.boolean)}}}\n'
        return
    columns, rows = extended(answer, settings)
    head = json_text({"vars": columns, "link": links})
    # Before the results: Oxigraph's parser wants nothing after them.
    yield f'{{"head": {head},\n"kg": {about},\n"results": {{"bindings": ['
    separator = "\n"
    for row in rows:
        found = {name: term_json(term) for name, term in zip(columns, row, strict=True) if term is not None}
        yield separator + json_text(found)
        separator = ",\n"
    yield "]}}\n"


def term_json(term: Term) -> dict[str, Any]:
    """A term as the format has it; triple terms and directions of text as SPARQL 1.2 has them."""
    if term.startswith("<<("):
        names, parts = ("subject", "predicate", "object"), triple_of(term)
        return {"type": "triple", "value": {name: term_json(part) for name, part in zip(names, parts, strict=True)}}
    if not is_literal(term):
        kind = "bnode" if term.startswith("_:") else "uri"
        return {"type": kind, "value": term[2:] if kind == "bnode" else term[1:-1]}
    found = {"type": "literal", "value": text_of(term)}
    tail = term[term.rindex('"') + 1 :]
    if tail.startswith("@"):
        found["xml:lang"], _dashes, direction = tail[1:].partition("--")
        if direction:
            found["its:dir"] = direction
    elif tail.startswith("^^"):
        found["datatype"] = tail[3:-1]
    return found


def _about(answer: Answer, settings: Settings) -> dict[str, Any]:
    about: dict[str, Any] = {
        "question": answer.question,
        "query": answer.query.name if answer.query else None,
        "view": answer.view,
        "version": answer.version,
        "documents": cited(answer, settings),
        "notes": answer.notes,
        "truncated": answer.truncated,
    }
    if settings.evidence is not None:
        about["evidence"] = _published(answer, settings.evidence.as_json())
    return about


def _published(answer: Answer, evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evidence with the publication of each claim's document beside its time: undated, that is all that dates it."""
    for row in evidence:
        for triple in row["triples"]:
            for reference in triple["references"]:
                if "document" in reference:
                    reference["published"] = answer.documents[reference["document"]]["published"]
    return evidence
