"""`portal layouts`, `validate`, `sample`: record layouts without an installation, or for one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from deploy.console import Home, note, say

if TYPE_CHECKING:
    from schemas.checking import Summary
    from schemas.findings import Finding
    from schemas.record import Form, Layout
    from schemas.sample import Population, SampleOrder

CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
MOST_FINDINGS = 10_000_000
_HEAD = 64 * 1024

layouts = typer.Typer(help="Record layouts: list them, or describe one.", invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(layouts, name="layouts")
    app.command("validate")(validate)
    app.command("sample")(sample)


def _layout(slug: str) -> "Layout":
    from schemas.catalog import LAYOUTS

    if slug not in LAYOUTS:
        raise typer.BadParameter(f"there is no layout {slug!r}; `portal layouts` lists them")
    return LAYOUTS[slug]


Slug = Annotated[str, typer.Argument(metavar="LAYOUT", help="One of `portal layouts`.")]


@layouts.callback()
def list_layouts(context: typer.Context) -> None:
    """List the record layouts, one name a line; `show LAYOUT` describes one."""
    if context.invoked_subcommand is None:
        from schemas.catalog import LAYOUTS

        for slug in sorted(LAYOUTS):
            say(slug)


@layouts.command("show")
def show_layout(layout: Slug) -> None:
    """Describe a layout: its records, and each column with its place, rule and source."""
    from schemas.describe import as_text

    say(as_text(_layout(layout)).rstrip())


def validate(
    layout: Slug,
    file: Annotated[Path, typer.Argument(help="The file to check.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as a JSON list.")] = False,
    production: Annotated[
        bool, typer.Option("--production", help="Rules of production: real SSNs, no test files.")
    ] = False,
) -> None:
    """Check a file against a layout, offline: fixed width, CSV or XLSX.

    Exit code 0: clean; 1: there are findings; 2: unusable, the portal would refuse the whole file.
    """
    with file.open("rb") as content:
        code = _validate(_layout(layout), content, file.name, as_json=as_json, production=production)
    raise typer.Exit(code)


def _validate(layout: "Layout", content: BinaryIO, name: str, *, as_json: bool, production: bool) -> int:
    from exchange.runtime import utc_now
    from schemas.catalog import identify
    from schemas.checking import CheckRules, check
    from schemas.findings import Finding

    identified = identify(content.read(_HEAD), name, [layout.slug])
    with _printing(as_json=as_json) as show:
        if isinstance(identified, Finding):
            show(identified)
            return UNUSABLE
        content.seek(0)
        today = utc_now()
        rules = CheckRules(
            today=today.date(),
            now=today,
            synthetic=not production,
            test=False if production else None,
            limit=MOST_FINDINGS,
        )
        checked = check(layout, content, rules=rules, form=identified.form)
        for block in checked:
            for each in block.findings:
                show(each)
    return _verdict(checked.summary)


def _verdict(summary: "Summary") -> int:
    """Say what it came to, on standard error, so that findings can be piped on."""
    counts = f"{summary.records} records, {summary.accepted} accepted, {summary.findings} findings"
    if summary.fatal:
        note(f"Unusable: {counts}. The portal would refuse the whole file.")
        return UNUSABLE
    note(f"{'Findings' if summary.findings else 'Clean'}: {counts}.")
    return FINDINGS if summary.findings else CLEAN


@contextmanager
def _printing(*, as_json: bool) -> Iterator[Callable[["Finding"], None]]:
    """Print findings as they are met: one line each, or as the members of one JSON list."""
    printed = 0

    def show(each: "Finding") -> None:
        nonlocal printed
        if as_json:
            say(("[" if printed == 0 else ",") + json.dumps(_as_json(each)))
        else:
            say(_in_words(each))
        printed += 1

    yield show
    if as_json:
        say("]" if printed else "[]")


def _in_words(each: "Finding") -> str:
    """A finding on one line; one about the whole file names neither columns nor field."""
    columns = f", column{'s' if '-' in each.columns else ''} {each.columns}" if each.columns else ""
    field = f" {each.field}" if each.field else ""
    return f"line {each.line}{columns}: {each.code}{field}: {each.message}"


def _as_json(each: "Finding") -> dict[str, int | str]:
    """A finding as the API gives it."""
    names = ("line", "field", "code", "found", "expected", "message")
    return {"columns": each.span} | {name: getattr(each, name) for name in names}


def sample(
    layout: Slug,
    out: Annotated[
        Path, typer.Argument(help="The file to make (.csv and .xlsx make tables).", dir_okay=False)
    ],
    records: Annotated[int, typer.Option(min=0, help="How many records.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")],
    errors: Annotated[float, typer.Option(min=0, max=100, help="Percent of records with an error.")] = 0.0,
    home: Home = None,
    account: Annotated[
        str | None, typer.Option(help="For this username of the installation at --home.")
    ] = None,
) -> None:
    """Make a synthetic file, and OUT.truth.json with its errors and matches.

    With --home and --account it carries that organization's identifiers and people of that registry, so that
    the account can hand it over.
    """
    from schemas.sample import SampleOrder

    if (home is None) != (account is None):
        raise typer.BadParameter("--home and --account belong together")
    form = _form_of(out)
    with _population(home, account, seed) as population:
        order = SampleOrder(records=records, seed=seed, errors=errors, form=form, population=population)
        truth = _make(_layout(layout), order, out)
    out.with_name(f"{out.name}.truth.json").write_text(json.dumps(truth))
    wrong, matches = len(truth["errors"]), len(truth["matches"])
    say(f"{out}: {records} records, {wrong} planted errors, {matches} expected matches")


def _make(layout: "Layout", order: "SampleOrder", out: Path) -> dict[str, Any]:
    """Write the file and give the truth about it; of a layout that has no samples, no file is left."""
    from roles.errors import PortalError
    from schemas.sample import sample as make

    if order.form != "fixed" and not layout.twin:
        raise typer.BadParameter(
            f"{layout.slug} is fixed width only: name the file something else than {out.name}"
        )
    try:
        with out.open("wb") as file:
            return make(layout, order, file)
    except PortalError:
        out.unlink()
        raise
    except KeyError:
        out.unlink()
        raise typer.BadParameter(
            f"there are no samples of {layout.slug}: the portal itself writes it"
        ) from None


@contextmanager
def _population(home: Path | None, account: str | None, seed: int) -> Iterator["Population | None"]:
    if home is None or account is None:
        yield None
        return
    from deploy.installation import opened, source
    from exchange.registry.overlap import overlap

    with opened(source(None, home)) as exchange:
        yield overlap(exchange, account, seed)


def _form_of(out: Path) -> "Form":
    from schemas.record import Form

    return {".csv": Form.CSV, ".xlsx": Form.XLSX}.get(out.suffix.lower(), Form.FIXED)
