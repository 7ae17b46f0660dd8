"""Serving an application on loopback."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

#: Nobody but this machine is answered.
HOST = "127.0.0.1"
#: Connections at the same time; those beyond get 503.
_CONNECTIONS = 500
#: Seconds in which a request must be there, and in which an answer must be taken; bytes of a request's head at most.
SENDING, TAKING, HEAD = 30.0, 60.0, 64 << 10


class DeadlineProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, and the end of a connection whose client is too slow, or whose head is too long."""

    _sending: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None
    _head: int | None = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_request()

    def on_message_begin(self) -> None:
        """Wait for the rest of a request."""
        super().on_message_begin()
        self._head = 0
        self._await_request()

    def on_headers_complete(self) -> None:
        """Count no longer: the body is bounded by who reads it."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no longer."""
        super().on_message_complete()
        _cancel(self._sending)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head of a request has grown too long."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD:
                self.transport.abort()

    def pause_writing(self) -> None:
        """Wait for the client to take what it asked for."""
        super().pause_writing()
        self._await_taking()

    def on_response_complete(self) -> None:
        """Wait for the client to take what is left."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._await_taking()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        _cancel(self._sending)
        _cancel(self._taking)
        super().connection_lost(exc)

    def _await_request(self) -> None:
        _cancel(self._sending)
        self._sending = self.loop.call_later(SENDING, self.transport.abort)

    def _await_taking(self) -> None:
        _cancel(self._taking)
        self._taking = self.loop.call_later(TAKING, self._end_unless_taken)

    def _end_unless_taken(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def serve(application: Starlette, port: int, listening: Callable[[str], None]) -> None:
    """Serve until the process is told to end; ``listening`` is given the address once it can be asked.

    With port 0 the system chooses one. Raises KeyboardInterrupt at its end, and UsageError (KG757) for a port that
    cannot be used.
    """
    config = uvicorn.Config(
        application,
        host=HOST,
        http=DeadlineProtocol,
        ws="none",
        lifespan="off",
        log_level="error",
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(_CONNECTIONS)
        except OSError as error:
            remedy = "Choose another with --port, or 0 for any."
            raise UsageError(
                Problem("KG757", f"port {port} cannot be used: {error.strerror}", remedy=remedy)
            ) from None
        listening(f"http://{HOST}:{listener.getsockname()[1]}/")
        uvicorn.Server(config).run([listener])
    # uvicorn raises the signal again that ended it; under load the loop was seen to lose that.
    raise KeyboardInterrupt
