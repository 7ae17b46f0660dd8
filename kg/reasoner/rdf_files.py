"""Reading RDF files in any syntax, told by name, by content or by word; and writing triples in one of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import sys
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from kg.errors import InputError, Place, Problem, UsageError, gathered
from kg.model import Term, Triple

if TYPE_CHECKING:
    import pyoxigraph

#: The name of standard input.
STDIN = Path("-")
#: The words for formats, each with the ending that stands for it.
FORMATS = {
    "turtle": "ttl",
    "trig": "trig",
    "n-triples": "nt",
    "n-quads": "nq",
    "rdf-xml": "rdf",
    "json-ld": "jsonld",
    "n3": "n3",
}
_ENDINGS = {"turtle": "ttl", "json": "jsonld"}
#: Endings that several syntaxes use: what is in the file tells.
_BY_CONTENT = {"owl", "xml", "rdf"}
#: The form of the labels that the parser makes for ``[]`` and lists.
_MADE_UP = re.compile(r"_:[0-9a-f]{20,32}\Z")
_ANONYMOUS = re.compile(r"_:anon\d+_*\Z")
_GZIP = b"\x1f\x8b"
#: So many bytes at the beginning tell a syntax.
_HEAD = 1 << 16
#: Levels of nesting in JSON-LD; from 4,000 the parser runs out of its stack, and its time grows with their square.
_DEEPEST = 500
# It never fails after the first quote, so that a text of quotes takes no longer than any other.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_STEP = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}
#: The parser expands each entity where it is declared, and only knows those declared before.
_ENTITY = re.compile(r'<!ENTITY\s*(\S+)\s+"([^"<]*)"')
_REFERENCE = re.compile(r"&([^;&\s]+);")
_LONGEST_ENTITY = 4_096
_ROOT = re.compile(r"<(?:([\w.-]+):)?([\w.-]+)(?=[\s/>])")
_BEGIN = r"\s*(?:#[^\n]*\n\s*)*"
_TURTLE = re.compile(
    _BEGIN + r"(?:@prefix|@base|PREFIX\s|BASE\s|VERSION\s|<[^<>\s]*>\s|_:|\w*:\w*\s|\[|\()", re.IGNORECASE
)
#: Syntaxes of OWL and its like that are no RDF, by how they begin.
_FOREIGN = {
    "OWL functional syntax": re.compile(_BEGIN + r"(?:Prefix|Ontology)\s*\("),
    "the Manchester syntax of OWL": re.compile(_BEGIN + r"(?:Prefix|Ontology):\s", re.IGNORECASE),
    "OBO": re.compile(r"\s*format-version:"),
}
_FOREIGN_ENDINGS = {
    "ofn": "OWL functional syntax",
    "omn": "the Manchester syntax of OWL",
    "owx": "OWL/XML",
    "obo": "OBO",
}


@dataclass(slots=True)
class Given:
    """What files say: their triples, and the prefixes that they declare."""

    triples: list[Triple] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)


def read_rdf(files: Sequence[Path], form: str = "", base: str = "") -> Given:
    """The triples of RDF files, named graphs read as one, blank nodes of several files kept apart.

    ``form`` is one of FORMATS, by default told by each name, or by the content where the name does not tell;
    ``-`` is standard input, which needs it. Relative IRIs resolve against ``base``, by default the file itself (the
    working folder for standard input). Raises InputError with a problem for each file: KG100, KG102 or KG101.
    """
    given = Given()

    def add(number: int) -> None:
        found = _read(files[number], form, base, given.prefixes)
        given.triples += _labelled(found, number + 1 if len(files) > 1 else 0)

    gathered(add, range(len(files)))
    return given


def stream_rdf(files: Sequence[Path], form: str = "", base: str = "") -> Iterator[Triple]:
    """The triples of RDF files one after the other; else as ``read_rdf``, whose labels for blank nodes it gives.

    A label of the files that looks like one that is made here gets an underscore. Raises for the first bad file.
    """
    for number, file in enumerate(files, 1):
        part = f"_:f{number}_" if len(files) > 1 else "_:"
        made: dict[Term, Term] = {}

        def label(term: Term, part: str = part, made: dict[Term, Term] = made) -> Term:
            if not term.startswith("_:"):
                return term
            if not _MADE_UP.match(term):
                return part + term[2:] + ("_" if _ANONYMOUS.match(term) else "")
            return made.setdefault(term, f"{part}anon{len(made)}")

        for s, p, o in _read(file, form, base, {}):
            yield label(s), p, label(o)


def _read(file: Path, form: str, base: str, prefixes: dict[str, str]) -> Iterator[Triple]:
    import pyoxigraph

    place, text = Place(str(file)), ""
    if not form and file != STDIN and _ending(file) not in {*_BY_CONTENT, *_FOREIGN_ENDINGS}:
        format_of(file)  # an ending that nothing is known of, whatever the file is
    try:
        with _opened(file) as source:
            head = source.peek(_HEAD)[:_HEAD]
            if head.startswith(BOM_UTF8):
                source.read(len(BOM_UTF8))
            text = head.removeprefix(BOM_UTF8).decode("utf-8", "replace")
            chosen = _chosen(file, form, text)
            address = base or (Path.cwd() / ("" if file == STDIN else file)).as_uri() + ("/" if file == STDIN else "")
            if chosen == pyoxigraph.RdfFormat.RDF_XML:
                _refuse_entities(text, place)
            given = _refuse_deep(source, place) if chosen == pyoxigraph.RdfFormat.JSON_LD else source
            parser = pyoxigraph.parse(given, format=chosen, base_iri=address)
            for quad in parser:
                if isinstance(quad.object, pyoxigraph.Triple):
                    message = "a triple term (RDF 1.2) cannot be reasoned with"
                    raise InputError(Problem("KG102", message, place, "leave it out"))
                yield str(quad.subject), str(quad.predicate), str(quad.object)
            prefixes |= {name: space for name, space in parser.prefixes.items() if name not in prefixes}
    except (OSError, EOFError, zlib.error) as error:  # the last two are gzip's
        message = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem("KG100", message, place, "check the path")) from error
    except SyntaxError as error:
        raise InputError(_syntax_problem(error, file, text)) from error
    except ValueError as error:
        raise InputError(Problem("KG102", f"{base!r} is no base: {error}", place, "Give an absolute IRI.")) from error
    except MemoryError:
        raise InputError(Problem("KG101", "one value is longer than 16 MB", place, "Break it up.")) from None


def _refuse_entities(head: str, place: Place) -> None:
    """Raises InputError (KG101) for an entity of XML that stands for others until they fill the memory."""
    sizes: dict[str, int] = {}
    for name, value in _ENTITY.findall(head):
        sizes[name] = len(value) + sum(sizes.get(each, 0) for each in _REFERENCE.findall(value))
        if sizes[name] > _LONGEST_ENTITY:
            message = f"the entity {name[:40]!r} stands for more than {_LONGEST_ENTITY:,} characters"
            raise InputError(Problem("KG101", message, place, "Write out what it stands for."))


def _refuse_deep(source: io.BufferedReader[io.RawIOBase], place: Place) -> bytes:
    """The rest of a file in JSON-LD. Raises InputError (KG101) for one that would crash the parser."""
    content = source.read()
    if max(nesting(content), default=0) > _DEEPEST:
        raise InputError(Problem("KG101", f"JSON of more than {_DEEPEST} levels", place, "Nest it less."))
    return content


def nesting(json: bytes) -> Iterator[int]:
    """The level of nesting after each bracket of a text in JSON: some thousand levels crash the engine's parser."""
    return accumulate(map(_STEP.__getitem__, _STRING.sub(b"", json).translate(None, _NOT_BRACKETS)))


