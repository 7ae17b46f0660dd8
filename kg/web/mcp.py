"""Tools for agents by the Model Context Protocol, with its official SDK: over HTTP at ``/mcp``, or over stdio.

Every tool reads only, takes a view, and calls a task of ``kg.web.agents`` within the bounds of ``Calls``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, ResourceLink, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from kg.errors import KgError
from kg.graph.views import view_of
from kg.harmless import harmless, json_text
from kg.labels import language_of
from kg.version import __version__
from kg.web import agents
from kg.web.agent_data import (
    AbsenceData,
    AnswerPage,
    Disagreements,
    FoundItems,
    FoundQuestions,
    ProofData,
    Thing,
    VerdictData,
)
from kg.web.calls import Calls

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from kg.graph.store import Graph
    from kg.queries.bounded import Task

_INSTRUCTIONS = """\
A graph of what documents claim. Every row names the claims it rests on, each with its sentence's place, holder and \
date; cite them. Start with find_questions and ask; use sparql only where no saved question fits. A view chooses \
documents, what counts as fact, and a date. Documents disagree: see conflicts. Absence is not denial: see why_not."""
#: Seconds after which a session without requests ends, and sessions at the same time.
_IDLE, _SESSIONS = 300.0, 200
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class ViewChoice(BaseModel):
    """Which claims count as facts; by default the uncontested ones of all documents, at any time."""

    only: list[str] | None = Field(None, description="Slugs of the only documents to believe")
    without: list[str] = Field([], description="Slugs of documents to leave out")
    accept: Literal["facts", "contested", "attributed", "affirmed"] = "facts"
    as_of: str = Field("", description="A date: 2017, 2017-04, 2017-04-10")
    certain: bool = Field(False, description="Only what certainly holds at as_of")
    lang: Literal["en", "sr-Latn", "sr-Cyrl"] = "en"


_Offset = Annotated[int, Field(ge=0, description="Where the page begins")]
_Limit = Annotated[int, Field(ge=1, le=agents.MOST_ROWS, description="Items of a page at most")]
_Entity = Annotated[str, Field(description="Name or IRI")]
_Property = Annotated[str, Field(description="A property's name, such as memberOf; 'a' for the type")]
_EVERYTHING = ViewChoice()  # type: ignore[call-arg]  # every field has a default


def mcp_server(current: Callable[[], Graph], calls: Calls) -> MCPServer[Any]:
    """The server of the tools and resources of whatever graph is current."""
    bound = _Tools(current, calls)
    server: MCPServer[Any] = MCPServer(
        "serbia-kg",
        version=__version__,
        instructions=_INSTRUCTIONS,
        tools=[_described(tool) for tool in bound.all],
        log_level="CRITICAL",
    )
    base = current().project.base
    server.resource(base + "{+path}", name="thing", description="An entity, claim or document by its IRI")(
        bound.thing
    )
    server.resource(base + "{+path}#{part}", name="part", description="A passage or a term by its IRI")(bound.part)
    return server


class AgentEndpoint:
    """The server of the tools as an ASGI application, which runs from its first request on.

    Clients of protocols before 2026 have sessions, by which a call is found that they cancel.
    """

    def __init__(self, current: Callable[[], Graph], calls: Calls) -> None:
        server = mcp_server(current, calls)
        server.streamable_http_app(session_idle_timeout=_IDLE, max_sessions=_SESSIONS)
        self._manager = server.session_manager
        self._running: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._cancelling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await self._ready.wait()
        body, answered = bytearray(), False

        async def listening() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if message["type"] == "http.disconnect" and not answered:
                self._cancelling = asyncio.create_task(self._cancel(scope, bytes(body)))
            return message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        await self._manager.handle_request(scope, listening, sending)

    async def _cancel(self, scope: Scope, body: bytes) -> None:
        """Cancel the call of a client that has left: in a session the SDK would let it run to its end."""
        headers = {name: value for name, value in scope["headers"] if name != b"content-length"}
        try:
            call = json.loads(body)["id"] if b"mcp-session-id" in headers else None
        except (ValueError, KeyError, TypeError):
            call = None
        if call is None:
            return
        notice = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": call}}
        content = json_text(notice).encode()
        headers[b"content-length"] = str(len(content)).encode()
        messages = iter([{"type": "http.request", "body": content}])

        async def given() -> Message:
            return next(messages, {"type": "http.disconnect"})

        async def unheard(_message: Message) -> None:
            """Nobody is there to hear the answer."""

        await self._manager.handle_request({**scope, "headers": [*headers.items()]}, given, unheard)

    async def _run(self) -> None:
        async with self._manager.run():
            self._ready.set()
            await asyncio.Event().wait()


def serve_stdio(current: Callable[[], Graph]) -> None:
    """Serve the tools over standard input and output until the input ends."""

    async def serving() -> None:
        await mcp_server(current, Calls()).run_stdio_async()

    asyncio.run(serving())


def _described(tool: Callable[..., Awaitable[CallToolResult]]) -> Tool:
    """A tool with its schemas, without the titles in them, which only repeat names: a model reads all of this."""
    made = Tool.from_function(tool, annotations=_READS)
    made.parameters = _untitled(made.parameters)
    made.fn_metadata.output_schema = _untitled(made.fn_metadata.output_schema)
    return made


