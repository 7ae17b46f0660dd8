"""Every query is bounded in time, memory, rows and bytes: here, in workers, and on the command line."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from command_line import run_kg
from examples import longer
from hostile.queries import ENDLESS, GREEDY, RESTS_ON_ALL, WIDE
from query_project import make_small
from timing import ends_in_time, wait_until

from kg.api import KnowledgeGraph, view_of
from kg.errors import UsageError
from kg.evidence import evidence_of
from kg.graph.store import Graph
from kg.limits import BATCH, SIZE
from kg.project import Project
from kg.queries import ask, run
from kg.queries.bounded import bounded, solutions
from kg.queries.pool import run_in_worker

Kg = Callable[..., subprocess.CompletedProcess[str]]
GIGA = 1 << 30


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small project with saved queries that never end, or take all memory, and one that such a query lists."""
    project = make_small(tmp_path_factory.mktemp("dear"))
    queries = {"endless": ENDLESS, "greedy": GREEDY["sorting a cross product"]}
    for name, text in queries.items():
        (project.root / "queries" / f"{name}.rq").write_text(f"#+ summary: Does it end?\n{text}\n")
    for name in queries:
        (project.root / "queries" / f"lists-{name}.rq").write_text(listing(name))
    for name, other in (("one", "other"), ("other", "one")):
        (project.root / "queries" / f"{name}.rq").write_text(listing(other))
    assert run_kg("--project", project.root, "build").returncode == 0
    return project


def listing(name: str) -> str:
    """A saved query with a parameter whose values another one lists."""
    return f"""#+ summary: What does it lead to?
#+ parameters:
#+   what: {{type: text, label: what, choices: {name}}}
#+ defaults:
#+ - what: nothing
SELECT ?s {{ ?s ?p ?_what_literal }} ORDER BY ?s
"""


def code_of(call: Callable[[], object]) -> str:
    """The code of the problem that a call raises."""
    with pytest.raises(UsageError) as caught:
        call()
    return caught.value.problems[0].code


# -- in a process that lives on


def test_a_runaway_query_ends_in_time_and_the_process_lives_on(small: Graph) -> None:
    """A cross product of the graph with itself three times ends soon after its time; the next query works."""
    with ends_in_time():
        assert code_of(lambda: ask(small, ENDLESS, timeout=2)) == "KG605"
    assert ask(small, "ASK {}").boolean is True


def test_a_runaway_query_of_a_view_ends_too(small: Graph) -> None:
    """The same in a view that is computed."""
    graph = small.in_view(view_of(only=["first-2017"]))
    assert code_of(lambda: ask(graph, ENDLESS, timeout=3)) == "KG605"
    assert ask(graph, "ASK { id:croatia kg:memberOf id:alliance }").boolean is True


