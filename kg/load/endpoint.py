"""A store over HTTP: queries (SPARQL 1.1 Protocol), updates, whole graphs (Graph Store Protocol), and its kind.

A server may answer 200 and then fail: Oxigraph, when a query runs out of time, ends its JSON in the middle and adds a
sentence. The engine's parser does not read beyond the value that it wants, and some thousand levels of nesting
crash it, so brackets are checked first.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from urllib.parse import quote, urlencode

import httpx
import pyoxigraph

from kg.errors import Problem, UsageError
from kg.load.credentials import Authorisation, Credentials
from kg.load.failures import RemoteError, excerpt, failure
from kg.load.profiles import PROFILES, Profile, profile_named
from kg.load.transport import RESULT_LIMIT, Body, Response, Transport, check_address, origin, store_address
from kg.model import Term, written
from kg.reasoner.rdf_files import nesting
from kg.vocab import DCTERMS, iri

#: Levels of nesting: a row of plain terms has five, each triple term within another two more.
_DEEPEST = 60
#: Cells of a result, unbound ones included: three bytes of JSON can stand for a row of a thousand of these.
_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a SELECT (columns and rows of terms, None where unbound) or an ASK (``boolean``).

    ``cut`` is the number of rows after which the server cut the answer off, where it says so.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]
    boolean: bool | None = None
    cut: int = 0


def parse_results(body: bytes, where: str, cut: int = 0) -> Result:
    """Read ``application/sparql-results+json``. Raises RemoteError (KG705) for anything else under that name."""
    try:
        return _parsed(body, cut)
    except (SyntaxError, ValueError) as error:
        fault = str(error)
    except MemoryError:
        raise failure("KG715", f"{where} answered more than {_CELLS:,} cells", "Ask for less at once.") from None
    # Raised here and not above: a traceback would keep the engine's object, which must end in this thread.
    raise _broken(body, where, fault)


def _parsed(body: bytes, cut: int) -> Result:
    if body.count(b"{") > _CELLS:
        raise MemoryError
    if not _is_whole(body):
        raise SyntaxError("it ends too early, goes on after its end, or is nested too deep")
    found = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.JSON)
    if isinstance(found, pyoxigraph.QueryBoolean):
        return Result((), [], bool(found))
    columns = tuple(variable.value for variable in found.variables)
    most = _CELLS // (len(columns) + 1)
    rows = [tuple(None if term is None else written(term) for term in row) for row in islice(found, most)]
    if next(found, None) is not None:
        raise MemoryError
    return Result(columns, rows, None, cut)


def refuse_nested(lines: bytes, where: str = "the store") -> None:
    """Raises RemoteError (KG705) for N-Triples with triple terms nested so deep that the engine would not return."""
    if lines.count(b"<<(") > _DEEPEST and any(line.count(b"<<(") > _DEEPEST for line in lines.split(b"\n")):
        raise failure("KG705", f"{where} sent triple terms that are nested too deep", "Ask for fewer columns.")


def _is_whole(body: bytes) -> bool:
    """Whether a text has the brackets of one JSON object that ends where the text does, nested within reason."""
    depths = nesting(body)
    end = next((depth for depth in depths if not 0 < depth <= _DEEPEST), None)
    return end == 0 and next(depths, None) is None and body.rstrip().endswith(b"}")


def whole_number(text: str) -> int | None:
    """A number that a server wrote; None for anything else, also for more digits than a count can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _broken(body: bytes, where: str, fault: str) -> RemoteError:
    message = f"{where} answered 200, but no whole result ({excerpt(fault)}): it ends «{excerpt(body[-200:])}»"
    remedy = (
        "The query ran out of time or memory there, or a proxy cut it off. Try again, or raise the store's limits."
    )
    return failure("KG705", message, remedy)


JSON = "application/sparql-results+json"
NTRIPLES = "application/n-triples"
NQUADS = "application/n-quads"
FORM = "application/x-www-form-urlencoded"
#: Rows asked for at once where a result is read in pages.
PAGE = 10_000
#: Bytes of a line that is longer than the average of any graph: it bounds what is read of a graph of known size.
_LONG_LINE = 10_000
#: Lines that are parsed together.
_TOGETHER = 10_000
#: Schemes for a store of which nothing is known yet; the strongest that it offers is used.
_SCHEMES = ("digest", "bearer", "basic")


