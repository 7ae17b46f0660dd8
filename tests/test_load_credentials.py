"""Passwords and tokens: where they come from, what cannot be sent, whom they are sent to, and that none is shown."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from command_line import run_kg
from hypothesis import given
from hypothesis import strategies as st
from load_stores import environment, free_port, small_graph
from raw_server import raw_server

from kg import redaction
from kg.errors import InputError, KgError, UsageError
from kg.load import load
from kg.load.credentials import Authorisation, Credentials, find_credentials, netrc_credentials
from kg.load.endpoint import detect
from kg.load.failures import excerpt
from kg.load.profiles import PROFILES
from kg.redaction import keep_secret

ROOT = Path(__file__).parent.parent
ECHOES = json.loads((ROOT / "tests" / "hostile" / "echoed_credentials.json").read_text(encoding="utf-8"))["answers"]
SECRET = 'pé"ss&wörd/hunter2+secret=%41'  # noqa: S105 - made up
CHALLENGE = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch):
    for name in ("KG_LOAD_USER", "KG_LOAD_PASSWORD", "KG_LOAD_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_credentials_come_from_environment_then_netrc(tmp_path, monkeypatch):
    """The environment is first, the netrc file second, and a representation shows no secret."""
    file = tmp_path / "netrc"
    file.write_text("machine store.example login me password from-netrc\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    for name in ("KG_LOAD_USER", "KG_LOAD_PASSWORD", "KG_LOAD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert find_credentials("store.example") == Credentials("me", "from-netrc")
    assert find_credentials("other.example") is None
    monkeypatch.setenv("KG_LOAD_USER", "you")
    monkeypatch.setenv("KG_LOAD_PASSWORD", "from-environment")
    assert find_credentials("store.example") == Credentials("you", "from-environment")
    assert "from" not in repr(find_credentials("store.example"))


def encoded(template: str, secret: str, sent: str) -> bytes:
    """An answer with its placeholders filled in."""
    whole = f"Authorization: Basic {sent}"
    forms = {
        "PLAIN": secret,
        "SENT": sent,
        "HALF": sent[: len(sent) * 2 // 3],
        "PERCENT": quote(secret, safe=""),
        "TWICE": quote(quote(secret, safe=""), safe=""),
        "JSON": "".join(f"\\u{ord(letter):04x}" for letter in secret),
        "HTML": html.escape(secret).replace("t", "&#116;"),
        "BASE64": b64encode(secret.encode()).decode(),
        "WHOLE": b64encode(whole.encode()).decode(),
        "HEX": secret.encode().hex(),
        "WRAPPED": "\r\n".join(sent[at : at + 7] for at in range(0, len(sent), 7)),
        "PADDED": "x" * 285 + secret,
        "HOST": "".join(filter(str.isalnum, sent)),
    }
    for name, form in sorted(forms.items(), key=lambda item: -len(item[0])):
        template = template.replace(f"${name}", form)
    return template.encode()


def shown_parts(text: str, secret: str, sent: str) -> list[str]:
    """Every run of eight characters of a secret's forms that a text shows."""
    forms = (secret, sent, quote(secret, safe=""), b64encode(secret.encode()).decode(), secret.encode().hex())
    return [form[at : at + 8] for form in forms for at in range(len(form) - 7) if form[at : at + 8] in text]


@pytest.mark.server
@pytest.mark.parametrize("case", ECHOES, ids=lambda case: case["name"])
def test_a_server_that_repeats_a_credential_gets_it_shown_nowhere(case, tmp_path):
    """Whatever way a server repeats the password that it was sent, the error has a code and no part of it."""
    sent = b64encode(f"me:{SECRET}".encode()).decode()

    def behave(request, connection):
        connection.sendall(encoded(case["answer"], SECRET, sent) if request.authorization else CHALLENGE)

    graph = small_graph(tmp_path / "p", {"one": 1})
    with raw_server(behave) as server:
        with pytest.raises(KgError) as caught:
            load(graph, server.address, profile="fuseki", credentials=Credentials("me", SECRET), timeout=5)
        assert server.requests[-1].authorization == f"Basic {sent}"
    assert caught.value.problems[0].code.startswith("KG70")
    assert shown_parts(f"{caught.value} {caught.value!r}", SECRET, sent) == []


