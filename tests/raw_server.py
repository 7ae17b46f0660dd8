"""A loopback server that answers with raw bytes, so that tests can break HTTP in ways that no library would."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["RawServer", "Request", "raw_server"]


@dataclass
class Request:
    """A request as it arrived: its head as text, and its body."""

    head: str
    body: bytes = b""

    @property
    def authorization(self) -> str:
        """The Authorization header, or an empty string."""
        lines = [line for line in self.head.split("\r\n") if line.lower().startswith("authorization:")]
        return lines[0].partition(":")[2].strip() if lines else ""


#: Answers one request over a connection; the connection is closed when it returns.
Behaviour = Callable[[Request, socket.socket], None]


@dataclass
class RawServer:
    """A running server: its address, and every request that it has read."""

    address: str
    requests: list[Request] = field(default_factory=list)


@contextmanager
def raw_server(behave: Behaviour) -> Iterator[RawServer]:
    """Serve every connection with a behaviour until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = RawServer(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                request = _read(connection)
                server.requests.append(request)
                behave(request, connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            # Closing alone would leave accept() waiting.
            listening.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket) -> Request:
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    request = Request(head.decode("latin-1"), body)
    lengths = [line for line in request.head.split("\r\n") if line.lower().startswith("content-length:")]
    wanted = int(lengths[0].partition(":")[2]) if lengths else 0
    while len(request.body) < wanted and (piece := connection.recv(65536)):
        request.body += piece
    return request
