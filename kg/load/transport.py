"""HTTP to one server and no other, by the standard library: streamed bodies, checked answers, known failures.

Redirects are followed on the same host, port and scheme only, so that neither a graph nor a password goes
elsewhere. Proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from kg.load.address import check_address, origin
from kg.load.credentials import Authorisation
from kg.load.failures import RemoteError, excerpt, failure

__all__ = ["Answer", "Body", "Transport"]

CHUNK = 1 << 18
#: Seconds within which a connection must stand; what is asked over it has the time of ``--timeout``.
CONNECT = 10.0
Tick = Callable[[], None]
_REDIRECTS = (301, 302, 303, 307, 308)
_BROKEN = (ConnectionError, http.client.HTTPException, ssl.SSLError, OSError)
_FULL = ("no space left", "file too large", "disk full", "disk is full", "quota", "insufficient storage")


@dataclass(frozen=True)
class Body:
    """What is sent: its length in bytes, and a function that gives its pieces, anew each time it is called."""

    length: int
    pieces: Callable[[], Iterator[bytes]]
    type: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Body:
        """A body of bytes at hand."""
        return cls(len(content), lambda: iter((content,)), media_type)


class Answer:
    """An answer that has begun: its status and headers, and its body to be read once."""

    def __init__(self, response: http.client.HTTPResponse, where: str, tick: Tick = lambda: None) -> None:
        self._response = response
        self._where = where
        self._tick = tick
        #: What was read of the body beforehand.
        self.begun = b""
        self.status = response.status
        self.headers = response.headers

    @property
    def type(self) -> str:
        """The media type, without its parameters."""
        return str(self.headers.get_content_type()) if self.headers.get("Content-Type") else ""

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces. Raises RemoteError (KG705) when it ends before it should."""
        if self.begun:
            yield self.begun
        try:
            while piece := self._response.read(CHUNK):
                self._tick()
                yield piece
        except TimeoutError:
            raise failure("KG706", f"{self._where} stopped answering", "Try again, or raise --timeout.") from None
        except _BROKEN:
            raise self._cut() from None
        # http.client says nothing of a body that ends before its announced length when read in pieces.
        if self._response.length:
            raise self._cut()

    def lines(self) -> Iterator[bytes]:
        """The body line by line, each with its line feed; the last may lack it."""
        rest = b""
        for piece in self.chunks():
            lines = (rest + piece).splitlines(keepends=True) if b"\r" not in piece else _lines(rest + piece)
            rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            yield from lines
        if rest:
            yield rest

    def read(self, limit: int) -> bytes:
        """The whole body. Raises RemoteError (KG715) when it is longer than the limit in bytes."""
        parts, size = [], 0
        for piece in self.chunks():
            parts.append(piece)
            size += len(piece)
            if size > limit:
                raise failure("KG715", f"{self._where} answered more than {limit:,} bytes", "Ask for less at once.")
        return b"".join(parts)

    def discard(self) -> None:
        """Read what is left, up to a little, so that the connection can serve again; else close it."""
        try:
            self._response.read(CHUNK)
        except _BROKEN:
            self._response.close()

    def _cut(self) -> RemoteError:
        return failure("KG705", f"the answer of {self._where} was cut off", "Run the same command again.")


