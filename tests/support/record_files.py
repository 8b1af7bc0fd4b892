"""Small record files, written by the layouts themselves, and the way of a file through the whole pipeline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from exchange.models.transfers import Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake, pipeline
from exchange.transfers.views import FindingView, TransferView
from roles.policy import Actor
from schemas.catalog import LAYOUTS
from schemas.record import Layout
from tests.support.partners import Partner

Values = dict[str, Any]
_PAID: Values = {"payment_kind": "B", "payment_date": date(2026, 12, 24), "payment_amount": 10_000}
_LEFT: Values = {
    "termination_code": "T",
    "termination_date": date(2026, 12, 18),
    "final_payment_date": date(2026, 12, 24),
    "final_payment_amount": 10_000,
}


def people_file(
    layout: str, sender: Partner, people: Iterable[Values], number: str = "C1", **header: Any
) -> bytes:
    """An employer's file; `people` need SSN and names, the payment or the termination is filled in."""
    document = LAYOUTS[layout]
    head = {
        "control_number": number,
        "sender_fein": sender.fein,
        "client_fein": sender.fein,
        "creation_date": date(2026, 1, 2),
        "creation_time": time(12, 30),
        "test_flag": "P",
    }
    usual = _LEFT if layout == "termination" else _PAID
    details = [usual | person for person in people]
    (added,) = document.structure.totals
    total = sum(detail[added.detail] or 0 for detail in details)
    tail = {"control_number": number, "record_count": len(details), added.trailer: total}
    return lines(document, head | header, "detail", details, tail)


def match_file(
    sender: Partner, period: str, accounts: Iterable[Values], detail: str = "matched_account", **header: Any
) -> bytes:
    """A data-match file of one institution; `accounts` need SSN and account number."""
    head = {
        "year_month": period,
        "institution_tin": sender.fein,
        "institution_name": "SAMPLE BANK",
        "street": "1 SAMPLE STREET",
        "city": "TOPEKA",
        "state": "KS",
        "zip": "666010000",
        "transmitter_tin": sender.fein,
        "match_file_indicator": "M",
    }
    account = {
        "year_month": period,
        "name": "SAMPLESON ALEX",
        "street": "2 SAMPLE STREET",
        "city": "TOPEKA",
        "state": "KS",
        "zip": "666011234",
        "account_title": "SAMPLESON ALEX",
        "balance": "0001250",
        "trust_indicator": "0",
        "balance_indicator": "2",
    }
    if detail == "matched_account":
        account |= {"fips_passback": "KS", "name_match_flag": "1", "payee_indicator": "0"}
    details = [account | more for more in accounts]
    tail = {"record_count": f"{len(details):09d}"}
    return lines(LAYOUTS["data-match"], head | header, detail, details, tail)


def lines(layout: Layout, header: Values, detail: str, details: Iterable[Values], trailer: Values) -> bytes:
    rendered = [layout.header.render(header), *(layout[detail].render(each) for each in details)]
    return b"".join(line + b"\n" for line in [*rendered, layout.trailer.render(trailer)])


@dataclass(frozen=True)
class Answered:
    """A transfer that is settled, and what its organization was given back, by suffix."""

    exchange: Exchange
    actor: Actor
    view: TransferView
    answers: Mapping[str, bytes]

    @property
    def status(self) -> Status:
        return Status(self.view.status)

    @property
    def findings(self) -> list[FindingView]:
        return delivery.findings(self.exchange, self.actor, self.view.id, limit=1_000).items

    @property
    def codes(self) -> list[tuple[int, str, str]]:
        return [(one.line, one.field, one.code) for one in self.findings]


def hand_over(
    exchange: Exchange, actor: Actor, program: str, content: bytes, name: str = "file.txt", **more: Any
) -> TransferView:
    with intake.begin(exchange, actor, program, name, **more) as arriving:
        arriving.write(content)
        return arriving.finish().transfer


def send(
    exchange: Exchange, actor: Actor, program: str, content: bytes, name: str = "file.txt", **more: Any
) -> Answered:
    """Hand a file over and let the pipeline run to its end."""
    view = hand_over(exchange, actor, program, content, name, **more)
    pipeline.drive(exchange, view.id)
    return answered(exchange, actor, view)


def answered(exchange: Exchange, actor: Actor, view: TransferView) -> Answered:
    mine = delivery.answers(exchange, actor, view.id)
    contents = {one.filename.removeprefix(view.filename): read(exchange, actor, one) for one in mine}
    return Answered(exchange, actor, delivery.transfer(exchange, actor, view.id), contents)


def read(exchange: Exchange, actor: Actor, view: TransferView) -> bytes:
    content = delivery.content(exchange, actor, view.id)
    try:
        return b"".join(content.pieces())
    finally:
        content.close()


def outbox(exchange: Exchange, actor: Actor, program: str) -> dict[str, bytes]:
    """Everything in an organization's outbox of a program, by name."""
    entries = delivery.folder(exchange, actor, "outbound", program)
    return {entry.name: read(exchange, actor, entry.view) for entry in entries}


def records(layout: str, content: bytes, detail: str = "detail") -> list[Values]:
    """The detail records of one of our own files, each parsed by its layout."""
    return [LAYOUTS[layout][detail].parse(line) for line in content.splitlines()[1:-1]]
