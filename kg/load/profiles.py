"""Each kind of store as a small declaration: paths, authentication, formats, batches, limits.

``tested`` says whether the tests run against the real store; other profiles follow the documentation named there.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import Problem, UsageError

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Profile:
    """How to use one kind of store.

    - ``address`` is an example; the paths are added to the user's address.
    - ``graphs`` is the path of the Graph Store Protocol (``?graph=`` is added), ``quads`` takes N-Quads by POST and
      adds them, ``dump`` returns the whole store as N-Quads; None where the store has no such request.
    - ``batch_triples`` and ``batch_bytes`` bound one SPARQL Update, ``bulk_bytes`` one request of N-Quads. A graph of
      more triples than ``whole_graph_over`` goes over the Graph Store Protocol.
    - ``union_default_graph``: a query that names no graph asks all of them. Queries from here always name one.
    - ``reads_by_select``: graphs are read as rows of a SELECT, since the store's N-Triples are malformed or cut off.
    - ``sorts_few``: the store refuses to sort many rows, and cuts long answers off.
    - ``decimals_need_point``: an update takes ``"5"^^xsd:decimal`` for an integer, ``"5.0"`` for a decimal.
    - ``rewrites`` are names of ``kg.load.verification.REWRITES``.
    - ``signs`` tell the kind of store by any answer: a header and part of its value, in lower case; only those with a
      public source, or seen in the tests.
    - ``asks`` is a phrase in the refusals of a store that wants a token and sends no challenge.
    """

    name: str
    title: str
    address: str
    query: str = ""
    update: str = ""
    graphs: str | None = None
    quads: str | None = None
    dump: str | None = None
    schemes: tuple[str, ...] = ("basic", "digest")
    asks: str = ""
    update_as_form: bool = False
    batch_triples: int = 5_000
    batch_bytes: int = 1 * _MB
    # Neptune's documented limit of 150 MB is the lowest known of a store that takes N-Quads; proxies have lower ones.
    bulk_bytes: int = 64 * _MB
    whole_graph_over: int = 5_000
    union_default_graph: bool = False
    reads_by_select: bool = False
    sorts_few: bool = False
    decimals_need_point: bool = False
    rewrites: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    signs: tuple[tuple[str, str], ...] = ()
    tested: str = ""


_ALL = (
    Profile(
        "oxigraph",
        "Oxigraph server",
        "http://host:7878",
        query="/query",
        update="/update",
        graphs="/store",
        # Without a transaction this is eight to ten times quicker; the manifest makes it safe, see docs/loading.md.
        quads="/store?no_transaction",
        dump="/store",
        # As the server of the tests answers.
        signs=(("server", "oxigraph"),),
        limits=("it asks for no password: anybody who reaches it may write",),
        tested="run in the tests (oxigraph 0.5.13)",
    ),
    Profile(
        "virtuoso",
        "OpenLink Virtuoso 7",
        "http://host:8890",
        query="/sparql",
        update="/sparql-auth",
        graphs="/sparql-graph-crud-auth",
        schemes=("digest",),
        batch_triples=1_000,
        batch_bytes=_MB // 2,
        whole_graph_over=1_000,
        union_default_graph=True,
        reads_by_select=True,
        sorts_few=True,
        decimals_need_point=True,
        rewrites=("boolean", "double", "fraction"),
        limits=(
            "no N-Quads and no TriG over HTTP",
            "answers are cut at ResultSetMaxRows (10,000 in Debian): graphs are read back in pages",
            "integers beyond 64 bits are refused; years before 1 are corrupted",
            "7.2.5 answers DISTINCT or UNION with several OPTIONALs wrongly: a load names such saved queries",
        ),
        # As the server of the tests answers.
        signs=(("server", "virtuoso"),),
        tested="run in the tests (7.2.5.1)",
    ),
    Profile(
        "fuseki",
        "Apache Jena Fuseki",
        "http://host:3030/DATASET",
        query="/query",
        update="/update",
        graphs="/data",
        quads="/data",
        dump="/data",
        limits=(
            "whether the default graph is the union of all is a setting of the dataset",
            "the services query, update and data must have these names, as they have by default",
        ),
        # github.com/apache/jena: FusekiRequestIdHeader; «Server: Apache Jena Fuseki (VERSION)» unless it is hidden.
        signs=(("server", "fuseki"), ("fuseki-request-id", "")),
        tested="from its documentation (Fuseki data service configuration: dispatch, quad extensions); not run here",
    ),
    Profile(
        "graphdb",
        "Ontotext GraphDB",
        "http://host:7200/repositories/NAME",
        update="/statements",
        graphs="/rdf-graphs/service",
        quads="/statements",
        dump="/statements?infer=false",
        union_default_graph=True,
        limits=("its own inference should be off, or counts differ",),
        # github.com/pyvandenbussche/sparqles/issues/48: «Server: GraphDB 6.0.7835, …», as vocab.getty.edu answered.
        signs=(("server", "graphdb"),),
        tested="from its documentation (GraphDB 10: RDF4J REST API); not run here",
    ),
    Profile(
        "rdf4j",
        "Eclipse RDF4J server",
        "http://host:8080/rdf4j-server/repositories/NAME",
        update="/statements",
        graphs="/rdf-graphs/service",
        quads="/statements",
        dump="/statements?infer=false",
        union_default_graph=True,
        tested="from its documentation (RDF4J 5: REST API); not run here",
    ),
    Profile(
        "neptune",
        "Amazon Neptune",
        "https://host:8182",
        query="/sparql",
        update="/sparql",
        graphs="/sparql/gsp/",
        # Every graph that the body names is added to, whichever graph the address names.
        quads="/sparql/gsp/?default",
        update_as_form=True,
        schemes=(),
        union_default_graph=True,
        limits=(
            "https only; from engine 1.0.5.0 on (Graph Store Protocol)",
            "requests are not signed: IAM authentication must be off, or a signing proxy stand between",
        ),
        tested="from its documentation (SPARQL HTTP and Graph Store Protocol); not run here",
    ),
    Profile(
        "qlever",
        "QLever",
        "http://host:7001",
        schemes=("bearer",),
        # github.com/ad-freiburg/qlever, Server.cpp: "… (requires a valid access token) …", without a challenge.
        asks="valid access token",
        union_default_graph=True,
        reads_by_select=True,
        limits=(
            "writing needs its access token (KG_LOAD_TOKEN)",
            "a version of mid-2025 or later, for DROP and several operations in one update",
            "without --persist-updates it forgets what was loaded when it stops",
        ),
        tested="from its documentation (updates; CONSTRUCT gives no N-Triples before July 2026); not run here",
    ),
    Profile(
        "stardog",
        "Stardog",
        "http://host:5820/DATABASE",
        query="/query",
        update="/update",
        graphs="",
        rewrites=("boolean", "decimal", "double"),
        limits=("it keeps literals in canonical form, unless index.literals.canonical is off",),
        tested="from its documentation (HTTP API, database options); not run here",
    ),
    Profile(
        "sparql",
        "any SPARQL 1.1 store",
        "http://host/sparql (its queries)",
        schemes=("basic", "digest", "bearer"),
        batch_triples=1_000,
        limits=("writes in batches of SPARQL Update at the address given, or at --update-url",),
        tested="run in the tests, against Oxigraph's endpoints",
    ),
)

#: Every profile by its name.
PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}


def profile_named(name: str) -> Profile:
    """A profile by its name. Raises UsageError (KG713) when there is none."""
    if name not in PROFILES:
        raise UsageError(Problem("KG713", f"unknown profile {name!r}", remedy=f"Use one of {', '.join(PROFILES)}."))
    return PROFILES[name]