@pytest.mark.server
@pytest.mark.parametrize("variable", ["KG_LOAD_PASSWORD", "KG_LOAD_TOKEN"])
def test_the_command_shows_no_credential(variable, tmp_path):
    """A store that refuses and quotes the header: the command says so, and shows nothing of it."""
    secret = "hunter2-secret-0123456789"  # noqa: S105 - made up
    scheme, sent = ("Bearer", secret) if variable.endswith("TOKEN") else ("Basic", b64encode(f"me:{secret}".encode()))
    sent = sent if isinstance(sent, str) else sent.decode()
    asks = f'HTTP/1.1 401 No\r\nWWW-Authenticate: {scheme} realm="x"\r\nContent-Length: 0\r\n\r\n'.encode()

    def behave(request, connection):
        answer = encoded(f"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n{scheme} $SENT", secret, sent)
        connection.sendall(answer if request.authorization else asks)

    with raw_server(behave) as server:
        secrets = environment(KG_LOAD_USER="me", **{variable: f"{secret}\n"})
        done = run_kg("load", server.address, "--profile", "sparql", env=secrets, cwd=ROOT)
        assert server.requests[-1].authorization == f"{scheme} {sent}"
    assert done.returncode == 5
    assert "KG703" in done.stderr
    assert "not shown" in done.stderr
    assert shown_parts(done.stdout + done.stderr, secret, sent) == []


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_fault_shows_no_credential(debug):
    """A fault of ours whose message holds the token ends in KG999, or in a traceback when asked, without it."""
    secret = "hunter2-secret-0123456789"  # noqa: S105 - made up
    code = (
        "import kg.cli, click\n"
        "def fail(*_a, **_k): raise ValueError(f'bad header {SECRET!r}') from OSError(SECRET)\n"
        f"SECRET = {secret!r}\nkg.cli.kg.main = fail\nkg.cli.main()\n"
    ).replace(f"SECRET = {secret!r}", "import os; SECRET = os.environ['KG_LOAD_TOKEN']")
    extra = {"KG_DEBUG": "1"} if debug else {}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(KG_LOAD_TOKEN=secret, **extra),
        cwd=ROOT,
    )
    assert done.returncode == 70
    assert ("Traceback" in done.stderr) == debug
    assert ("KG999" in done.stderr) != debug
    assert "ValueError" in done.stderr or debug
    assert shown_parts(done.stdout + done.stderr, secret, secret) == []


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=8), st.binary(), st.binary())
def test_no_excerpt_holds_a_secret(secret, before, after):
    """Whatever a secret and whatever stands around it: no message shows it, nor its Base64."""
    keep_secret(secret)
    try:
        for form in (secret.encode(), b64encode(secret.encode())):
            assert form.decode() not in excerpt(before + form + after)
    finally:
        # What is kept is kept for the whole process, and made-up secrets would hide what other tests look at.
        redaction._SECRETS.discard(secret)


@pytest.mark.parametrize(
    ("values", "named", "fault"),
    [
        ({"KG_LOAD_TOKEN": "abc\ndef-hunter2"}, "KG_LOAD_TOKEN", "a control character"),
        ({"KG_LOAD_TOKEN": "abc\r\nX-Evil: hunter2"}, "KG_LOAD_TOKEN", "a control character"),
        ({"KG_LOAD_TOKEN": "hunter2-ž"}, "KG_LOAD_TOKEN", "a character outside ASCII"),
        ({"KG_LOAD_TOKEN": "hunter2 more"}, "KG_LOAD_TOKEN", "a space"),
        ({"KG_LOAD_USER": "me", "KG_LOAD_PASSWORD": "hunter2\x07x"}, "KG_LOAD_PASSWORD", "a control character"),
        ({"KG_LOAD_USER": "m\x1be", "KG_LOAD_PASSWORD": "hunter2"}, "KG_LOAD_USER", "a control character"),
        ({"KG_LOAD_USER": "me", "KG_LOAD_PASSWORD": "hunter2\udcff"}, "KG_LOAD_PASSWORD", "bytes that are no UTF-8"),
    ],
)
def test_a_credential_that_cannot_be_sent_is_named_and_not_shown(values, named, fault, monkeypatch):
    """A control character, an unsendable one: the variable is named with the fault, its value is not repeated."""
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"KG716: {named} holds {fault}") as caught:
        find_credentials("x.example")
    assert "hunter2" not in str(caught.value)


def test_white_space_at_the_ends_is_dropped(monkeypatch):
    """A token read from a file ends in a line feed, which is no part of it."""
    monkeypatch.setenv("KG_LOAD_TOKEN", " abc\r\n")
    assert find_credentials("x.example") == Credentials(token="abc")  # noqa: S106 - made up
    assert Credentials("me \n", "\tsecret\n") == Credentials("me", "secret")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("machine x.example login me passwd hunter2\n", "cannot be parsed at line 1"),
        ("machine x.example\nlogin me hunter2\n", "cannot be parsed at line"),
    ],
)
def test_a_netrc_file_that_cannot_be_parsed_is_named(text, words, tmp_path, monkeypatch):
    """The file and the line are named, and no word of it; a file that cannot be read at all is named too."""
    file = tmp_path / "netrc"
    file.write_text(text)
    monkeypatch.setenv("NETRC", str(file))
    with pytest.raises(InputError, match="KG717") as caught:
        netrc_credentials("x.example")
    assert str(file) in str(caught.value)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("NETRC", str(tmp_path))
    with pytest.raises(InputError, match=r"KG717.*cannot be read"):
        netrc_credentials("x.example")


