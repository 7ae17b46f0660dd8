"""What ``kg new`` writes: files that ``kg check`` accepts, with the parts to fill in explained where they stand.

A part to fill in is a comment, or true as it stands and too vague to keep. Every text takes the project's names, so
that a file is right for whatever project it is made in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from kg.files import read_text
from kg.project import Project
from kg.vocab import DCTERMS, KG, OWL, PREFIXES, RDF, RDFS, SKOS, XSD

_NAMESPACES = {"dcterms": DCTERMS, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "xsd": XSD}
_LABEL_TAG = re.compile(r'(?:rdfs:label|,)\s+"[^"\n]*"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)')
#: Latin letters that no accent explains.
_LETTERS = {"đ": "dj", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "þ": "th", "ı": "i", "ħ": "h"}
_CAPITALS = {letter.upper(): text.capitalize() for letter, text in _LETTERS.items() if letter not in "ßı"}
_SPELT = str.maketrans(_LETTERS | _CAPITALS)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def spellable(name: str) -> bool:
    """Whether each letter of a name has one in ASCII that stands for it, so that none is dropped."""
    return all(_plain(letter) for letter in unicodedata.normalize("NFC", name) if letter.isalnum())


def slug(name: str) -> str:
    """A name as file names and IRIs have it: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(name).lower()).strip("-")


def _plain(name: str) -> str:
    """A name in ASCII: letters with accents without them, other Latin letters by their usual spelling."""
    return unicodedata.normalize("NFKD", name.translate(_SPELT)).encode("ascii", "ignore").decode()


def camel(name: str, *, upper: bool) -> str:
    """A name as a term has it: ``town festival`` is ``TownFestival`` or ``townFestival``."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", _plain(name)) if part]
    joined = "".join(part[:1].upper() + part[1:] for part in parts)
    return joined if upper else joined[:1].lower() + joined[1:]


def words(term: str) -> str:
    """The words in a term's name: ``TownFestival`` is ``town festival``."""
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in _WORD.findall(term))


def turtle_head(project: Project, *names: str) -> str:
    """Declarations of the prefixes named, beside ``kg:`` and the project's own."""
    prefix, namespace = project.vocabulary
    spaces = {"kg": KG, prefix: namespace, **{name: _NAMESPACES[name] for name in names}}
    return "".join(f"@prefix {name}: <{space}> .\n" for name, space in spaces.items())


def class_text(project: Project, name: str, labels: Mapping[str, str]) -> str:
    """A class, with its label from its name."""
    prefix, _namespace = project.vocabulary
    head = turtle_head(project, "owl", "rdfs", "skos")
    return f"""{head}
# One class, one file, with the properties whose domain it is (`kg new property NAME --domain {prefix}:{name}`).
{prefix}:{name} a owl:Class ;
    # What it is a kind of; leave the line out when it is a kind of nothing here.
    # rdfs:subClassOf {prefix}:… ;
    {_labelled(project, words(name), labels)} ;
    # One sentence that says what belongs to it and what does not.
    # skos:definition "…"@en ;
    rdfs:isDefinedBy <{project.base}ontology> .
"""


def property_text(
    project: Project, name: str, labels: Mapping[str, str], domain: str, values: str, temporal: str, *, literal: bool
) -> str:
    """A property; ``domain`` and ``values`` are prefixed names, empty where they are to be filled in.

    ``temporal`` is the local name of its temporal kind.
    """
    prefix, _namespace = project.vocabulary
    kind = "owl:DatatypeProperty" if literal else "owl:ObjectProperty"
    return f"""
{prefix}:{name} a {kind} ;
    # Who can have it, and what its values are: kept neutral, since all that has it is inferred to be so.
    {f"rdfs:domain {domain} ;" if domain else f"# rdfs:domain {prefix}:… ;"}
    {f"rdfs:range {values} ;" if values else f"# rdfs:range {'xsd:string' if literal else f'{prefix}:…'} ;"}
    kg:temporalKind kg:{temporal} ;
    {_labelled(project, words(name), labels)} ;
    # One sentence: what the subject is or does to the object.
    # skos:definition "…"@en ;
    rdfs:isDefinedBy <{project.base}ontology> .
"""


def entity_text(project: Project, name: str, labels: Mapping[str, str], local: str, kind: str) -> str:
    """An entity of a class (a prefixed name), its label as it was given."""
    return f"""
# What kind of thing it is and what it is called: never that it happened, exists or is so, which claims say.
:{local} a {kind} ;
    {_labelled(project, name, labels)} .
"""