class Endpoint:
    """A store of a known kind at an address. Each answer is checked to be whole before it is believed.

    The address is the store's own or that of its queries. Updates go where the profile says, or to ``update_url``,
    which may be on another server: that one gets ``update_credentials`` and never those of the first.
    Raises UsageError (KG713) for a malformed address.
    """

    def __init__(
        self,
        address: str,
        profile: Profile,
        credentials: Credentials | None = None,
        *,
        timeout: float = 600.0,
        update_url: str | None = None,
        update_credentials: Credentials | None = None,
    ) -> None:
        self.profile = profile
        self.address = store_address(address, profile.query)
        #: The same store over a connection of its own, for another thread.
        self.another = partial(
            Endpoint,
            address,
            profile,
            credentials,
            timeout=timeout,
            update_url=update_url,
            update_credentials=update_credentials,
        )
        own = Authorisation(credentials, profile.schemes, profile.asks)
        self.transport = self._updates = Transport(self.address, own, timeout)
        self._update_url = self.address + profile.update
        self._updates_apart = update_url is not None
        if update_url:
            self._update_url = check_address(update_url, "the address of updates")
        if origin(self._update_url) != origin(self.address):
            other = Authorisation(update_credentials, profile.schemes, profile.asks)
            self._updates = Transport(self._update_url, other, timeout)

    @property
    def where(self) -> str:
        """The server as messages name it."""
        return self.transport.where

    def query(self, text: str, default_graph: str | None = None, columns: Iterable[str] = ()) -> Result:
        """Ask a SELECT or an ASK; with ``default_graph`` (an IRI) of that graph alone.

        Raises RemoteError: not reached, refused, no result, one that is cut off, or one with other columns than those
        given (KG701 to KG706, KG715).
        """
        answer = self._ask(text, default_graph, JSON, (JSON, "application/json"))
        cut = answer.headers.get("X-SPARQL-MaxRows", "")
        result = parse_results(answer.read(), self.where, whole_number(cut) or 0)
        if wanted := set(columns) - set(result.columns):
            message = f"{self.where} answered without the columns {', '.join(sorted(wanted))}"
            raise failure("KG705", message, "Is the address that of the store's queries?")
        return result

    def rows(self, text: str, columns: str, most: int = 1_000_000) -> Iterator[tuple[Term | None, ...]]:
        """The rows of a SELECT that may be long, read in pages; column names have spaces between.

        A store that refuses to sort for a page beyond its first rows sorts in a subquery: without an order, its pages
        overlap. Raises RemoteError as ``query`` does, and KG715 for more than ``most`` rows.
        """
        names = columns.split()
        text += f" ORDER BY {' '.join(f'?{name}' for name in names)}"
        if self.profile.sorts_few:
            text = f"SELECT * WHERE {{ {{ {text} }} }}"
        size, offset = PAGE, 0
        while offset <= most:
            page = self.query(f"{text} LIMIT {size} OFFSET {offset}", columns=names)
            places = [page.columns.index(name) for name in names]
            yield from (tuple(row[place] for place in places) for row in page.rows)
            # A store that cuts results off may have a lower limit than the one that was asked for.
            size = min(size, page.cut or size)
            offset += len(page.rows)
            if len(page.rows) < size:
                return
        raise failure("KG715", f"{self.where} sent more than {most:,} rows", "Is the address that of the store?")

    def holds(self, pattern: str) -> bool:
        """Whether a graph pattern matches anything."""
        boolean = self.query(f"ASK {{ {pattern} }}").boolean
        if boolean is None:
            raise failure("KG705", f"{self.where} answered an ASK query with rows", "Check the address.")
        return boolean

    def construct(self, text: str, default_graph: str | None = None, limit: int = RESULT_LIMIT) -> Iterator[bytes]:
        """Ask a CONSTRUCT or DESCRIBE; gives canonical N-Triples lines as they arrive."""
        return self._canonical(self._ask(text, default_graph, NTRIPLES, (NTRIPLES, "text/plain")), limit)

    def update(self, text: str) -> None:
        """Send a SPARQL Update."""
        if self.profile.update_as_form:
            body = Body.of(urlencode({"update": text}).encode(), FORM)
        else:
            body = Body.of(text.encode(), "application/sparql-update")
        self._write(self._updates, "POST", self._update_url, body)

    def put_graph(self, graph: str, body: Body) -> None:
        """Replace one graph whole by N-Triples, over the Graph Store Protocol."""
        self._write(self.transport, "PUT", self._graph_url(graph), body)

    def graph_lines(self, graph: str, most: int) -> Iterator[bytes]:
        """The canonical N-Triples lines of a graph of about ``most`` triples; none when there is no such graph."""
        limit = RESULT_LIMIT + most * _LONG_LINE
        pattern = f"WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        if self.profile.reads_by_select:
            for row in self.rows(f"SELECT ?s ?p ?o {pattern}", "s p o", 2 * most + PAGE):
                yield f"{' '.join(term or '' for term in row)} .\n".encode()
        elif self.profile.graphs is None:
            yield from self.construct(f"CONSTRUCT {{ ?s ?p ?o }} {pattern}", limit=limit)
        else:
            answer = self.transport.ask(
                "GET", self._graph_url(graph), accept=NTRIPLES, types=(NTRIPLES, "text/plain"), missing=True
            )
            if answer.status == 404:
                answer.discard()
            else:
                yield from self._canonical(answer, limit)

    def dump(self, most: int) -> Iterator[bytes]:
        """The N-Quads lines of the whole store of about ``most`` quads, others' included, as they arrive."""
        limit = RESULT_LIMIT + most * _LONG_LINE
        url = self.address + (self.profile.dump or "")
        return self.transport.ask("GET", url, accept=NQUADS, types=(NQUADS, "text/x-nquads")).lines(limit)

    def add_quads(self, body: Body) -> None:
        """Add N-Quads to the store in one request."""
        self._write(self.transport, "POST", self.address + (self.profile.quads or ""), body)

    def check_updates(self, graph: str) -> None:
        """Check that queries see what updates write, with a triple that is removed again.

        Raises RemoteError (KG703) when they do not. Nothing is asked where the profile says where updates go.
        """
        if not self._updates_apart:
            return
        triple = f'{graph} {iri(DCTERMS + "identifier")} "{secrets.token_hex(16)}"'
        self.update(f"INSERT DATA {{ GRAPH {graph} {{ {triple} }} }}")
        seen = self.holds(f"GRAPH {graph} {{ {triple} }}")
        self.update(f"DELETE DATA {{ GRAPH {graph} {{ {triple} }} }}")
        if not seen:
            message = f"{self._updates.where} accepted an update that is not seen at {self.where}"
            remedy = "Are queries and updates of one store? Check --profile and --update-url. Nothing was loaded."
            raise failure("KG703", message, remedy)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
        self._updates.close()

    def _ask(self, text: str, default_graph: str | None, accept: str, types: tuple[str, ...]) -> Response:
        form = {"query": text} | ({"default-graph-uri": default_graph} if default_graph else {})
        url = self.address + self.profile.query
        return self.transport.ask("POST", url, Body.of(urlencode(form).encode(), FORM), accept, types)

    def _canonical(self, answer: Response, limit: int) -> Iterator[bytes]:
        return canonical_lines(answer.lines(limit), self.where)

    def _write(self, transport: Transport, method: str, url: str, body: Body) -> None:
        answer = transport.ask(method, url, body)
        text = answer.read()
        # A store may call an empty answer HTML; a page with content is somebody else's.
        if answer.type == "text/html" and text.strip():
            remedy = "A proxy or a login stands before the store; the data may not have arrived. Run it again."
            raise failure("KG704", f"{transport.where} answered a write with a web page: {excerpt(text)}", remedy)

    def _graph_url(self, graph: str) -> str:
        return f"{self.address}{self.profile.graphs or ''}?graph={quote(graph, safe='')}"


