"""Answers that are kept, whole, within bounds: a request that was answered is answered again without a worker."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of all answers that are kept, and of one; bytes that one takes beside its body.
_ALL, _ONE, _BESIDE = 64 << 20, 4 << 20, 4 << 10
#: Headers of a request that its answer may depend on; with any other it is answered anew.
_VARIES = (b"host", b"accept", b"accept-language")
_ANEW = {b"if-none-match", b"if-modified-since", b"range", b"cache-control", b"authorization"}

_Key = tuple[object, ...]


class _Response(NamedTuple):
    start: Message
    body: bytes


class Kept:
    """Answers GET requests of an application again as it did, for as long as the graph has the same build.

    What was least recently asked goes first. An answer that is no 200, or says ``no-store``, is not kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[_Key, _Response] = OrderedDict()
        self._coming: dict[_Key, asyncio.Event] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return

        if key not in self._kept and (coming := self._coming.get(key)):
            # Many that ask the same at once want one worker, not all of them.
            await coming.wait()
        if known := self._kept.get(key):
            self._kept.move_to_end(key)
            await send({**known.start, "headers": list(known.start["headers"])})
            await send({"type": "http.response.body", "body": known.body})
            return
        mine = self._coming.setdefault(key, asyncio.Event())
        try:
            await self._app(scope, receive, _Keeping(self, key, send))
        finally:
            self._coming.pop(key, None)
            mine.set()

    def keep(self, key: _Key, response: _Response) -> None:
        """Keep a response, in place of what was asked longest ago."""
        if known := self._kept.pop(key, None):
            self._size -= _size(known)
        self._kept[key] = response
        self._size += _size(response)
        while self._size > _ALL:
            _key_of, old = self._kept.popitem(last=False)
            self._size -= _size(old)


class _Keeping:
    """Sends on what an application sends, and keeps it where it may be kept."""

    def __init__(self, kept: Kept, key: _Key, send: Send) -> None:
        self._kept, self._key, self._send = kept, key, send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = {**message, "headers": list(message["headers"])} if _may_be_kept(message) else None
        elif self._start is not None:
            self._body += message.get("body", b"")
            if message["type"] != "http.response.body" or len(self._body) > _ONE:
                self._start = None
            elif not message.get("more_body"):
                self._kept.keep(self._key, _Response(self._start, bytes(self._body)))
        await self._send(message)


def _key(scope: Scope) -> _Key | None:
    """What an answer depends on: the build, the address, what is accepted; None for what is not kept."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers = scope["headers"]
    if any(name in _ANEW for name, _value in headers):
        return None
    given = tuple((name, value) for name, value in headers if name in _VARIES)
    build = scope["app"].state.current().snapshot.folder
    return build, scope["path"], scope["query_string"], given


def _size(response: _Response) -> int:
    return len(response.body) + _BESIDE


def _may_be_kept(start: Message) -> bool:
    stored = all(name != b"cache-control" or b"no-store" not in value for name, value in start["headers"])
    return bool(start["status"] == 200 and stored)
