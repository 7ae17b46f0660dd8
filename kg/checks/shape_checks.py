"""Validate changed units against the SHACL shapes of ``ontology/shapes/``, with pySHACL.

A document's description, claims and links form one unit. Each thing of a kind that shapes describe (a poll result,
an agreement) is another unit, with the statements of all claims about it. pySHACL is imported only if a unit changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.errors import InputError, Place, Problem
from kg.model import Term, Triple, is_literal, text_of
from kg.vocab import PREFIXES, SH, iri, iris, local_name

if TYPE_CHECKING:
    import rdflib

    from kg.corpus.turtle import ParsedFile

#: Steps that a path of a shape may have.
LONGEST_PATH = 100
_TARGET, _PATH, _REST = iri(SH + "targetClass"), iri(SH + "path"), iri(PREFIXES["rdf"] + "rest")
#: Properties of SHACL-SPARQL and SHACL-JS: their values are texts and scripts that a validator would execute.
_EXECUTED = frozenset(
    iris(
        SH,
        "sparql select ask construct validator nodeValidator propertyValidator js jsFunctionName jsLibrary "
        "jsLibraryURL",
    )
)


@dataclass(slots=True)
class ShapeUnit:
    """Triples to be validated together, with where they stand, and where to point when nothing else is known.

    ``context`` are triples that the shapes may look at (the kinds of things) and that have no place here; ``told``
    are the properties that reading has found missing or wrong already, each with the line of its node.
    """

    name: str
    rows: Mapping[Triple, Place]
    context: Iterable[Triple] = ()
    place: Place | None = None
    told: Set[tuple[int | None, Term]] = frozenset()
    problems: list[Problem] = field(default_factory=list)


def targets(shapes: Iterable[Triple]) -> frozenset[Term]:
    """The classes that shapes are about."""
    return frozenset(value for _s, predicate, value in shapes if predicate == _TARGET)


def refused_shapes(files: Iterable[ParsedFile]) -> Iterator[Problem]:
    """Shapes that are not run.

    Those that hold SPARQL or a script (KG453), since a check executes nothing that a document brings, and those with
    a path of more than LONGEST_PATH steps (KG450), which would take hours.
    """
    remedy = "Use SHACL Core, or a rule with an empty template in ontology/rules/, which reports what it matches."
    for parsed in files:
        for (_s, predicate, _o), _graph, line in parsed.quads:
            if predicate in _EXECUTED:
                message = f"sh:{local_name(predicate)} is code, which a check never runs"
                yield Problem("KG453", message, parsed.place(line), remedy)
        yield from _long_paths(parsed)


def _long_paths(parsed: ParsedFile) -> Iterator[Problem]:
    rest = {s: o for (s, p, o), _graph, _line in parsed.quads if p == _REST}
    for (_s, predicate, node), _graph, line in parsed.quads:
        steps = 0
        while predicate == _PATH and node in rest and steps <= LONGEST_PATH:
            node, steps = rest[node], steps + 1
        if steps > LONGEST_PATH:
            remedy = f"Use at most {LONGEST_PATH} steps."
            yield Problem("KG450", "the shapes cannot be run: a path is too long", parsed.place(line), remedy)


def validate(units: list[ShapeUnit], shapes: Mapping[str, Iterable[Triple]]) -> None:
    """Validate units, all in one graph, and put what is wrong into each one's ``problems`` (KG451, KG452).

    ``shapes`` are the triples of each file of shapes. Raises InputError (KG450) with the files that cannot be run.
    """
    if not units:
        return
    import logging

    import rdflib

    # It logs what it makes of literals, as soon as there are any.
    logging.getLogger("rdflib").addHandler(logging.NullHandler())
    data = rdflib.Graph()
    nodes: dict[Term, Any] = {}
    owners: dict[Any, ShapeUnit] = {}
    for unit in units:
        for triple in unit.rows:
            owners.setdefault(_node(triple[0], nodes), unit)
        owners[_node(unit.name, nodes)] = unit
        for triple in (*unit.rows, *unit.context):
            data.add(tuple(_node(term, nodes) for term in triple))
    results = _report(data, [triple for triples in shapes.values() for triple in triples], nodes)
    if isinstance(results, str):
        alone = {name: _report(data, triples, nodes) for name, triples in shapes.items()}
        faulty = {name: text for name, text in alone.items() if isinstance(text, str)}
        raise InputError(
            Problem("KG450", f"the shapes cannot be run: {text}", Place(name), "Fix the shape, or remove it.")
            for name, text in (faulty or {"ontology/shapes": results}).items()
        )
    for problem, unit in _results(results, owners):
        unit.problems.append(problem)


def _report(data: rdflib.Graph, shapes: Iterable[Triple], nodes: dict[Term, Any]) -> rdflib.Graph | str:
    """The report of pySHACL, or the fault that it finds in the shapes."""
    import logging

    import rdflib
    from pyshacl import validate as run

    graph = rdflib.Graph()
    for triple in shapes:
        graph.add(tuple(_node(term, nodes) for term in triple))
    # It writes its faults to standard error besides.
    logging.getLogger("pyshacl-validate").disabled = True
    try:
        _conforms, results, text = run(
            data, shacl_graph=graph, inference="none", do_owl_imports=False, meta_shacl=False, advanced=False
        )
    except Exception as error:
        text, results = str(error) or type(error).__name__, None
    return results if isinstance(results, rdflib.Graph) else str(text).splitlines()[0][:200]


def _results(results: rdflib.Graph, owners: Mapping[Any, ShapeUnit]) -> Iterator[tuple[Problem, ShapeUnit]]:
    import rdflib

    sh = rdflib.Namespace(SH)
    for result in results.subjects(rdflib.RDF.type, sh.ValidationResult):
        focus = results.value(result, sh.focusNode)
        unit = owners.get(focus)
        if unit is None or focus is None:
            continue
        path, value = results.value(result, sh.resultPath), results.value(result, sh.value)
        messages = sorted(str(message) for message in results.objects(result, sh.resultMessage))
        if path is not None and (_begin(unit, focus.n3()), path.n3()) in unit.told:
            continue
        warning = results.value(result, sh.resultSeverity) != sh.Violation
        name = local_name(focus.n3()) if isinstance(focus, rdflib.URIRef) else str(focus)
        code, severity = ("KG452", "warning") if warning else ("KG451", "error")
        place = _place(unit, focus.n3(), path, value)
        yield Problem(code, f"{name}: {' '.join(messages)}", place, severity=severity), unit


def _place(unit: ShapeUnit, focus: Term, path: Any, value: Any) -> Place | None:  # noqa: ANN401 - rdflib nodes
    """The place of the value, or else of the property, or else of the node's first line."""
    wanted = path.n3() if path is not None and not path.n3().startswith("_:") else None
    best: tuple[int, Place] | None = None
    for (subject, predicate, found), place in unit.rows.items():
        if subject != focus:
            continue
        score = (predicate == wanted) * 2 + (
            predicate == wanted and value is not None and text_of(found) == str(value)
        )
        if best is None or (score, -(place.line or 0)) > (best[0], -(best[1].line or 0)):
            best = (score, place)
    return best[1] if best and best[1].line else unit.place or (best[1] if best else None)


def _begin(unit: ShapeUnit, focus: Term) -> int | None:
    """The line on which a node's description begins."""
    lines = [place.line for (subject, _p, _o), place in unit.rows.items() if subject == focus and place.line]
    return min(lines, default=None)


def _node(term: Term, known: dict[Term, Any]) -> Any:  # noqa: ANN401 - an rdflib node
    node = known.get(term)
    if node is None:
        import rdflib

        if term.startswith("<"):
            node = rdflib.URIRef(term[1:-1])
        elif is_literal(term):
            text, end = text_of(term), term[term.rindex('"') + 1 :]
            if end.startswith("@"):
                node = rdflib.Literal(text, lang=end[1:])
            else:
                node = rdflib.Literal(text, datatype=rdflib.URIRef(end[3:-1]) if end else None)
        else:
            node = rdflib.BNode(term[2:])
        known[term] = node
    return node
