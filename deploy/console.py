"""How the command line speaks: one sentence for what went wrong, a bar for long work on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file of settings.", exists=True, dir_okay=False)
]
Home = Annotated[Path | None, typer.Option("--home", help="The installation's folder.", file_okay=False)]


Advance = Callable[[int], None]
"""Tells a bar how many units more are done."""


def say(text: str) -> None:
    """One line of the result, on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """One line about the work, on standard error."""
    typer.echo(text, err=True)


@contextmanager
def progress(title: str, total: int) -> Iterator[Advance]:
    """A progress bar on standard error while the block runs, when that is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield lambda units: None  # noqa: ARG005 -- the protocol names it
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda units: bar.advance(task, units)


def by_total(advance: Advance) -> Advance:
    """For work that tells how much is done in all, instead of how much more."""
    told = 0

    def reach(total: int) -> None:
        nonlocal told
        advance(total - told)
        told = total

    return reach
