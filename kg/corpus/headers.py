"""Reading the ``#+`` header of a saved query or a rule: YAML in grlc's form, every value a string as written."""

from __future__ import annotations

from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Any

from kg.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Header", "read_header", "without_header"]

_REMEDY = "`#+ key: value` lines."
#: Lists and mappings in lists and mappings: a header needs three.
_DEEPEST = 8


class Header(dict[str, Any]):
    """The values of a header or of a mapping in it by key, strings, lists and mappings; ``lines`` has each key's."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class _Refused(Exception):
    """What a header cannot have, and the line of the header, from 0."""


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
        return Header(), [Problem("KG610", "the header is no YAML", place, _REMEDY)]
    except _Refused as error:
        what, line = error.args
        return Header(), [Problem("KG610", what, Place(file, line + 1), _REMEDY)]
    if not isinstance(found, Header):
        return Header(), [Problem("KG610", "the header is no mapping", Place(file, 1), _REMEDY)]
    return found, []


def without_header(text: str) -> str:
    """What stands below the header of a text."""
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
