"""Which kind of store answers: told by signs with a public source, in refusals too, or to be named."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from click.testing import CliRunner
from load_stores import proxy_before

from kg.cli import kg as command_line
from kg.load.credentials import Credentials
from kg.load.endpoint import detect
from kg.load.failures import RemoteError
from kg.load.profiles import PROFILES

#: Headers by which stores are known: seen in the tests, or with a public source that the profile names.
SIGNS = {
    "virtuoso": {"Server": "Virtuoso/07.20.3240 (Linux) x86_64-pc-linux-gnu"},
    "fuseki": {"Fuseki-Request-ID": "7"},
    "graphdb": {"Server": "GraphDB 6.0.7835, Forest 2.1.3, Sesame 2.7.8"},
    "oxigraph": {"Server": "Oxigraph/0.5.13"},
}


@pytest.mark.server
@pytest.mark.parametrize("name", sorted(SIGNS))
def test_a_store_is_told_by_its_answers(name):
    """A header of the first answer tells the profile, a refusal too; without a sign nothing is guessed."""
    refusal = {"WWW-Authenticate": 'Basic realm="x"'}
    for answer in ((200, SIGNS[name], b""), (401, SIGNS[name] | refusal, b""), (404, SIGNS[name], b"")):
        with proxy_before("http://127.0.0.1:1", lambda *_, answer=answer: answer) as proxy:
            assert detect(proxy.address) is PROFILES[name]
            # The password is not sent where the refusal told enough.
            assert detect(proxy.address, Credentials("me", "secret")) is PROFILES[name]
            assert len(proxy.requests) == 2
    with proxy_before("http://127.0.0.1:1", lambda *_: (200, {"Server": "nginx"}, b"")) as proxy:
        assert detect(proxy.address) is None


@pytest.mark.parametrize("name", sorted(set(PROFILES) - set(SIGNS)))
def test_a_store_that_nothing_tells_must_be_named(name):
    """What other products send too, or what has no public source, is no sign; the list of profiles says so."""
    assert PROFILES[name].signs == ()
    listed = CliRunner().invoke(command_line, ["load", "--profiles"]).output
    part = listed[listed.index(f"{name:<10} ") :].partition("\n  ")[2].split("\n")
    assert "--profile" in part[1]


def test_the_list_of_profiles_says_what_no_graph_means():
    """Each profile with its address; where the default graph is the union of all, that is said of it."""
    listed = CliRunner().invoke(command_line, ["load", "--profiles"]).output
    parts = dict(zip(PROFILES, re.split(r"\n(?=\S)", listed), strict=True))
    for name, profile in PROFILES.items():
        assert profile.address in parts[name]
        assert ("names no graph" in parts[name]) == profile.union_default_graph


@pytest.mark.server
@pytest.mark.parametrize("right", [True, False])
def test_a_store_that_says_what_it_is_only_with_a_password(right):
    """The refusals are unsigned: the credentials are used; without any, or with wrong ones, that is what is said."""
    known = Credentials("me", "secret" if right else "wrong-one")
    wanted = "Basic " + b64encode(b"me:secret").decode()
    with proxy_before("http://127.0.0.1:1") as proxy:
        plain = proxy.serve

        def serve(handler, host, port):
            inside = handler.headers.get("Authorization") == wanted
            refusal = (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
            proxy.decide = lambda *_: (200, SIGNS["fuseki"], b"") if inside else refusal
            plain(handler, host, port)

        proxy.serve = serve
        with pytest.raises(RemoteError, match=r"KG702.*asks for"):
            detect(proxy.address)
        if right:
            assert detect(proxy.address, known) is PROFILES["fuseki"]
        else:
            with pytest.raises(RemoteError, match=r"KG702.*does not accept"):
                detect(proxy.address, known)