def values(name: str, terms: Iterable[Term]) -> str:
    """A VALUES block of one variable."""
    return f"VALUES ?{name} {{ {' '.join(terms)} }}"


def canonical_lines(lines: Iterable[bytes], where: str) -> Iterator[bytes]:
    """N-Triples lines, however spaced and escaped, in canonical form; comments and empty lines go."""
    left = iter(lines)
    while text := b"".join(islice(left, _TOGETHER)):
        refuse_nested(text, where)
        try:
            for triple in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES):
                yield f"{triple.subject} {triple.predicate} {written(triple.object)} .\n".encode()
        except SyntaxError as error:
            fault = str(error.msg)
        else:
            continue
        # Raised here, since a traceback would keep the engine's parser.
        remedy = "The store or a proxy failed while it answered; its log says more."
        raise failure("KG705", f"the answer of {where} is not N-Triples: {excerpt(fault)}", remedy)


def profile_for(
    address: str, name: str | None, credentials: Credentials | None = None, timeout: float = 600.0
) -> Profile:
    """The profile of that name, or the one that the server's answers tell.

    Raises UsageError (KG713) when the name is unknown or the answers do not tell, and RemoteError when nothing
    answers, or nothing tells the kind without a password (KG702).
    """
    if name:
        return profile_named(name)
    found = detect(address, credentials, timeout)
    if found is None:
        remedy = f"Name it: --profile {'|'.join(PROFILES)}."
        raise UsageError(Problem("KG713", "the server does not tell what kind of store it is", remedy=remedy))
    return found


def detect(address: str, credentials: Credentials | None = None, timeout: float = 600.0) -> Profile | None:
    """Ask the address, then the server's root, without a password, then with it if one is wanted.

    None when no sign is known. Raises RemoteError as ``Transport.request`` does: KG702 only when nothing was told and
    the address itself is refused.
    """
    address = store_address(address)
    for known in dict.fromkeys((None, credentials)):
        with closing(Transport(address, Authorisation(known, _SCHEMES), timeout)) as transport:
            refused = []
            for url in (address, f"{transport.where}/"):
                answer = transport.request("GET", url, refused=True)
                transport.close()
                # A refusal is signed like any answer.
                if found := _told_by(answer.headers):
                    return found
                refused.append(answer.status == 401)
            if not any(refused):
                return None
            if refused[0] and known == credentials:
                raise transport.refusal()
    return None


def _told_by(headers: httpx.Headers) -> Profile | None:
    told = {name.lower(): value.lower() for name, value in headers.items()}
    for profile in PROFILES.values():
        if any(header in told and part in told[header] for header, part in profile.signs):
            return profile
    return None
