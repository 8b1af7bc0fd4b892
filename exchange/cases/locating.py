"""Locate requests of a file: planned while it is read, kept when its job ends, made afterwards (`making`).

The worker is the account that handed the file over; its authority is confirmed by handing the file over.
"""

from dataclasses import dataclass, field
from uuid import uuid4

from sqlmodel import Session, col, select

from exchange.cases import making
from exchange.cases.making import Worker
from exchange.cases.ruling import REJECTED, Answer
from exchange.cases.said import Said
from exchange.cases.words import Code
from exchange.errors import FieldsRefusedError, NotNowError
from exchange.locate import requests
from exchange.locate.requests import NewRequest
from exchange.models.accounts import Organization
from exchange.models.cases import LocatePlanned
from exchange.models.locate import LocateRequest
from exchange.models.transfers import Transfer
from exchange.registry.bulk import chunks, insert_rows, table_of
from exchange.runtime import Exchange
from roles.locate import ALL, SOURCES, Purpose
from schemas.layouts.case_registry import ADD, LOCATE, TERMINATE
from schemas.layouts.case_registry import SOURCES as COLUMNS
from schemas.locate.query import NAMES, Subject, as_fields, parse_subject
from schemas.tables import STATES

_TYPE = "CS"
_TAX = "C01"
_PLAN = ("line", "same_hash", "sealed", "planned_at")
_SAME_NAMES = {
    name: name
    for name in ("ssn", "first_name", "middle_name", "last_name", "birth_date", "sex", "birth_city")
}
_OTHER_NAMES = {
    "father_first": "father_first_name",
    "father_last": "father_last_name",
    "mother_first": "mother_first_name",
    "mother_maiden": "mother_maiden_name",
}
_ALIASES = NAMES[-1].question


class PlanLostError(Exception):
    """Somebody has asked for a person of the file since it was read."""


