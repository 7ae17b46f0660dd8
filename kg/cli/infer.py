"""``kg infer``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kg.cli.options import grouped, time_limit
from kg.cli.streams import show_data
from kg.engines.inference import infer_on_engine
from kg.errors import Place, Problem, UsageError
from kg.files import packed_file, write_file
from kg.limits import LONG_TIMEOUT
from kg.reasoner import by_root_cause, prove, refutations, render
from kg.reasoner.infer import infer, steps_as_json
from kg.reasoner.rdf_files import FORMATS, as_bytes, format_of, skolemised, triple_from

if TYPE_CHECKING:
    from kg.engines.engine_closure import EngineClosure
    from kg.model import Triple
    from kg.reasoner import Closure, Proof

#: How many inconsistencies are explained.
_SHOWN = 10
#: How many lines are written at once.
_BLOCK = 10_000


class _Shown(NamedTuple):
    """What of the result is written, and where."""

    out: Path | None
    everything: bool
    trivial: bool
    skolemize: bool
    why: tuple[str, str, str] | None
    proofs: Path | None
    every_inconsistency: bool

    @property
    def limit(self) -> int | None:
        """How many inconsistencies are explained; None for all."""
        return None if self.every_inconsistency else _SHOWN


class _Engine(NamedTuple):
    """The engine of SQL that closes the graph, and what it needs."""

    engine: str | None
    engine_dir: Path | None
    memory: int | None
    spark: str


_PATH = click.Path(path_type=Path)


@click.command(name="infer", epilog="Example: kg infer ontology.ttl data.nt.gz -o inferred.ttl")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="The format of the files.")
@click.option(
    "--base", metavar="IRI", default="", help="Resolve relative IRIs against this IRI, not the file's address."
)
@grouped(
    "shown",
    _Shown,
    click.option("-o", "--out", type=_PATH, help="Write to this file, in the format of its ending."),
    click.option("--all", "everything", is_flag=True, help="Include the input in the output."),
    click.option("--trivial", is_flag=True, help="Include trivial triples, such as x owl:sameAs x."),
    click.option("--skolemize", is_flag=True, help="Give each blank node an IRI."),
    click.option("--why", nargs=3, metavar="S P O", help="Explain this triple; write nothing else."),
    click.option("--proofs", type=_PATH, help="Write the proof step of each triple to this file, as JSON Lines."),
    click.option(
        "--every-inconsistency", is_flag=True, help=f"Explain every inconsistency, not only the first {_SHOWN}."
    ),
)
@click.option(
    "--reasoner",
    type=click.Choice(["native", "owlrl"]),
    default="native",
    show_default=True,
    help="Use owlrl only for comparison. It gives no proofs and has known faults: a key of one property equates all "
    "instances of its class (owl:hasKey), and the last member of an owl:AllDifferent is not compared.",
)
@grouped(
    "on",
    _Engine,
    click.option("--engine", type=click.Choice(["duckdb", "spark"]), help="Compute the closure on this SQL engine."),
    click.option(
        "--engine-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Keep the rounds of --engine in this folder; run the same command again to continue an interrupted run.",
    ),
    click.option("--memory", type=click.IntRange(256), metavar="MB", help="Limit the memory of DuckDB."),
    click.option(
        "--spark", metavar="ADDRESS", default="", help="The Spark Connect server, such as sc://127.0.0.1:15002."
    ),
)
@time_limit(LONG_TIMEOUT, at_once=True)
def command(files: tuple[Path, ...], form: str | None, base: str, reasoner: str, shown: _Shown, on: _Engine) -> int:
    """Infer what follows from RDF files under OWL 2 RL.

    The ending of the file name gives the syntax, with or without .gz; for .owl, .rdf and .xml the content decides.
    `-` is standard input and needs --format. The order of the files does not matter, and their named graphs are
    merged. The command fetches nothing.

    Writes the inferred triples to standard output as N-Triples, or to --out. Leaves out trivial triples (--trivial
    includes them) and the input (--all includes it). Blank nodes stay joined to the input only with --all or
    --skolemize.

    With --engine, DuckDB or Spark closes graphs that outgrow memory. It writes N-Triples, one predicate after the
    other, and proves one triple with --why.

    Exit status 3: the files are inconsistent; the command shows why, root causes first.
    """
    if on.engine:
        unfit = {"proofs": shown.proofs, "trivial": shown.trivial, "skolemize": shown.skolemize}
        if wrong := [f"--{name}" for name, value in {**unfit, "reasoner": reasoner != "native"}.items() if value]:
            raise click.UsageError(f"--engine does not take {', '.join(wrong)}")
        limit = (on.memory or 0) << 20
        with infer_on_engine(
            files, on.engine, form=form or "", base=base, folder=on.engine_dir, memory=limit, remote=on.spark
        ) as closure:
            return _from_engine(closure, shown, base)
    if (shown.proofs or shown.why or shown.trivial) and reasoner != "native":
        raise click.UsageError(f"--proofs, --why, --trivial: {reasoner} gives no proofs and no trivial triples")
    written = format_of(shown.out) if shown.out else None
    found = infer(files, reasoner, form=form or "", base=base, trivial=shown.trivial)
    for imported in found.imports:
        click.echo(f"note: {imported} is imported and is none of the files; nothing is fetched", err=True)
    if shown.why and found.closure is not None:
        triple = triple_from(shown.why, found.given.prefixes, base)
        click.echo(render(_proved(partial(prove, found.closure), triple)))
    else:
        triples = sorted({*found.given.triples, *found.triples}) if shown.everything else found.triples
        triples = skolemised(triples, found.given.triples, base) if shown.skolemize else triples
        content = as_bytes(triples, written)
        write_file(shown.out, content) if shown.out else show_data(content)
    if found.closure is None:
        for line in found.inconsistent:
            click.echo(f"inconsistent: {line}", err=True)
    else:
        if shown.proofs:
            write_file(shown.proofs, "".join(f"{line}\n" for line in steps_as_json(found.closure)).encode())
        _report(found.closure, shown.limit)
    return 3 if found.inconsistent else 0


def _from_engine(closure: EngineClosure, shown: _Shown, base: str) -> int:
    """Show what an engine has found."""
    found = closure.inconsistencies()
    if shown.why:
        click.echo(render(_proved(closure.proof, triple_from(shown.why, {}, base))))
    else:
        triples = closure.triples() if shown.everything else closure.inferred()
        _stream((f"{s} {p} {o} .\n" for s, p, o in triples), shown.out)
    for number, each in enumerate(found[: shown.limit], 1):
        click.echo(f"inconsistent ({number}), by {each.rule}:", err=True)
        _indented(_proved(closure.proof, premise) for premise in each.premises)
    _count_others(len(found), shown.limit)
    return 3 if found else 0


def _stream(lines: Iterator[str], out: Path | None) -> None:
    """Write N-Triples as they come, compressed where the name says so."""
    blocks = iter(lambda: "".join(islice(lines, _BLOCK)).encode(), b"")
    if out is None:
        for block in blocks:
            show_data(block)
        return
    if format_of(out).file_extension != "nt":
        raise UsageError(Problem("KG102", "an engine writes N-Triples", Place(str(out)), "Name it .nt or .nt.gz."))
    with packed_file(out) as file:
        file.writelines(blocks)


def _proved(proof_of: Callable[[Triple], Proof | None], triple: Triple) -> Proof:
    """The proof of a triple. Raises UsageError (KG609) for one that does not follow."""
    proof = proof_of(triple)
    if proof is None:
        raise UsageError(Problem("KG609", f"{' '.join(triple)} does not follow", remedy="Is each IRI spelt in full?"))
    return proof


def _report(closure: Closure, limit: int | None) -> None:
    """Inconsistencies with the proofs of their premises, on standard error; the others are counted."""
    found = by_root_cause(closure)
    for number, (each, proofs) in enumerate(refutations(closure, found[:limit]), 1):
        click.echo(f"inconsistent ({number}), by {each.rule}:", err=True)
        _indented(proofs)
    _count_others(len(found), limit)


def _indented(proofs: Iterable[Proof]) -> None:
    for proof in proofs:
        for line in render(proof).splitlines():
            click.echo(f"  {line}", err=True)


def _count_others(found: int, limit: int | None) -> None:
    if limit is not None and found > limit:
        click.echo(f"and {found - limit} more; --every-inconsistency shows them", err=True)
