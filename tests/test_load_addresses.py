"""Addresses of stores and of their updates: which are good, which server gets what, what is said of the others."""

from __future__ import annotations

import socket
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from command_line import run_kg
from load_stores import environment, free_port, meant, oxigraph_server, proxy_before, quads_in, small_graph

from kg.errors import UsageError
from kg.load import load, timed_http
from kg.load.credentials import Credentials
from kg.load.failures import RemoteError
from kg.load.profiles import PROFILES
from kg.load.transport import check_address, store_address

pytestmark = pytest.mark.server
ROOT = Path(__file__).parent.parent


@pytest.fixture
def store():
    with oxigraph_server() as server:
        yield server.address


def everything_in(address):
    request = Request(f"{address}/store", headers={"Accept": "application/n-quads"})
    with urlopen(request, timeout=30) as answer:
        return answer.read()


@contextmanager
def guarded(upstream, known):
    """A proxy that lets in only who has these credentials; gives it, and every Authorization header it was sent."""
    wanted = "Basic " + b64encode(f"{known.user}:{known.password}".encode()).decode()
    seen = []
    with proxy_before(upstream) as proxy:
        plain = proxy.serve

        def serve(handler, host, port):
            sent = handler.headers.get("Authorization")
            seen.append(sent)
            proxy.decide = lambda *_: None if sent == wanted else (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
            plain(handler, host, port)

        proxy.serve = serve
        yield proxy, seen


def test_updates_of_another_store_are_no_load(store, tmp_path):
    """Queries of one store and updates of another: said before anything is loaded, and both are as they were."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    with oxigraph_server() as other:
        for profile in ("sparql", "oxigraph"):
            with pytest.raises(RemoteError, match=r"KG703.*not seen") as caught:
                load(graph, f"{store}/query", profile=profile, update_url=f"{other.address}/update")
            assert store in str(caught.value)
            assert other.address in str(caught.value)
        assert everything_in(store) == everything_in(other.address) == b""


@pytest.mark.parametrize("profile", ["sparql", "oxigraph"])
def test_updates_over_another_port_of_the_same_store(store, tmp_path, profile):
    """Every update goes to the address that was given for them, no query does, and the graph is there."""
    old, graph = (small_graph(tmp_path / name, {"one": count}) for name, count in (("a", 3), ("b", 2)))
    with proxy_before(store) as asked, proxy_before(store) as updated:
        for each in (old, graph):
            load(each, f"{asked.address}/query", profile=profile, update_url=f"{updated.address}/update")
        assert {path for _method, path, _size in updated.requests} == {"/update"}
        assert "/update" not in {path for _method, path, _size in asked.requests}
    assert quads_in(store) == meant(graph)


def test_credentials_go_only_to_the_server_that_they_are_for(store, tmp_path):
    """The server of updates never gets those of the address, nor the other way round; each lets in with its own."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    first, second = Credentials("reader", "of-the-first"), Credentials("writer", "of-the-second")
    with guarded(store, first) as (asked, asked_with), guarded(store, second) as (updated, updated_with):
        address, update_url = f"{asked.address}/query", f"{updated.address}/update"
        with pytest.raises(RemoteError, match="KG702") as caught:
            load(graph, address, profile="sparql", credentials=first, update_url=update_url)
        assert updated.address in str(caught.value)
        assert set(updated_with) == {None}
        both = {"credentials": first, "update_credentials": second}
        assert load(graph, address, profile="sparql", update_url=update_url, **both).same
        assert not set(filter(None, asked_with)) & set(filter(None, updated_with))
    assert quads_in(store) == meant(graph)


def test_updates_to_where_nobody_is(store, tmp_path):
    """An address of updates that nobody answers at is asked, and named; what the query's server has stays."""
    port = free_port()
    with pytest.raises(RemoteError, match=rf"KG701.*127.0.0.1:{port}"):
        load(small_graph(tmp_path / "p", {"one": 1}), store, update_url=f"http://127.0.0.1:{port}/update")
    assert everything_in(store) == b""


@pytest.mark.parametrize("update_url", ["update", "/update", "http://u:hunter2@x.example/update", "http://x/#a"])
def test_an_address_of_updates_that_is_none(store, tmp_path, update_url):
    """A path alone, a password in it, a fragment: refused before anything is asked, and not repeated."""
    with proxy_before(store) as proxy:
        with pytest.raises(UsageError, match=r"KG713.*address of updates") as caught:
            load(small_graph(tmp_path / "p", {"one": 1}), proxy.address, profile="oxigraph", update_url=update_url)
        assert proxy.requests == []
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("ending", ["/", "/query", "/query/"])
def test_the_address_of_its_queries_is_good_too(store, tmp_path, ending):
    """Whichever of its addresses is given, the store is the same one: told, loaded, and known again."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    assert load(graph, store + ending).same
    assert quads_in(store) == meant(graph)
    report = load(graph, store)
    assert not report.plan.changes
    assert report.address == store


@pytest.mark.parametrize("ending", ["/?x=1", "?x=1", "/query?x=1", "#a", "/#a"])
def test_an_address_with_parameters_is_none(store, tmp_path, ending):
    """What a path cannot be added to is refused, told or not told which kind of store it is."""
    for profile in (None, "oxigraph"):
        with pytest.raises(UsageError, match="KG713"):
            load(small_graph(tmp_path / "p", {"one": 1}), store + ending, profile=profile)


def test_an_address_of_nothing_says_where_to_look(store, tmp_path):
    """A path that the store has not: the remedy names the list of addresses."""
    with pytest.raises(RemoteError, match=r"KG703.*404") as caught:
        load(small_graph(tmp_path / "p", {"one": 1}), f"{store}/nowhere", profile="oxigraph")
    assert "--profiles" in caught.value.problems[0].remedy


def test_a_store_address_ends_where_paths_begin():
    """Closing slashes and the path of queries go, once; nothing else does."""
    assert store_address("http://x.example/ds/query/", "/query") == "http://x.example/ds"
    assert store_address("http://x.example/ds", "/query") == "http://x.example/ds"
    assert store_address("http://x.example/sparql") == "http://x.example/sparql"
    assert check_address("http://x.example/update?graph=a") == "http://x.example/update?graph=a"


def test_https_where_no_tls_is_spoken(store, tmp_path, monkeypatch):
    """A server that says nothing to a handshake, and one that answers in plain HTTP: what happened, and soon."""
    monkeypatch.setattr(timed_http, "CONNECT", 0.3)
    graph = small_graph(tmp_path / "p", {"one": 1})
    with socket.create_server(("127.0.0.1", 0)) as silent, proxy_before(store) as plain:
        servers = {silent.getsockname()[1]: r"no TLS handshake in 0\.3 s", plain.server.server_port: "no secure"}
        for port, words in servers.items():
            with pytest.raises(RemoteError, match=rf"KG701.*{words}") as caught:
                load(graph, f"https://127.0.0.1:{port}", profile="oxigraph")
            assert "Does this port speak http" in caught.value.problems[0].remedy


def test_a_connection_that_does_not_come_about(tmp_path, monkeypatch):
    """A machine that takes no more connections: the time of connecting is said, not that of answering."""
    monkeypatch.setattr(timed_http, "CONNECT", 0.3)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        with pytest.raises(RemoteError, match=r"KG701.*no connection in 0\.3 s"):
            load(small_graph(tmp_path / "p", {"one": 1}), f"http://127.0.0.1:{full.getsockname()[1]}")
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("http://[x",),
        ("http://u:hunter2@127.0.0.1:1",),
        ("http://127.0.0.1:1", "--update-url", "http://u:hunter2@x.example/update"),
    ],
)
def test_the_command_refuses_them(arguments, tmp_path):
    """Exit code 2, one message with its code, no traceback, no password."""
    done = run_kg("load", *arguments, env=environment(KG_STATE_DIR=str(tmp_path / "kg")), cwd=ROOT)
    assert done.returncode == 2, done.stderr
    assert "KG713" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_the_docs_show_the_address_of_each_profile():
    """The table of profiles gives the address that the profile shows, and marks those that must be named."""
    rows = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8").splitlines()
    for profile in PROFILES.values():
        (row,) = [row for row in rows if row.startswith(f"| `{profile.name}` |")]
        assert f"`{profile.address.partition(' ')[0]}`" in row
        assert ("`--profile`" in row) == (not profile.signs)
