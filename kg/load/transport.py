"""Requests to one server and no other: addresses, redirects, deadlines, sizes, and failures in words.

Redirects are followed on the same host, port and scheme only, so that neither a graph nor a password goes elsewhere.
Proxies of the environment are not used.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from kg.errors import Problem, UsageError
from kg.load.credentials import Authorisation
from kg.load.failures import RemoteError, excerpt, failure, refused, unauthorised, unexpected, unreached
from kg.load.timed_http import Clock, Exchange, Pieces
from kg.redaction import secret_bytes

#: The longest answer that is held in memory, in bytes, after decompression.
RESULT_LIMIT = 64 << 20
#: How much of a refusal is read, in bytes.
_REFUSAL_LIMIT = 1 << 20
_PIECE = 1 << 18
_REDIRECTS = (301, 302, 303, 307, 308)
#: Scheme, host and port: one server, to which alone its credentials go.
Origin = tuple[str, str, int]


def check_address(address: str, what: str = "the address") -> str:
    """An http or https address, as it was given.

    Raises UsageError (KG713) for anything else, for a name or password in it, and for a fragment, which no server
    ever sees. The message calls it ``what`` and does not repeat it.
    """
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(ord(letter) < 33 or ord(letter) > 126 for letter in address):
        raise _no_address(f"{what} is not an http or https address", "For example: http://localhost:7878.")
    if "@" in parts.netloc:
        remedy = "Set KG_LOAD_USER and KG_LOAD_PASSWORD, or use a netrc file: others can see a command line."
        raise _no_address(f"{what} has a name or password in it", remedy)
    if "#" in address:
        raise _no_address(f"{what} has a # in it", "Leave out the # and what follows it.")
    return address


def store_address(address: str, query: str = "") -> str:
    """The address to which a profile's paths are added: without a closing slash and without its ``query`` path.

    So you can give the address of a store or that of its queries. Raises UsageError (KG713) as ``check_address``
    does, and for parameters, after which no path can be added.
    """
    if "?" in check_address(address):
        remedy = "Leave out the ? and what follows; `kg load --profiles` lists the address of each kind of store."
        raise _no_address("the address has a ? in it", remedy)
    return address.rstrip("/").removesuffix(query).rstrip("/")


def origin(address: str) -> Origin:
    """The server of an address: scheme, host and port. Raises ValueError for a malformed one."""
    parts = urlsplit(address)
    return (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


@dataclass(frozen=True)
class Body:
    """A request's content: its length in bytes, and a function that gives its pieces anew each time it is called."""

    length: int
    pieces: Callable[[], Iterator[bytes]]
    type: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Body:
        """A body of bytes in memory."""
        return cls(len(content), lambda: iter((content,)), media_type)


