"""`portal bench` and `bench-sftp`, `-records`, `-match`, `-messages`, `-guide`: ours beside others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.bench_options import Check, Database, Home, People, Rounds, refuse_keyless
from deploy.console import progress, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from deploy.bench.matching import Measured as MatchMeasured
    from deploy.bench.matching import Plan as MatchPlan
    from deploy.bench.records import Measured as RecordsMeasured
    from deploy.bench.results import Goal, Results
    from deploy.bench.rounds import Measured
    from deploy.bench.sftp_rounds import Measured as SftpMeasured


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(bench)
    app.command("bench-sftp")(bench_sftp)
    app.command("bench-records")(bench_records)
    app.command("bench-match")(bench_match)
    app.command("bench-messages")(bench_messages)
    app.command("bench-guide")(bench_guide)


def bench(
    size: Annotated[int, typer.Option(min=1, help="MiB of the file.")] = 1024,
    rounds: Rounds = 3,
    folder: Annotated[
        Path | None, typer.Option(help="Where to work (2 x ROUNDS + 4 times SIZE is needed).", exists=True)
    ] = None,
    check: Check = False,
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
    reached = _show_goals(measured.results, GOALS)
    say("Peak resident memory, MB:")
    for (label, _, title), peak in sorted(measured.peaks.items()):
        say(f"  {label:<8} {title:<12} {peak / 1e6:6.0f}")
    return reached


def bench_sftp(
    size: Annotated[int, typer.Option(min=1, help="MiB of the large file.")] = 1024,
    files: Annotated[int, typer.Option(min=1, help="Small files of 4 KiB.")] = 2000,
    rounds: Rounds = 3,
    folder: Annotated[
        Path | None, typer.Option(help="Where to work (18 + 6 x ROUNDS times SIZE is needed).", exists=True)
    ] = None,
    check: Check = False,
) -> None:
    """Drive OpenSSH, ProFTPD, rclone (crypt) and the portal with OpenSSH's sftp, in turn.

    The portal's figures include sealing, hashing, fsync, the journal and the signed receipt of every file.
    """
    from deploy.bench.driving import TransferFailedError
    from deploy.bench.servers import ToolMissingError
    from deploy.bench.sftp_rounds import Plan, measure

    try:
        with progress("Rounds", rounds) as advance:
            measured = measure(Plan(size << 20, files, rounds), folder, advance)
    except (ToolMissingError, TransferFailedError) as problem:
        raise FailedError(str(problem)) from problem
    if not _show_sftp(measured, size, files, rounds) and check:
        raise FailedError("a goal was missed")


def _show_sftp(measured: "SftpMeasured", size: int, files: int, rounds: int) -> bool:
    """Print everything; whether all goals were reached."""
    from deploy.bench.sftp_rounds import GOALS, UNITS

    say(f"{size} MiB and {files} files of 4 KiB over loopback, {rounds} rounds: median (slowest to fastest)")
    for row in measured.results.rates:
        unit, scale = UNITS[row.partition(", ")[2]]
        middle, slowest, fastest = measured.results.summary(row, scale)
        say(f"  {row:<26} {middle:>6} {unit:<5} ({slowest} to {fastest})")
    reached = _show_goals(measured.results, GOALS)
    say("One upload, processor seconds a GB:")
    for stage, seconds in measured.stages.seconds.items():
        say(f"  {stage:<26} {seconds:6.2f}")
    say(f"Hand-over of a small file without the network: {measured.stages.hand_over:.1f} ms")
    return _show_crowd(measured) and reached


def _show_crowd(measured: "SftpMeasured") -> bool:
    from deploy.bench.sftp_crowd import IDLE, PRIVATE_GOAL, WORKING

    crowd = measured.crowd
    say(f"At once: {crowd.idle} of {IDLE} idle connections and {crowd.uploads} of {WORKING} uploads served")
    goal = f"goal below {PRIVATE_GOAL / 1e6:.0f}"
    say(f"Private memory of an idle connection: {crowd.typical / 1e6:.1f} MB ({goal})")
    return (crowd.idle, crowd.uploads) == (IDLE, WORKING) and crowd.typical < PRIVATE_GOAL


def bench_records(
    records: Annotated[int, typer.Option(min=1, help="Records of each file.")] = 1_000_000,
    rounds: Rounds = 3,
    folder: Annotated[
        Path | None, typer.Option(help="Where to work (about 400 bytes a record).", exists=True)
    ] = None,
    check: Check = False,
) -> None:
    """Check files of each layout in full, beside a plain Python loop that merely slices their fields."""
    from deploy.bench.records import SLUGS, NotAsMadeError, measure

    try:
        with progress("Rounds", rounds * len(SLUGS)) as advance:
            measured = measure(records, rounds, folder, advance)
    except NotAsMadeError as problem:
        raise FailedError(str(problem)) from problem
    if not _show_records(measured, records, rounds) and check:
        raise FailedError("a goal was missed")


def _show_records(measured: "RecordsMeasured", records: int, rounds: int) -> bool:
    from deploy.bench.records import GOALS, MEMORY_GOAL

    say(f"{records:,} records, {rounds} rounds, thousands a processor second: median (slowest to fastest)")
    for row in measured.results.rates:
        middle, slowest, fastest = measured.results.summary(row, 1000)
        say(f"  {row:<28} {middle:>6}  ({slowest} to {fastest})")
    reached = _show_goals(measured.results, GOALS)
    say(f"Most memory of a check: {measured.memory / 1e6:.0f} MB (goal below {MEMORY_GOAL / 1e6:.0f})")
    return reached and measured.memory < MEMORY_GOAL


def bench_match(
    people: People = 10_000_000,
    lines: Annotated[int, typer.Option(min=1, help="Lines of each file.")] = 1_000_000,
    rounds: Rounds = 3,
    home: Home = None,
    database: Database = None,
    check: Check = False,
) -> None:
    """Send lump-sum files, beside the bare database that loads and joins their keys; inquiries meanwhile.

    A million people take half a minute and 300 MB, a million lines 2 GB in each of 2 x ROUNDS files.
    """
    from deploy.bench.driving import TransferFailedError
    from deploy.bench.inquiries import WrongAnswerError
    from deploy.bench.matching import Plan, measure
    from deploy.bench.registry import at_home, prepare
    from deploy.bench.servers import ToolMissingError

    refuse_keyless(home, database)
    plan = Plan(lines, rounds)
    try:
        with at_home(home, database) as where:
            with progress("Registry", people) as advance:
                prepare(where, people, advance)
            with progress("Rounds", rounds) as advance:
                measured = measure(plan, where, advance)
    except (ToolMissingError, TransferFailedError, WrongAnswerError) as problem:
        raise FailedError(str(problem)) from problem
    if not _show_match(measured, people, plan) and check:
        raise FailedError("a goal was missed")


def _show_match(measured: "MatchMeasured", people: int, plan: "MatchPlan") -> bool:
    from deploy.bench.matching import GOALS, MEMORY_GOAL, SLOWEST
    from deploy.bench.results import at_percent

    say(f"{plan.lines:,} lines, {people:,} people, {plan.rounds} rounds, thousands of lines a second: median")
    for row in measured.results.rates:
        middle, slowest, fastest = measured.results.summary(row, 1000)
        say(f"  {row:<22} {middle:>6}  ({slowest} to {fastest})")
    reached = _show_goals(measured.results, GOALS)
    say(f"One inquiry by the API, milliseconds (goal: 99 of 100 below {SLOWEST:.0f}):")
    for when, took in (("alone", measured.alone), ("beside a file", measured.beside)):
        usual, late = at_percent(took, 50), at_percent(took, 99)
        say(f"  {when:<22} median {usual:5.1f}, 99 of 100 within {late:5.1f}, of {len(took)}")
        reached &= late < SLOWEST
    say(f"Peak resident memory, MB (goal of the worker below {MEMORY_GOAL / 1e6:.0f}):")
    for title, peak in measured.memory.items():
        say(f"  {title:<12} {peak / 1e6:6.0f}")
    return reached and measured.memory["worker"] < MEMORY_GOAL


def bench_messages(
    messages: Annotated[
        int, typer.Option(min=1_000, max=10_000_000, help="Messages in the mailbox of one agency.")
    ] = 1_000_000,
    turns: Annotated[int, typer.Option(min=20, help="How often each page and search is asked for.")] = 60,
    home: Home = None,
    database: Database = None,
    check: Check = False,
) -> None:
    """Read pages of a large sealed mailbox and search in it, beside the bare database's own full text search.

    A million messages take ten minutes and 3 GB to make. Ours is all of a use case, who may read what
    included; of the bare database only its index over the unsealed words is asked.
    """
    from deploy.bench.finding import SLOWEST, measure
    from deploy.bench.registry import at_home
    from deploy.bench.results import at_percent

    refuse_keyless(home, database)
    with at_home(home, database) as where, progress("Messages", messages) as advance:
        measured = measure(where, messages, turns, advance)
    say(f"{messages:,} messages, {turns} turns, milliseconds (goal: 95 of 100 below {SLOWEST:.0f}):")
    for title, took in measured.items():
        usual, late = at_percent(took.ours, 50), at_percent(took.ours, 95)
        line = f"  {title:<24} median {usual:6.1f}, 95 of 100 within {late:6.1f}"
        if took.theirs:
            theirs = at_percent(took.theirs, 50), at_percent(took.theirs, 95)
            line += f"; bare {theirs[0]:6.1f}, {theirs[1]:6.1f}: {took.ratio:.2f} times"
        say(line)
    if check and any(at_percent(took.ours, 95) >= SLOWEST for took in measured.values()):
        raise FailedError("a goal was missed")


def bench_guide(
    rounds: Annotated[int, typer.Option(min=1, help="How often each look-up is asked for.")] = 3,
    home: Home = None,
    database: Database = None,
    check: Check = False,
) -> None:
    """Look things up in the synthetic reference guide by the API, beside SQLite's FTS5 over the same texts.

    Ours forgives misspelling, knows names, codes, topics and languages, and asks who may read what; FTS5
    finds exact words. Each of ours is a whole request without the network.
    """
    from deploy.bench.guide import SLOWEST, lookups, measure
    from deploy.bench.registry import at_home
    from deploy.bench.results import at_percent

    refuse_keyless(home, database)
    asked = len(lookups())
    with at_home(home, database) as where, progress("Look-ups", asked * rounds) as advance:
        measured = measure(where, rounds, advance)
    say(f"{asked} look-ups, {rounds} rounds, milliseconds (goal: 99 of 100 look-ups below {SLOWEST:.0f}):")
    for told, times in (("By the clock:", measured.took), ("Of the processor alone:", measured.worked)):
        say(told)
        for title, took in times.items():
            usual, late, last = (at_percent(took, percent) for percent in (50, 95, 99))
            say(f"  {title:<24} median {usual:6.2f}, 95 of 100 within {late:6.2f}, 99 within {last:6.2f}")
    for title, right in measured.right.items():
        say(f"What was meant is among the first three: {title} {right} of {asked}")
    if check and at_percent(measured.took["a look-up"], 99) >= SLOWEST:
        raise FailedError("a goal was missed")


def _show_goals(results: "Results", goals: "tuple[Goal, ...]") -> bool:
    say("Ratios within a round, median:")
    reached = True
    for goal in goals:
        ratio = results.ratio(goal)
        reached &= ratio >= goal.factor
        verdict = "reached" if ratio >= goal.factor else "MISSED"
        aim = f" (better {goal.aim:.2f})" if goal.aim else ""
        say(f"  {goal.ours:<22} {ratio:5.2f} x {goal.theirs:<22} goal {goal.factor:.2f}{aim}  {verdict}")
    return reached
