"""Reading query files: the ``#+`` header of a saved query or a rule, and the saved queries of a project.

A header is YAML in grlc's form, every value a string as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any, TypeVar

from kg.corpus.saved_queries import DATED, OF_READERS, TYPES, Parameter, QueryDate, QueryList, SavedQuery
from kg.errors import InputError, Place, Problem, UsageError
from kg.files import read_text
from kg.project import Project
from kg.sparql.analysis import asks_graphs, columns_of
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.syntax_errors import syntax_error, syntax_problem
from kg.sparql.syntax_tree import Query
from kg.sparql.tokens import form, refuse_large, refuse_unsafe, variables

Instead = TypeVar("Instead")
#: A value for a parameter of another type, and for one of type entity.
_ANY = ('"any"', "<any:thing>")
_OPTIONS = (
    "accept as-of certain endpoint evidence format help iris lang limit only output profile quiet reread "
    "spreadsheet texts timeout undated wide width without"
)
#: Options that `kg query` and `kg cite` have for every question, which no parameter can be called.
RESERVED = frozenset(_OPTIONS.split())
_KNOWN = (
    "summary description tags method defaults enumerate endpoint_in_url parameters theme date columns list sources"
)
_KEYS = frozenset(_KNOWN.split())
_REMEDY = "`#+ key: value` lines."
#: Lists and mappings in lists and mappings: a header needs three.
_DEEPEST = 8


class Header(dict[str, Any]):
    """The values of a header or of a mapping in it by key, strings, lists and mappings; ``lines`` has each key's."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class _Refused(Exception):
    """A header is refused: the message, and the line of the header, from 0."""


def read_header(text: str, file: str) -> tuple[Header, list[Problem]]:
    """The header of a text, and what is wrong with it (KG610); an empty one with any problem.

    Nothing is guessed: ``NO`` and ``1.10`` stay as they are written. A key that stands twice, an anchor or alias
    and a document that is no mapping are refused.
    """
    lines = [line[2:].removeprefix(" ") for line in takewhile(_is_header, text.splitlines())]
    if not lines:
        return Header(), []
    import yaml

    try:
        # The parser of libyaml, where PyYAML has it, is ten times as quick.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found = _document(yaml.parse("\n".join(lines), Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1, mark.column + 3) if mark else Place(file, 1)
        return Header(), [Problem("KG610", "the header is not valid YAML", place, _REMEDY)]
    except _Refused as error:
        what, line = error.args
        return Header(), [Problem("KG610", what, Place(file, line + 1), _REMEDY)]
    if not isinstance(found, Header):
        return Header(), [Problem("KG610", "the header is not a mapping", Place(file, 1), _REMEDY)]
    return found, []


def without_header(text: str) -> str:
    """The text below its header."""
    return "\n".join(dropwhile(_is_header, text.splitlines())).strip()


def _is_header(line: str) -> bool:
    return line.startswith("#+")


def _document(events: Iterator[Any]) -> object:
    """The value of the one document that some events make; an empty mapping for none."""
    found: object = Header()
    number = 0
    for event in events:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            number += 1
            if number > 1:
                raise _Refused("the header is more than one YAML document", event.start_mark.line)
        elif kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"):
            found = _value(event, events, 0)
    return found


def _value(event: Any, events: Iterator[Any], depth: int) -> Any:  # noqa: ANN401 - events of YAML
    """The value that begins with an event."""
    kind, line = type(event).__name__, event.start_mark.line
    if event.anchor is not None:
        raise _Refused("the header has a YAML anchor or alias", line)
    if depth > _DEEPEST:
        raise _Refused("the header is nested too deep", line)
    if kind == "ScalarEvent":
        return event.value
    if kind == "SequenceStartEvent":
        items = []
        while type(item := next(events)).__name__ != "SequenceEndEvent":
            items.append(_value(item, events, depth + 1))
        return items
    found = Header()
    while type(key := next(events)).__name__ != "MappingEndEvent":
        name = _value(key, events, depth + 1)
        if not isinstance(name, str):
            raise _Refused("a key in the header is no word", key.start_mark.line)
        if name in found:
            raise _Refused(f"the key {name!r} stands twice in the header", key.start_mark.line)
        found.lines[name] = key.start_mark.line + 1
        found[name] = _value(next(events), events, depth + 1)
    return found


