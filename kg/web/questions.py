"""``/queries/NAME``: a saved question, its parameters and the view in the address, in the format wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from kg.errors import Problem, UsageError
from kg.queries.run import named
from kg.render.formats import SUFFIXES
from kg.web.address_parameters import VIEW, decoded, in_view, limit_of, said, single, wants_page
from kg.web.answer_tasks import Written, answer_question
from kg.web.media import alternates, chosen, named_format, offered
from kg.web.pages.routes import answer_in_html, page_parameters
from kg.web.responses import answer_response, changes, client_has, entity_tag

if TYPE_CHECKING:
    from starlette.requests import Request

#: The parameters of an address that are not the question's own.
OWN = (*VIEW, "limit", "undated", "evidence")


async def catalogue(request: Request) -> Response:
    """Every question: their page for people, their description for programs."""
    return RedirectResponse("/questions" if wants_page(request) else "/openapi.json", 303)


async def question(request: Request) -> Response:
    """The answer to a saved question, as a page for people; 304 where the client has it already."""
    name, form = named_format(request.path_params["name"], SUFFIXES.values())
    query = named(request.app.state.current(), name)
    types = offered(query.form)
    media = _media_of(form, types) if form else chosen(request.headers.get("accept"), types)
    html = media == "text/html"
    parameters = page_parameters(request) if html else single(decoded(request.url.query.encode()))
    graph = in_view(request.app.state.current(), parameters)
    headers = {
        "ETag": entity_tag(graph, name, media, sorted(parameters.items())),
        "Link": alternates(f"queries/{name}", types, urlencode(parameters), graph.project.iri("query", name)),
        # Kept, and asked for again with the tag.
        "Cache-Control": "no-store" if changes(query.text) else "no-cache",
    }
    if not changes(query.text) and client_has(request, headers["ETag"]):
        return Response(status_code=304, headers={"Vary": "Accept", **headers})
    if html:
        return await answer_in_html(request, name, headers)
    values = {key: value for key, value in parameters.items() if key not in OWN}
    limit = limit_of(parameters)
    asked = (name, values, types[media], limit, said(parameters, "undated"), said(parameters, "evidence"))
    written: Written = await request.app.state.calls(request, graph, answer_question, *asked)
    return answer_response(written, media, limit, headers)


def _media_of(form: str, types: Mapping[str, str]) -> str:
    for media, each in types.items():
        if each == form:
            return media
    remedy = f"It comes as {', '.join(dict.fromkeys(types.values()))}."
    raise UsageError(Problem("KG754", f"the answer does not come as {form}", remedy=remedy))
