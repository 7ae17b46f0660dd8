"""``kg new``: a well-formed file in the right place, or an addition to one, with the parts to fill in explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kg.checks.owl import DATATYPES
from kg.checks.terms import CLASS, OBJECT, TYPE, close_to, name_of
from kg.corpus.passages import SPLITTER, Anchor, Passages, split_text, text_digest, write_passages
from kg.corpus.turtle import parse_file
from kg.errors import InputError, Place, Problem, UsageError, counted
from kg.files import read_text, whole_file, writing
from kg.model import Term, Triple
from kg.project import VOCABULARY, Project
from kg.scaffold import templates
from kg.vocab import KG, XSD, iri

#: The temporal kinds of properties, each in one line (``docs/time.md``).
TEMPORAL_KINDS = {
    "event": "it happens within its time (met, signed)",
    "persistent": "once begun, it holds until something ends it (member of)",
    "bounded": "it is known only for the time that is stated (holds an office, supports)",
    "timeless": "it never changes (what a meeting concerned)",
}

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9]*")
#: More would be cut or refused by some file systems, beside an ending.
_LONGEST = 80
#: Names of devices, which Windows gives no file: a repository with one cannot be checked out there.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
#: Datatypes beyond those of OWL 2 RL that people have reason to use; `kg check` says what follows.
_MORE_DATATYPES = tuple(iri(XSD + name) for name in ("date", "gYear", "gYearMonth", "time", "duration"))
_PREFIXED = re.compile(r"[A-Za-z][\w-]*:[A-Za-z][\w-]*")
#: The options that each kind takes.
_TAKES = {
    "document": ("--text",),
    "entity": ("--type", "--label"),
    "class": ("--label",),
    "property": ("--domain", "--range", "--kind", "--label"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A file that ``new`` made or added to: its path, and what to do with it next."""

    path: Path
    added: bool = False
    next: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    project: Project
    name: str
    text: Path | None
    domain: str
    values: str
    type: str
    temporal: str
    labels: Mapping[str, str]


def new(
    project: Project,
    kind: str,
    name: str,
    *,
    text: Path | None = None,
    domain: str = "",
    values: str = "",
    type: str = "",
    temporal: str = "",
    labels: Mapping[str, str] | None = None,
) -> list[Made]:
    """Make a file of that kind, or add to one, and say which.

    ``kind`` is one of KINDS. ``text`` is a document's text: its sentences are numbered, and none of them is
    written. ``domain`` and ``values`` (the range) are a property's, ``type`` an entity's class, as prefixed names;
    ``temporal`` is the temporal kind of a property, one of TEMPORAL_KINDS; ``labels`` what a term or entity is
    called, by language tag.
    Raises UsageError: KG804 when there is such a file or term, KG805 for a name, class or temporal kind that is
    none and for an option of another kind, KG808 for a project that cannot be written; InputError: KG525 for a text
    that is not UTF-8, KG663 when the file cannot be made.
    """
    project.check_writable()
    if not name.isprintable():
        raise _no_name(name, "One line of text.")
    options = {
        "--text": text, "--domain": domain, "--range": values, "--type": type, "--kind": temporal, "--label": labels
    }  # fmt: skip
    if wrong := [option for option, value in options.items() if value and option not in _TAKES.get(kind, ())]:
        remedy = f"It takes {', '.join(_TAKES.get(kind, ())) or 'a name alone'}."
        raise UsageError(Problem("KG805", f"kg new {kind} takes no {', '.join(wrong)}", remedy=remedy))
    for given in (domain, values, type):
        if given and not _PREFIXED.fullmatch(given):
            remedy = f"Write it {project.vocabulary[0]}:Name."
            raise UsageError(Problem("KG805", f"{given!r} is no prefixed name", remedy=remedy))
    _refuse_unknown(project, [domain, type], values)
    _check_labels(labels or {})
    return KINDS[kind](_Wish(project, name, text, domain, values, type, temporal, labels or {}))