@dataclass(slots=True)
class _Reading:
    place: Place
    problems: list[Problem] = field(default_factory=list)

    def complain(self, code: str, message: str, remedy: str = "", line: int = 1) -> None:
        self.problems.append(Problem(code, message, Place(self.place.file, line), remedy))

    def text(self, header: Header, key: str, default: str = "") -> str:
        """A value of a header that is text."""
        value = header.get(key, default)
        return value if isinstance(value, str) else self._wrong(header, key, "text", default)

    def texts(self, header: Header, key: str) -> tuple[str, ...]:
        """A value of a header that is a list of texts."""
        value = header.get(key, [])
        good = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return tuple(value) if good else self._wrong(header, key, "a list of words: `[one, two]`", ())

    def truth(self, header: Header, key: str) -> bool:
        """A value of a header that is ``true``, its default, or ``false``."""
        value = header.get(key, "true")
        return value == "true" if value in ("true", "false") else self._wrong(header, key, "true or false", True)

    def _wrong(self, header: Header, key: str, what: str, instead: Instead) -> Instead:
        self.complain("KG626", f"{key!r} has a value of the wrong kind", f"Make it {what}.", header.lines[key])
        return instead


def read_saved_queries(project: Project) -> tuple[dict[str, SavedQuery], list[Problem]]:
    """Every saved query by name, and the problems of all of them together (KG61x; KG100, KG101)."""
    queries: dict[str, SavedQuery] = {}
    problems: list[Problem] = []
    for path in project.files("queries", suffix=".rq"):
        try:
            text = read_text(path, project.relative(path))
        except InputError as error:
            problems += error.problems
            continue
        try:
            refuse_large(text)
        except UsageError as error:
            problems += [_in_file(problem, project.relative(path)) for problem in error.problems]
            continue
        query, found = _read(path, text, project)
        queries[query.name] = query
        problems += found
    return queries, problems


def _read(path: Path, text: str, project: Project) -> tuple[SavedQuery, list[Problem]]:
    reading = _Reading(Place(project.relative(path), 1))
    header, reading.problems = read_header(text, reading.place.file)
    for key in sorted(set(header) - _KEYS):
        known = f"Known are {', '.join(sorted(_KEYS))}."
        reading.complain("KG611", f"unknown key {key!r} in the header", known, header.lines[key])
    if not header.get("summary"):
        reading.complain("KG612", "the header has no summary", "Start with a line `#+ summary: …?`")
    parameters = _parameters(header, project.prefixes, reading)
    _check_variables(text, parameters, reading)
    _check_text(text, header, parameters, reading)
    query = SavedQuery(
        path.stem,
        reading.text(header, "summary"),
        text,
        reading.text(header, "theme"),
        reading.text(header, "description"),
        reading.texts(header, "tags"),
        parameters,
        form(text),
        project.relative(path),
        _date(header, reading),
        reading.texts(header, "columns"),
        _list(header, reading),
        reading.text(header, "sources") == "evidence",
    )
    return query, reading.problems


def _date(header: Header, reading: _Reading) -> QueryDate | None:
    """The date of the question in the header: ``none``, ``view`` or ``{of: fact, by: variable}``."""
    written = header.get("date")
    if written is None:
        return None
    if written in ("none", "view"):
        return QueryDate(written)
    if isinstance(written, Header) and written.get("of") in DATED and set(written) == {"of", "by"}:
        by = written["by"]
        names = (by,) if isinstance(by, str) else tuple(by) if isinstance(by, list) else ()
        if names and all(isinstance(name, str) for name in names):
            return QueryDate(written["of"], names)
    remedy = f"`none`, `view`, or `{{of: {'|'.join(DATED)}, by: variable}}`."
    reading.complain("KG628", "'date' names no period that --as-of could ask about", remedy, header.lines["date"])
    return QueryDate("none")


def _list(header: Header, reading: _Reading) -> QueryList | None:
    """The list of the header: ``column``, or ``{of: column, whole: parameter or column}``."""
    written = header.get("list")
    if not isinstance(written, Header):
        return QueryList(column) if (column := reading.text(header, "list")) else None
    return QueryList(reading.text(written, "of"), reading.text(written, "whole"))


def _parameters(header: Header, prefixes: Mapping[str, str], reading: _Reading) -> tuple[Parameter, ...]:
    declared = header.get("parameters", Header())
    if not isinstance(declared, Header):
        remedy = "`#+   name: {type: entity, label: …}`"
        reading.complain("KG613", "`parameters` is not a mapping", remedy, header.lines["parameters"])
        return ()
    defaults = _defaults(header, reading)
    read = (_parameter(name, declared, defaults, prefixes, reading) for name in declared)
    parameters = tuple(parameter for parameter in read if parameter)
    for name in sorted(set(defaults) - set(declared)):
        remedy = "Declare it, or drop the default."
        line = header.lines["defaults"]
        reading.complain("KG616", f"'defaults' names {name!r}, which is not a parameter", remedy, line)
    return parameters


def _defaults(header: Header, reading: _Reading) -> dict[str, str]:
    """The defaults by parameter: grlc has them in a list of mappings."""
    entries = header.get("defaults", [])
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else [None]:
        if not isinstance(entry, Header):
            remedy = "`#+ defaults:` and below it a line `#+   - name: value` for each."
            reading.complain("KG626", "'defaults' is not a list of mappings", remedy, header.lines["defaults"])
            return {}
        found |= {name: reading.text(entry, name) for name in entry}
    return found