def rule_text(project: Project, name: str, predicate: str) -> str:
    """A rule to be replaced: of a predicate (a prefixed name) it concludes nothing that is not there already."""
    prefix, namespace = project.vocabulary
    declared = "".join(f"PREFIX {short}: <{space}>\n" for short, space in {prefix: namespace, "kg": KG}.items())
    return f"""#+ summary: {name.replace("-", " ")} (say in one sentence what follows from what)
{declared}# What follows; so far only what is there. Predicates are fixed; variables come from the pattern below.
CONSTRUCT {{ ?one {predicate} ?other }}
WHERE {{
  # Triple patterns, FILTER with = != < <= > >= IN && || !, and FILTER NOT EXISTS over what is declared complete.
  ?one {predicate} ?other .
  FILTER(?one != ?other)
}}
"""


def query_text(project: Project, name: str) -> str:
    """A saved query that runs as it is and lists what there is of one kind."""
    prefix, namespace = project.vocabulary
    return f"""#+ summary: {name.replace("-", " ").capitalize()}?
#+ theme: other
#+ tags: []
#+ date: none
#+ defaults:
#+   - language: en
#+ parameters:
#+   language: {{type: language, label: the language of the labels}}
PREFIX {prefix}: <{namespace}>
PREFIX rdfs: <{RDFS}>
# Asks the view's graph alone: no GRAPH. A parameter NAME of type entity stands here as ?_NAME_iri, of type date as
# ?_NAME_xsd_date, of type text or language as ?_NAME_literal; `kg queries NAME` shows what was understood.
SELECT ?thing ?label
WHERE {{
  ?thing a ?kind ; rdfs:label ?label .
  FILTER(langMatches(LANG(?label), ?_language_literal))
}}
# The same answer must come in the same order.
ORDER BY ?thing ?label
"""


def document_text(project: Project, name: str, places: Iterable[str], today: str) -> str:
    """A document's description to be filled in, an example of a claim, and the places that have no claim yet.

    Of its publication it says that it was ``today`` (an ISO day) or before.
    """
    prefix, namespace = project.vocabulary
    base = project.base
    spaces = {
        "kg": KG,
        prefix: namespace,
        "dcterms": DCTERMS,
        "schema": PREFIXES["schema"],
        "xsd": XSD,
        "": f"{base}id/",
        "d": f"{base}document/",
        "c": f"{base}claim/{name}/",
        "l": f"{base}link/{name}/",
    }
    head = "".join(f"@prefix {short}: <{space}> .\n" for short, space in spaces.items())
    listed = "".join(f"# {place}\n" for place in places)
    todo = f"\n# The sentences, by line and number: each gets its claims, or is set aside in {name}.passages.\n"
    return f"""{head}
d:{name} a kg:Document ;
    # Replace these by what the document says. The text itself stays out of this file.
    dcterms:title "{name.replace("-", " ")}"@en ;
    kg:published "../{today}" ; kg:dateBasis "inferred: described here on that day"@en ;
    # Fill in and take the mark away.
    # dcterms:publisher "…" ; dcterms:creator "…" ; dcterms:language "en" ;
    # kg:genre "news report"@en ; kg:standpoint "from where it speaks, in a neutral phrase"@en ;
    # schema:url "https://…"^^xsd:anyURI ;
    kg:slug "{name}" .

# A claim: one proposition, in a graph of its own, and the statements about it. Its name is up to you.
# c:observer {{ :serbia kg:observerOf :csto-parliamentary-assembly . }}
# c:observer a kg:Claim ; kg:passage "11.1" ; kg:modality kg:Fact ;
#     kg:gloss "In your own words, no more than six in a row from the text."@en .
# Where it is so: kg:holder :who (not the author), kg:polarity kg:Denied, kg:on "2017-04" (or kg:begins, kg:ends,
# kg:throughout, kg:holdsAt), kg:hedge "about"@en. docs/mapping.md says when.
{todo + listed if listed else ""}"""


def _labelled(project: Project, text: str, labels: Mapping[str, str]) -> str:
    """The labels given, English first (from the name if need be), and a place for each language still missing."""
    given = {"en": text, **labels}
    missing = [tag for tag in _languages(project) if tag not in given]
    hint = " , ".join(f'"…"@{tag}' for tag in missing)
    above = f"# What it is called, also in the other languages of the project: {hint}.\n    " if hint else ""
    return above + "rdfs:label " + " , ".join(f'"{_escaped(label)}"@{tag}' for tag, label in given.items())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _languages(project: Project) -> list[str]:
    """The languages in which the project's own terms are labelled, by the files at the top of ``ontology/``."""
    found: dict[str, None] = {}
    for path in sorted((project.root / "ontology").glob("*.ttl")):
        found |= dict.fromkeys(_LABEL_TAG.findall(read_text(path, project.relative(path))))
    return list(found)