def _untitled(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        return {k: _untitled(v) for k, v in schema.items() if k != "title" or not isinstance(v, str)}
    return [_untitled(each) for each in schema] if isinstance(schema, list) else schema


class _Tools:
    """The tools: what they are called, take and give is what a client is told of them."""

    def __init__(self, current: Callable[[], Graph], calls: Calls) -> None:
        self._current, self._calls = current, calls

    @property
    def all(self) -> tuple[Callable[..., Awaitable[CallToolResult]], ...]:
        """Every tool."""
        return (
            self.find_questions, self.ask, self.verify, self.explain, self.why_not,
            self.conflicts, self.show, self.search, self.sparql,
        )  # fmt: skip

    async def find_questions(
        self,
        words: Annotated[str, Field(description="What you want to know, in any words")],
        limit: _Limit = 5,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, FoundQuestions]:
        """Find saved questions that fit some words, and the entities and claims that have the words."""
        return await self._told(view, agents.tell_questions, words, limit)

    async def ask(
        self,
        question: Annotated[str, Field(description="The name of a saved question")],
        values: Annotated[dict[str, str], Field(description="Values of its parameters by name")] = {},  # noqa: B006 - never changed
        undated: Annotated[bool, Field(description="With as_of: also rows that nothing dates")] = False,
        offset: _Offset = 0,
        limit: _Limit = 20,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, AnswerPage]:
        """Answer a saved question; every row names what it rests on."""
        return await self._told(view, agents.tell_question, question, values, undated, offset, limit)

    async def verify(
        self,
        subject: _Entity,
        predicate: _Property,
        object: _Entity,
        document: Annotated[str, Field(description="The slug of a document that is cited for it")] = "",
        place: Annotated[str, Field(description="The place in that document, such as 11.1")] = "",
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, VerdictData]:
        """Say how a statement stands: stated, inferred, attributed, denied, contested, not stated and so on."""
        return await self._told(view, agents.tell_verdict, subject, predicate, object, document, place)

    async def explain(
        self,
        subject: _Entity,
        predicate: _Property,
        object: _Entity,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, ProofData]:
        """Prove a statement that holds, down to claims and axioms."""
        return await self._told(view, agents.tell_proof, subject, predicate, object)

    async def why_not(
        self,
        subject: _Entity,
        predicate: _Property,
        object: _Entity,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, AbsenceData]:
        """Say why a statement does not hold: what is missing, and who denies or contests it."""
        return await self._told(view, agents.tell_absence, subject, predicate, object)

    async def conflicts(
        self,
        about: Annotated[str, Field(description="Only those about this thing")] = "",
        within: Annotated[bool, Field(description="Also conflicts within one document")] = False,
        offset: _Offset = 0,
        limit: _Limit = 10,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, Disagreements]:
        """List what documents disagree about, both sides with their claims."""
        return await self._told(view, agents.tell_conflicts, about, within, offset, limit)

    async def show(
        self, term: _Entity, offset: _Offset = 0, limit: _Limit = 20, view: ViewChoice = _EVERYTHING
    ) -> Annotated[CallToolResult, Thing]:
        """Show what the graph says about an entity, class, property, document or claim."""
        return await self._told(view, agents.tell_thing, term, offset, limit)

    async def search(
        self,
        words: Annotated[str, Field(description="Words, all of which must be there")],
        limit: _Limit = 20,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, FoundItems]:
        """Find words in names, definitions and the claims' glosses."""
        return await self._told(view, agents.tell_search, words, limit)

    async def sparql(
        self,
        query: Annotated[str, Field(description="SPARQL 1.1; usual prefixes need no declaration")],
        offset: _Offset = 0,
        limit: _Limit = 20,
        view: ViewChoice = _EVERYTHING,
    ) -> Annotated[CallToolResult, AnswerPage]:
        """Answer a SPARQL query; rows of a SELECT name what they rest on."""
        return await self._told(view, agents.tell_sparql, query, offset, limit)

    async def thing(self, path: str) -> str:
        """A thing of the graph as text."""
        return await self.part(path, "")

    async def part(self, path: str, part: str) -> str:
        """A passage or a term of the graph as text."""
        graph = self._current()
        iri = f"{graph.project.base}{path}{'#' if part else ''}{part}"
        try:
            text: str = await self._calls.item(graph, agents.tell_resource, iri)
        except KgError as error:
            raise ResourceError(_said(error)) from None
        return text

    async def _told(self, view: ViewChoice, task: Task, *arguments: object) -> CallToolResult:
        try:
            told: agents.Told = await self._calls.item(self._in_view(view), task, *arguments)
        except KgError as error:
            raise ToolError(_said(error)) from None
        links = [ResourceLink(type="resource_link", uri=link.iri, name=link.name) for link in told.links]
        text = TextContent(type="text", text=json_text(told.data))
        return CallToolResult(content=[text, *links], structured_content=told.data)

    def _in_view(self, wanted: ViewChoice) -> Graph:
        """The current graph in a view. Raises UsageError (KG301 to KG304, KG664)."""
        graph = self._current()
        view = view_of(wanted.only, wanted.without, wanted.accept, wanted.as_of or None, wanted.certain)
        view.check(graph.snapshot.meta["documents"])
        found = graph.in_view(view)
        found.language = language_of(wanted.lang)
        return found


def _said(error: KgError) -> str:
    """The problems of an error with their remedies, for a model to read."""
    return harmless("; ".join(f"{p.code}: {p.message}. {p.remedy}" for p in error.problems))
