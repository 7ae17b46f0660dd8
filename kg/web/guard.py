"""What holds for every request: the host is ours, and the browser is told to run and fetch nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from kg.errors import Problem, UsageError
from kg.render.markup import STYLE
from kg.web.responses import problem_response, unexpected

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The one style that stands inside a page, that of an answer as HTML, by its hash.
_STYLE = f"sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"
#: Content-Security-Policy of all that says no other.
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' '{_STYLE}'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: A page elsewhere whose name was made to mean this machine sends its own name, never one of these.
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)


class Guard:
    """Passes requests to loopback on to an application, and adds headers to its responses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with 421 where it is meant for another host."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._app
        if not _LOOPBACK.fullmatch(Headers(scope=scope).get("host", "")):
            remedy = "Ask http://127.0.0.1 or http://localhost."
            app = problem_response(UsageError(Problem("KG755", "the request names another host", remedy=remedy)))
        try:
            await app(scope, receive, guarded)
        except Exception:
            if not begun:
                await unexpected()(scope, receive, guarded)
            raise  # its traceback goes to the server's log, none of it to the client
