"""What is wrong with a SPARQL text, in words: Oxigraph's parser names every character that it could have taken."""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from kg.errors import Place, Problem, UsageError
from kg.sparql.tokens import Token, error_place, tokens, undeclared

_ALTERNATIVE = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\']|\'(?:[^\'\\]|\\.[^\']*)\')*\]|[^,"\[\]]+')
#: What alternatives of the parser stand for, by a part of them; a number's signs and digits are one.
_KINDS = (
    ('"?"', "a variable"),
    ('"<"', "a name"),
    ("'A' ..= 'Z'", "a name"),
    ('"\'"', "a text"),
    ("'0'..='9'", "a number"),
)
#: Signs that tell where a part ends, worth naming beside those.
_SIGNS = ('"."', '";"', '","', '"("', '")"', '"{"', '"}"', '"]"', '"*"')
#: So much of a token is shown.
_SHOWN = 40
_OPENING = {"(": ")", "{": "}", "[": "]"}
_REMEDY = "See SPARQL 1.1 Query Language."
#: A variable that no text can name, since nobody can guess it.
_UNNAMED = f"checked{os.urandom(16).hex()}"


def syntax_error(text: str) -> str | None:
    """The message with which Oxigraph refuses a text; None when it parses. Nothing is evaluated.

    Oxigraph has no call that only parses. A substitution for a variable that the query does not have stops it
    after parsing and before evaluation, so that a SERVICE in a hostile text opens no connection.
    """
    import pyoxigraph

    unused, anything = pyoxigraph.Variable(_UNNAMED), pyoxigraph.NamedNode("x:x")
    try:
        pyoxigraph.Store().query(text, substitutions={unused: anything})
    except SyntaxError as error:
        return str(error.msg)
    except RuntimeError:
        return None
    raise AssertionError("the engine evaluated a text that was only to be parsed")


def syntax_problem(
    code: str, said: str, text: str, *, shift: int = 0, known: Collection[str] = (), file: str = "query"
) -> Problem:
    """The problem of a text that Oxigraph refused with a message: what stands where, and what was expected there.

    ``shift`` is how many characters of declarations stand before what the user wrote; ``known`` are the prefixes
    that need no declaration.
    """
    message, line, column = error_place(said)
    if line is None or column is None:
        return Problem(code, f"no valid SPARQL: {message}", remedy=_REMEDY)
    alternatives = [found.strip() for found in _ALTERNATIVE.findall(re.sub(r"^expected (one of )?", "", message))]
    if "Prefix not found" in alternatives and (strangers := list(undeclared(text))):
        return _unknown_prefix(code, strangers[0], text, shift, known, file)
    prose = next((found for found in alternatives if re.fullmatch(r"[A-Z]\w+( \w+)+", found)), "")
    stopped = _offset(text, line, column)
    what, offset = (prose, stopped) if prose else _unexpected(text, _refused_at(text, stopped), shift)
    expected = _expected(alternatives) if not prose and _refused_at(text, stopped) == stopped else []
    *most, last = expected or [""]
    more = f"; expected {', '.join(most)} or {last}" if most else f"; expected {last}" if last else ""
    return Problem(code, f"no valid SPARQL: {what}{more}", _place(file, text, offset, shift), _REMEDY)


def _unknown_prefix(code: str, token: Token, text: str, shift: int, known: Collection[str], file: str) -> Problem:
    from difflib import get_close_matches

    prefix = token.text.partition(":")[0]
    close = get_close_matches(prefix, known, 1, 0.6)
    hint = f"Did you mean {close[0]}:? " if close else ""
    free = f"Known without that are {', '.join(f'{name}:' for name in sorted(known))}." if known else ""
    remedy = f"{hint}Declare it: PREFIX {prefix}: <…>. {free}".rstrip()
    return Problem(code, f"the prefix {prefix}: is not declared", _place(file, text, token.start, shift), remedy)


def _refused_at(text: str, stopped: int) -> int:
    """Where a text cannot go on: the engine says how far some reading of it came, the parser which token is wrong."""
    from kg.sparql.parser import parse

    try:
        parse(text)
    except UsageError as error:
        place = error.problems[0].place
        return _offset(text, place.line, place.column) if place and place.line and place.column else stopped
    return stopped


def _unexpected(text: str, offset: int, shift: int) -> tuple[str, int]:
    """What stands where something else should, and where that is."""
    wrong = _unbalanced(text)
    if wrong is not None and text[wrong] in ("'", '"'):
        return "a text begins here that has no end", wrong
    if wrong is not None and text[wrong] in _OPENING.values():
        return f"this {text[wrong]} closes nothing", wrong
    significant = (token for token in tokens(text) if token.kind not in ("space", "comment"))
    here = next((token for token in significant if token.start + len(token.text) > offset), None)
    if here is not None:
        return f"{here.text[:_SHOWN]} cannot stand here", here.start
    if wrong is not None:
        place = _place("", text, wrong, shift)
        return f"the query ends before the {text[wrong]} at {place.line}:{place.column} is closed", offset
    return "this is no query as a whole", offset


def _unbalanced(text: str) -> int | None:
    """Where a text begins that has no end, a bracket stands that closes nothing, or the last that nothing closes."""
    opened: list[int] = []
    for token in tokens(text):
        if token.kind == "unclosed":
            return token.start
        if token.kind != "other":
            continue
        if token.text in _OPENING:
            opened.append(token.start)
        elif token.text in _OPENING.values():
            if not opened or token.text != _OPENING[text[opened[-1]]]:
                return token.start
            opened.pop()
    return opened[-1] if opened else None


def _expected(alternatives: list[str]) -> list[str]:
    """The kinds of things that could have stood there, and some signs; of keywords the parser names only a few."""
    kinds = [kind for part, kind in _KINDS if any(part in found for found in alternatives)]
    signs = [sign.strip('"') for sign in _SIGNS if sign in alternatives]
    return [*dict.fromkeys(kinds), *signs[:3]]


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(found) + 1 for found in lines[: line - 1]) + column - 1


def _place(file: str, text: str, offset: int, shift: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Place(file, line, max(column - shift, 1) if line == 1 else column)