@pytest.mark.server
def test_the_command_names_a_broken_netrc_file_only_when_it_matters(tmp_path):
    """Nothing is said of it to a store that asks for no password; it is the message where one does."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me passwd hunter2\n")
    for answer, said in ((CHALLENGE, "KG717"), (b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", "KG703")):
        with raw_server(lambda _request, connection, answer=answer: connection.sendall(answer)) as server:
            done = run_kg("load", server.address, "--profile", "sparql", env=environment(NETRC=str(file)), cwd=ROOT)
        assert said in done.stderr
        assert "hunter2" not in done.stderr


@pytest.mark.parametrize("where", ["--endpoint", "load", "--update-url"])
@pytest.mark.parametrize(
    "address", ["http://u:hunter2@127.0.0.1:{}", "http://hunter2@[127.0.0.1:{}", "http://:hunter2@x"]
)
def test_an_address_with_a_password_is_refused_without_it(where, address, tmp_path):
    """A password in an address, well-formed or not, is in no message, whichever option it comes with."""
    given = address.format(free_port())
    arguments = {
        "load": ["load", given],
        "--endpoint": ["query", "observers", "--endpoint", given],
        "--update-url": ["load", "http://127.0.0.1:1", "--update-url", given],
    }[where]
    done = run_kg(*arguments, env=environment(), cwd=ROOT)
    assert done.returncode == 2
    assert "KG713" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.server
@pytest.mark.parametrize("challenge", ["", 'Basic realm="x"', 'Digest realm="x", nonce="n"', "Negotiate", "Bearer"])
def test_a_token_goes_out_only_to_a_challenge_of_its_scheme(challenge, tmp_path):
    """No request has the token before a Bearer challenge; after another challenge none has it at all."""
    answer = (
        f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
        if challenge
        else "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    )
    known = Credentials(token="hunter2-secret")  # noqa: S106 - made up
    with raw_server(lambda _request, connection: connection.sendall(answer.encode())) as server:
        for profile in (None, *PROFILES):
            server.requests.clear()
            graph = small_graph(tmp_path / "p", {"one": 1})
            with pytest.raises(KgError):
                detect(server.address, known) or load(graph, server.address, profile="none")
            if profile:
                server.requests.clear()
                with pytest.raises(KgError):
                    load(graph, server.address, profile=profile, credentials=known, timeout=5)
            sent = [request.authorization for request in server.requests]
            assert sent[0] == ""
            bearer = challenge == "Bearer" and (profile is None or "bearer" in PROFILES[profile].schemes)
            assert ("Bearer hunter2-secret" in sent) == bearer
            assert set(sent) <= {"", "Bearer hunter2-secret"}


def test_a_refusal_in_words_is_a_challenge_where_the_profile_says_so():
    """QLever asks for its token in the text of a refusal: only then is it sent, and only once."""
    known = Authorisation(Credentials(token="abc"), ("bearer",), PROFILES["qlever"].asks)  # noqa: S106 - made up
    request = httpx.Request("POST", "http://x.example/")
    assert not known.asked(b'{"exception": "syntax error"}', request)
    assert "Authorization" not in request.headers
    refusal = b'{"exception": "SPARQL Update requires a valid access token"}'
    assert known.asked(refusal, request)
    assert request.headers["Authorization"] == "Bearer abc"
    assert not known.asked(refusal, request)
    assert not Authorisation(Credentials("me", "x"), ("bearer",), PROFILES["qlever"].asks).asked(refusal, request)


@pytest.mark.parametrize(
    "challenge",
    [
        "Digest",
        "Digest realm",
        'Digest realm="x',
        "Digest ,,,=",
        "Digest nonce",
        "Digest realm=,nonce=,algorithm=,qop=",
        'Digest realm="x", nonce="n", algorithm=ROT13',
        'Digest realm="x", nonce="n", qop="auth-int"',
        "",
        " ",
        "Basic\x00",
    ],
)
def test_a_broken_challenge_is_none(challenge):
    """A challenge that cannot be parsed gets no answer, and no fault of ours."""
    known = Authorisation(Credentials("me", "secret"), ("digest",))
    request = httpx.Request("GET", "http://x.example/")
    refusal = httpx.Response(401, headers={"WWW-Authenticate": challenge}, request=request)
    assert not known.challenged(refusal)
    assert "Authorization" not in request.headers