@pytest.mark.parametrize("name", GREEDY)
def test_memory_is_bounded(name: str, small: Graph) -> None:
    """A query that needs more memory than is allowed is stopped, and says so; the next works."""
    greedy = run_in_worker(small, solutions, (GREEDY[name],), 60, memory=GIGA // 2)
    assert code_of(lambda: list(greedy)) == "KG606"
    assert ask(small, "ASK {}").boolean is True


def test_the_time_begins_before_the_worker(small: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes longer to start than the time allowed is not waited for."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(600)")
    monkeypatch.setattr("kg.queries.pool._MAIN", tmp_path / "slow.py")
    graph = small.in_view(view_of(only=["second-2018"]))
    with ends_in_time():
        assert code_of(lambda: ask(graph, "ASK {}", timeout=0.02)) == "KG605"


def test_saved_queries_are_bounded(hostile: Project) -> None:
    """So is a saved query, and one that lists the values of a parameter; two that list each other's end too."""
    from kg.graph.store import open_graph

    graph = open_graph(hostile)
    assert code_of(lambda: run(graph, "endless", timeout=2)) == "KG605"
    assert not run(graph, "one")


def test_workers_serve_threads(small: Graph) -> None:
    """Queries from several threads, more than there are workers, get their own answers."""
    found: dict[int, object] = {}

    def count(number: int) -> None:
        found[number] = ask(small, f"SELECT ({number} AS ?n) {{}}")[0].n

    threads = [threading.Thread(target=count, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(8)}


def test_rows_come_in_batches_and_need_not_all_be_taken(small: Graph) -> None:
    """Each batch is bounded, and a caller that stops early stops the query."""
    items = bounded(small, solutions, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout=20)
    head = next(items)
    assert head.columns[0] == "a"
    assert all(0 < len(next(items)) <= BATCH for _ in range(5))
    items.close()
    assert ask(small, "ASK {}").boolean is True


@pytest.mark.slow
def test_bytes_are_bounded(small: Graph) -> None:
    """Rows of a megabyte are cut where their bytes are too many, and the answer says that there are more."""
    answer = ask(small, WIDE)
    assert answer.truncated
    assert SIZE >> 20 >= len(answer.rows) > SIZE >> 22


def test_a_task_that_fails_says_so(small: Graph) -> None:
    """What the engine refuses while it answers is a problem; the worker is used again."""
    for timeout in (5, None):
        assert (
            code_of(lambda timeout=timeout: ask(small, "SELECT (<x:nothing>(1) AS ?y) {}", timeout=timeout))
            == "KG604"
        )
    assert ask(small, "ASK {}").boolean is True


def test_evidence_and_explanations_come_from_a_worker_as_from_here(small: Graph) -> None:
    """What a worker finds is what this process finds, for the same graph."""
    answer = ask(small, "SELECT ?s ?o { ?s kg:memberOf ?o } ORDER BY ?s ?o")
    there, here = evidence_of(answer), evidence_of(replace(answer, timeout=None))
    assert there.graph is small
    assert (there.cells, there.lines) == (here.cells, here.lines)
    graph = KnowledgeGraph(small)
    triple = answer.rows[0][0], f"{small.project.base}ontology#memberOf", answer.rows[0][1]
    (proof,) = graph.explain(*map(str, triple))
    assert (proof.graph is small, bool(proof.steps)) == (True, True)
    assert graph.why_not(str(triple[1]), "memberOf", "alliance").lines()


def test_evidence_is_bounded(small: Graph) -> None:
    """An answer that takes a second may rest on more than can be collected in its time."""
    answer = ask(small, RESTS_ON_ALL, timeout=20)
    answer.timeout = 4
    assert code_of(lambda: evidence_of(answer)) == "KG605"


# -- on the command line, which is its own worker


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sparql", ENDLESS), "KG605"),
        (("query", "endless"), "KG605"),
        (("query", "lists-endless"), "KG605"),
        (("cite", "endless"), "KG605"),
        (("sparql", RESTS_ON_ALL, "--evidence"), "KG605"),
    ],
)
def test_the_command_line_is_bounded(words: tuple[str, ...], code: str, hostile: Project, kg_process: Kg) -> None:
    """Ad hoc and saved queries, and what they list, end in time with status 2 and a message."""
    with ends_in_time():
        done = kg_process("--project", str(hostile.root), *words, "--timeout", "1")
    assert (done.returncode, code in done.stderr) == (2, True), done


EVERY = [
    ("show", "croatia"),
    ("search", "alliance"),
    ("timeline",),
    ("graph", "croatia"),
    ("chart", "polls"),
    ("conflicts",),
    ("explain", "croatia", "memberOf", "alliance"),
    ("why-not", "croatia", "memberOf", "alliance"),
    ("verify", "croatia", "memberOf", "alliance"),
    ("export", "out.nt"),
    ("check",),
    ("coverage",),
    ("diff", "."),
    ("impact", "croatia"),
    ("infer", "/dev/null", "--format", "n-triples"),
]
#: Each command as it is, but for a second that it takes once its time has begun.
SLOW = """
import time
from kg.cli import main, options
bound = options.bound
options.bound = lambda seconds: (bound(seconds), time.sleep(1))[0]
main()
"""