class Transport:
    """One server: a connection that is kept, authentication, and the failures that are known, in words.

    ``tick`` is called with every request and with every piece of an answer; what it raises ends them.
    """

    def __init__(self, address: str, authorisation: Authorisation | None = None, timeout: float = 600.0) -> None:
        self.address = check_address(address)
        self._parts = urlsplit(self.address)
        self.authorisation = authorisation or Authorisation(None, ())
        self._timeout = timeout
        self.tick: Tick = lambda: None
        self._connection: http.client.HTTPConnection | None = None

    @property
    def where(self) -> str:
        """The server as messages name it: scheme, host and port."""
        return f"{self._parts.scheme}://{self._parts.netloc}"

    def request(
        self, method: str, url: str, body: Body | None = None, accept: str = "*/*", refused: bool = False
    ) -> Answer:
        """Send a request and give the answer, whatever its status but 401 and redirects on the same server.

        With ``refused``, 401 is an answer too. Raises RemoteError: not reached (KG701), refused for want of a
        password or a wrong one (KG702), timeout (KG706), sent elsewhere (KG707).
        """
        if origin(url) != origin(self.address):
            raise ValueError("a transport speaks to its own server alone")
        challenged = False
        for _hop in range(5):
            answer = self._send(method, url, body, accept)
            if answer.status == 401:
                challenges = answer.headers.get_all("WWW-Authenticate") or []
                answer.discard()
                if challenged or not self.authorisation.challenged(challenges):
                    if refused:
                        return answer
                    raise self.refusal()
                challenged = True
            elif not challenged and self.authorisation.asks and answer.status >= 400 and self._asks_for_token(answer):
                challenged = True
            elif answer.status in _REDIRECTS and answer.headers.get("Location"):
                url = self._same_server(url, answer.headers["Location"])
                answer.discard()
                if answer.status == 303:
                    method, body = "GET", None
            else:
                return answer
        raise failure("KG707", f"{self.where} redirects in a circle", "Check the address.")

    def ask(
        self,
        method: str,
        url: str,
        body: Body | None = None,
        accept: str = "*/*",
        types: tuple[str, ...] = (),
        missing: bool = False,
    ) -> Answer:
        """Send a request that must succeed, its answer of one of the media types where some are named.

        With ``missing``, 404 is an answer too. Raises RemoteError as ``request`` does, or by what is wrong:
        KG703 refused, KG704 of another type (a proxy's page, say), KG708 too large, KG709 storage full.
        """
        answer = self.request(method, url, body, accept)
        if missing and answer.status == 404:
            return answer
        if answer.status >= 300:
            raise self._failed(answer)
        if types and answer.type not in types:
            raise self._unexpected(answer, types)
        return answer

    def _asks_for_token(self, answer: Answer) -> bool:
        answer.begun = answer.read(1 << 20)
        return self.authorisation.asked(answer.begun)

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, url: str, body: Body | None, accept: str) -> Answer:
        self.tick()
        for attempt in (1, 2):
            kept = self._connection is not None
            try:
                return self._exchange(method, url, body, accept)
            except TimeoutError:
                self.close()
                raise failure(
                    "KG706", f"{self.where} did not answer in {self._timeout:g} s", "Raise --timeout."
                ) from None
            except _BROKEN as error:
                self.close()
                # A kept connection may have been closed meanwhile; every request made here may be repeated.
                if attempt == 2 or not kept:
                    raise self._unreached(error) from None
        raise AssertionError("unreachable")

    def _exchange(self, method: str, url: str, body: Body | None, accept: str) -> Answer:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection = self._connection or self._connect()
        connection.putrequest(method, target, skip_accept_encoding=True)
        connection.putheader("Accept", accept)
        connection.putheader("User-Agent", "serbia-kg")
        if header := self.authorisation.header(method, target):
            connection.putheader("Authorization", header)
        if body:
            connection.putheader("Content-Type", body.type)
            connection.putheader("Content-Length", str(body.length))
        elif method in ("POST", "PUT"):
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        broken: OSError | None = None
        try:
            for piece in body.pieces() if body else ():
                connection.send(piece)
        except ConnectionError as error:
            # The server may have refused before it read everything: its answer says more than the broken pipe.
            broken = error
        try:
            response = connection.getresponse()
        except (ConnectionError, http.client.HTTPException):
            raise broken or ConnectionError("closed without an answer") from None
        if broken:
            self._connection = None
        return Answer(response, self.where, self.tick)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        connection: http.client.HTTPConnection
        if self._parts.scheme == "https":
            secure = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=CONNECT, context=secure)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=CONNECT)
        try:
            connection.connect()
        except TimeoutError:
            # There is a socket already when the connection stands and only the handshake is wanting.
            met = connection.sock is not None
            connection.close()
            raise self._no_connection(met) from None
        connection.sock.settimeout(self._timeout)
        return connection

    def _same_server(self, url: str, location: str) -> str:
        try:
            url = urljoin(url, location)
            there, parts = origin(url), urlsplit(url)
        except ValueError:
            message = f"{self.where} redirects to what is no address"
            raise failure("KG707", message, "Give the address of the store itself.") from None
        if there != origin(self.address):
            other = excerpt(f"{parts.scheme}://{parts.hostname}")
            raise failure(
                "KG707",
                f"{self.where} redirects to another server ({other})",
                "Give the address of the store itself; nothing was sent there.",
            )
        return url

    def _no_connection(self, met: bool) -> RemoteError:
        if met:
            message = f"{self.where} took the connection, but began no TLS handshake in {CONNECT:g} s"
            return failure("KG701", message, "Is it http there, in place of https?")
        message = f"{self.where} cannot be reached: no connection in {CONNECT:g} s"
        return failure("KG701", message, "Is the address right, and may this machine reach it?")

    def _unreached(self, error: Exception) -> RemoteError:
        if isinstance(error, ssl.SSLCertVerificationError):
            message = f"the certificate of {self.where} is not trusted: {error.verify_message}"
            return failure("KG701", message, "Use the name that it was made for, and an authority known here.")
        if isinstance(error, ssl.SSLError):
            message = f"no secure connection to {self.where}: {error.reason}"
            return failure("KG701", message, "Is it http there, in place of https?")
        reason = excerpt(error.strerror if isinstance(error, OSError) and error.strerror else str(error) or "closed")
        remedy = "Is the store running, and is the address right? A load goes on where it stopped when run again."
        return failure("KG701", f"{self.where} cannot be reached: {reason}", remedy)

    def refusal(self) -> RemoteError:
        """What is said when a server wants a name and password, or other ones (KG702)."""
        known = self.authorisation.credentials
        message = "does not accept the name and password" if known else "asks for a name and a password"
        return failure(
            "KG702",
            f"{self.where} {message}",
            "Set KG_LOAD_USER and KG_LOAD_PASSWORD (or KG_LOAD_TOKEN), or add the host to your netrc file; "
            "of --update-url on another server only the netrc file is asked.",
        )

    def _failed(self, answer: Answer) -> RemoteError:
        text = excerpt(answer.read(1 << 24))
        what = f"{self.where} answered {answer.status}"
        if answer.status == 403:
            return failure("KG702", f"{self.where} forbids it: {text}", "Use an account that may do this.")
        if answer.status == 413:
            return failure("KG708", f"{what}: the request is too large", "Raise the limit of the store or its proxy.")
        if answer.status == 507 or any(word in text.lower() for word in _FULL):
            return failure("KG709", f"{what}, its storage is full: {text}", "Make room, then run the same again.")
        if answer.type == "text/html" and answer.status in (502, 503, 504):
            return failure("KG704", f"a proxy before {what}: {text}", "Try again when the store is up.")
        if answer.status == 404:
            remedy = "Is the address right? `kg load --profiles` says which one each kind of store wants."
            return failure("KG703", f"{what}: {text}", remedy)
        return failure("KG703", f"{what}: {text}", "See the store's own log.")

    def _unexpected(self, answer: Answer, types: tuple[str, ...]) -> RemoteError:
        kind = excerpt(answer.type or "no type")
        text = excerpt(answer.read(1 << 24))
        hint = "That is a web page: a proxy or a login stands before the store, or the address is not the endpoint's."
        remedy = hint if kind == "text/html" else "Check the address and --profile."
        return failure("KG704", f"{self.where} answered {kind} in place of {types[0]}: {text}", remedy)


def _lines(content: bytes) -> list[bytes]:
    # bytes.splitlines also splits at a lone carriage return, which may stand in a line.
    return [line + b"\n" for line in content.split(b"\n")[:-1]] + [content.rpartition(b"\n")[2]]
