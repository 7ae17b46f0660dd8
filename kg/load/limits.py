"""Lines cut into requests that a store takes: within what its profile says, and halved when that is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kg.load.failures import RemoteError

__all__ = ["SMALLEST", "Limit", "Send", "in_pieces", "too_large"]

#: Bytes below which no request is halved: what a load asks with may be as long, and cannot be cut.
SMALLEST = 1 << 16
#: Sends some lines, of so many bytes.
Send = Callable[[list[bytes], int], None]


@dataclass
class Limit:
    """What one request may carry: so many lines (or runs of lines), and so many bytes, which a refusal halves."""

    most: int
    size: int

    def send(self, lines: Iterable[bytes], send: Send) -> None:
        """Send lines by a function that takes some and their size in bytes, in as few requests as may be.

        Raises RemoteError as the function does; KG708 when a store refuses the smallest request there is.
        """
        batch: list[bytes] = []
        size = 0
        for line in lines:
            if batch and (len(batch) >= self.most or size + len(line) > self.size):
                self._send(batch, send)
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        if batch:
            self._send(batch, send)

    def _send(self, batch: list[bytes], send: Send) -> None:
        size = sum(map(len, batch))
        try:
            send(batch, size)
        except RemoteError as error:
            if not too_large(error) or len(batch) == 1 or size <= SMALLEST:
                raise
            # What follows is cut so from the beginning, too.
            self.size = max(SMALLEST, size // 2)
            self.send(batch, send)


def too_large(error: RemoteError) -> bool:
    """Whether a store, or a proxy before it, refused a request for its size."""
    return error.problems[0].code == "KG708"


def in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines joined to pieces of about the smallest request: worth a call, and few."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= SMALLEST:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)
