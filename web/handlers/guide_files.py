"""The reference guide to take along: tables for spreadsheets, and a jurisdiction on paper."""

from collections.abc import Iterable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from exchange.guide import comparing, editions, paper, reading, sheets, topics
from exchange.guide.memory import Edition
from exchange.guide.reading import Reached, Section
from exchange.mail import address_of
from exchange.spreadsheets import csv_line
from schemas.guide.documents import Part
from schemas.guide.hours import local_time
from web.door import exchange_of, in_thread, one_by_one
from web.guide_pages import code_of, day_asked, edition_of, edition_on, part_of, today
from web.handlers.guide_tables import chosen, question_of, type_of
from web.sending import disposition


async def part_csv(request: Request) -> Response:
    """A jurisdiction as a table; `on` as on its page."""
    _, part, sections, contacts, _ = await _wanted(request)
    return _csv(sheets.of_part(part, sections, contacts), f"guide-{part.facts.locator_code}.csv")


async def part_pdf(request: Request) -> Response:
    """A jurisdiction on paper; `on` as on its page."""
    edition, part, sections, contacts, moment = await _wanted(request)
    code, day = part.facts.locator_code, day_asked(request, "on")
    address = address_of(exchange_of(request), f"/guide/{code}?on={day}" if day else f"/guide/{code}")

    def made() -> bytes:
        return paper.paper(part.facts, sections, contacts, address, moment)

    there = local_time(part.facts.time_zone, moment).date()
    name = (code, day, moment.date(), there)  # all that a sheet of this edition depends on
    sheet = await one_by_one(request, edition.printed.get, name, made)
    headers = {"Content-Disposition": disposition(f"guide-{code}.pdf")}
    return Response(sheet, 200, headers, "application/pdf")


async def _wanted(
    request: Request,
) -> tuple[Edition, Part, tuple[Section, ...], tuple[Reached, ...], datetime]:
    """What the page of a jurisdiction shows, of now or of the end of a day."""
    day, moment = day_asked(request, "on"), exchange_of(request).clock()
    if day in {None, today(request)}:
        edition = await edition_of(request)
        part = part_of(edition, code_of(request))
        asked_on = local_time(part.facts.time_zone, moment).date()
    else:
        assert day is not None
        edition = await edition_on(request, code_of(request), day)
        part, moment, asked_on = part_of(edition, code_of(request)), editions.end_of(day), day
    versions = reading.versions_of(edition, part.facts.kind, asked_on)
    sections = reading.sections(edition, part, versions[0] if versions else None, newest=True)
    return edition, part, sections, reading.reached(edition, part, moment), moment


async def compare_csv(request: Request) -> Response:
    """A comparison as a table; the address chooses as that of the page does."""
    edition = await edition_of(request)
    codes, slugs, only = chosen(request, edition)
    codes = codes[: comparing.MOST]
    rows = await in_thread(request, comparing.compare, edition, codes, slugs, only_differing=only)
    columns = [edition.parts[code].facts for code in codes]
    return _csv(sheets.of_comparison(columns, rows), "guide-comparison.csv")


async def topic_csv(request: Request) -> Response:
    """One question across all jurisdictions as a table."""
    edition = await edition_of(request)
    question = question_of(request, edition)
    return _csv(sheets.of_topic(topics.topic(edition, question)), f"guide-{question.slug}.csv")


async def contacts_csv(request: Request) -> Response:
    """Contacts of one purpose as a table."""
    edition = await edition_of(request)
    wanted = type_of(request)
    lines = topics.contacts(edition, wanted, exchange_of(request).clock())
    return _csv(sheets.of_contacts(lines), f"guide-{wanted.slug}.csv")


def _csv(lines: Iterable[sheets.Line], name: str) -> Response:
    body = b"".join(map(csv_line, lines))
    return Response(body, 200, {"Content-Disposition": disposition(name)}, "text/csv; charset=utf-8")
