"""``kg completion``."""

from __future__ import annotations

import click

__all__ = ["command"]

_WHERE = {
    "bash": 'eval "$(kg completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(kg completion zsh)" in ~/.zshrc, after compinit',
    "fish": "kg completion fish | source in ~/.config/fish/config.fish",
}


@click.command(name="completion", epilog=" · ".join(f"{shell}: {line}" for shell, line in _WHERE.items()))
@click.argument("shell", type=click.Choice(list(_WHERE)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes commands, queries, parameters and entities."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choices are the shells that click knows
    click.echo(kind(ctx.find_root().command, {}, "kg", "_KG_COMPLETE").source(), nl=False)
