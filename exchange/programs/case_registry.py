"""The case registry by file: cases, people of cases, and requests to locate them (domain.md 8).

Each case and each person of the file is acknowledged in its order. What comes of locate requests follows in
files of its own as sources answer (`exchange.cases.responses`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session

from exchange import journal
from exchange.cases import guarding, matching, writing
from exchange.cases.book import Book
from exchange.cases.locating import Locating
from exchange.cases.ruling import Answer, Ruling
from exchange.cases.said import said
from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.orders import parties
from exchange.registry.agencies import AGENCIES
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, Outcome, sealing
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.validation import accepted_only
from exchange.vault import SealedWriter
from schemas.checking import Block
from schemas.groups import FIRST_PRINTABLE, LAST_PRINTABLE
from schemas.kinds import Value
from schemas.layouts.case_registry import LENGTH
from schemas.layouts.case_registry_ack import CASE_REGISTRY_ACK as LAYOUT
from schemas.layouts.case_registry_ack import ERRORS
from schemas.record import Field, Record

_LATER = timedelta(seconds=30)
_TO_MAKE = (
    "{count:,} requests to locate people of this file are made some at a time from now on; the page of the "
    "file tells how many are made. Answers come in files of their own."
)
_SSNS = ("ssn", "previous_ssn", "additional_ssn_1", "additional_ssn_2")
_PRINTABLE = bytes(byte if FIRST_PRINTABLE <= byte <= LAST_PRINTABLE else ord("?") for byte in range(256))


def process(exchange: Exchange, row: Transfer, _first: FirstPass | None) -> Outcome:
    """The acknowledgements, and what is written with them: cases, protections, requests."""
    with reading(exchange.engine) as session:
        if not writing.is_seeded(session):
            return Outcome((), rest=_LATER)
        filing = _Filing.of(session, exchange, row)
    with accepted_only(exchange, row) as checking, sealing(exchange) as writer:
        file = _AckFile(writer, f"{as_utc(exchange.clock()):%Y%m%d}")
        for block in checking.blocks:
            answers = filing.take(block)
            file.write(checking.summary.header, answers)
        file.end(checking.summary.header)
        answer = (f"{row.filename}.res", writer.finish(), file.records, LAYOUT.slug)
    result = Document(row.organization_id, RESULT, *answer)
    return Outcome((result,), filing.write, told=_told(filing.locating))


def _told(locating: Locating) -> dict[str, str]:
    """What the acknowledgement says of the requests of the file, none of which is made yet."""
    count = len(locating.planned)
    return {"locate_requests": _TO_MAKE.format(count=count)} if count else {}


@dataclass
class _Filing:
    """One file on its way into the registry."""

    exchange: Exchange
    row: Transfer
    state: str
    turn: int
    locating: Locating
    book: Book
    ruling: Ruling = field(init=False)
    taken: int = 0

    def __post_init__(self) -> None:
        self.ruling = Ruling(self.book)

    @classmethod
    def of(cls, session: Session, exchange: Exchange, row: Transfer) -> "_Filing":
        """As the registry stands now."""
        organization = session.get_one(Organization, row.organization_id)
        state = organization.jurisdiction or ""
        if state not in AGENCIES:
            state = parties.locator_code(session, exchange, organization) or ""
        turn = writing.turn_of(session, organization.id)
        locating = Locating.of(exchange, session, row)
        return cls(exchange, row, state, turn, locating, Book(exchange, organization.id))

    def take(self, block: Block) -> list[Answer]:
        """What becomes of each record of a block, in order."""
        answers = [Answer(one, list(one.wrong)) for one in said(block)]
        good = [one for one in answers if one.said.texts]
        with reading(self.exchange.engine) as session:
            self.book.load(session, *_spoken_of(good))
            for one in good:
                self.ruling.take(one)
                if not one.said.is_case:
                    self.locating.take(session, one)
        self.taken += len(good)
        return answers

    def write(self, session: Session) -> None:
        """All that the file changes, in the transaction that completes it."""
        writing.write(session, self.exchange, self.book, self.turn, self.state)
        protections = guarding.write(session, self.exchange, self.row, self.ruling.guarding)
        matching.write(session, self.exchange, self.book)
        guarding.note(session, self.exchange, self.row, protections)
        self.locating.write(session)
        facts = {"records": self.taken, "requests": len(self.locating.planned)}
        journal.append(session, self.exchange, "registry.filed", None, self.row.id, **facts)


def _spoken_of(answers: list[Answer]) -> tuple[set[str], set[str]]:
    """The cases and the numbers that some records speak of."""
    cases = {one.said.case_id for one in answers}
    cases |= {text for one in answers if (text := one.said.texts.get("previous_case_id"))}
    people = [one.said.texts for one in answers if not one.said.is_case]
    return cases, {texts[name] for texts in people for name in _SSNS if texts[name]}


class _AckFile:
    """Writes the acknowledgements of one file."""

    def __init__(self, writer: SealedWriter, today: str) -> None:
        self.records = 0
        self._writer, self._today = writer, today
        self._begun = False
        self._behind = {record.name: _behind(record) for record in LAYOUT.details}

    def write(self, header: Mapping[str, Value], answers: list[Answer]) -> None:
        """The acknowledgements of a block."""
        if answers:
            self._begin(header)
        for one in answers:
            record = LAYOUT["case" if one.said.is_case else "person"]
            echoed = one.said.cells[len(record.mark) : LENGTH].tobytes().translate(_PRINTABLE)
            columns = _columns(one, header.get("batch_number"))
            told = "".join(place.render(columns.get(place.name)) for place in self._behind[record.name])
            line = record.mark.encode() + echoed + told.encode("ascii", "replace")
            self._writer.write(line.ljust(record.length) + b"\n")
        self.records += len(answers)

    def end(self, header: Mapping[str, Value]) -> None:
        """The trailer."""
        self._begin(header)
        self._writer.write(LAYOUT.trailer.render({"record_count": self.records}) + b"\n")

    def _begin(self, header: Mapping[str, Value]) -> None:
        if not self._begun:
            self._begun = True
            echoed = {name: header.get(name) for name in ("state", "version", "batch_number")}
            self._writer.write(LAYOUT.header.render({**echoed, "creation_date": self._today}) + b"\n")


def _behind(record: Record) -> tuple[Field, ...]:
    """The fields that an acknowledgement adds to what it echoes."""
    return tuple(place for place in record.fields if place.first > LENGTH)


def _columns(answer: Answer, batch_number: Value) -> dict[str, Value]:
    first, second = answer.additional
    columns: dict[str, Value] = {
        "batch_number": batch_number,
        "acknowledgement_code": answer.code,
        "ssn_validity": answer.validity,
        "birth_date_indicator": answer.birth_date_indicator,
        "additional_ssn_1_validity": first,
        "additional_ssn_2_validity": second,
    }
    for number, one in enumerate(answer.told[:ERRORS], start=1):
        columns |= {f"error_{number}": one.code, f"message_{number}": one.message}
    return columns
