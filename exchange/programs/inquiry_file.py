"""The quarter's inquiry file: everybody who owes, for institutions that match by method 2 (domain.md 3.3).

Whom it asks about is written down first, then the file is made from that memory: however often an issue is
begun again, every institution gets the same people, and match files are held against exactly those.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, insert, literal
from sqlmodel import Session, col, or_, select

from exchange import journal, mail
from exchange.accounts import representations
from exchange.accounts.representations import acting
from exchange.database import reading, transaction
from exchange.errors import RequestInvalidError
from exchange.models.accounts import ACTIVE, Organization, Representation
from exchange.models.registry import OWES, Debt, Inquiry, InquirySubject, Participant, Person, SupportCase
from exchange.models.transfers import Direction, Transfer
from exchange.registry import keys
from exchange.registry.agencies import AGENCIES
from exchange.registry.bulk import among, analyze
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, issue, seal
from exchange.transfers.partners import ALL_ACCOUNTS
from roles.organizations import OrganizationKind
from schemas.catalog import LAYOUTS
from schemas.columns import as_lines, build
from schemas.kinds import RefusedValueError

LAYOUT = LAYOUTS["data-match-inquiry"]
PROGRAM, KIND, METHOD_2 = "data-match", "inquiry", "M"
_PAGE = 5_000


def quarter_of(moment: datetime) -> str:
    """The running quarter as inquiry files name it: year and first month, CCYYMM."""
    return f"{moment.year}{(moment.month - 1) // 3 * 3 + 1:02d}"


def issue_inquiry(exchange: Exchange, period: str) -> int:
    """Put the inquiry file of `period` (CCYYMM) into every outbox that lacks it; returns how many those were.

    May be called again, for institutions that came later. Raises `RequestInvalidError` for no month.
    """
    _check(period)
    _remember(exchange, period)
    name = f"inquiry-{period}.txt"
    with reading(exchange.engine) as session:
        representations.note_damaged(session, exchange, acting(exchange.clock()))
        if not _lacking(session, exchange, name):
            return 0
    counter: list[int] = []
    blob = seal(exchange, _lines(exchange, period, counter))
    with transaction(exchange.engine) as session:
        session.exec(select(Inquiry).where(Inquiry.period == period).with_for_update()).one()
        lacking = _lacking(session, exchange, name)
        for organization_id in lacking:
            document = Document(organization_id, KIND, name, blob, sum(counter), LAYOUT.slug)
            issue(session, exchange, document, PROGRAM)
            mail.notify(session, exchange, organization_id, "transfer.waiting", document.id)
    return len(lacking)


def _check(period: str) -> None:
    try:
        LAYOUT.header["year_month"].parse(period.ljust(6))
    except RefusedValueError as error:
        raise RequestInvalidError(what="a period is a year and a month, as in 202610") from error


def _remember(exchange: Exchange, period: str) -> None:
    """Write down everybody who owes now, unless the period's file was begun before."""
    with transaction(exchange.engine) as session:
        if session.get(Inquiry, period) is not None:
            return
        session.add(Inquiry(period=period, issued_at=exchange.clock(), records=0))
        session.flush()
        owes = exists().where(
            col(Participant.person_id) == Person.id,
            col(Participant.part) == OWES,
            col(Debt.case_id) == Participant.case_id,
            col(Debt.cents) > 0,
        )
        everybody = (
            select(literal(period), Person.ssn_hash, Person.id).where(owes).order_by(col(Person.ssn_hash))
        )
        columns = ["period", "ssn_hash", "person_id"]
        session.execute(insert(InquirySubject).from_select(columns, everybody))
        analyze(session, InquirySubject)
        asked = select(func.count()).select_from(InquirySubject).where(InquirySubject.period == period)
        inquiry = session.get_one(Inquiry, period)
        inquiry.records = session.exec(asked).one()
        facts = {"period": period, "records": inquiry.records}
        journal.append(session, exchange, "inquiry.issued", None, None, **facts)


def _lacking(session: Session, exchange: Exchange, filename: str) -> list[UUID]:
    """Institutions by method 2, and who transmits for them, that have not been given the file."""
    institutions = select(Organization.id).where(
        Organization.kind == OrganizationKind.FINANCIAL_INSTITUTION,
        Organization.status == ACTIVE,
        or_(col(Organization.match_method).is_(None), Organization.match_method != ALL_ACCOUNTS),
    )
    theirs = col(Representation.client_id).in_(institutions) & acting(exchange.clock())
    transmitters = {row.transmitter_id for row in representations.genuine(session, exchange, theirs)}
    given = select(Transfer.organization_id).where(
        Transfer.direction == Direction.OUTBOUND, Transfer.kind == KIND, Transfer.filename == filename
    )
    wanted = col(Organization.id).in_(institutions) | col(Organization.id).in_(transmitters)
    lacking = select(Organization.id).where(wanted, col(Organization.id).not_in(given))
    return list(session.exec(lacking.order_by(col(Organization.id))))


def _lines(exchange: Exchange, period: str, counter: list[int]) -> Iterator[bytes]:
    """The file in pieces; `counter` gets the number of records of each."""
    yield LAYOUT.header.render({"year_month": period, "match_indicator": METHOD_2}) + b"\n"
    for people in _pages(exchange, period):
        counter.append(len(people))
        yield _page(exchange, people)
    yield LAYOUT.trailer.render({"record_count": sum(counter)}) + b"\n"


Asked = tuple[bytes, int, bytes]
"""Keyed hash of the SSN, person id, sealed person."""


def _pages(exchange: Exchange, period: str) -> Iterator[Sequence[Asked]]:
    after = b""
    while True:
        asked = (
            select(InquirySubject.ssn_hash, Person.id, Person.sealed)
            .join(Person, col(Person.id) == InquirySubject.person_id)
            .where(InquirySubject.period == period, col(InquirySubject.ssn_hash) > after)
            .order_by(col(InquirySubject.ssn_hash))
        )
        with reading(exchange.engine) as session:
            people = session.exec(asked.limit(_PAGE)).all()
        if not people:
            return
        yield people
        after = people[-1][0]


def _page(exchange: Exchange, people: Sequence[Asked]) -> bytes:
    opened = [exchange.vault.cells.open(keys.PERSON, sealed).encode().split(b"|") for _, _, sealed in people]
    cases = _first_cases(exchange, [number for _, number, _ in people])
    passbacks = [cases.get(number, (b"", b"")) for _, number, _ in people]
    columns = {
        "ssn": [person[0] for person in opened],
        "last_name": [person[1] for person in opened],
        "first_name": [person[2] for person in opened],
        "case_passback": [case for case, _ in passbacks],
        "fips_passback": [fips for _, fips in passbacks],
    }
    return as_lines(build(LAYOUT["inquiry"], len(people), columns))


def _first_cases(exchange: Exchange, people: Sequence[int]) -> dict[int, tuple[bytes, bytes]]:
    """Case number and FIPS code of each person's first state, which the institution passes back."""
    cases = (
        select(Participant.person_id, SupportCase.state, SupportCase.number)
        .join(SupportCase, col(SupportCase.id) == Participant.case_id)
        .where(Participant.part == OWES)
        .order_by(col(SupportCase.state).desc(), col(SupportCase.number).desc())
    )
    with reading(exchange.engine) as session:
        found = session.exec(cases.where(among(session, col(Participant.person_id), people))).all()
    return {person: (number.encode(), _locator_code(state).encode()) for person, state, number in found}


def _locator_code(state: str) -> str:
    """The code of a state; a tribe's case has its code in place of a state."""
    return AGENCIES[state].fips if state in AGENCIES else state
