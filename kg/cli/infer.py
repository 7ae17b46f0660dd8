"""``kg infer``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.streams import show_data

if TYPE_CHECKING:
    from kg.reasoner import Closure

__all__ = ["command"]

#: How many inconsistencies are explained.
_SHOWN = 10


@click.command(name="infer")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write there, in the format of the ending.")
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
def command(
    files: tuple[Path, ...], out: Path | None, proofs: Path | None, reasoner: str, every_inconsistency: bool
) -> int:
    """Infer what follows from RDF files under OWL 2 RL.

    Any syntax, by the ending of the name; ontology and data in any order. The inferred triples go to standard
    output as N-Triples, or to --out. Nothing is fetched. Ends with 3 when the files are inconsistent, and shows
    why: root causes first.
    """
    from kg.cli.options import write_whole
    from kg.reasoner.infer import as_text, format_of, infer, steps_as_json

    if proofs and reasoner != "native":
        raise click.UsageError(f"--proofs: {reasoner} gives no proofs")
    form = format_of(out) if out else None
    found = infer(files, reasoner)
    for imported in found.imports:
        click.echo(f"note: {imported} is imported and is none of the files; nothing is fetched", err=True)
    text = as_text(found.triples, form)
    if out:
        write_whole(out, [text])
    else:
        show_data(text)
    if proofs and found.closure is not None:
        write_whole(proofs, (f"{line}\n" for line in steps_as_json(found.closure)))
    if found.closure is not None:
        _report(found.closure, None if every_inconsistency else _SHOWN)
    else:
        for line in found.inconsistent:
            click.echo(f"inconsistent: {line}", err=True)
    return 3 if found.inconsistent else 0


def _report(closure: Closure, limit: int | None) -> None:
    """Inconsistencies with the proofs of their premises, on standard error; the others are counted."""
    from kg.reasoner import by_root_cause, refutations, render

    found = by_root_cause(closure)
    for number, (each, proofs) in enumerate(refutations(closure, found[:limit]), 1):
        click.echo(f"inconsistent ({number}), by {each.rule}:", err=True)
        for proof in proofs:
            for line in render(proof).splitlines():
                click.echo(f"  {line}", err=True)
    if limit is not None and len(found) > limit:
        click.echo(f"and {len(found) - limit} more; --every-inconsistency shows them", err=True)
