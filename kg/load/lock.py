"""One load at a time: a lease in the store, so that two loads of the same graph do not undo each other.

The lease is one node in ``<base>graph/loading`` with a token and an end. It is taken by an update that inserts
only where there is none, and read back: whoever is not alone withdraws. A load that was killed leaves its lease;
its token is also kept beside the build, under a file lock, so that the next load from here takes it over at once,
and one from elsewhere when it has run out.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from kg.files import keeping
from kg.load.endpoint import Endpoint
from kg.load.failures import RemoteError, failure
from kg.owned import open_file
from kg.vocab import DCTERMS, iri

__all__ = ["Lease", "lease"]

#: For how long a lease is good; it is renewed long before.
LASTS = timedelta(minutes=15)
_RENEW_AFTER = 60.0
_TOKEN, _UNTIL = iri(DCTERMS + "identifier"), iri(DCTERMS + "valid")


class Lease:
    """A lease that is held. ``renew`` is called now and then during a long load, by any thread."""

    def __init__(self, endpoint: Endpoint, base: str, token: str) -> None:
        self._endpoint = endpoint
        self._graph, self._node = f"<{base}graph/loading>", f"<{base}loading>"
        self._token = token
        self._renewed = time.monotonic()
        self._renewing = Lock()

    def take(self, own: str, take_over: bool) -> None:
        """Take the lease.

        Raises RemoteError: KG710 when another load holds it, KG703 when what is written is not there to be read.
        """
        now = datetime.now(UTC)
        for token, until in self._holders():
            if not (token == own or until < now.isoformat() or take_over):
                raise self._busy(until)
            self._endpoint.update(self._dropping(token))
        free = f"FILTER NOT EXISTS {{ GRAPH {self._graph} {{ {self._node} {_TOKEN} ?other }} }}"
        self._endpoint.update(f"INSERT {{ GRAPH {self._graph} {{ {self._triples()} }} }} WHERE {{ {free} }}")
        holders = self._holders()
        if [token for token, _until in holders] != [self._token]:
            self.release()
            raise self._busy(holders[0][1]) if holders else self._unseen()

    def renew(self) -> None:
        """Put off the end, if it was last put off more than a minute ago. Raises RemoteError when it was lost."""
        if time.monotonic() - self._renewed < _RENEW_AFTER or not self._renewing.acquire(blocking=False):
            return
        try:
            if self._token not in [token for token, _until in self._holders()]:
                raise failure("KG710", f"another load took over at {self._endpoint.where}", "Run the load again.")
            # In one update, so that nobody finds it free in between.
            again = f"INSERT DATA {{ GRAPH {self._graph} {{ {self._triples()} }} }}"
            self._endpoint.update(f"{self._dropping(self._token)} ;\n{again}")
            self._renewed = time.monotonic()
        finally:
            self._renewing.release()

    def release(self) -> None:
        """Give the lease back."""
        self._endpoint.update(self._dropping(self._token))

    def _triples(self) -> str:
        until = (datetime.now(UTC) + LASTS).isoformat()
        return f'{self._node} {_TOKEN} "{self._token}" . <{self._node[1:-1]}/{self._token}> {_UNTIL} "{until}"'

    def _holders(self) -> list[tuple[str, str]]:
        node = self._node[1:-1]
        pattern = f"{self._node} {_TOKEN} ?token . ?one {_UNTIL} ?until"
        same = f'FILTER(STR(?one) = CONCAT("{node}/", STR(?token)))'
        rows = self._endpoint.query(
            f"SELECT ?token ?until WHERE {{ GRAPH {self._graph} {{ {pattern} }} {same} }} ORDER BY ?token"
        ).rows
        return [(str(token).strip('"'), str(until).strip('"')) for token, until in rows]

    def _dropping(self, token: str) -> str:
        # The token came from a store: only one of our own form may stand in an update.
        if not token.isalnum():
            raise failure("KG710", f"{self._graph} holds what no load wrote", "Look at that graph and drop it.")
        one = f"<{self._node[1:-1]}/{token}>"
        return (
            f'DELETE DATA {{ GRAPH {self._graph} {{ {self._node} {_TOKEN} "{token}" }} }} ;\n'
            f"DELETE WHERE {{ GRAPH {self._graph} {{ {one} {_UNTIL} ?until }} }}"
        )

    def _unseen(self) -> RemoteError:
        to, at = self._endpoint.where_updates_go, self._endpoint.where
        message = f"{to} accepted an update that is not seen at {at}"
        remedy = "Are queries and updates of one store? Look at --profile and --update-url. Nothing was loaded."
        return failure("KG703", message, remedy)

    def _busy(self, until: str) -> RemoteError:
        return failure(
            "KG710",
            f"another load of this graph is under way at {self._endpoint.where}"
            + (f" (its lease ends {until[:16]} UTC)" if until else ""),
            "Wait for it; if it is known to be dead, use --take-over.",
        )


@contextmanager
def lease(endpoint: Endpoint, base: str, state: Path, *, take_over: bool = False) -> Iterator[Lease]:
    """Hold the lease of a store while the block runs, over a connection of its own, so that it can be renewed always.

    Raises RemoteError (KG710) when another load holds it, Unwritable when it cannot be written down in ``state``.
    """
    name = hashlib.sha256(endpoint.address.encode()).hexdigest()[:16]
    with keeping(state):
        file = open_file(state / f"loading-{name}", os.O_RDWR | os.O_CREAT)
    with closing(endpoint.another()) as apart, file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another load to {endpoint.where} runs on this machine"
            raise failure("KG710", message, "Wait for it.") from None
        file.seek(0)
        own, token = file.read(64).decode("ascii", "replace").strip(), secrets.token_hex(16)
        held = Lease(apart, base, token)
        held.take(own, take_over)
        # Kept beside the build: should this load be killed, the next one from here knows the lease as its own.
        file.seek(0)
        file.truncate()
        file.write(token.encode())
        file.flush()
        try:
            yield held
        finally:
            with suppress(RemoteError):
                held.release()
