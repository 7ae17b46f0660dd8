"""Requests by httpx over connections that have a deadline for each request as a whole.

The timeouts of httpx and httpcore bound one read or write: a server that sends a byte now and then, in headers, body,
chunks or trailers, or ``100 Continue`` without end, keeps a client for ever. Here every read and write may take what
is left of the request's time. httpx takes a tenth of a second to import, so only commands that use a store import it.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

#: Seconds within which a connection, and then its TLS handshake, must be made.
CONNECT = 10.0
#: Bytes of content that are handed on together.
JOINED = 1 << 16
#: Bytes a second: a transfer gets more time in proportion to what it has moved, so that large graphs are not cut off.
SLOWEST = 100_000


class Clock:
    """The time that one request may take: a number of seconds, and more for the content that has moved."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = 0.0

    def start(self) -> None:
        """Begin with a request."""
        self._end = time.monotonic() + self.seconds

    def moved(self, size: int) -> None:
        """Count bytes of content, sent or received; framing and headers do not count."""
        self._end += size / SLOWEST

    def left(self) -> float:
        """The seconds that are left. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Pieces:
    """A body that is sent in pieces, made anew each time it is sent."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]], clock: Clock) -> None:
        self._pieces, self._clock = pieces, clock

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            yield piece
            self._clock.moved(len(piece))


class Exchange(httpx.BaseTransport):
    """One connection to a server, kept between requests.

    It is used without ``httpx.Client``, which would keep a server's cookies and send passwords of addresses.
    """

    def __init__(self, clock: Clock, secure: bool) -> None:
        # The authorities that the system trusts, not those of a package.
        context = ssl.create_default_context() if secure else None
        self._pool = httpcore.ConnectionPool(context, max_connections=1, network_backend=_Backend(clock))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; gives the answer when its headers are there."""
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101 - only such bodies are made here
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        assert not isinstance(response.stream, bytes)  # noqa: S101 - httpcore streams every answer
        return httpx.Response(response.status, headers=response.headers, stream=_Received(response))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


def joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces joined to larger ones, of at least JOINED bytes but for the last: few calls to pass them on."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= JOINED:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


class _Received(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        # Oxigraph sends chunks of a kilobyte; joined, they pass through the layers above a few at a time.
        return joined(self._response.iter_stream())

    def close(self) -> None:
        self._response.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            connection = socket.create_connection((host, port), CONNECT)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection in {CONNECT:g} s") from None
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Stream(connection, self._clock)


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._connection.settimeout(self._clock.left())
        return self._connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        try:
            while rest:
                self._connection.settimeout(self._clock.left())
                rest = rest[self._connection.send(rest) :]
        except ConnectionError as error:
            # httpcore then reads the answer that a server gave before it had read everything.
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._connection.settimeout(CONNECT)
        try:
            secure = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no TLS handshake in {CONNECT:g} s") from None
        return _Stream(secure, self._clock)

    def get_extra_info(self, info: str) -> object:
        if info == "ssl_object":
            return self._connection if isinstance(self._connection, ssl.SSLSocket) else None
        if info == "is_readable":
            return bool(select.select([self._connection], [], [], 0)[0])
        return None
