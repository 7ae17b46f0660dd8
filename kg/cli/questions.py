"""Commands that take a saved query: its parameters become options, the first also by position. Not a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from kg.cli.completing import complete_value, offered_graph
from kg.cli.options import opened
from kg.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from kg.corpus.saved_queries import Parameter, SavedQuery
    from kg.graph.store import Graph

_GRAPH, _QUESTION = "kg.graph", "kg.question"
#: Names of what is given for parameters, apart from the command's own.
_VALUE, _FIRST = "value_of_", "first_value"


class QuestionCommand(click.Command):
    """A command whose argument ``name`` is a saved query. The next value and the options give the query's parameters.

    An option of the command itself wins over a parameter of that name, which ``kg check`` refuses (KG629).
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the question among the words, so that its parameters are known before they are parsed."""
        name = _first_word(self, args)
        graph = offered_graph(ctx) if ctx.resilient_parsing else opened(ctx.obj, reread="--reread" in args)
        if graph is not None:
            ctx.meta[_GRAPH] = graph
            ctx.meta[_QUESTION] = graph.queries.get(name) if ctx.resilient_parsing else _named(graph, name)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, and those of the question."""
        own = super().get_params(ctx)
        query: SavedQuery | None = ctx.meta.get(_QUESTION)
        if query is None or not query.parameters:
            return own
        taken = {option for parameter in own for option in parameter.opts}
        options = [_option(p) for p in query.parameters if f"--{p.name}" not in taken]
        at = next((n for n, p in enumerate(own, 1) if p.name == "name"), 0)
        return [*own[:at], _argument(query.parameters[0]), *options, *own[at:]]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click has it; of a question: what it asks, its parameters with their values, its columns, an example."""
        query: SavedQuery | None = ctx.meta.get(_QUESTION)
        if query is None:
            super().format_help(ctx, formatter)
            return
        from kg.queries.catalogue import columns, example, parameter_help

        graph: Graph = ctx.meta[_GRAPH]
        first = "".join(f"[{p.name.upper()}] " for p in query.parameters[:1])
        formatter.write_usage(ctx.command_path, f"{query.name} {first}[OPTIONS]")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(query.summary)
            if query.description:
                formatter.write_paragraph()
                formatter.write_text(query.description.strip())
        if query.parameters:
            with formatter.section("Parameters"):
                formatter.write_dl([(f"--{p.name}", parameter_help(graph, p)) for p in query.parameters])
        if query.form == "SELECT":
            with formatter.section("Columns"):
                formatter.write_text(", ".join(columns(query)))
        with formatter.section("Example"):
            formatter.write_text(example(graph, query))
        records = (p.get_help_record(ctx) for p in self.params if isinstance(p, click.Option))
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])


def opened_graph(ctx: click.Context) -> Graph:
    """The graph that the command opened to know the question, in its default view."""
    graph: Graph = ctx.meta[_GRAPH]
    return graph


def values_of(ctx: click.Context, given: Mapping[str, Any]) -> dict[str, str]:
    """The values of the question's parameters by name, from what click gives for them.

    Raises UsageError (KG660) where the first is given by position and by name.
    """
    query: SavedQuery | None = ctx.meta.get(_QUESTION)
    values = {name.removeprefix(_VALUE): value for name, value in given.items() if name.startswith(_VALUE)}
    values = {name: value for name, value in values.items() if value is not None}
    first = given.get(_FIRST)
    if query is None or first is None:
        return values
    name = query.parameters[0].name
    if name in values:
        remedy = f"Give it once: {query.name} {first!r}, or --{name} {values[name]!r}."
        raise UsageError(Problem("KG660", f"{name} is given twice", remedy=remedy))
    return {name: first, **values}


def _first_word(command: click.Command, args: Sequence[str]) -> str:
    """The first word that is neither an option of the command's own nor the value of one."""
    valued = {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    words = iter(args)
    for word in words:
        if not word.startswith("-"):
            return word
        if word in valued:
            next(words, None)
    return ""


def _named(graph: Graph, name: str) -> SavedQuery | None:
    from kg.queries.run import named

    return named(graph, name) if name else None


def _option(parameter: Parameter) -> click.Option:
    return click.Option(
        [f"--{parameter.name}", f"{_VALUE}{parameter.name}"],
        metavar=parameter.type.upper(),
        help=parameter.label,
        shell_complete=_completer(parameter),
    )


def _argument(parameter: Parameter) -> click.Argument:
    return click.Argument(
        [_FIRST], required=False, metavar=f"[{parameter.name.upper()}]", shell_complete=_completer(parameter)
    )


def _completer(parameter: Parameter) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        # Opened anew: what bounded the parsing ended with it.
        return complete_value(offered_graph(ctx), parameter, incomplete)

    return complete
