"""What a build and each kind of question cost as the corpus grows, on two shapes of generated corpora.

``apart`` are copies of this corpus that share only countries and organisations; in ``together`` every document states
facts of the same few things, with dates of its own, and some deny what others affirm. The build's peer is Oxigraph's
bulk load of all the units as N-Quads, in pieces. Processor time of whole processes with their children, and peak
memory; at 500 documents ``apart``, with the aims of the project beside. Run it as
``python -m benchmarks.scale [--shape SHAPE] [DOCUMENTS …]``; without numbers, 5, 50 and 500.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.compare import ROOT, generate

PIECE = 32 << 20
PLAIN = "plain, bounded result"
LOAD = """
import sys, pyoxigraph
store = pyoxigraph.Store(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    while piece := file.read(int(sys.argv[3])):
        store.bulk_load(piece + file.readline(), format=pyoxigraph.RdfFormat.N_QUADS)
store.optimize()
"""
#: Seconds of the program before it had an index, on the corpora ``apart`` by their documents.
FORMER = {
    "build": {5: 3.7, 50: 14, 500: 156},
    PLAIN: {5: 0.2, 50: 0.2, 500: 0.5},
    "--without, first": {5: 0.5, 50: 2.1, 500: 30},
    "evidence of 50 rows": {5: 0.6, 50: 3.5, 500: 30},
    "conflicts": {5: 0.5, 50: 1.8, 500: 17},
    "search": {5: 0.2, 50: 0.7, 500: 7.8},
}
ONE = "sputnik-2017"
#: The description of a claim of one triple in that document.
DENIED = 'c:afghanistan-observer-csto-pa a kg:Claim ; kg:passage "11.1" ; kg:modality kg:Fact ;'
#: What each may cost at 500 documents: so many times another row, and so many seconds.
AIMS = {
    "build": ("peer: the load", 2, 0),
    "--without, first": (PLAIN, 1, 1),
    "--without, again": (PLAIN, 1, 0.25),
    "--accept contested, first": (PLAIN, 1, 1),
    "--as-of, first": (PLAIN, 1, 3),
    "--accept affirmed, first": (PLAIN, 1, 3),
    "--only, first": (PLAIN, 1, 3),
    "evidence of 50 rows": ("plain, growing result", 1, 0.3),
    "conflicts": (PLAIN, 0, 2),
    "one changed document": ("build", 0.2, 0),
}
#: Megabytes that the build may hold at 500 documents, and any answer; those that the build may leave on disk.
BUILD_PEAK, ANSWER_PEAK, DISK = 1300, 150, 900
#: Questions by name; each is a whole process.
QUESTIONS: dict[str, list[str]] = {
    PLAIN: ["query", "observers"],
    "plain, growing result": ["query", "exercises"],
    "--without, first": ["query", "observers", "--without", ONE],
    "--without, again": ["query", "observers", "--without", ONE],
    "--accept contested, first": ["query", "observers", "--accept", "contested"],
    "--as-of, first": ["query", "observers", "--as-of", "2016"],
    "--accept affirmed, first": ["query", "observers", "--accept", "affirmed"],
    "--only, first": ["query", "observers", "--only", ONE],
    "evidence of 50 rows": ["query", "exercises", "--evidence", "--limit", "50"],
    "search": ["search", "exercise"],
    "a name misspelt": ["query", "observers", "natto"],
    "show": ["show", "rubezh-2016"],
    "conflicts": ["conflicts"],
}


def together(target: Path, documents: int) -> None:
    """Write a project whose documents share their entities, restate and contradict one another."""
    for name in ("ontology", "queries", "corpus"):
        shutil.copytree(ROOT / name, target / name)
    folder = target / "corpus" / "documents"
    source = ROOT / "corpus" / "documents" / f"{ONE}.trig"
    for number in range(documents - len(list(folder.glob("*.trig")))):
        slug = f"{ONE}-{number}"
        text = source.read_text(encoding="utf-8").replace(ONE, slug)
        # A day of its own for each document, and every seventh denies what the others affirm.
        day = f"2017-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        text = text.replace('kg:published "2017-04-10"', f'kg:published "{day}"')
        if number % 7 == 6:
            text = text.replace(DENIED, f"{DENIED} kg:polarity kg:Denied ;")
        (folder / f"{slug}.trig").write_text(text, encoding="utf-8")
        shutil.copyfile(source.with_suffix(".passages"), folder / f"{slug}.passages")


SHAPES = {"apart": generate, "together": together}


def measured(project: Path, command: list[str]) -> tuple[float, int]:
    """Processor seconds and peak megabytes of a command and its children; its failure is an error."""
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True)\n"
        "spent = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(done.returncode, spent.ru_utime + spent.ru_stime, spent.ru_maxrss)\n"
    )
    line = subprocess.run(
        [sys.executable, "-c", script, *command], cwd=project, capture_output=True, text=True, check=True
    )
    code, seconds, kilobytes = line.stdout.split()
    # 2 is an answer too: that there is no such name.
    if int(code) not in (0, 2):
        raise SystemExit(f"{' '.join(command)} failed with {code}")
    return float(seconds), int(kilobytes) // 1024


def size(folder: Path) -> int:
    """Megabytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20


def report(shape: str, documents: int, folder: Path) -> None:
    """Build one corpus, ask every question, and print what each cost."""
    project = folder / f"{shape}-{documents}"
    project.mkdir()
    SHAPES[shape](project, documents)
    kg = [sys.executable, "-m", "kg"]
    found = {"build": measured(project, [*kg, "build"])}
    disk = size(next((project / ".kg" / "builds").iterdir()))
    quads = folder / "all.nq"
    measured(project, [*kg, "export", str(quads)])
    load = [sys.executable, "-c", LOAD, str(quads), str(folder / "peer"), str(PIECE)]
    found["peer: the load"] = measured(project, load)
    shutil.rmtree(folder / "peer")
    quads.unlink()
    for name, question in QUESTIONS.items():
        found[name] = measured(project, [*kg, *question])
    path = sorted((project / "corpus" / "documents").glob("*.trig"))[0]
    text = path.read_text(encoding="utf-8").replace('kg:gloss "', 'kg:gloss "Changed: ', 1)
    path.write_text(text, encoding="utf-8")
    found["one changed document"] = measured(project, [*kg, "build"])

    print(f"{documents} documents, {shape}:")
    for name, (seconds, megabytes) in found.items():
        former = FORMER.get(name, {}).get(documents) if shape == "apart" else None
        beside = f"   before: {former} s" if former else ""
        if documents == 500 and shape == "apart" and not name.startswith("peer"):
            beside += f"   aim: {_aim(name, found)}"
        print(f"  {name:28} {seconds:8.2f} s {megabytes:6} MB{beside}")
    print(f"  {'on disk':28} {disk:17} MB   aim at 500: {DISK} MB", flush=True)


def _aim(name: str, found: dict[str, tuple[float, int]]) -> str:
    """What a row may cost at 500 documents."""
    of, times, more = AIMS.get(name, ("", 0, 0))
    seconds = f"{found[of][0] * times + more:.2f} s, " if of else ""
    return f"{seconds}{BUILD_PEAK if name == 'build' else ANSWER_PEAK} MB"


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=int, nargs="*", default=[5, 50, 500])
    parser.add_argument("--shape", choices=sorted(SHAPES), default="apart")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kg-scale-") as folder:
        for documents in args.documents:
            report(args.shape, documents, Path(folder))


if __name__ == "__main__":
    main()
