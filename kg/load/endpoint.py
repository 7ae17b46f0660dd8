"""A store over HTTP: asking (SPARQL 1.1 Protocol), changing (Update), whole graphs (Graph Store Protocol)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import quote, urlencode

from kg.load.address import check_address, origin, store_address
from kg.load.credentials import Authorisation, Credentials
from kg.load.failures import excerpt, failure
from kg.load.profiles import Profile
from kg.load.results import Result, parse_results
from kg.load.transport import Answer, Body, Transport
from kg.model import Term

__all__ = ["NQUADS", "NTRIPLES", "Endpoint", "values"]

JSON = "application/sparql-results+json"
NTRIPLES = "application/n-triples"
NQUADS = "application/n-quads"
FORM = "application/x-www-form-urlencoded"
#: The longest result that is read into memory, in bytes; whole graphs are streamed instead.
RESULT_LIMIT = 64 << 20


class Endpoint:
    """A store of a known kind at an address. Everything asked of it is checked to be whole before it is believed.

    The address is the store's own or that of its queries. Updates go where the profile says, or to ``update_url``,
    which may be of another server: that one gets ``update_credentials`` and never those of the first.
    Raises UsageError (KG713) for what is no such address.
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
        self._made_from = partial(
            Endpoint,
            address,
            profile,
            credentials,
            timeout=timeout,
            update_url=update_url,
            update_credentials=update_credentials,
        )
        self.transport = self._updates = Transport(
            self.address, Authorisation(credentials, profile.schemes, profile.asks), timeout
        )
        self._update_url = self.address + profile.update
        if update_url:
            self._update_url = check_address(update_url, "the address of updates")
        if origin(self._update_url) != origin(self.address):
            self._updates = Transport(
                self._update_url, Authorisation(update_credentials, profile.schemes, profile.asks), timeout
            )

    @property
    def where(self) -> str:
        """The server as messages name it."""
        return self.transport.where

    @property
    def where_updates_go(self) -> str:
        """The server of updates as messages name it; mostly the same."""
        return self._updates.where

    def keep(self, tick: Callable[[], None]) -> None:
        """Call a function with everything that is asked or sent from now on, here and by every ``another``."""
        self.transport.tick = self._updates.tick = tick

    def query(self, text: str, default_graph: str | None = None) -> Result:
        """Ask a SELECT or an ASK; with ``default_graph`` (an IRI) of that graph alone.

        Raises RemoteError: not reached, refused, no result, or one that is cut off (KG701 to KG706, KG715).
        """
        answer = self._ask(text, default_graph, JSON, (JSON, "application/json"))
        return parse_results(answer.read(RESULT_LIMIT), self.where)

    def construct(self, text: str, default_graph: str | None = None) -> Iterator[bytes]:
        """Ask a CONSTRUCT or DESCRIBE; gives N-Triples lines as they arrive."""
        return self._ask(text, default_graph, NTRIPLES, (NTRIPLES, "text/plain")).lines()

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

    def graph_lines(self, graph: str) -> Iterator[bytes]:
        """The N-Triples lines of a graph, as they arrive; none when there is no such graph."""
        if self.profile.graphs is None:
            yield from self.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
            return
        answer = self.transport.ask(
            "GET", self._graph_url(graph), accept=NTRIPLES, types=(NTRIPLES, "text/plain"), missing=True
        )
        if answer.status == 404:
            answer.discard()
            return
        yield from answer.lines()

    def dump(self) -> Iterator[bytes]:
        """The N-Quads lines of the whole store, others' graphs included, as they arrive."""
        url = self.address + (self.profile.dump or "")
        return self.transport.ask("GET", url, accept=NQUADS, types=(NQUADS, "text/x-nquads")).lines()

    def add_quads(self, body: Body) -> None:
        """Add N-Quads to the store in one request."""
        self._write(self.transport, "POST", self.address + (self.profile.quads or ""), body)

    def holds(self, pattern: str) -> bool:
        """Whether a graph pattern matches anything."""
        return bool(self.query(f"ASK {{ {pattern} }}").boolean)

    def another(self) -> Endpoint:
        """The same store over a connection of its own, for another thread."""
        made = self._made_from()
        made.keep(self.transport.tick)
        return made

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
        self._updates.close()

    def _ask(self, text: str, default_graph: str | None, accept: str, types: tuple[str, ...]) -> Answer:
        form = {"query": text} | ({"default-graph-uri": default_graph} if default_graph else {})
        url = self.address + self.profile.query
        return self.transport.ask("POST", url, Body.of(urlencode(form).encode(), FORM), accept, types)

    def _write(self, transport: Transport, method: str, url: str, body: Body) -> None:
        answer = transport.ask(method, url, body)
        text = answer.read(RESULT_LIMIT)
        # A store may call an empty answer HTML; a page with something on it is somebody else's.
        if answer.type == "text/html" and text.strip():
            shown = excerpt(text)
            remedy = "A proxy or a login stands before the store; what was sent may not be there. Run it again."
            raise failure("KG704", f"{transport.where} answered a web page to a write: {shown}", remedy)

    def _graph_url(self, graph: str) -> str:
        url = self.address + (self.profile.graphs or "")
        return f"{url}?graph={quote(graph, safe='')}"


def values(name: str, terms: Iterable[Term]) -> str:
    """A VALUES block of one variable."""
    return f"VALUES ?{name} {{ {' '.join(terms)} }}"