@dataclass
class Locating:
    """The requests of one file. `worker`: None where it may locate nobody just now.

    `planned`: by what is the same request, its line and all of it, sealed; `ended` likewise by that.
    """

    exchange: Exchange
    row: Transfer
    worker: Worker | None
    planned: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    ended: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, exchange: Exchange, session: Session, row: Transfer) -> "Locating":
        """For the account that handed a file over."""
        return cls(exchange, row, making.worker_of(session, exchange, row))

    def take(self, session: Session, answer: Answer) -> None:
        """Plan what a record asks, or end what it ends."""
        said = answer.said
        wants = said.action == LOCATE or (said.action == ADD and said.texts["locate_request_type"] == _TYPE)
        if said.action == TERMINATE:
            self._end(session, answer)
        elif wants and answer.code != REJECTED:
            self._ask(session, answer)

    def write(self, session: Session) -> None:
        """Keep the plans and end what is ended, in the transaction that acknowledges the file.

        Raises `PlanLostError` where somebody was faster: then the file is read again.
        """
        if not (self.planned or self.ended):
            return
        session.get_one(Organization, self.row.organization_id, with_for_update=True)
        for same in self.ended:
            self._withdraw(session, same)
        self._refuse_lost(session)
        now, columns = self.exchange.clock(), ("id", "organization_id", "transfer_id", *_PLAN)
        rows = (
            (uuid4(), self.row.organization_id, self.row.id, line, same, plan, now)
            for same, (line, plan) in self.planned.items()
        )
        insert_rows(session, table_of(LocatePlanned), columns, rows)

    def _withdraw(self, session: Session, same: bytes) -> None:
        if (plan := self._plan_of(session, same)) is not None:
            session.delete(plan)
            session.flush()
        elif (row := self._open(session, same)) is not None:
            requests.withdraw_within(session, self.exchange, self._known.actor, row)

    def _refuse_lost(self, session: Session) -> None:
        """Nobody has asked for, or planned, any of these since the file was read."""
        mine = select(LocatePlanned.id).where(LocatePlanned.organization_id == self.row.organization_id)
        for some in chunks(list(self.planned)):
            plans = session.exec(mine.where(col(LocatePlanned.same_hash).in_(some)).limit(1)).first()
            if plans is not None or requests.alike(session, self.exchange, self._known.actor, some):
                raise PlanLostError

    @property
    def _known(self) -> Worker:
        assert self.worker is not None, "nothing is planned for somebody who may not ask"
        return self.worker

    def _ask(self, session: Session, answer: Answer) -> None:
        if self.worker is None:
            answer.tell(Code.NOT_CLEARED)
            return
        asked = self._request(answer)
        try:
            row = requests.planned(session, self.exchange, self.worker.actor, self.worker.standing, asked)
        except NotNowError:
            answer.tell(Code.REPEATED)
        except FieldsRefusedError as refused:
            answer.tell(Code.NOT_ENOUGH, next(iter(refused.problems.values())))
        else:
            self._plan(answer, row.same_hash, asked)

    def _plan(self, answer: Answer, same: bytes, asked: NewRequest) -> None:
        if same in self.planned:
            answer.tell(Code.REPEATED)
        else:
            plan = making.plan(self.exchange, asked, _repeated(answer.said))
            self.planned[same] = answer.said.line, plan

    def _request(self, answer: Answer) -> NewRequest:
        said = answer.said
        return NewRequest(
            purpose=Purpose.SUPPORT.value,
            case_number=said.case_id,
            fields=as_fields(_subject(said)),
            sources=tuple(self._sources(answer)),
            authority=True,
            transfer_id=self.row.id,
        )

    def _sources(self, answer: Answer) -> list[str]:
        """Those named, or all; a source of tax information for those only who are cleared for it."""
        texts = answer.said.texts
        named = [text for number in range(COLUMNS) if (text := texts[f"locate_source_{number + 1}"])]
        named += [_TAX] if texts["irs_1099"] else []
        tax = [code for code in named if code != ALL and SOURCES[code].tax]
        if tax and not self._known.standing.tax:
            answer.tell(Code.NO_TAX)
        return named or [ALL]

    def _end(self, session: Session, answer: Answer) -> None:
        if self.worker is None:
            answer.tell(Code.NOT_CLEARED)
            return
        said = answer.said
        subject = Subject.of(parse_subject(as_fields(_subject(said)), self.exchange.clock().date()).values)
        same = requests.same(self.exchange, said.case_id, subject)
        if self.planned.pop(same, None) is not None:
            return
        found = self._plan_of(session, same) or self._open(session, same)
        if found is None or same in self.ended:
            answer.tell(Code.NO_REQUEST)
        else:
            self.ended.add(same)

    def _plan_of(self, session: Session, same: bytes) -> LocatePlanned | None:
        """What an earlier file of the agency asks for and is still to be made."""
        theirs = select(LocatePlanned).where(LocatePlanned.organization_id == self.row.organization_id)
        return session.exec(theirs.where(LocatePlanned.same_hash == same)).first()

    def _open(self, session: Session, same: bytes) -> LocateRequest | None:
        """The open request about the same person in the same case that is one's own, or came by file."""
        rows = requests.alike(session, self.exchange, self._known.actor, [same])
        mine = (one for one in rows if one.account_id == self.row.account_id or one.transfer_id)
        return next((one for one in mine if one.closed_at is None), None)


def _subject(said: Said) -> dict[str, str]:
    """What a record knows of a person, by the names of a request; what has no place there is left out."""
    texts = said.texts
    known = {name: texts[column] for name, column in (_SAME_NAMES | _OTHER_NAMES).items()}
    known["birth_state"] = texts["birth_place"] if texts["birth_place"] in STATES else ""
    known["other_names"] = _aliases(said)
    return {name: text for name, text in known.items() if text}


def _aliases(said: Said) -> str:
    """As many additional names as there is room for."""
    kept = ""
    for name in said.others:
        longer = "; ".join(filter(None, (kept, " ".join(filter(None, (name.first, name.middle, name.last))))))
        kept = longer if len(longer) <= _ALIASES.width else kept
    return kept


def _repeated(said: Said) -> dict[str, str]:
    return {name: said.texts[name] for name in ("user_field", "member_id", "county")}