def _opened(file: Path) -> io.BufferedReader[io.RawIOBase]:
    """A file or standard input, uncompressed where it is compressed with gzip."""
    if file == STDIN:
        raw = io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer), _HEAD)
    else:
        raw = io.BufferedReader(cast("io.RawIOBase", file.open("rb", buffering=0)), _HEAD)
    if not raw.peek(2).startswith(_GZIP):
        return raw
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), _HEAD)


def _chosen(file: Path, form: str, text: str) -> pyoxigraph.RdfFormat:
    """The format of a file by word, by name or by content. Raises InputError (KG102)."""
    import pyoxigraph

    if form:
        return format_of(Path(f"x.{FORMATS[form]}"))
    if file == STDIN:
        remedy = f"Say it with --format: {', '.join(FORMATS)}."
        raise InputError(Problem("KG102", "standard input has no name that says its format", Place("-"), remedy))
    ending = _ending(file)
    foreign = _FOREIGN_ENDINGS.get(ending) or _foreign(text)
    if foreign:
        raise InputError(_foreign_problem(file, foreign))
    if ending not in _BY_CONTENT:
        return format_of(file)
    if text.lstrip()[:1] in ("{", "[") and not _TURTLE.match(text.replace("[", "", 1)):
        return pyoxigraph.RdfFormat.JSON_LD
    # TriG is Turtle with graphs.
    return pyoxigraph.RdfFormat.TRIG if _TURTLE.match(text) else pyoxigraph.RdfFormat.RDF_XML


def _foreign(text: str) -> str:
    """The name of a syntax of OWL that is no RDF, where a text is in one."""
    if text.lstrip().startswith("<"):
        bare = re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>", "", text, flags=re.DOTALL)
        root = _ROOT.match(bare.lstrip())
        if root and root[2] == "Ontology" and not _TURTLE.match(text):
            return "OWL/XML"
    return next((name for name, begins in _FOREIGN.items() if begins.match(text)), "")


