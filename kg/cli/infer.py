"""``kg infer``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import time_limit, write_whole
from kg.cli.streams import show_data
from kg.errors import Problem, UsageError
from kg.files import whole_file
from kg.limits import LONG_TIMEOUT
from kg.reasoner import by_root_cause, prove, refutations, render
from kg.reasoner.infer import infer, steps_as_json
from kg.reasoner.rdf_files import FORMATS, as_bytes, format_of, skolemised, triple_from

if TYPE_CHECKING:
    from kg.reasoner import Closure
    from kg.reasoner.rdf_files import Given

__all__ = ["command"]

#: How many inconsistencies are explained.
_SHOWN = 10


@click.command(name="infer")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write there, in the format of the ending.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="The format of the files.")
@click.option("--base", metavar="IRI", default="", help="Resolve relative IRIs against this, not the file's address.")
@click.option("--all", "everything", is_flag=True, help="Write the input too, in one document with what follows.")
@click.option("--trivial", is_flag=True, help="Write trivial triples too, such as x owl:sameAs x.")
@click.option("--skolemize", is_flag=True, help="Give each blank node an IRI.")
@click.option("--why", nargs=3, metavar="S P O", help="Explain this triple; write nothing else.")
@click.option("--proofs", type=click.Path(path_type=Path), help="Write each triple's step there, as JSON lines.")
@click.option(
    "--reasoner",
    type=click.Choice(["native", "owlrl"]),
    default="native",
    show_default=True,
    help="owlrl is there to compare with. It gives no proofs and has known faults: a key of one property equates all "
    "instances of its class (owl:hasKey), and the last member of an owl:AllDifferent is not compared.",
)
@click.option(
    "--every-inconsistency", is_flag=True, help=f"Explain every inconsistency, not only the first {_SHOWN}."
)
@time_limit(LONG_TIMEOUT, at_once=True)
def command(
    files: tuple[Path, ...],
    out: Path | None,
    form: str | None,
    base: str,
    everything: bool,
    trivial: bool,
    skolemize: bool,
    why: tuple[str, str, str] | None,
    proofs: Path | None,
    reasoner: str,
    every_inconsistency: bool,
) -> int:
    """Infer what follows from RDF files under OWL 2 RL.

    A file's name says its syntax, compressed with gzip or not; of .owl, .rdf and .xml the content does. `-` is
    standard input, which needs --format. Ontology and data come in any order. Named graphs are merged: what follows
    from all of them together is inferred. The inferred triples go to standard output as N-Triples, or to --out.
    Trivial triples, which hold of everything, are left out (--trivial has them), and so is the input (--all has it;
    only so do blank nodes stay joined to it, or with --skolemize). Nothing is fetched. Ends with 3 when the files
    are inconsistent, and shows why: root causes first.
    """
    if (proofs or why or trivial) and reasoner != "native":
        raise click.UsageError(f"--proofs, --why, --trivial: {reasoner} gives no proofs and no trivial triples")
    written = format_of(out) if out else None
    found = infer(files, reasoner, form=form or "", base=base, trivial=trivial)
    for imported in found.imports:
        click.echo(f"note: {imported} is imported and is none of the files; nothing is fetched", err=True)
    if why and found.closure is not None:
        _explain(found.closure, found.given, why, base)
    else:
        triples = sorted({*found.given.triples, *found.triples}) if everything else found.triples
        triples = skolemised(triples, found.given.triples, base) if skolemize else triples
        _write(as_bytes(triples, written), out)
    if proofs and found.closure is not None:
        write_whole(proofs, "".join(f"{line}\n" for line in steps_as_json(found.closure)).encode())
    if found.closure is not None:
        _report(found.closure, None if every_inconsistency else _SHOWN)
    else:
        for line in found.inconsistent:
            click.echo(f"inconsistent: {line}", err=True)
    return 3 if found.inconsistent else 0


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        show_data(content)
        return
    with whole_file(out) as file:
        file.write(content)


def _explain(closure: Closure, given: Given, words: tuple[str, str, str], base: str) -> None:
    """Show the proof of one triple. Raises UsageError (KG609) for what is no triple or does not follow."""
    triple = triple_from(words, given.prefixes, base)
    proof = prove(closure, triple)
    if proof is None:
        raise UsageError(Problem("KG609", f"{' '.join(triple)} does not follow", remedy="Is each IRI spelt in full?"))
    click.echo(render(proof))


def _report(closure: Closure, limit: int | None) -> None:
    """Inconsistencies with the proofs of their premises, on standard error; the others are counted."""
    found = by_root_cause(closure)
    for number, (each, proofs) in enumerate(refutations(closure, found[:limit]), 1):
        click.echo(f"inconsistent ({number}), by {each.rule}:", err=True)
        for proof in proofs:
            for line in render(proof).splitlines():
                click.echo(f"  {line}", err=True)
    if limit is not None and len(found) > limit:
        click.echo(f"and {len(found) - limit} more; --every-inconsistency shows them", err=True)
