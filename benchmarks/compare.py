"""The time of ``kg diff`` beside that of ``kg build``, as processes, from cold.

On this repository with a sixth document, and on 300 generated documents of this corpus' average size with one more.
Run it as ``python -m benchmarks.compare [DOCUMENTS]``.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Entities that a generated document has of its own; the others (countries, organisations) all share.
OWN_KINDS = ("events", "exercises", "meetings", "polls", "matters", "transfers", "agreements", "facilities", "groups")
_ENTITY = re.compile(r"^:([\w-]+) a ", re.MULTILINE)
_LABEL = re.compile(r'"([^"\n]*)"(@[A-Za-z-]+)')


def generate(target: Path, documents: int) -> None:
    """Write a project of that many documents: copies of this corpus', each with its own events and so on."""
    for name in ("ontology", "queries", "corpus"):
        shutil.copytree(ROOT / name, target / name)
    sources = sorted((ROOT / "corpus" / "documents").glob("*.trig"))
    entities = {kind: ROOT / "corpus" / "entities" / f"{kind}.ttl" for kind in OWN_KINDS}
    texts = {kind: path.read_text(encoding="utf-8") for kind, path in entities.items() if path.is_file()}
    own = {name for text in texts.values() for name in _ENTITY.findall(text)}
    for number in range(len(sources), documents):
        _copy_document(sources[number % len(sources)], target, number // len(sources), own)
    for number in range(1, -(-documents // len(sources))):
        for kind, text in texts.items():
            named = _LABEL.sub(rf'"\1 {number}"\2', _renamed(text, own, number))
            (target / "corpus" / "entities" / f"{kind}-{number}.ttl").write_text(named, encoding="utf-8")


def _copy_document(source: Path, target: Path, number: int, own: set[str]) -> None:
    slug = source.stem
    text = _renamed(source.read_text(encoding="utf-8"), own, number)
    for other in (ROOT / "corpus" / "documents").glob("*.trig"):
        # Where it is the whole name of a document, not the beginning of an entity's.
        text = re.sub(rf'(?<=[/:"]){other.stem}(?=[/>"\s;,.])', f"{other.stem}-{number}", text)
    folder = target / "corpus" / "documents"
    (folder / f"{slug}-{number}.trig").write_text(text, encoding="utf-8")
    shutil.copyfile(source.with_suffix(".passages"), folder / f"{slug}-{number}.passages")


def _renamed(text: str, own: set[str], number: int) -> str:
    return re.sub(r"(?<![\w>]):([\w-]+)", lambda m: f":{m[1]}-{number}" if m[1] in own else m[0], text)


def add_document(target: Path, slug: str = "sixth-2024") -> None:
    """Add the tutorial's sixth document, or one like it."""
    folder = target / "corpus" / "documents"
    base = "https://w3id.org/serbia-kg"
    (folder / f"{slug}.trig").write_text(
        f"""@prefix kg: <{base}/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix : <{base}/id/> .
@prefix d: <{base}/document/> .
@prefix c: <{base}/claim/{slug}/> .
d:{slug} a kg:Document ; kg:slug "{slug}" ; dcterms:title "Added"@en ; dcterms:publisher "Nobody" ;
    dcterms:language "en" ; kg:genre "report"@en ; kg:standpoint "none"@en ;
    kg:published "2024-05-02" ; kg:dateBasis "invented"@en .
c:observer {{ :armenia kg:observerOf :csto-parliamentary-assembly . }}
c:observer a kg:Claim ; kg:passage "1.1" ; kg:modality kg:Fact ; kg:gloss "Armenia looks on in the assembly."@en .
""",
        encoding="utf-8",
    )
    (folder / f"{slug}.passages").write_text(
        f"# kg-sentences-1  text-sha256 {'0' * 64}\nplace\tsha256\toccurrence\tset aside\n1.1\t{'0' * 64}\t1\n",
        encoding="utf-8",
    )


def timed(project: Path, *arguments: str) -> float:
    """Seconds of processor time that a command takes as a whole process. Raises SystemExit when it fails."""
    begun = _spent()
    done = subprocess.run([sys.executable, "-m", "kg", *arguments], cwd=project, capture_output=True, text=True)
    if done.returncode not in (0, 4):
        raise SystemExit(f"{' '.join(arguments)}: {done.returncode}\n{done.stderr or done.stdout[-2000:]}")
    return _spent() - begun


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def commit(project: Path) -> None:
    """Make the project a repository with everything committed."""
    who = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=project, check=True)


def report(name: str, project: Path) -> None:
    """Time build and diff from cold, and print their ratio with the aim."""
    build, diff = timed(project, "build", "--force"), timed(project, "diff")
    print(f"{name:44} build {build:6.2f} s  diff {diff:6.2f} s  ratio {diff / build:4.2f} (aim 2.2)", flush=True)


def main() -> None:
    """Measure both sizes."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (
            ("this repository and a sixth document", 0),
            (f"{documents} documents and one more", documents),
        ):
            project = Path(folder) / str(count)
            generate(project, count)
            commit(project)
            add_document(project)
            report(name, project)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
