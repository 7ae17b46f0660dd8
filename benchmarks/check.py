"""How long `kg check` takes: on this corpus, and on a generated project of many documents of the same size.

    python -m benchmarks.check [DOCUMENTS]

The generated project has the documents of this corpus over and over, each under a slug of its own, with its own
claims, links, and entities (every entity of the corpus once for each round), so that nothing is shared but the
ontology. Each figure is a whole process, Python's start included.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ENTITY = re.compile(r"(?<![\w\":]):(?=[a-z])")
_LABEL = re.compile(r'"@(en|sr-Latn|sr-Cyrl)')
_TARGETS = "what is aimed at: this corpus from cold 1.2 s; 300 documents 40 s from cold, 3 s with one changed"


def generate(folder: Path, documents: int) -> None:
    """Write a project with as many documents as asked, made from those of the corpus."""
    # Background speaks of entities that go by other names here.
    shutil.copytree(ROOT / "ontology", folder / "ontology", ignore=shutil.ignore_patterns("background.ttl"))
    (folder / "queries").mkdir()
    (folder / "corpus" / "documents").mkdir(parents=True)
    (folder / "corpus" / "entities").mkdir()
    sources = sorted((ROOT / "corpus" / "documents").glob("*.trig"))
    slugs = [path.stem for path in sources]
    slug = "|".join(map(re.escape, slugs))
    names = re.compile(rf"(?:(?<=claim/)|(?<=link/)|(?<=d:)|(?<=\"))(?:{slug})(?=[/\"\s;])")
    for number in range(documents):
        source, round_number = sources[number % len(sources)], number // len(sources)
        text = names.sub(lambda match, n=round_number: f"{match[0]}-r{n}", source.read_text(encoding="utf-8"))
        text = _renamed(text, round_number)
        (folder / "corpus" / "documents" / f"{source.stem}-r{round_number}.trig").write_text(text, encoding="utf-8")
        passages = source.with_suffix(".passages")
        shutil.copy(passages, folder / "corpus" / "documents" / f"{source.stem}-r{round_number}.passages")
    for round_number in range(-(-documents // len(sources))):
        for path in sorted((ROOT / "corpus" / "entities").glob("*.ttl")):
            text = _renamed(path.read_text(encoding="utf-8"), round_number)
            (folder / "corpus" / "entities" / f"{path.stem}-r{round_number}.ttl").write_text(text, encoding="utf-8")


def _renamed(text: str, round_number: int) -> str:
    """The entities of a text under names of their own, and for entity files labels of their own."""
    text = _ENTITY.sub(f":r{round_number}-", text)
    return text if "kg:Claim" in text else _LABEL.sub(f' {round_number}"@\\1', text)


def timed(project: Path) -> float:
    """Seconds of one `kg check` as a process."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "kg", "--project", str(project), "check", "--quiet"],
        capture_output=True,
        text=True,
        env={**os.environ, "KG_STATE_DIR": str(project / ".kg")},
        check=False,
    )
    elapsed = time.perf_counter() - start
    print(f"        ({run.stdout.strip().splitlines()[-1] if run.stdout.strip() else run.stderr.strip()[-200:]})")
    return elapsed


def measure(name: str, project: Path) -> None:
    """Print the figures of one project: from cold, again, and with one document changed."""
    print(f"{name}, from cold: {timed(project):.2f} s")
    print(f"{name}, again: {timed(project):.2f} s")
    changed = sorted((project / "corpus" / "documents").glob("*.trig"))[0]
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    print(f"{name}, one document changed: {timed(project):.2f} s")


def main() -> None:
    """Measure both."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(_TARGETS)
    with tempfile.TemporaryDirectory() as made:
        small = Path(made) / "corpus"
        small.mkdir()
        for name in ("ontology", "corpus", "queries"):
            shutil.copytree(ROOT / name, small / name)
        measure("this corpus", small)
        large = Path(made) / "large"
        large.mkdir()
        generate(large, documents)
        measure(f"{documents} documents", large)


if __name__ == "__main__":
    main()
