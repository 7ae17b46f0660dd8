"""Text from files and servers, made harmless to the terminal, browser, Markdown or XML parser that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

#: Control characters (C0 but tab and line feed, DEL, C1), separators of lines, marks and overrides of direction,
#: marks of annotation and byte order, what is no character, half characters, which no encoding can write, and tags,
#: which are letters that programs read and nobody sees.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# What is markup in HTML and XML; a carriage return would be read back as a line feed.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "\r": "&#13;"})
_BREAKS = re.compile(r"\s+")
_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&!])")
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f-\xa0<>\"{}|\\^`]+", re.IGNORECASE)
# Characters that XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_IMPOSSIBLE_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


def harmless(text: str) -> str:
    """A text of several lines, each character that steers what shows it replaced by U+FFFD."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def harmless_line(text: str) -> str:
    """As ``harmless``, on one line: a label or a gloss cannot look like the next line of an answer."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text))


#: Made once: ``json.dumps`` makes an encoder for each call.
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON, with escapes for the characters that would steer what shows it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent) if indent else _encoded(value)
    return _STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    """A character in the escapes of JSON: of UTF-16, so that one beyond U+FFFF has two."""
    code = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))


def steering(text: str) -> list[str]:
    """The characters of a text that steer what shows it, by their code points: ``U+202E``; each once."""
    return [f"U+{ord(found):04X}" for found in dict.fromkeys(_STEERING.findall(text))]


def markdown_text(text: str) -> str:
    """A text on one line, in which Markdown and the HTML in it find no markup."""
    return _MARKUP.sub(r"\\\1", harmless_line(text).strip())


def html_text(text: str) -> str:
    """A text as the content of an HTML element or attribute."""
    return harmless(text).translate(_ENTITIES)


def preformatted(text: str) -> str:
    """HTML of a text with its lines as they are, broken where the page ends."""
    return f'<pre style="white-space:pre-wrap">{html_text(text)}</pre>'


def html_table(columns: Iterable[str], rows: Iterable[Iterable[str]], notes: Iterable[str] = ()) -> str:
    """HTML of a table of texts, and of the notes below it, a line each."""

    def row(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html_text(cell)}</{tag}>' for cell in cells)}</tr>"

    below = "<br>".join(html_text(note).replace("\n", "<br>") for note in notes)
    body = "".join(row(cells, "td") for cells in rows)
    return f"<table><thead>{row(columns, 'th')}</thead><tbody>{body}</tbody></table><p>{below}</p>"


def web_address(text: str) -> str:
    """An address of http or https, as it is; empty for anything else."""
    return text if _ADDRESS.fullmatch(text) else ""


def xml_text(text: str) -> str:
    """A text as the content of an XML element: escaped, U+FFFD for what XML cannot hold."""
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text).translate(_ENTITIES)


def xml_holds(text: str) -> bool:
    """Whether XML 1.0 can hold every character of a text."""
    return not _IMPOSSIBLE.search(text)


def xml_bytes(written: bytes) -> bytes:
    """Written XML with carriage returns as references. Raises ValueError for characters that XML cannot hold."""
    if found := _IMPOSSIBLE_BYTES.search(written):
        what = ord(found[0].decode("utf-8", "replace")[0])
        raise ValueError(f"XML cannot hold the character U+{what:04X}")
    return written.replace(b"\r", b"&#13;")
