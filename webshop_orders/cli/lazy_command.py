"""A command whose module is imported when it runs, so that `--help` and the server import none of them."""

from __future__ import annotations

import pkgutil
from typing import Any

import click


class LazyCommand(click.Command):
    """Stands for the command that `target` names, as `module:attribute`, in the list of commands."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._target = target

    def load(self) -> click.Command:
        command: click.Command = pkgutil.resolve_name(self._target)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """The context is one of the command itself, which runs from here on."""
        return self.load().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command of the context, where this one is called without its group."""
        return ctx.command.invoke(ctx)
