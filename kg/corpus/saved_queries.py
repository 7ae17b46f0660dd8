"""Saved queries as values: a question with typed parameters and its SPARQL (``query_files`` reads them).

The leading ``#+`` lines are YAML in grlc's form, so that other tools can serve the same folder; what grlc does
not know (``parameters``) it passes over. A parameter ``organisation`` of type ``entity`` stands in the text as
``?_organisation_iri``, an optional one as ``?__organisation_iri``: grlc's names for the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kg.model import Term

#: Types of parameters, with the suffix by which grlc knows them.
TYPES = {
    "entity": "iri",
    "date": "xsd_date",
    "integer": "integer",
    "number": "number",
    "text": "literal",
    "language": "literal",
}
#: Columns for readers that several columns of a query, or the claim of a row, make up.
OF_READERS = ("status", "when", "holder", "document", "gloss")
#: What a question's date may be that of: a fact, by its node; the content of a claim; a document's publication.
DATED = ("fact", "claim", "document")


class Parameter(NamedTuple):
    """A typed parameter: its name, type (a key of TYPES), what it is, its default as written, whether required.

    ``choices`` is the allowed values as written, or the name of a saved query that lists them in its first column.
    ``edge`` says which day a year or a month stands for, where the type is ``date``: its ``first`` or its ``last``.
    ``kind`` is the class of what fits, where the type is ``entity``; empty when anything may.
    """

    name: str
    type: str
    label: str = ""
    default: str | None = None
    required: bool = True
    choices: tuple[str, ...] | str = ()
    edge: str = "first"
    kind: Term = ""

    @property
    def variable(self) -> str:
        """The variable that stands for it in the text, without the question mark."""
        return f"{'_' if self.required else '__'}{self.name}_{TYPES[self.type]}"


class QueryDate(NamedTuple):
    """Which period ``--as-of`` asks about: that of the nodes that ``variables`` stand for, or these periods.

    ``of`` is one of DATED; ``view`` for a question that the facts of the view at the date answer, without naming
    their nodes; ``none`` for a question that has no date.
    """

    of: str
    variables: tuple[str, ...] = ()


class QueryList(NamedTuple):
    """The list that an answer is: the things in the column ``of``, of the ``whole`` that a parameter or column names.

    Without a ``whole``, no document can give the list as complete.
    """

    of: str
    whole: str = ""


class SavedQuery(NamedTuple):
    """A question that is kept: ``name`` is its file's and its command's, ``text`` its SPARQL, header included.

    ``date`` is None where the header does not declare it, ``list`` where the rows are no list of things in the world.
    ``columns`` are those that a reader sees, in their order:
    columns of the query, ``status`` for its modality and polarity, ``when`` for the bounds of its period; empty where
    a reader sees all but the names of claims. ``beyond`` says that rows rest on other documents than they name.
    """

    name: str
    summary: str
    text: str
    theme: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    form: str = "SELECT"
    file: str = ""
    date: QueryDate | None = None
    columns: tuple[str, ...] = ()
    list: QueryList | None = None
    beyond: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data, for a build to keep."""
        return {**self._asdict(), "parameters": [parameter._asdict() for parameter in self.parameters]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SavedQuery:
        """The inverse of ``as_json``."""
        parameters = tuple(
            Parameter(**{**p, "choices": tuple(p["choices"]) if isinstance(p["choices"], list) else p["choices"]})
            for p in data["parameters"]
        )
        date = QueryDate(data["date"][0], tuple(data["date"][1])) if data.get("date") else None
        listed = QueryList(*data["list"]) if data.get("list") else None
        lists = {name: tuple(data.get(name, ())) for name in ("keywords", "columns")}
        return cls(**{**data, **lists, "parameters": parameters, "date": date, "list": listed})
