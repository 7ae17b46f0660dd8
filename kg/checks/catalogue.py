"""Every code that this package reports, with what it means: ``kg check --explain CODE``.

Codes are stable: one that is no longer used is not used again for something else. A test holds that every code in
the package is here, and every code here in the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from kg.errors import Problem, UsageError

__all__ = ["CODES", "ProblemKind", "explain"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a code says, and why it matters."""

    code: str
    title: str
    why: str

    def __str__(self) -> str:
        """The code, its title, and why it matters below."""
        return f"{self.code}: {self.title}\n    {self.why}"


_ROWS: tuple[tuple[str, str, str], ...] = (
    # Projects
    ("KG001", "The folder is in no project", "A project is a folder with ontology/_ontology.ttl, or one below it."),
    ("KG002", "No ontology is declared", "The base of every IRI of a project is that of its owl:Ontology."),
    ("KG003", "No such code", "`kg check --explain CODE` explains one of those that are reported."),
    ("KG004", "No document", "Every answer rests on what documents say: a graph without one has nothing to answer."),
    (
        "KG005",
        "No room for what is built",
        "The store is kept in .kg/ in the project, for the packaged graph in the user's cache, or in KG_STATE_DIR.",
    ),
    ("KG006", "A damaged build", "A file in .kg/ was changed or lost; it is made anew from the project's files."),
    (
        "KG007",
        "A place that is not the tool's own",
        "Nothing is written, replaced or removed through a symbolic link, or where the tool's own mark is missing.",
    ),
    ("KG008", "A folder left alone", "It has the name of one of the tool's own folders, but not its mark."),
    # Files
    ("KG100", "A file cannot be read", "Its permissions, or the disk: the message of the system is given."),
    ("KG101", "A file's syntax is wrong", "Turtle, TriG and SPARQL are read strictly; nothing is guessed."),
    ("KG102", "A file of an unknown form", "The ending of its name says which form of RDF it is in."),
    (
        "KG103",
        "A character that steers what shows it",
        "A control character or an override of direction can make a terminal or a page show something else.",
    ),
    ("KG104", "An empty name or gloss", "Readers would see nothing where a label, a title or a gloss is due."),
    # Documents and claims, as they are read
    ("KG201", "A graph without description", "Every claim graph has its passage, modality and gloss beside it."),
    ("KG202", "A description without graph", "A claim is described whose content is missing."),
    ("KG203", "A claim names no passage", "What no passage puts forward is nobody's claim."),
    ("KG204", "A claim has no gloss", "The gloss is what a reader sees: the texts are not redistributed."),
    ("KG205", "A blank node", "Loading twice must give the same graph, so claims and entities name everything."),
    ("KG206", "A claim has no modality, or two", "Whether it is put as fact, plan, prediction … decides on views."),
    ("KG207", "A time that cannot be read", "The notation is a small part of EDTF: docs/mapping.md lists it."),
    ("KG208", "A claim named after another document", "A claim's IRI begins with claim/<slug of its document>/."),
    ("KG209", "A wrong polarity", "A claim affirms, which need not be said, or denies."),
    ("KG210", "A file without its document", "The file <slug>.trig describes document/<slug>."),
    ("KG211", "No date of publication", "Relative and undated statements are resolved by it."),
    ("KG212", "A time given twice", "One expression of each kind a claim; an interrupted state is two claims."),
    ("KG213", "A claim in two files", "A claim stands in the file of its document, once."),
    ("KG214", "An address that is not of the web", "Pages link to it: only http and https lead where they say."),
    ("KG215", "A passage that is no text", "As a number, 1.10 is 1.1, which is another sentence."),
    ("KG220", "A link lacks a part", "A link has a claim at each end, a relation, and a word on why."),
    ("KG221", "A link to an unknown claim", "Its end was renamed or removed."),
    # Views
    ("KG301", "No such acceptance", "--accept is facts, attributed or affirmed."),
    ("KG302", "No such document", "--only and --without name documents by their slug: `kg cite` lists them."),
    ("KG303", "A date that cannot be read", "--as-of takes a year, a month or a day."),
    ("KG304", "--certain without a date", "What is certain depends on the date that is asked: --as-of DATE."),
    # Terms where they are used
    ("KG401", "A term that the ontology lacks", "What is not defined means nothing, and queries will miss it."),
    ("KG402", "An entity that is not described", "Every entity has its kind and names in corpus/entities/."),
    (
        "KG403",
        "A term outside its domain or range",
        "OWL infers a type from a domain or range: a wrong use would be believed, not refused. The types are those "
        "stated, before reasoning gives new ones.",
    ),
    (
        "KG404",
        "A use that makes a kind narrower",
        "The entity is described as something more general than the property's domain or range: this use alone "
        "would make it the narrower thing.",
    ),
    ("KG405", "A literal for a thing, or a thing for a literal", "A property takes the one or the other."),
    (
        "KG406",
        "A class or property in the wrong place",
        "rdf:type takes a class, a statement a property, an axiom (of a parent, domain, range) terms of its kind.",
    ),
    ("KG407", "A literal of the wrong datatype", "The property's range says which datatype it takes."),
    ("KG408", "A deprecated term", "It keeps its meaning for those who use it; here its replacement is used."),
    # Claims among themselves
    ("KG409", "A time that no property reads", "Its temporal kind says which times count: docs/time.md."),
    ("KG411", "An end before its beginning", "One of the two dates was misread."),
    ("KG412", "A fact dated after its document", "What lies ahead is a plan or a prediction, whatever its tense."),
    ("KG413", "A claim twice in one document", "One claim can name several passages; support is counted once."),
    ("KG414", "A denial of several triples", "A denied conjunction denies neither part: deny one triple a claim."),
    ("KG415", "A link from a claim to itself", "A link joins two claims."),
    ("KG416", "A link twice", "The same two claims, in the same relation."),
    ("KG417", "A dissolved link that is no contradiction", "kg:dissolvedBy says why a contradiction is none."),
    (
        "KG418",
        "A claim does not reach an actor that its gloss names",
        "Whoever asks about an actor must get what the documents say of it: a claim is linked to whom it is about.",
    ),
    ("KG419", "A gloss leans on what stands before it", "Evidence shows a gloss by itself."),
    # Entity files
    ("KG420", "A prefix that stands for something else", "The base is stated in one place; prefixes agree with it."),
    (
        "KG421",
        "An entity file states a fact",
        "Kind, names, and what the name says it pertains to: all else comes from claims.",
    ),
    ("KG422", "An entity with a foreign name", "Entities are named below the project's id/."),
    ("KG423", "An entity without a kind", "Its uses cannot be checked, nor can it be found by kind."),
    ("KG424", "An entity lacks a label in a language", "The languages are those that the ontology's terms have."),
    ("KG425", "Two entities of one name", "Asking by that name would be ambiguous."),
    ("KG426", "An entity that nothing speaks of", "It was left behind, or a claim is missing."),
    (
        "KG427",
        "An identifier without its source",
        "skos:exactMatch needs dcterms:source, what it was checked against.",
    ),
    (
        "KG428",
        "An entity file settles a contested kind",
        "A claim denies, suspects or merely reports that the thing is of this kind, while its entity file says so: "
        "contested matters enter only as claims.",
    ),
    (
        "KG429",
        "A link that the entity's name does not bear out",
        "An entity file may say what a thing pertains to by its own label; what only we know is no document's.",
    ),
    # The ontology
    ("KG431", "A term without a label", "Answers and tables show labels."),
    ("KG432", "A term without a definition", "One sentence that says when to use it."),
    ("KG433", "A term lacks a label in a language", "The languages are those that most terms have."),
    ("KG434", "Two terms of one label", "Nobody could tell which is meant."),
    ("KG435", "A circle of subclasses or subproperties", "Everything in it would mean the same."),
    ("KG436", "A chain that feeds itself", "Its conclusion can become one of its links: paths grow without end."),
    ("KG437", "A property without a temporal kind", "Whether it holds on depends on it: event, state or timeless."),
    ("KG438", "Background without a source", "What the ontology says of entities, no document says: it needs one."),
    ("KG439", "A term that nothing uses", "Neither claim, entity, query, rule nor shape, nor a term below it."),
    ("KG441", "A construct outside OWL 2 RL", "The rules draw no conclusion from it, which is easy to miss."),
    ("KG442", "A property of two kinds", "A property takes literals or things, not both."),
    ("KG443", "An unsatisfiable class", "Anything in it would be a contradiction; the steps to it are given."),
    ("KG444", "A released term that is gone", "Whoever uses it would be left with nothing: deprecate it instead."),
    ("KG445", "A released term means something else", "What a release said of a term holds until it is deprecated."),
    ("KG446", "A version that is not one", "The header's version, its IRI and what was released under it agree."),
    ("KG447", "A mapping without its justification", "Who relies on it must see why it was made: SSSOM asks so."),
    (
        "KG448",
        "A property that must be simple",
        "OWL 2 DL counts, or calls functional, asymmetric, irreflexive or disjoint, only properties that neither a "
        "chain nor transitivity makes: its reasoners refuse the ontology, though the rules of OWL 2 RL are sound.",
    ),
    # Shapes
    ("KG449", "A copy of the tool's vocabulary", "The tool ships it: a copy grows stale and hides the newer one."),
    ("KG450", "The shapes cannot be run", "A shape in ontology/shapes/ is not well-formed SHACL."),
    (
        "KG451",
        "A shape is violated",
        "ontology/shapes/ says what a claim, a document, a poll result must have.",
    ),
    ("KG452", "A shape would have more", "As KG451, of what should be there and may be missing."),
    (
        "KG453",
        "A shape that would be executed",
        "Shapes are SHACL Core. A check never executes SPARQL or a script that a document brings.",
    ),
    ("KG461", "A variable that nothing can be", "The query's patterns ask two kinds of it that exclude each other."),
    # Rules beyond OWL 2 RL
    ("KG471", "An absence that nothing bounds", "NOT EXISTS only over a list that a document gives as complete."),
    ("KG472", "A rule's syntax is wrong", "A rule is a SPARQL CONSTRUCT with a header."),
    ("KG473", "What a rule cannot have", "Rules are triple patterns with fixed predicates, FILTER and NOT EXISTS."),
    ("KG474", "A variable that nothing binds", "What a rule concludes or compares stands in a pattern of its WHERE."),
    ("KG475", "Rules that cannot be stratified", "A rule asks that something be absent which may follow from it."),
    ("KG481", "No such reasoner", "native, or owlrl to compare with."),
    ("KG482", "A list that can be read in many ways", "Each node of an RDF list has one rdf:first and one rdf:rest."),
    ("KG483", "An engine that cannot be used", "duckdb, or spark with a server; the extra has to be installed."),
    (
        "KG484",
        "The engine gave up",
        "A full disk, too little memory, a lost server: the run goes on when it is called again.",
    ),
    ("KG485", "Not the folder of this run", "It holds something else, or a run over other input."),
    ("KG486", "A rule that no engine runs", "The embedded reasoner runs it."),
    # Exceptions
    ("KG491", "An exception without a reason", "`#: CODE why` in a comment; the reason is what makes it one."),
    ("KG492", "An error cannot be excepted", "Only warnings can: an error makes the graph wrong."),
    ("KG493", "An exception that covers nothing", "It would hide the next problem of its kind."),
    # Passages
    ("KG501", "No anchor", "A line of a passages file is place, hash, occurrence and reason, tab-separated."),
    ("KG502", "No such reason to set aside", "clutter, repetition or no-claim."),
    ("KG503", "A passages file without its header", "It names the splitter and the digest of the text."),
    ("KG504", "A place twice in a passages file", "A sentence has one place and one line in the file."),
    ("KG510", "A passage that the document has not", "The claim names a line and sentence that are not listed."),
    ("KG511", "A sentence neither mapped nor set aside", "Every sentence is accounted for."),
    ("KG512", "A sentence both mapped and set aside", "One of the two is left over."),
    ("KG513", "A document without a passages file", "`kg anchor --texts DIR` makes it from the text."),
    ("KG514", "Passages of no document", "The document's file was renamed or removed."),
    ("KG521", "A passage has moved", "Its sentence stands elsewhere; claims still name the old place."),
    ("KG522", "A passage is ambiguous", "Its sentence stands elsewhere more than once: which is meant is not clear."),
    ("KG523", "A passage is missing", "The text has no such sentence."),
    ("KG524", "A document's text was not found", "Its passages could not be compared."),
    ("KG525", "A text is not UTF-8", "Hashes are taken of Unicode text."),
    ("KG526", "No folder of texts", "--texts names a folder with .txt files."),
    ("KG527", "No text of a document", "By digest, by its sentences and by its name, none was found."),
    ("KG528", "Words of a source", "The texts are under other people's copyright: our words are our own."),
    # Queries
    ("KG601", "A query would reach the network", "SERVICE and FROM are refused: only this graph is asked."),
    ("KG602", "Not a query", "The graph is read-only here; the files are the truth."),
    (
        "KG603",
        "An escaped character outside a string",
        "Engines differ in when they decode it; it could hide one.",
    ),
    ("KG604", "A text that is no SPARQL", "The engine's message says where."),
    ("KG605", "A query was stopped", "It was not answered in the time allowed: --timeout."),
    ("KG606", "A query took too much memory", "It was stopped before the machine was short of it."),
    ("KG607", "A query is nested too deep", "Engines read it by recursion, and would run out of their stack."),
    ("KG608", "A query is too long", "A query has at most 1,048,576 bytes and 100,000 words and signs."),
    ("KG609", "Not a triple that follows", "`kg infer --why` explains triples of the closure."),
    ("KG610", "A saved query's header is no YAML", "The leading #+ lines are YAML, in grlc's form."),
    ("KG611", "An unknown key in a header", "It would be silently ignored."),
    ("KG612", "A saved query without a question", "#+ summary: says what it answers."),
    ("KG613", "Parameters are no mapping", "#+ parameters: has a name and its type, label, choices each."),
    ("KG614", "An unknown type of parameter", "entity, date, integer, number, text or language."),
    ("KG615", "A parameter's name is not alphanumeric", "grlc would split it wrongly."),
    ("KG616", "A default for no parameter", "It would never be used."),
    ("KG617", "An undeclared parameter", "A variable that begins with _ is a parameter: it needs its type."),
    ("KG618", "A parameter that the text does not use", "Its value would change nothing."),
    ("KG619", "GRAPH in a saved query", "A saved query runs on any store, where the view is the only graph."),
    ("KG620", "No ORDER BY", "The same answer must come in the same order."),
    ("KG621", "A saved query that is no SPARQL", "The engine's message says where."),
    (
        "KG622",
        "An unknown edge of a date parameter",
        "A date given as a month or year stands for its first or last day.",
    ),
    (
        "KG623",
        "An expected answer that does not fit its query",
        "Its columns are the query's; every row has all.",
    ),
    (
        "KG624",
        "An expected answer names what the graph lacks",
        "It is out of date, or was never an answer. That rows are the answers is for the project's tests, "
        "and for `kg load`: `kg check` asks nothing.",
    ),
    ("KG625", "A parameter's class that is none", "Candidates and suggestions are taken from it."),
    ("KG626", "A header's value of the wrong kind", "Values are text as written; tags and choices are lists."),
    ("KG627", "A parameter where no value can stand", "A value is a term: nothing can be assigned to it."),
    ("KG628", "A question without its date", "Its rows are marked by the period that the header names."),
    ("KG629", "A parameter called like an option", "`kg query` has an option of that name for every question."),
    ("KG630", "What a query matches is not understood", "Evidence is collected for SELECTs of SPARQL 1.1."),
    ("KG631", "Too little room for the engine", "A limit of the system on memory or open files is below its need."),
    ("KG632", "A column for readers that is none", "A question's header names those that its table shows."),
    ("KG651", "No such query", "`kg queries` lists them."),
    ("KG652", "No such parameter", "`kg queries NAME` lists those of a query."),
    ("KG653", "A parameter without a value", "It is required and has no default."),
    ("KG654", "A value that is not of its type", "A parameter's type says what is accepted."),
    (
        "KG655",
        "Nothing of that name",
        "An entity is named by IRI, prefixed name, ISO code or label, in any language.",
    ),
    ("KG656", "Several things of that name", "Nothing is guessed: the candidates are listed."),
    ("KG657", "No valid IRI", "An IRI has no spaces, quotes or brackets."),
    ("KG658", "No such list of values", "A parameter's choices name a saved query that lists them."),
    ("KG659", "A value that is not allowed", "The parameter takes one of the values listed."),
    ("KG660", "A value given twice", "By position and as an option: once is enough."),
    ("KG661", "No such format", "The formats are listed."),
    ("KG662", "A format that does not fit", "Rows and triples are written in different formats."),
    ("KG663", "A file that cannot be written", "The message of the system is given."),
    ("KG664", "No labels in that language", "--lang takes a language that the graph has labels in."),
    ("KG665", "A query that cannot be read", "A file or standard input, in UTF-8."),
    ("KG666", "No words to look for", "A search takes some letters or digits."),
    ("KG667", "A limit that is none", "Rows and seconds are bounded, so that nobody waits for ever by mistake."),
    ("KG670", "It does not hold", "`kg explain` explains what holds in the view that is asked."),
    ("KG671", "It does hold", "`kg why-not` says why something does not."),
    ("KG681", "No table of statements", "A CSV file with the columns subject, predicate and object."),
    ("KG682", "No such citation", "A document of the graph, and a place in it that a claim rests on."),
    # Stores elsewhere
    ("KG701", "A store cannot be reached", "Nothing listens at the address, or the connection broke off."),
    ("KG702", "A store refuses who asks", "Name and password come from the environment, netrc or a prompt."),
    ("KG703", "A store answered with an error", "What it said is given; its own log says more."),
    ("KG704", "Something else answered", "A web page of a proxy or a login is no answer of a store."),
    ("KG705", "An answer is not whole", "A status of 200 proves nothing: a result counts when it is complete."),
    ("KG706", "A store took too long", "The time is set with --timeout."),
    ("KG707", "A redirect to another server", "Neither graph nor password goes elsewhere because a server said so."),
    ("KG708", "A request was too large", "Requests are halved, down to 64 kB; a store or proxy sets the limit."),
    ("KG709", "A store's disk is full", "Nothing of others is touched; with room, the same load goes on."),
    ("KG710", "Another load is under way", "Two loads at once from one machine would undo each other."),
    ("KG711", "A graph of our name that is not ours", "Something else put it there; --adopt replaces it."),
    (
        "KG712",
        "What is there is not what was meant",
        "Units are read back, saved queries asked: rows show what differs.",
    ),
    ("KG713", "No such profile, or no address of a store", "http or https, without name and password in it."),
    ("KG714", "A store elsewhere does not hold this view", "`kg load` with the same options takes it there."),
    ("KG715", "An answer is too long", "Results are held in memory; ask for less at once."),
    (
        "KG716",
        "A name, password or token that cannot be sent",
        "White space at its ends is dropped; it is not shown.",
    ),
    ("KG717", "A netrc file that cannot be read", "The file and the line are named, and none of its words."),
    # Exports and bundles
    ("KG720", "An ending that says no form", "The form of an export follows from its file's name."),
    ("KG721", "An export cannot be written", "It is made beside its place: what was there before stays."),
    ("KG722", "A bundle of a view", "A bundle holds the whole graph, and is asked in any view."),
    ("KG723", "What a form cannot express", "RDF/XML has names and text of XML 1.0 only, JSON-LD no triple terms."),
    ("KG730", "No bundle, or a damaged one", "A bundle is a ZIP with a manifest that this version reads."),
    ("KG731", "A name in a bundle that must not be", "Entries are those of the manifest, below three folders."),
    ("KG732", "A file of a bundle was changed", "Its SHA-256 or size is not the manifest's."),
    ("KG733", "A bundle is too large", "What it announces is bounded, so that it cannot fill a disk."),
    # The server
    ("KG750", "The graph is not changed here", "The server answers queries; the files are the truth."),
    ("KG751", "Every worker is busy", "A server answers a few requests at once; Retry-After says when to ask again."),
    ("KG752", "An answer too large", "A server holds an answer whole, so that nobody gets half of one."),
    ("KG753", "A request that is none", "It gives a query or a parameter twice, none, or in no UTF-8."),
    ("KG754", "No format that is accepted", "The formats of an answer are listed."),
    ("KG755", "Another host's name", "A server on loopback answers to its own name alone, against rebinding of DNS."),
    ("KG756", "No type of request", "SPARQL is posted as a form or as application/sparql-query."),
    ("KG757", "A port that cannot be used", "Another process has it, or it needs more rights."),
    ("KG758", "An extra is missing", "`kg serve` needs the extra `server`; `kg mcp` and /mcp need `mcp`."),
    ("KG759", "No such thing", "An address below the server's base names an IRI of the graph in its view."),
    # Extending
    ("KG801", "No git repository", "A revision can be compared only inside one."),
    ("KG802", "No such revision", "Neither a revision nor a folder."),
    ("KG803", "A revision without a project", "It is older than the project's marker file."),
    ("KG804", "It is there already", "Nothing is overwritten: choose another name, or edit it."),
    (
        "KG805",
        "No such name",
        "What a new file is made from must be a name, a prefix, a base or a file that there is.",
    ),
    ("KG806", "A folder that cannot be used", "It is not empty, or cannot be made."),
    ("KG807", "Nothing of that name in the graph", "`kg impact` takes an axiom, a claim, a document or a term."),
    ("KG808", "The packaged graph is read-only", "Copy it, or make a project of your own: `kg init DIR`."),
    ("KG809", "No version to release", "The header gives none, or one that is released: it needs the next one."),
    ("KG810", "A version without a word on it", "ontology/CHANGELOG.md says what changed, for who uses the terms."),
    # Pictures
    ("KG811", "No kind of picture", "Pictures are SVG, PNG or PDF, by the ending of the file's name."),
    ("KG813", "A picture cannot be written", "The folder is missing or cannot be written to."),
    ("KG814", "Years that run backwards", "A timeline goes from an earlier year to a later one."),
    ("KG815", "No such picture", "A timeline, a neighbourhood of a term, or polls."),
    # The program itself
    ("KG999", "An unexpected fault", "A fault of the program, not of your input: please report it."),
)

#: Every code with its explanation, in order.
CODES: dict[str, ProblemKind] = {code: ProblemKind(code, title, why) for code, title, why in _ROWS}


def explain(code: str) -> ProblemKind:
    """The explanation of a code. Raises UsageError (KG003) for an unknown one."""
    found = CODES.get(code.upper())
    if found is None:
        close = get_close_matches(code.upper(), CODES, 3, 0.6)
        remedy = f"Perhaps {', '.join(close)}." if close else "Codes are KG and three digits."
        raise UsageError(Problem("KG003", f"there is no code {code!r}", remedy=remedy))
    return found