@pytest.mark.slow
def test_every_command_that_reads_the_graph_is_bounded(small_project: Project, tmp_path: Path) -> None:
    """Whatever it looks up, compares or writes, a command ends with status 2 and KG605, and leaves no file."""
    command = [sys.executable, "-c", SLOW, "--project", str(small_project.root)]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen([*command, *words, "--timeout", "0.1"], stdout=pipe, stderr=pipe, text=True, cwd=tmp_path)
        for words in EVERY
    ]
    for words, process in zip(EVERY, running, strict=True):
        shown, said = process.communicate(timeout=60)
        assert (process.returncode, shown, "KG605" in said) == (2, "", True), (words, said)
    assert not list(tmp_path.iterdir())


def test_look_ups_are_bounded_in_python(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is every look-up of the Python interface, the names of parameters among them."""
    monkeypatch.setattr("kg.api.TIMEOUT", 1e-6)
    graph = KnowledgeGraph(small.in_view(view_of(without=["second-2018"])))
    triple = ("croatia", "memberOf", "alliance")
    look_ups: list[Callable[[], object]] = [
        lambda: graph.show("croatia"),
        lambda: graph.search("alliance"),
        lambda: graph.find("alliance"),
        graph.conflicts,
        graph.timeline,
        lambda: graph.explain(*triple),
        lambda: graph.why_not(*triple),
        lambda: graph.verify(*triple),
        lambda: run(graph.graph, "organisations", timeout=1e-6),
    ]
    assert [code_of(look_up) for look_up in look_ups] == ["KG605"] * len(look_ups)


@pytest.mark.parametrize("name", ["greedy", *longer("lists-greedy")])
def test_saved_queries_have_the_same_memory(name: str, hostile: Project) -> None:
    """Under a limit of the system of 1.5 GB, the tool stops the query before the engine is ended by a signal."""
    done = limited(["--project", str(hostile.root), "query", name], resource.RLIMIT_AS, 3 * GIGA // 2)
    assert (done.returncode, "KG606" in done.stderr) == (2, True), done


@pytest.mark.parametrize("name", ["lists-endless", *longer("lists-greedy")])
def test_completion_is_bounded(name: str, hostile: Project) -> None:
    """A shell that completes the values of such a parameter is given nothing, soon."""
    words = ["kg", "query", name, "--what", "n"]
    env = {"_KG_COMPLETE": "bash_complete", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    call = 'import sys; sys.argv[0] = "kg"; from kg.cli import main; main()'
    done = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, env={**os.environ, **env}, cwd=hostile.root, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_reading_the_text_is_bounded(small_project: Project) -> None:
    """Standard input that stays open ends in time; a file without an end is read no further than a query may be."""
    command = [sys.executable, "-m", "kg", "--project", str(small_project.root), "sparql"]
    with subprocess.Popen(
        [*command, "-", "--timeout", "1"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"KG605" in process.stderr.read()
        assert process.wait(10) == 2
    done = subprocess.run([*command, "/dev/zero"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, "KG608" in done.stderr) == (2, True)


# -- limits of the system, and damage


def limited(words: list[str], kind: int, limit: int) -> subprocess.CompletedProcess[str]:
    """Run ``kg`` with a limit of the system."""
    return subprocess.run(
        [sys.executable, "-m", "kg", *words],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(kind, (limit, limit)),
    )


NEEDS = [
    *((resource.RLIMIT_NOFILE, files) for files in (24, 64, 95)),
    *((resource.RLIMIT_AS, size << 20) for size in (150, 450, 700)),
    (resource.RLIMIT_DATA, 100 << 20),
]
LIMITED = [("query", "organisations"), ("sparql", "ASK {}"), ("build", "--force")]


@pytest.mark.parametrize(
    ("words", "kind", "limit"),
    [
        pytest.param(words, *need, marks=() if words is LIMITED[0] or need in NEEDS[1:6:3] else pytest.mark.slow)
        for words, need in product(LIMITED, NEEDS)
    ],
)
def test_a_limit_below_the_need_is_told_with_the_need(
    words: tuple[str, ...], kind: int, limit: int, small_project: Project
) -> None:
    """Few files or little memory end in KG631 with the number that is needed: no signal, no waiting."""
    done = limited(["--project", str(small_project.root), *words], kind, limit)
    assert (done.returncode, "KG631" in done.stderr) == (2, True), done
    named = re.search(r"the engine needs (\d+) ", done.stderr)
    assert named
    assert int(named[1]) in ((96,) if kind == resource.RLIMIT_NOFILE else range(700, 900))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become another user")
def test_too_few_threads_are_told(own: Project) -> None:
    """If a user may start no more threads, then that is KG631; the engine would end the process by a signal."""
    with tempfile.TemporaryDirectory() as place:  # which another user can reach, unlike the folders of pytest
        root = Path(shutil.copytree(own.root, Path(place) / "own"))
        for path in (Path(place), root, *root.rglob("*")):
            os.chown(path, 1234, 1234)
        rights = "+dac_override,+dac_read_search"
        become = ["setpriv", "--reuid=1234", "--clear-groups", f"--inh-caps={rights}", f"--ambient-caps={rights}"]
        line = ["prlimit", "--nproc=3", *become, sys.executable, "-m", "kg", "query", "organisations"]
        done = subprocess.run(line, cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "KG631" in done.stderr) == (2, True), done


@pytest.mark.parametrize("kind", [resource.RLIMIT_AS, resource.RLIMIT_DATA])
def test_what_is_enough_is_enough(kind: int, small_project: Project) -> None:
    """With somewhat more than the number named, a question is answered."""
    done = limited(["--project", str(small_project.root), "query", "organisations"], kind, 900 << 20)
    assert done.returncode == 0, done.stderr


def test_a_worker_that_cannot_open_the_store_says_so(tmp_path: Path) -> None:
    """A store with a damaged manifest is named as such, in a worker and on the command line, whatever the time."""
    from kg.errors import InputError
    from kg.graph.store import open_graph

    graph = open_graph(make_small(tmp_path / "project"))
    for file in graph.snapshot.store_path.glob("MANIFEST-*"):
        file.chmod(0o644)
        file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises((InputError, UsageError), match="KG006"):
        ask(graph, "ASK {}", timeout=20)


# -- the end of the parent

ASKS = """
import sys, kg
from kg.api import KnowledgeGraph, view_of
print("started", flush=True)
graph = kg.open(sys.argv[1])
if sys.argv[2] == "view":
    graph = graph.in_view(only=["first-2017"])
graph.sparql(sys.argv[3], timeout=60)
"""


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[int]]:
    """The processes of workers that this test has started, directly or through another process."""
    mark = f"KG_TEST={uuid4()}"
    monkeypatch.setenv(*mark.split("="))
    return lambda: set(running(mark.encode()))


def running(mark: bytes) -> Iterator[int]:
    """The processes that run ``kg/queries/worker.py`` with a mark in their environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            is_worker = len(words) > 2 and words[2].endswith(b"kg/queries/worker.py")
            if is_worker and mark in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
        except OSError:
            continue


ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT)
#: One of each way, delay and kind; the longer tests have every combination.
SOME_ENDINGS = {*zip(ENDINGS, (0.0, 0.05, 0.3, 1.0), ("view", "default") * 2, strict=True)}


@pytest.mark.parametrize(
    ("how", "delay", "kind"),
    [
        pytest.param(*each, marks=() if each in SOME_ENDINGS else pytest.mark.slow)
        for each in product(ENDINGS, (0.0, 0.05, 0.3, 1.0), ("default", "view"))
    ],
)
def test_a_worker_ends_when_its_parent_does(
    how: signal.Signals, delay: float, kind: str, small_project: Project, workers: Callable[[], set[int]]
) -> None:
    """However and however early the parent is ended, while a worker starts or answers, none is left."""
    command = [sys.executable, "-c", ASKS, str(small_project.root), kind, ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=no_core) as process:
        assert process.stdout is not None
        process.stdout.readline()
        wait_until(workers, "no worker was started")
        time.sleep(delay)
        process.send_signal(how)
    wait_until(lambda: not workers(), "a worker was left")


def no_core() -> None:
    """Leave no core of a process that is ended on purpose; obey signals, even where these tests ignore them."""
    for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(ending, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