def _foreign_problem(file: Path, syntax: str) -> Problem:
    remedy = f"Convert it, with ROBOT for instance: robot convert --input {file.name} --output {file.stem}.ttl"
    return Problem("KG102", f"this is {syntax}, which is no RDF", Place(str(file)), remedy)


def _syntax_problem(error: SyntaxError, file: Path, text: str) -> Problem:
    if foreign := _foreign(text):
        return _foreign_problem(file, foreign)
    message, remedy = str(error.msg), "correct the file"
    if "LoadDocumentCallback" in message:
        message = "its @context is to be fetched from elsewhere, and nothing is fetched"
        remedy = "Write the context into the file, or convert the file to N-Quads where it may be fetched."
    return Problem("KG101", message, Place(str(file), error.lineno, error.offset), remedy)


def _ending(file: Path) -> str:
    suffixes = [suffix[1:].lower() for suffix in file.suffixes]
    if suffixes[-1:] == ["gz"]:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def format_of(file: Path) -> pyoxigraph.RdfFormat:
    """The format that a file's name says. Raises InputError (KG102) for an ending that is unknown."""
    import pyoxigraph

    ending = _ending(file)
    form = pyoxigraph.RdfFormat.from_extension("rdf" if ending == "owl" else _ENDINGS.get(ending, ending))
    if form is None:
        remedy = "name it .ttl, .nt, .nq, .trig, .rdf, .owl, .jsonld or .n3, with .gz or without, or give --format"
        message = f"unknown ending '.{ending}'" if ending else "the name has no ending"
        raise InputError(Problem("KG102", message, Place(str(file)), remedy))
    return form


def _labelled(triples: Iterable[Triple], number: int) -> Iterator[Triple]:
    """The triples with blank nodes labelled by file and, where they have no label, by order of appearance."""
    given = list(triples)
    blank = dict.fromkeys(term for s, _, o in given for term in (s, o) if term.startswith("_:"))
    own = {term for term in blank if not _MADE_UP.match(term)}
    free = (term for term in (f"_:anon{k}" for k in count()) if term not in own)
    part = f"_:f{number}_" if number else "_:"
    labels = {term: part + (term if term in own else next(free))[2:] for term in blank}
    return ((labels.get(s, s), p, labels.get(o, o)) for s, p, o in given)


def skolemised(triples: Iterable[Triple], given: Iterable[Triple], base: str = "") -> list[Triple]:
    """The triples with an IRI for each blank node (RDF 1.1 Concepts, section 3.5).

    The IRIs hold a digest of what was given, so that those of two documents are never one. They are genid IRIs below
    ``base`` where that is of the web, else URNs.
    """
    digest = hashlib.sha256("\n".join(sorted(map(" ".join, given))).encode()).hexdigest()[:16]
    parts = urlsplit(base)
    web = parts.scheme in ("http", "https") and parts.netloc
    space = f"{parts.scheme}://{parts.netloc}/.well-known/genid/" if web else "urn:serbia-kg:genid:"

    def named(term: Term) -> Term:
        return f"<{space}{digest}-{term[2:]}>" if term.startswith("_:") else term

    return [(named(s), named(p), named(o)) for s, p, o in triples]


def triple_from(words: Sequence[str], prefixes: dict[str, str], base: str = "") -> Triple:
    """A triple from three words in Turtle, or IRIs without brackets. Raises UsageError (KG609) for anything else."""
    import pyoxigraph

    spelt = [f"<{word}>" if re.fullmatch(r"(?:https?|urn|file|mailto):[^\s<>\"]+", word) else word for word in words]
    head = "".join(f"PREFIX {name}: <{space}>\n" for name, space in prefixes.items())
    try:
        (quad,) = pyoxigraph.parse(
            f"{head}{' '.join(spelt)} .",
            format=pyoxigraph.RdfFormat.TURTLE,
            base_iri=base or Path.cwd().as_uri() + "/",
        )
    except (SyntaxError, ValueError) as error:
        remedy = "Three terms: IRIs, names with a prefix of the files, literals in quotation marks."
        raise UsageError(Problem("KG609", f"{' '.join(words)!r} is no triple: {error}", remedy=remedy)) from None
    # As it stands: a blank node that the files label so keeps its label.
    s, _p, o = (word if word.startswith("_:") else "" for word in words)
    return s or str(quad.subject), str(quad.predicate), o or str(quad.object)


def as_bytes(triples: Iterable[Triple], form: pyoxigraph.RdfFormat | None = None) -> bytes:
    """The triples in a format of RDF, N-Triples by default."""
    import pyoxigraph

    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    written: bytes | None = text.encode()
    if form and form != pyoxigraph.RdfFormat.N_TRIPLES:
        parsed = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES)
        written = pyoxigraph.serialize((quad.triple for quad in parsed), format=form)
    return written or b""