def _document(wish: _Wish) -> list[Made]:
    name = _file_name(wish.name)
    folder = wish.project.root / "corpus" / "documents"
    sentences = split_text(_text(wish.text)) if wish.text else []
    claims, passages = folder / f"{name}.trig", folder / f"{name}.passages"
    _refuse_existing(wish.project, claims, passages)
    today = datetime.now(tz=UTC).date().isoformat()
    content = templates.document_text(wish.project, name, (sentence.place for sentence in sentences), today)
    made = [Made(claims, next="Describe the document, then write the claims of each sentence.")]
    _write(claims, content)
    if wish.text:
        anchors = {s.place: Anchor(s.place, s.sha256, s.occurrence) for s in sentences}
        digest = text_digest(_text(wish.text))
        _write(passages, write_passages(Passages(wish.text.name, SPLITTER, digest, anchors)))
        count = f"{counted(len(sentences), 'sentence')}, none mapped yet: `kg coverage` lists what is open."
        made.append(Made(passages, next=count))
    return made


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            Problem("KG525", f"is not UTF-8: {error.reason}", Place(path.name), "Save it as UTF-8.")
        ) from None
    except OSError as error:
        raise UsageError(Problem("KG526", f"cannot be read: {error.strerror}", Place(path.name))) from None


def _class(wish: _Wish) -> list[Made]:
    name = _term_name(wish, upper=True)
    path = wish.project.root / "ontology" / f"{name}.ttl"
    _refuse_existing(wish.project, path)
    _refuse_known(wish.project, name)
    _write(path, templates.class_text(wish.project, name, wish.labels))
    return [Made(path, next="Say what it is a kind of, and define it.")]


def _property(wish: _Wish) -> list[Made]:
    project, name = wish.project, _term_name(wish, upper=False)
    _refuse_known(project, name)
    if wish.temporal not in TEMPORAL_KINDS:
        said = "; ".join(f"{kind}: {meaning}" for kind, meaning in TEMPORAL_KINDS.items())
        message = f"no such temporal kind: {wish.temporal!r}" if wish.temporal else "a property needs a temporal kind"
        raise UsageError(Problem("KG805", message, remedy=f"Give it with --kind. {said}."))
    kind = {"event": "EventKind", "timeless": "Timeless"}.get(wish.temporal, f"{wish.temporal.title()}State")
    literal = wish.values.startswith(("xsd:", "rdfs:Literal"))
    content = templates.property_text(project, name, wish.labels, wish.domain, wish.values, kind, literal=literal)
    # A property stands with the class that is its domain, where that is one of the project's own.
    home = _classes(project).get(wish.domain) if wish.domain.startswith(f"{project.vocabulary[0]}:") else None
    path = home or project.root / "ontology" / f"{name}.ttl"
    advice = "Say what its values are, and define it."
    return [_add(project.inside(path), templates.turtle_head(project, "owl", "rdfs", "skos", "xsd"), content, advice)]


def _entity(wish: _Wish) -> list[Made]:
    project, local = wish.project, templates.slug(wish.name)
    if not local or not templates.spellable(wish.name):
        raise _no_name(wish.name, "Letters a to z and digits; other scripts go in --label sr-Cyrl=….")
    _kept(local)
    if not wish.type:
        remedy = f"Give it with --type {project.vocabulary[0]}:Class."
        raise UsageError(Problem("KG805", "an entity needs a class", remedy=remedy))
    if VOCABULARY in _classes(project)[wish.type].parents and wish.type != "kg:Agent":
        remedy = "Claims, documents and what belongs to them stand in corpus/documents."
        raise UsageError(Problem("KG805", f"{wish.type} is no class of entities", remedy=remedy))
    path = _home_of(project, wish.type, local)
    head = f"@prefix : <{project.base}id/> .\n{templates.turtle_head(project, 'rdfs', 'skos')}"
    content = templates.entity_text(project, wish.name, wish.labels, local, wish.type)
    advice = "Give it its names; `kg check` says which languages are missing."
    return [_add(project.inside(path), head, content, advice)]


