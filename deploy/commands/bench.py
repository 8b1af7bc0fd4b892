"""`portal bench`: the web door beside nginx and rclone, in one run on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.console import progress, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from deploy.bench.rounds import Measured


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(bench)


def bench(
    size: Annotated[int, typer.Option(min=1, help="MiB of the file.")] = 1024,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; medians are printed.")] = 3,
    folder: Annotated[
        Path | None, typer.Option(help="Where to work (2 x ROUNDS + 4 times SIZE is needed).", exists=True)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 when a goal is missed.")] = False,
) -> None:
    """Upload and download one file with curl: nginx (plain), rclone (crypt) and the portal, in turn.

    The portal's figures include sealing, hashing, fsync, the journal and the signed receipt.
    """
    from deploy.bench.driving import TransferFailedError
    from deploy.bench.rounds import measure
    from deploy.bench.servers import ToolMissingError

    try:
        with progress("Rounds", rounds) as advance:
            measured = measure(size << 20, rounds, folder, advance)
    except (ToolMissingError, TransferFailedError) as problem:
        raise FailedError(str(problem)) from problem
    if not _show(measured, size, rounds) and check:
        raise FailedError("a goal was missed")


def _show(measured: "Measured", size: int, rounds: int) -> bool:
    """Print everything; whether all goals were reached."""
    from deploy.bench.rounds import GOALS, ROWS

    say(f"{size} MiB over loopback, {rounds} rounds, MB/s: median (slowest to fastest)")
    for row in ROWS:
        middle, slowest, fastest = measured.results.summary(row)
        say(f"  {row:<22} {middle:>6}  ({slowest} to {fastest})")
    say("Ratios within a round, median:")
    reached = True
    for goal in GOALS:
        ratio = measured.results.ratio(goal)
        reached &= ratio >= goal.factor
        verdict = "reached" if ratio >= goal.factor else "MISSED"
        say(f"  {goal.ours:<22} {ratio:5.2f} x {goal.theirs:<20} goal {goal.factor:.2f}  {verdict}")
    say("Peak resident memory, MB:")
    for (label, _, title), peak in sorted(measured.peaks.items()):
        say(f"  {label:<8} {title:<12} {peak / 1e6:6.0f}")
    return reached
