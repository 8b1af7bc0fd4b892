"""`portal bench-persons`: searches for people in the case registry, beside the bare database."""

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.bench_options import Check, Database, Home, People, refuse_keyless
from deploy.console import progress, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from deploy.bench.persons import Asked
    from deploy.bench.recall import Judged


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench-persons")(bench_persons)


def bench_persons(
    people: People = 10_000_000,
    turns: Annotated[int, typer.Option(min=100, help="How often each way of asking is tried.")] = 300,
    home: Home = None,
    database: Database = None,
    check: Check = False,
) -> None:
    """Search for people in a registry of a tenth of PEOPLE and of all, beside the bare database's look-up.

    And five thousand labelled pairs are decided, each as if nobody else were in the registry. A HOME that
    holds more than a tenth already is measured as it is. A million people take half a minute and 350 MB.
    """
    from deploy.bench.persons import measure
    from deploy.bench.registry import at_home
    from deploy.bench.servers import ToolMissingError

    refuse_keyless(home, database)
    try:
        with at_home(home, database) as where, progress("Registry", people) as advance:
            measured = measure(where, people, turns, advance)
    except ToolMissingError as problem:
        raise FailedError(str(problem)) from problem
    reached = [_show_persons(size, asked, turns) for size, asked in measured.asked.items()]
    reached.append(_show_pairs(measured.judged))
    if check and not all(reached):
        raise FailedError("a goal was missed")


def _show_pairs(judged: "Judged") -> bool:
    """Print how labelled pairs were decided; whether both goals were reached."""
    from deploy.bench.recall import PRECISION, RECALL

    say(f"Labelled pairs, {judged.same:,} of one person and {judged.others:,} of two, made independently:")
    say(f"  recall    {judged.recall:.3f} (goal {RECALL})")
    say(f"  precision {judged.precision:.3f} (goal {PRECISION})")
    for title, went_wrong, same in (
        ("not found", judged.missed, True),
        ("taken for one", judged.taken, False),
    ):
        for kind, count in went_wrong.most_common(5):
            say(f"  {title}: {kind}, {count} of {judged.kinds[kind, same]}")
    return judged.recall >= RECALL and judged.precision >= PRECISION


def _show_persons(people: int, asked: "dict[str, Asked]", turns: int) -> bool:
    """Print what was measured of one registry; whether all goals were reached."""
    from deploy.bench.results import at_percent

    say(f"{people:,} people, {turns} turns, milliseconds:")
    for title, took in asked.items():
        line = f"  {title:<28} median {at_percent(took.ours, 50):6.1f}, 99 of 100 within "
        line += f"{at_percent(took.ours, 99):6.1f} (goal {took.goal:.0f})"
        line += f"; processor {at_percent(took.work, 50):5.1f}, {at_percent(took.work, 99):5.1f}"
        if took.sought:
            line += f"; found {100 * took.found / turns:5.1f} %, too broad {100 * took.refused / turns:.1f} %"
        if took.bare:
            line += f"; bare {at_percent(took.bare, 50):.2f}, {at_percent(took.bare, 99):.2f}"
        say(line)
    return all(at_percent(took.ours, 99) < took.goal for took in asked.values())