class Response:
    """An answer whose headers have arrived; read its body once."""

    def __init__(self, response: httpx.Response, where: str, clock: Clock) -> None:
        self._response, self._where, self._clock = response, where, clock
        self.status = response.status_code
        self.headers = response.headers
        #: Encodings of secrets that an answer must not repeat as data.
        self.secrets: tuple[bytes, ...] = ()
        self.type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def chunks(self, limit: int = RESULT_LIMIT) -> Iterator[bytes]:
        """The body in pieces, decompressed.

        Raises RemoteError: KG704 for one that is compressed unasked or repeats the credentials, KG705 when it is
        cut off, KG706 when it takes too long, KG715 when it is longer than the limit in bytes.
        """
        size = 0
        before = b""
        longest = max(map(len, self.secrets), default=0)
        try:
            for piece in self._decompressed():
                size += len(piece)
                if longest:
                    self._refuse_secrets(before + piece)
                    before = piece[-longest:]
                if size > limit:
                    raise failure(
                        "KG715", f"{self._where} sent more than {limit:,} bytes", "Ask for fewer rows at once."
                    )
                yield piece
        except TimeoutError:
            message = f"{self._where} did not finish its answer in {self._clock.seconds:g} s"
            raise failure("KG706", message, "Try again, or raise --timeout.") from None
        except (OSError, httpcore.ProtocolError, httpcore.NetworkError):
            raise self._cut() from None
        finally:
            self._response.close()

    def lines(self, limit: int = RESULT_LIMIT) -> Iterator[bytes]:
        """The body line by line, each with its line feed; the last may lack it. Raises as ``chunks`` does."""
        rest: list[bytes] = []
        for piece in self.chunks(limit):
            rest.append(piece)
            if b"\n" in piece:
                block = b"".join(rest)
                end = block.rindex(b"\n") + 1
                rest, block = [block[end:]], block[:end]
                # splitlines is quicker, and also splits at a carriage return, which a line may hold.
                plain = b"\r" not in block
                yield from block.splitlines(True) if plain else (line + b"\n" for line in block[:-1].split(b"\n"))
        if any(rest):
            yield b"".join(rest)

    def read(self, limit: int = RESULT_LIMIT) -> bytes:
        """The whole body. Raises as ``chunks`` does."""
        return b"".join(self.chunks(limit))

    def beginning(self) -> bytes:
        """The beginning of a refusal, also of one that is cut off or too long."""
        found = bytearray()
        with suppress(RemoteError):
            for piece in self.chunks(_REFUSAL_LIMIT):
                found += piece
        return bytes(found)

    def discard(self) -> None:
        """Read the rest, if it is short, so that the connection can serve again; else close it."""
        with suppress(RemoteError):
            self.read(_PIECE)

    def _decompressed(self) -> Iterator[bytes]:
        coding = self.headers.get("Content-Encoding", "identity").strip().lower()
        if coding == "identity":
            yield from self._received()
            return
        if coding not in ("gzip", "deflate"):
            message = f"{self._where} compressed its answer in a way that was not asked for"
            raise failure("KG704", message, "Check the settings of the store and of any proxy before it.")
        # Either format, told by its header. No call gives more than a piece, however much a byte stands for.
        stream = zlib.decompressobj(wbits=47)
        try:
            for piece in self._received():
                while out := stream.decompress(piece, _PIECE):
                    yield out
                    piece = stream.unconsumed_tail
        except zlib.error:
            raise self._cut() from None
        if not stream.eof:
            raise self._cut()

    def _received(self) -> Iterator[bytes]:
        for piece in self._response.iter_raw():
            self._clock.moved(len(piece))
            yield piece

    def _refuse_secrets(self, text: bytes) -> None:
        if any(secret in text for secret in self.secrets):
            remedy = "Change them, and do not give them to this server again."
            raise failure("KG704", f"{self._where} repeated the credentials in its answer", remedy)

    def _cut(self) -> RemoteError:
        return failure("KG705", f"the answer of {self._where} was cut off", "Run the same command again.")


