"""The server of an application on a free port of loopback, in a thread of the tests."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from kg.web.serve import serve

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["served"]


def served(application: Starlette) -> str:
    """The address, without a closing slash, at which an application is served until the tests end."""
    address: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(application, 0, address.put), daemon=True).start()
    return address.get(timeout=30).rstrip("/")