def _home_of(project: Project, kind: str, local: str) -> Path:
    """The file in which most entities of a class stand, or a new one named after the class."""
    count: dict[Path, int] = {}
    wanted, entity = _expanded(project, kind), project.iri("id", local)
    for path in project.files("corpus/entities"):
        for triple, _graph, line in parse_file(path, project.relative(path)).quads:
            if triple[0] == entity:
                place = Place(project.relative(path), line)
                raise UsageError(Problem("KG804", f"there is already a :{local}", place, "Choose another name."))
            if triple[1:] == (TYPE, wanted):
                count[path] = count.get(path, 0) + 1
    file = f"{templates.slug(templates.words(kind.partition(':')[2]))}.ttl"
    return max(count, key=lambda path: (count[path], path), default=project.root / "corpus" / "entities" / file)


def _rule(wish: _Wish) -> list[Made]:
    name = _file_name(wish.name)
    path = wish.project.root / "ontology" / "rules" / f"{name}.rq"
    _refuse_existing(wish.project, path)
    _write(path, templates.rule_text(wish.project, name, _predicate(wish.project)))
    return [Made(path, next="Write the pattern and what follows from it.")]


def _predicate(project: Project) -> str:
    """A property of the project's own, as a prefixed name; where it has none, one of the tool's."""
    prefix, namespace = project.vocabulary
    own = f"<{namespace}"
    for (subject, predicate, value), _place in _ontology(project):
        if predicate == TYPE and value == OBJECT and subject.startswith(own):
            return f"{prefix}:{subject[len(own) : -1]}"
    return "kg:pertainsTo"


def _ontology(project: Project) -> Iterator[tuple[Triple, tuple[Path, int]]]:
    """The triples of the ontology, each with its file and line."""
    for path in project.files("ontology", suffix=".ttl"):
        for triple, _graph, line in parse_file(path, project.relative(path)).quads:
            yield triple, (path, line)


def _query(wish: _Wish) -> list[Made]:
    name = _file_name(wish.name)
    path = wish.project.root / "queries" / f"{name}.rq"
    _refuse_existing(wish.project, path, path.with_suffix(".csv"))
    _write(path, templates.query_text(wish.project, name))
    keep = f"`kg query {name} --iris -o queries/{name}.csv` keeps the answer that you have checked."
    return [Made(path, next=f"Write the question; {keep}")]


#: What can be made, by its word.
KINDS: dict[str, Callable[[_Wish], list[Made]]] = {
    "document": _document,
    "entity": _entity,
    "class": _class,
    "property": _property,
    "rule": _rule,
    "query": _query,
}


def _no_name(name: str, remedy: str) -> UsageError:
    return UsageError(Problem("KG805", f"{name!r} is no name for it", remedy=remedy))


def _check_labels(labels: Mapping[str, str]) -> None:
    problems = [
        Problem("KG805", f"{tag}={text}: no label", remedy="A language tag and one line of text: sr-Latn=Srbija.")
        for tag, text in labels.items()
        if not _TAG.fullmatch(tag) or not text.strip() or not text.isprintable()
    ]
    if problems:
        raise UsageError(problems)


def _file_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        close = templates.slug(name)
        hint = f"For instance {close}." if close else ""
        raise _no_name(name, f"Small letters and digits, joined by hyphens. {hint}".strip())
    return _kept(name)


def _kept(name: str) -> str:
    """A name of letters and digits, where files can have it."""
    if len(name) > _LONGEST:
        raise _no_name(f"{name[:20]}…", f"At most {_LONGEST} letters; it has {len(name)}.")
    if name.lower() in _DEVICES:
        raise _no_name(name, "It is reserved: no file can be called so on Windows.")
    return name


def _term_name(wish: _Wish, *, upper: bool) -> str:
    """The name of a term, from words or from the name itself, without the project's prefix."""
    given = wish.name.removeprefix(f"{wish.project.vocabulary[0]}:")
    name = templates.camel(given, upper=upper)
    if not _TERM.fullmatch(name) or not templates.spellable(wish.name) or set(given) & set(':/<>{}\\"'):
        raise _no_name(wish.name, "Letters a to z and digits; a letter first, and no prefix but the project's.")
    return _kept(name)


