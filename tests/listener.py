"""A port on loopback that counts who connects: what a test of the network holds the tool against."""

from __future__ import annotations

import socket
import threading

__all__ = ["Listener"]


class Listener(threading.Thread):
    """A port on loopback that counts who connects, and hangs up."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.calls = 0

    def run(self) -> None:
        """Count and hang up, until the socket is closed."""
        while True:
            connection, _address = self._socket.accept()
            self.calls += 1
            connection.close()