class Transport:
    """One server over one connection, which is kept: authentication, redirects, and known failures in words.

    ``timeout`` is the time of a request and its whole answer in seconds; large ones get more in proportion.
    """

    def __init__(self, address: str, authorisation: Authorisation | None = None, timeout: float = 600.0) -> None:
        self.address = check_address(address)
        self._parts = urlsplit(self.address)
        self.authorisation = authorisation or Authorisation(None, ())
        self._timeout = timeout
        self._opened: tuple[Exchange, Clock] | None = None
        self._kept = False

    @property
    def where(self) -> str:
        """The server as messages name it: scheme, host and port."""
        return f"{self._parts.scheme}://{self._parts.netloc}"

    def request(
        self, method: str, url: str, body: Body | None = None, accept: str = "*/*", refused: bool = False
    ) -> Response:
        """Send a request and give the answer, whatever its status but 401 and redirects on the same server.

        With ``refused``, 401 is an answer too. Raises RemoteError: not reached (KG701), refused (KG702), malformed
        (KG705), too slow (KG706), sent elsewhere (KG707).
        """
        if origin(url) != origin(self.address):
            raise ValueError("a transport speaks to its own server alone")
        for _hop in range(5):
            answer = self._authorised(method, url, body, accept)
            location = answer.headers.get("Location")
            if answer.status == 401 and not refused:
                answer.discard()
                raise self.refusal()
            if answer.status not in _REDIRECTS or not location:
                return answer
            url = self._same_server(url, location)
            answer.discard()
            if answer.status == 303:
                method, body = "GET", None
        raise failure("KG707", f"{self.where} redirects in a loop", "Check the address.")

    def ask(
        self,
        method: str,
        url: str,
        body: Body | None = None,
        accept: str = "*/*",
        types: tuple[str, ...] = (),
        missing: bool = False,
    ) -> Response:
        """Send a request that must succeed, with an answer of one of the media types where some are named.

        With ``missing``, 404 is an answer too. Raises RemoteError as ``request`` does, and by the fault: KG703
        refused, KG704 of another type (a proxy's page, for example), KG708 too large, KG709 storage full.
        """
        answer = self.request(method, url, body, accept)
        if missing and answer.status == 404:
            return answer
        if answer.status >= 300:
            raise refused(self.where, answer.status, answer.type, answer.beginning())
        if types and answer.type not in types:
            raise unexpected(self.where, answer.type, types[0], answer.beginning())
        if self.authorisation.credentials:
            answer.secrets = secret_bytes()
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._opened:
            self._opened[0].close()
            self._opened, self._kept = None, False

    def refusal(self) -> RemoteError:
        """The error when the server wants credentials, or other ones (KG702)."""
        return unauthorised(self.where, known=self.authorisation.credentials is not None)

    def _authorised(self, method: str, url: str, body: Body | None, accept: str) -> Response:
        """The answer to a request, sent again with credentials where the server challenges for some."""
        request = self._request(method, url, body, accept)
        self.authorisation.sign(request)
        # A Digest challenge may be answered twice: its nonce may have run out.
        for _attempt in range(3):
            response, clock = self._send(request)
            answer = Response(response, self.where, clock)
            if answer.status == 401 and self.authorisation.challenged(response):
                answer.discard()
            elif answer.status >= 400 and self.authorisation.asks:
                refusal = answer.read(_REFUSAL_LIMIT)
                if not self.authorisation.asked(refusal, request):
                    raise refused(self.where, answer.status, answer.type, refusal)
            else:
                break
        return answer

    def _request(self, method: str, url: str, body: Body | None, accept: str) -> httpx.Request:
        if self._opened is None:
            clock = Clock(self._timeout)
            self._opened = Exchange(clock, self._parts.scheme == "https"), clock
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "serbia-kg"}
        if body:
            headers |= {"Content-Type": body.type, "Content-Length": str(body.length)}
            return httpx.Request(method, url, headers=headers, content=Pieces(body.pieces, self._opened[1]))
        return httpx.Request(method, url, headers=headers)

    def _send(self, request: httpx.Request) -> tuple[httpx.Response, Clock]:
        assert self._opened  # noqa: S101 - by _request
        exchange, clock = self._opened
        for attempt in (1, 2):
            clock.start()
            try:
                response = exchange.handle_request(request)
            except TimeoutError:
                self.close()
                message = f"{self.where} did not answer in {self._timeout:g} s"
                raise failure("KG706", message, "Raise --timeout.") from None
            except (OSError, httpcore.ProtocolError, httpcore.NetworkError, httpcore.TimeoutException) as error:
                # A kept connection may have been closed meanwhile; every request made here may be repeated.
                if attempt == 2 or not self._kept or isinstance(error, httpcore.TimeoutException):
                    self.close()
                    raise unreached(self.where, error) from None
            else:
                self._kept = True
                response.request = request
                return response, clock
        raise AssertionError("unreachable")

    def _same_server(self, url: str, location: str) -> str:
        remedy = "Give the address of the store itself; nothing was sent there."
        try:
            target = check_address(urljoin(url, location).partition("#")[0])
            there = origin(target)
            httpx.URL(target).host  # noqa: B018 - names that IDNA cannot spell are refused here
        except (ValueError, UsageError, httpx.InvalidURL):
            raise failure("KG707", f"{self.where} redirects to an address that cannot be used", remedy) from None
        if there != origin(self.address):
            other = excerpt("{}://{}".format(*there))
            raise failure("KG707", f"{self.where} redirects to another server ({other})", remedy)
        return target


def _no_address(message: str, remedy: str) -> UsageError:
    return UsageError(Problem("KG713", message, remedy=remedy))
