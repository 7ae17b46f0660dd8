"""The folder of a run: a marked folder with one folder of Parquet files a round, each with a manifest.

A round's folder gets its name when it is complete, and its manifest has a digest of each file, so a run that was
killed goes on after the last round. A manifest holds the whole state: which files have the facts of each predicate,
which of them are new, the programs, the terms, the cliques.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from kg.errors import Place, Problem, UsageError
from kg.owned import make_folder, mark_folder, place_folder, read_file, sweep

_KIND, _ROUND_KIND = "engine run", "engine round"
_FORMAT = 2
#: The name of a file of a round, below the folder of the run.
_FILE = re.compile(r"round-\d+/[\w-]+\.(?:parquet|json)")


@dataclass(slots=True)
class RunState:
    """The state after a round. Files are named relative to the run's folder; predicates are numbers of terms."""

    source: str
    round: int = 0
    facts: dict[int, list[str]] = field(default_factory=dict)
    delta: dict[int, list[str]] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)
    last_term: int = 0
    given_terms: int = 0  # the last term of the input
    cliques: str = ""
    programs: list[str] = field(default_factory=list)
    fresh: list[int] = field(default_factory=list)  # clauses that have not run over all facts yet, by number
    stratum: int = 0
    done: bool = False

    def dumps(self, digests: dict[str, str]) -> bytes:
        """As JSON below its own digest, with the digests of the files of its round."""
        text = json.dumps({"format": _FORMAT, **asdict(self), "digests": digests}, sort_keys=True).encode()
        return f"{sha256(text).hexdigest()}\n".encode() + text


def _loads(content: bytes) -> tuple[RunState, dict[str, str]]:
    """Raises ValueError, or another error of values, for what ``dumps`` has not written."""
    digest, _, text = content.partition(b"\n")
    data = json.loads(text)
    if digest != sha256(text).hexdigest().encode() or data.pop("format") != _FORMAT:
        raise ValueError("damaged, or in another format")
    digests = data.pop("digests")
    for name in ("facts", "delta"):
        data[name] = {int(key): files for key, files in data[name].items()}
    state = RunState(**data)
    named = [*state.facts.values(), *state.delta.values(), state.terms, state.programs, filter(None, [state.cliques])]
    if not all(_FILE.fullmatch(file) for files in named for file in files):
        raise ValueError("a file outside the rounds")
    return state, digests


class RunFolder:
    """The folder of a run."""

    def __init__(self, path: Path) -> None:
        """Make or take up a folder. Raises UsageError (KG485) when it holds something else."""
        self.path = path.absolute()
        if not mark_folder(self.path, _KIND):
            remedy = "Name an empty folder, or the folder of an earlier run."
            raise UsageError(Problem("KG485", "is not the folder of a run", Place(str(path)), remedy))
        sweep(self.path, ".round-*", _ROUND_KIND)

    def resume(self, source: str) -> RunState | None:
        """The state after the last round that is whole; None where there is none.

        Raises UsageError (KG485) when the folder has a run over other files or rules.
        """
        for folder in sorted(self.path.glob("round-*"), reverse=True):
            try:
                state, digests = _loads(read_file(folder / "manifest.json"))
                whole = all(_digest(folder / name) == digest for name, digest in digests.items())
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
            if not whole:
                continue
            if state.source != source:
                remedy = "Name another folder."
                raise UsageError(Problem("KG485", "has a run over other input", Place(str(self.path)), remedy))
            sweep(self.path, "round-*", _ROUND_KIND, keep=[p for p in self.path.glob("round-*") if p <= folder])
            return state
        sweep(self.path, "round-*", _ROUND_KIND)
        return None

    def begin(self) -> Path:
        """A folder for the files of the next round."""
        return make_folder(self.path, ".round-", _ROUND_KIND)

    def name(self, number: int, file: str) -> str:
        """The name of a file of a round."""
        return f"round-{number:05}/{file}"

    def finish(self, made: Path, state: RunState) -> None:
        """Write the manifest, and give the round's folder its name."""
        digests = {file.name: _digest(file) for file in sorted(made.iterdir()) if not file.name.startswith(".")}
        (made / "manifest.json").write_bytes(state.dumps(digests))
        place_folder(made, self.path / f"round-{state.round:05}")

    def paths(self, names: list[str]) -> list[Path]:
        """Files by name."""
        return [self.path / name for name in names]


def _digest(file: Path) -> str:
    """SHA-256 of a file, or of a folder of files in order of name (Spark writes folders)."""
    digest = sha256()
    for part in sorted(file.rglob("*")) if file.is_dir() else [file]:
        if part.is_file():
            digest.update(part.name.encode())
            with part.open("rb") as source:
                while block := source.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()
