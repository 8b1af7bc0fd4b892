"""Searching the case registry for somebody before the sources are asked: who may be meant, and why.

Every search is kept for the auditor, whatever comes of it. People who are protected, and the worker, are as
if they were not there. A number is shown by its last four digits; the person goes on to the request sealed,
for this worker alone.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from exchange.database import reading, transaction
from exchange.errors import CellDamagedError, FieldsRefusedError
from exchange.locate import protection, requests, viewing
from exchange.locate.standing import require
from exchange.registry import persons
from exchange.registry.persons import Candidate, FullName, Known, Wanted
from exchange.runtime import Exchange
from roles.policy import Actor
from schemas.forms.asked import parse_asked
from schemas.locate.query import WHOLE, Subject

_KEPT = timedelta(hours=2)
"""For so long a person who was found may be asked about."""
_OLD = "The search is too old: search again, or enter the person yourself"


@dataclass(frozen=True)
class Match:
    """Somebody who may be meant: the number is masked, `carried` is all of it, sealed for the worker."""

    subject: Subject
    score: int
    reasons: tuple[str, ...]
    carried: str


@dataclass(frozen=True)
class Searched:
    """Who may be meant, the likeliest first; `typed`: what was searched for, sealed for the worker."""

    matches: tuple[Match, ...]
    typed: str


@dataclass(frozen=True)
class Carried:
    """A person on the way from a search to a request, one who was found or as the worker typed them.

    `typed`: as the worker typed them, in either case.
    """

    subject: Subject
    found: bool
    typed: Subject


def search(
    exchange: Exchange, actor: Actor, purpose: str, case_number: str, fields: Mapping[str, str]
) -> Searched:
    """Look for somebody. `fields` as submitted, by the names of `schemas.locate.query`.

    Raises `FieldsRefusedError`, `SearchTooBroadError`, `PersonSearchClosedError`, `LocateBlockedError`.
    """
    with transaction(exchange.engine) as session:
        require(session, exchange, actor)
        subject = _checked(purpose, case_number, fields)
        hashed = protection.person_hash(exchange, subject.ssn)
        viewing.note_search(session, exchange, actor, (purpose, hashed))

    found = persons.search(exchange, _wanted(subject), partial(_hidden, exchange, actor))
    if found.candidates:
        with transaction(exchange.engine) as session:
            shown = [one.facts.ssn for one in found.candidates]
            viewing.note_found(session, exchange, actor, purpose, shown)
    matches = tuple(_match(exchange, actor, subject, one) for one in found.candidates)
    return Searched(matches, _carry(exchange, actor, Carried(subject, found=False, typed=subject)))


def _hidden(exchange: Exchange, actor: Actor, session: Session, everybody: Sequence[Known]) -> set[int]:
    """Who of these is protected, or is the worker; also whoever a case protects before a number is known."""
    ssns = protection.hidden(session, exchange, actor.account_id, [facts.ssn for _, facts in everybody])
    said = protection.said_by_file(session, [person_id for person_id, _ in everybody])
    return said | {person_id for person_id, facts in everybody if facts.ssn in ssns}


def carried(exchange: Exchange, actor: Actor, sealed: str) -> Carried:
    """Whom the worker goes on with. Raises `FieldsRefusedError` for what is too old, or somebody else's.

    Who was found and has been protected since is too old as well: a new search finds nobody.
    """
    try:
        cell = base64.urlsafe_b64decode(sealed.encode())
        held = json.loads(exchange.vault.cells.open(_purpose(actor), cell))
    except (binascii.Error, UnicodeError, CellDamagedError):
        raise FieldsRefusedError({"carried": _OLD}) from None
    if exchange.clock() > datetime.fromisoformat(held["until"]):
        raise FieldsRefusedError({"carried": _OLD})
    person = Carried(Subject.of(held["facts"]), held["found"], Subject.of(held.get("typed", {})))
    with reading(exchange.engine) as session:
        hidden = protection.hidden(session, exchange, actor.account_id, [person.subject.ssn])
    if person.found and hidden:
        raise FieldsRefusedError({"carried": _OLD})
    return person


def _carry(exchange: Exchange, actor: Actor, person: Carried) -> str:
    until = exchange.clock() + _KEPT
    facts, typed = person.subject.as_dict(), person.typed.as_dict()
    held = {"until": until.isoformat(), "found": person.found, "facts": facts, "typed": typed}
    return base64.urlsafe_b64encode(exchange.vault.cells.seal(_purpose(actor), json.dumps(held))).decode()


def _purpose(actor: Actor) -> str:
    return f"locate.carried:{actor.account_id}"


def _checked(purpose: str, case_number: str, fields: Mapping[str, str]) -> Subject:
    parsed = parse_asked(WHOLE, fields)
    problems = {one.field: one.message for one in parsed.problems}
    if problems := problems | requests.wrong_reason(purpose, case_number):
        raise FieldsRefusedError(problems)
    return Subject.of(parsed.values)


def _wanted(subject: Subject) -> Wanted:
    name = FullName(subject.last_name, subject.first_name, subject.middle_name)
    others = (FullName(subject.other_names, subject.first_name),) if subject.other_names else ()
    return Wanted(subject.ssn, name, subject.birth_date, subject.sex, others)


def _match(exchange: Exchange, actor: Actor, typed: Subject, one: Candidate) -> Match:
    facts = one.facts
    subject = Subject(
        ssn=facts.ssn,
        first_name=facts.name.first.title(),
        middle_name=facts.name.middle.title(),
        last_name=facts.name.last.title(),
        other_names=", ".join(f"{other.first} {other.last}".strip().title() for other in facts.others),
        birth_date=facts.birth_date,
        sex=facts.sex,
    )
    why = tuple(each.told for each in one.reasons)
    whole = _carry(exchange, actor, Carried(subject, found=True, typed=typed))
    return Match(viewing.masked(subject), one.score, why, whole)