def _expanded(project: Project, name: str) -> Term:
    prefix, _, local = name.partition(":")
    own, namespace = project.vocabulary
    return f"<{namespace if prefix == own else KG}{local}>"


def _classes(project: Project) -> dict[str, Path]:
    """The classes of the ontology as prefixed names, with the file that each is declared in."""
    found: dict[str, Path] = {}
    spaces = {f"<{KG}": "kg", f"<{project.vocabulary[1]}": project.vocabulary[0]}
    for (subject, predicate, value), (path, _line) in _ontology(project):
        if predicate == TYPE and value == CLASS:
            for space, prefix in spaces.items():
                if subject.startswith(space):
                    found.setdefault(f"{prefix}:{subject[len(space) : -1]}", path)
    return found


def _refuse_unknown(project: Project, classes: list[str], values: str) -> None:
    """Refuse a domain or type that is no class, and a range that is neither a class nor a datatype."""
    if not any((*classes, values)):
        return
    known = sorted(_classes(project))
    datatypes = [name_of(term) for term in (*DATATYPES, *_MORE_DATATYPES)]
    problems = [_no_class(project, name, known) for name in classes if name and name not in known]
    if values and values not in (*known, *datatypes):
        problems.append(_no_class(project, values, [*known, *sorted(datatypes)]))
    if problems:
        raise UsageError(problems)


def _no_class(project: Project, name: str, known: list[str]) -> Problem:
    prefix, _colon, local = name.partition(":")
    if close := close_to(name, known):
        remedy = f"Did you mean {close}?"
    elif prefix == project.vocabulary[0]:
        remedy = f"Make the class first: kg new class {local}."
    else:
        remedy = "`kg coverage --terms` lists the classes; datatypes are those of xsd:."
    return Problem("KG805", f"the ontology has no {name}", remedy=remedy)


def _refuse_existing(project: Project, *paths: Path) -> None:
    """Refuse a file that is there, and one whose name differs in case alone, which some systems cannot tell apart."""
    problems = []
    for path in paths:
        names = {each.name.lower(): each for each in sorted(project.inside(path).parent.glob("*"))}
        if there := names.get(path.name.lower()):
            place = Place(project.relative(there))
            problems.append(Problem("KG804", "exists already", place, "Edit it, or choose another name."))
    if problems:
        raise UsageError(problems)


def _refuse_known(project: Project, name: str) -> None:
    """Refuse a term that the ontology has, whichever file it stands in."""
    term = f"<{project.vocabulary[1]}{name}>"
    for (subject, _predicate, _value), (path, line) in _ontology(project):
        if subject == term:
            message = f"{project.vocabulary[0]}:{name} is there already"
            place = Place(project.relative(path), line)
            raise UsageError(Problem("KG804", message, place, "Edit it, or choose another name."))


def _add(path: Path, head: str, content: str, advice: str) -> Made:
    """Add to the end of a file, made with its head when there is none."""
    if not path.exists():
        _write(path, head + content)
        return Made(path, next=advice)
    text = _declared(path, head, content) + read_text(path, path.name).rstrip("\n") + "\n" + content
    with whole_file(path) as file:
        file.write(text.encode())
    return Made(path, added=True, next=advice)


def _declared(path: Path, head: str, content: str) -> str:
    """The declarations of a head whose prefixes the content uses and the file does not declare."""
    known = parse_file(path, path.name).prefixes
    used = {prefix for prefix, _local in re.findall(r"(?<![\w<])(\w*):(\w+)", content)}
    lines = (line for line in head.splitlines(keepends=True) if line.startswith("@prefix"))
    return "".join(line for line in lines if (name := line.split()[1][:-1]) in used and name not in known)


def _write(path: Path, content: str) -> None:
    """Write a new file; never over one that somebody else made meanwhile."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