def _parameter(
    name: str, declared: Header, defaults: Mapping[str, str], prefixes: Mapping[str, str], reading: _Reading
) -> Parameter | None:
    about, line = declared[name], declared.lines[name]
    if not isinstance(about, Header):
        about = Header()
    kind = reading.text(about, "type")
    if kind not in TYPES:
        reading.complain(
            "KG614", f"parameter {name!r} has the unknown type {kind!r}", f"Use one of {', '.join(TYPES)}.", line
        )
        return None
    if name in RESERVED:
        reading.complain(
            "KG629", f"{name!r} is the name of an option of every question", "Give it another name.", line
        )
    if not name.isalnum():
        reading.complain("KG615", f"parameter name {name!r} is not alphanumeric", "Use letters and digits.", line)
    edge = reading.text(about, "edge", "first")
    if edge not in ("first", "last"):
        reading.complain("KG622", f"parameter {name!r} has the unknown edge {edge!r}", "Use first or last.", line)
    written = reading.text(about, "class")
    prefix, _colon, local = written.partition(":")
    known = prefix in prefixes and bool(local)
    if "class" in about and (kind != "entity" or not known):
        remedy = "A prefixed name, kg:…, of a parameter of type entity."
        reading.complain("KG625", f"parameter {name!r} has the class {written!r}", remedy, line)
    choices = about.get("choices", "")
    return Parameter(
        name,
        kind,
        reading.text(about, "label"),
        defaults.get(name),
        reading.truth(about, "required"),
        choices if isinstance(choices, str) else reading.texts(about, "choices"),
        edge,
        f"<{prefixes[prefix]}{local}>" if known else "",
    )


def _check_variables(text: str, parameters: tuple[Parameter, ...], reading: _Reading) -> None:
    used = {name for name in variables(text) if name.startswith("_")}
    declared = {parameter.variable for parameter in parameters}
    for name in sorted(used - declared):
        reading.complain(
            "KG617", f"?{name} is used, but no parameter of that name and type is declared", "Declare the parameter."
        )
    for name in sorted(declared - used):
        reading.complain(
            "KG618", f"the query does not use ?{name}", "Use the parameter by this name, or remove its declaration."
        )


def _check_text(text: str, header: Header, parameters: tuple[Parameter, ...], reading: _Reading) -> None:
    try:
        refuse_unsafe(text)
    except UsageError as error:
        reading.problems += [_in_file(problem, reading.place.file) for problem in error.problems]
        if not {p.code for p in error.problems} <= {"KG601", "KG602", "KG603"}:
            return  # too long or too deep for any parser
    query = _parsed(text, reading)
    if query is None:
        return
    if asks_graphs(text):
        reading.complain(
            "KG619", "the query uses GRAPH", "Remove GRAPH: the view is the only graph that any store offers."
        )
    _check_columns(header, query, reading)
    if query.form == "SELECT" and not query.select.order:
        reading.complain("KG620", "the query has no ORDER BY", "Add it: the same answer must have the same order.")
    for parameter in parameters:
        if syntax_error(write(query, {parameter.variable: _ANY[parameter.type == "entity"]})) is not None:
            remedy = "Use another variable where something is assigned, selected or grouped by."
            reading.complain("KG627", f"no value can stand in the place of ?{parameter.variable}", remedy)


def _check_columns(header: Header, query: Query, reading: _Reading) -> None:
    there = {*columns_of(query.select), *OF_READERS} if query.form == "SELECT" else set()
    for name in reading.texts(header, "columns"):
        if name not in there:
            remedy = f"One of its columns, or {', '.join(OF_READERS)}."
            reading.complain(
                "KG632", f"{name!r} is not a column that a table can show", remedy, header.lines["columns"]
            )


def _parsed(text: str, reading: _Reading) -> Query | None:
    """The tree of a text. What the engine refuses too is said in its words; a text nested too deep would end it."""
    file = reading.place.file
    try:
        query = parse(text)
    except UsageError as error:
        (problem,) = error.problems
        refused = syntax_error(text) if problem.code == "KG630" else None
        found = _in_file(problem._replace(code="KG621") if problem.code == "KG630" else problem, file)
        reading.problems.append(found if refused is None else syntax_problem("KG621", refused, text, file=file))
        return None
    if (refused := syntax_error(text)) is not None:
        reading.problems.append(syntax_problem("KG621", refused, text, file=file))
        return None
    return query


def _in_file(problem: Problem, file: str) -> Problem:
    """A problem of a text as one of the file that it stands in."""
    place = problem.place or Place(file, 1)
    return problem._replace(place=Place(file, place.line, place.column))
