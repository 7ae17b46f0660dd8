"""Servers that misbehave: each ends in a code, within the deadline and the limit on size, and never in KG999."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from load_stores import small_graph
from raw_server import raw_server
from timing import ends_in_time

from kg.load import load
from kg.load.credentials import Credentials
from kg.load.endpoint import Endpoint, canonical_lines, parse_results, whole_number
from kg.load.failures import RemoteError
from kg.load.profiles import PROFILES
from kg.load.transport import RESULT_LIMIT, Transport
from kg.load.verification import plain_number

pytestmark = pytest.mark.server

HOSTILE = Path(__file__).parent / "hostile"
ANSWERS = json.loads((HOSTILE / "server_answers.json").read_text(encoding="utf-8"))["answers"]
BODIES = json.loads((HOSTILE / "sparql_results.json").read_text(encoding="utf-8"))["bodies"]
KNOWN = Credentials("me", "hunter2-secret")
RESULTS = b"Content-Type: application/sparql-results+json\r\n"


def misbehave(case):
    """The behaviour of a case: what it sends at once, and then again and again."""
    drip = case.get("drip")
    if drip and drip.startswith("$SPIN"):
        drip = drip.removeprefix("$SPIN") * 100_000
    over = threading.Event()

    def behave(_request, connection):
        connection.sendall(case["send"].replace("$LONG", "a" * 70_000).encode())
        if drip is None:
            return
        while not over.wait(case["every"]):
            connection.sendall(drip.encode())

    return behave, over


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case["name"])
def test_an_answer_that_is_none_ends_in_a_code_and_in_time(case):
    """Trickles, floods, broken heads, lengths, codings, redirects and challenges: a code, within the deadline."""
    behave, over = misbehave(case)
    with raw_server(behave) as server:
        endpoint = Endpoint(server.address, PROFILES[case.get("profile", "fuseki")], KNOWN, timeout=0.5)
        # Five redirects may each take their time, and 64 MB of a flood must be read before they are too many.
        with ends_in_time(), pytest.raises(RemoteError) as caught:
            endpoint.query("SELECT ?x { }", columns=["x"])
        endpoint.close()
        over.set()
    assert caught.value.code.startswith(case["code"]), str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["name"])
def test_a_body_that_is_no_result_ends_in_a_code(case):
    """Whatever stands under the name of a result and is none, or answers another question: KG705."""
    body = re.sub(r"\$DEEP\((.*?)\)(?=\$|\{\"type\": \"uri\"|\}|$)", lambda m: m[1] * 100_000, case["body"])
    head = b"HTTP/1.1 200 OK\r\n" + RESULTS + f"Content-Length: {len(body)}\r\n\r\n".encode()
    with raw_server(lambda _request, connection: connection.sendall(head + body.encode())) as server:
        endpoint = Endpoint(server.address, PROFILES["fuseki"], timeout=20.0)
        with pytest.raises(RemoteError) as caught:
            endpoint.query("SELECT ?x { }", columns=["x"])
        endpoint.close()
    assert caught.value.code == "KG705"


@pytest.mark.parametrize(("columns", "rows"), [(1000, 10_000), (1, 3_000_000)], ids=["wide rows", "many rows"])
def test_unbound_cells_are_counted(columns, rows):
    """Rows of unbound cells, three bytes each, that would take gigabytes are too many (KG715), and told in time."""
    names = ", ".join(f'"x{number}"' for number in range(columns))
    body = f'{{"head": {{"vars": [{names}]}}, "results": {{"bindings": [{{}}{",{}" * (rows - 1)}]}}}}'.encode()
    with pytest.raises(RemoteError, match="KG715"):
        parse_results(body, "the store")


@pytest.mark.parametrize(
    ("text", "number"), [("10000", 10_000), ("9" * 5_000, None), ("-1", None), ("\u0661", None), ("", None)]
)
def test_a_count_that_is_none(text, number):
    """A number of a server's header or row is a count, or nothing: not even one of thousands of digits raises."""
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "shown"), [("1.50", "1.5"), ("1E+2", "100"), ("1e999999", "1e999999"), ("1e9999999999", "1e9999999999")]
)
def test_a_number_is_never_written_out_without_end(text, shown):
    """Numbers are compared by value; twelve characters of an exponent do not become a gigabyte of zeros."""
    assert plain_number(text) == shown


def test_yes_or_no_must_be_one():
    """Rows to an ASK are no answer to it."""
    body = b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}'
    head = b"HTTP/1.1 200 OK\r\n" + RESULTS + b"\r\n"
    with (
        raw_server(lambda _request, connection: connection.sendall(head + body)) as server,
        pytest.raises(RemoteError, match="KG705"),
    ):
        Endpoint(server.address, PROFILES["fuseki"]).holds("?s ?p ?o")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_the_limit_counts_what_was_decompressed(coding):
    """An answer of less than 100 kB that stands for 80 MB is too long (KG715): it is decompressed piece by piece."""
    compress = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    bomb = b"".join(compress.compress(b" " * (1 << 20)) for _ in range(80)) + compress.flush()
    head = b"HTTP/1.1 200 OK\r\n" + RESULTS + f"Content-Encoding: {coding}\r\n\r\n".encode()
    with raw_server(lambda _request, connection: connection.sendall(head + bomb)) as server:
        transport = Transport(server.address, timeout=30.0)
        sizes = []
        with pytest.raises(RemoteError, match="KG715"):
            sizes.extend(len(piece) for piece in transport.request("GET", server.address).chunks())
        transport.close()
    assert len(bomb) < 100_000
    assert sum(sizes) <= RESULT_LIMIT
    assert max(sizes) <= 1 << 18


