"""`portal guide`: the intergovernmental reference guide as a whole, from files and to files."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.console import Config, Home, note, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from exchange.guide.loading import Loaded
    from schemas.guide.documents import Guide

guide = typer.Typer(help="The intergovernmental reference guide as a whole.")
_WHOLE_DAY = time(23, 59, 59, 999_999, UTC)


class Form(StrEnum):
    """What a guide is written as."""

    JSON = "json"
    CSV = "csv"
    ADDRESSES = "addresses"


@guide.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="As `export` wrote it.", exists=True, dir_okay=False)],
    config: Config = None,
    home: Home = None,
) -> None:
    """Publish the guide of a file: JSON, or a ZIP of CSV tables. What it does not have is taken out.

    A file of address records changes and adds contacts, and takes nothing out. A file in which anything is
    wrong changes nothing; everything wrong is told with its line and column, and the exit code is 1.
    """
    from deploy.installation import opened, source
    from exchange.guide import editions, loading
    from schemas.guide.files import GuideFileError

    content = _content(file)
    with opened(source(config, home)) as exchange:
        try:
            told = _read(content, file.name, lambda: editions.published(exchange).guide)
        except GuideFileError as error:
            for fault in error.faults:
                note(str(fault))
            raise FailedError(f"nothing of {file.name} was imported") from None
        _tell(loading.load(exchange, told))


@guide.command("export")
def export_file(
    out: Annotated[Path, typer.Argument(help="The file to write.", dir_okay=False)],
    form: Annotated[
        Form, typer.Option("--format", help="JSON, a ZIP of CSV tables, address records.")
    ] = Form.JSON,
    day: Annotated[
        datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], help="As it stood at the end of this day (UTC)."),
    ] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Write the whole published guide to a file, with what is for child support workers only."""
    from deploy.installation import opened, source
    from exchange.guide import editions

    with opened(source(config, home)) as exchange:
        moment = day and datetime.combine(day, _WHOLE_DAY)
        edition = editions.at(exchange, moment) if moment else editions.published(exchange)
        content = _written(edition.guide, form, (moment or exchange.clock()).date())
    out.write_bytes(content)
    parts = edition.guide.parts
    answers, contacts = (sum(len(getattr(part, each)) for part in parts) for each in ("answers", "contacts"))
    say(f"{len(parts)} jurisdictions, {answers} answers, {contacts} contacts")


@guide.command("record")
def describe_record() -> None:
    """Describe the address record: its columns, and the rule of each."""
    from schemas.guide.files.address_record import described

    say(described())


@guide.command("seed")
def seed(config: Config = None, home: Home = None) -> None:
    """Publish the synthetic guide: every program, every question answered, none of it real."""
    from deploy.installation import opened, source
    from exchange.guide import loading, synthetic

    with opened(source(config, home)) as exchange:
        _tell(loading.load(exchange, synthetic.guide()))


def _content(file: Path) -> bytes:
    """What is in a file, as far as one of the guide may be long, and a byte more."""
    from schemas.guide.files.document import MOST_BYTES

    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _read(content: bytes, name: str, published: "Callable[[], Guide]") -> "Guide":
    """The guide of a file, whose form is seen by how it begins."""
    from schemas.guide.files import from_addresses, from_csv, from_json

    if content.startswith(b"PK"):
        return from_csv(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return from_json(content, name)
    return from_addresses(content, published(), name)


def _written(told: "Guide", form: Form, day: date) -> bytes:
    from schemas.guide.files import to_addresses, to_csv, to_json

    match form:
        case Form.JSON:
            return to_json(told)
        case Form.CSV:
            return to_csv(told)
        case Form.ADDRESSES:
            return to_addresses(told, day)


def _tell(done: "Loaded") -> None:
    say(f"{done.written} entries written, {done.taken_out} taken out, {done.same} left as they were")
