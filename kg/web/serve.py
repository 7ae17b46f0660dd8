"""Serving an application on loopback."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from kg.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

__all__ = ["HOST", "serve"]

#: Nobody but this machine is answered.
HOST = "127.0.0.1"
#: Connections at the same time; those beyond get 503.
_CONNECTIONS = 500


def serve(application: Starlette, port: int, listening: Callable[[str], None]) -> None:
    """Serve until the process is told to end; ``listening`` is given the address once it can be asked.

    With port 0 the system chooses one. Raises UsageError (KG757) for a port that cannot be used.
    """
    config = uvicorn.Config(
        application,
        host=HOST,
        lifespan="off",
        log_level="warning",
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
