"""``kg completion``."""

from __future__ import annotations

import click


@click.command(name="completion", epilog="Example: kg completion fish | source")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL: commands, queries, parameters and names.

    \b
    bash: eval "$(kg completion bash)" in ~/.bashrc
    zsh:  eval "$(kg completion zsh)" in ~/.zshrc, after compinit
    fish: kg completion fish | source in ~/.config/fish/config.fish
    """  # noqa: D301 - \b is click's mark for text that it must not wrap
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choices are the shells that click knows
    click.echo(kind(ctx.find_root().command, {}, "kg", "_KG_COMPLETE").source(), nl=False)
