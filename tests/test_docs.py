"""What is generated in docs/reference is up to date, whole, and the same wherever it is made."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import generate
from kg.checks.problem_codes import CODES
from kg.project import VOCABULARY

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return generate.files()


def test_the_generated_files_are_up_to_date(made: dict[str, str]) -> None:
    """If a command, a code, a query, a term or a mapping has changed, then `make docs` was run."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in generate.FOLDER.iterdir()}
    stale = sorted(name for name in {*made, *kept} if made.get(name) != kept.get(name))
    assert stale == [], "run `make docs` and commit docs/reference"


def test_every_command_is_there(made: dict[str, str]) -> None:
    """If there is a command, then its help stands in commands.md, with its options."""
    found = re.findall(r"^## kg (\S+)$", made["commands.md"], re.MULTILINE)
    assert set(found) >= {"build", "query", "check", "diff", "site", "load", "explain", "why-not"}
    assert "--as-of DATE" in made["commands.md"]


def test_every_code_is_there(made: dict[str, str]) -> None:
    """If there is a code of a problem, then problems.md has one row of it."""
    assert re.findall(r"^\| (KG\d{3}) \|", made["problems.md"], re.MULTILINE) == sorted(CODES)


def test_every_query_is_there(made: dict[str, str]) -> None:
    """If there is a saved query, then queries.md has it, with a call."""
    found = re.findall(r"^### (\S+)$", made["queries.md"], re.MULTILINE)
    assert sorted(found) == sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
    assert "kg query observers " in made["queries.md"]


def test_every_term_is_there_once(made: dict[str, str]) -> None:
    """If the ontology or the tool's vocabulary defines a term, then ontology.md has it in exactly one place."""
    text = made["ontology.md"]
    found = re.findall(r"^(?:### |\| )(kg:\w+)(?= \||$)", text, re.MULTILINE)
    defined = set()
    for path in (*(ROOT / "ontology").glob("*.ttl"), *VOCABULARY.glob("*.ttl")):
        defined |= set(re.findall(r"^(kg:\w+) a ", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert sorted(found) == sorted(defined)


def test_every_mapping_is_there(made: dict[str, str]) -> None:
    """If a file of alignments maps a term, then the table has it with its justification, in names it declares."""
    lines = made["alignments.sssom.tsv"].splitlines()
    declared = {line.split(":")[0].strip("# ") for line in lines if line.startswith("#  ")}
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    mapped = 0
    for path in (ROOT / "ontology" / "alignments").glob("*.ttl"):
        mapped += path.read_text(encoding="utf-8").count("owl:annotatedSource")
    assert len(rows) == mapped > 30
    for row in rows:
        assert row["mapping_justification"] == "semapv:ManualMappingCuration"
        assert row["comment"]
        for column in ("subject_id", "predicate_id", "object_id"):
            assert row[column].partition(":")[0] in declared, row


def test_it_does_not_depend_on_where_it_is_made(made: dict[str, str], tmp_path: Path) -> None:
    """If the files are made in another process, language and order of hashing, then they are the same."""
    code = "import json; from docs import generate; print(json.dumps(generate.files()))"
    env = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "COLUMNS": "40", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    import json

    assert json.loads(done.stdout) == made