@pytest.mark.parametrize("cut", [False, True])
def test_a_compressed_answer_is_read_whole_or_not_at_all(cut):
    """A proxy may compress although nobody asked: the content is the same, and half of it is an error."""
    content = b"".join(b"%d\n" % number for number in range(100_000))
    body = gzip.compress(content)[: -20 if cut else None]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    with raw_server(lambda _request, connection: connection.sendall(head + body)) as server:
        answer = Transport(server.address, timeout=30.0).request("GET", server.address)
        if cut:
            with pytest.raises(RemoteError, match="KG705"):
                answer.read()
        else:
            assert b"".join(answer.lines()) == content


def test_a_server_that_reads_slowly_does_not_hold_a_load(tmp_path):
    """A server that takes a byte now and then of what is sent: the deadline ends that too (KG706)."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            with connection:
                while not over.wait(0.1):
                    connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        endpoint = Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}", PROFILES["fuseki"], timeout=1.0)
        with ends_in_time(), pytest.raises(RemoteError, match="KG706"):
            endpoint.update("x" * (32 << 20))
        over.set()


def test_an_answer_that_moves_has_more_time():
    """A transfer that takes longer than the timeout and moves on is not cut off: large graphs come whole."""
    size, pieces = 150_000, 12

    def behave(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (size * pieces))
        for _ in range(pieces):
            connection.sendall(b"x" * size)
            time.sleep(0.15)

    with raw_server(behave) as server:
        assert len(Transport(server.address, timeout=1.0).request("GET", server.address).read()) == size * pieces


def test_rows_without_end_are_refused():
    """A server that answers every page in full, for ever: KG715 after the number of rows that was expected."""
    rows = ",".join('{"x": {"type": "uri", "value": "http://a"}}' for _ in range(10_000))
    body = f'{{"head": {{"vars": ["x"]}}, "results": {{"bindings": [{rows}]}}}}'.encode()
    head = b"HTTP/1.1 200 OK\r\n" + RESULTS + b"\r\n"
    with raw_server(lambda _request, connection: connection.sendall(head + body)) as server:
        endpoint = Endpoint(server.address, PROFILES["fuseki"])
        with pytest.raises(RemoteError, match="KG715"):
            list(endpoint.rows("SELECT ?x { }", "x", 25_000))
        assert len(server.requests) == 3


def test_triples_that_are_nested_too_deep_are_refused():
    """N-Triples whose triple terms would overflow the engine's stack: KG705, and the process lives."""
    deep = (
        b"<http://a> <http://p> "
        + b"<<( <http://a> <http://p> " * 100_000
        + b"<http://o>"
        + b" )>>" * 100_000
        + b" .\n"
    )
    with pytest.raises(RemoteError, match="KG705"):
        list(canonical_lines([deep], "there"))
    nested = b"<http://a> <http://p> <<( <http://a> <http://p> <<( <http://a> <http://p> <http://o> )>> )>> .\n"
    assert list(canonical_lines([nested], "there")) == [nested]


@settings(deadline=None, max_examples=40)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n" + RESULTS + b"\r\n"]),
)
def test_any_bytes_for_an_answer_end_in_a_code(rest, head):
    """Whatever bytes come, with or without a good beginning: a RemoteError, or an answer that is one."""
    with raw_server(lambda _request, connection: connection.sendall(head + rest)) as server:
        endpoint = Endpoint(server.address, PROFILES["fuseki"], KNOWN, timeout=0.5)
        with pytest.raises(RemoteError):
            endpoint.query("SELECT ?x { }", columns=["x"])
        endpoint.close()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda n: (
            st.lists(n)
            | st.dictionaries(
                st.sampled_from(["head", "vars", "results", "bindings", "boolean", "type", "value", "x"]), n
            )
        ),
    )
)
def test_any_json_is_a_result_or_an_error(data):
    """Whatever JSON comes: a result whose rows are as wide as its columns, or KG705."""
    try:
        result = parse_results(json.dumps(data).encode(), "there")
    except RemoteError:
        return
    assert all(len(row) == len(result.columns) for row in result.rows)


def test_a_load_from_a_hostile_server_leaves_nothing(tmp_path):
    """A server that answers 200 with nothing to everything: the load ends in a code."""
    answer = b"HTTP/1.1 200 OK\r\nServer: Oxigraph/0.5\r\nContent-Length: 0\r\n\r\n"
    with (
        raw_server(lambda _request, connection: connection.sendall(answer)) as server,
        pytest.raises(RemoteError, match="KG704"),
    ):
        load(small_graph(tmp_path / "p", {"one": 1}), server.address, timeout=2.0)
