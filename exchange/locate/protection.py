"""People about whom nothing leaves, and people who look for themselves: for both there is nothing to find.

It is asked when an answer comes and again whenever one is shown, for everybody alike, so that neither what is
kept nor how long it takes tells who is protected. Somebody who is known to the case registry is known by
their names with the birth date, too: a request need not give the number. See decision 37.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.database import add_if_missing, transaction
from exchange.models.cases import RegisteredPart
from exchange.models.locate import PersonProtection
from exchange.models.registration import Registration
from exchange.models.registry import Person
from exchange.registry.bulk import chunks
from exchange.registry.keys import PERSON, SSN, ssn_hashes
from exchange.registry.searching.facts import Facts
from exchange.runtime import Exchange
from roles.policy import Actor
from schemas.locate.answers import FactField
from schemas.locate.query import Subject

_NAMED = "locate.person-by-name"
_BIRTH_DIGITS = 8


def person_hash(exchange: Exchange, ssn: str) -> bytes | None:
    """What a person is found by; None without a number."""
    return exchange.vault.cells.keyed_hash(SSN, ssn) if ssn else None


def hashes_of(exchange: Exchange, subject: Subject, told: Iterable[Mapping[FactField, str]]) -> list[bytes]:
    """All that the person who is asked for, or whom these answers are about, may be protected by.

    Numbers, and each two names with the birth date. The keyring is looked at as often for nothing told.
    """
    others = subject.other_names
    firsts = f"{subject.first_name} {subject.middle_name} {others}"
    numbers, pairs = {subject.ssn}, _pairs(f"{subject.last_name} {others}", firsts, subject.birth_date)
    for facts in told:
        numbers.add(facts.get(FactField.SSN, ""))
        name, born = facts.get(FactField.NAME, ""), facts.get(FactField.BIRTH_DATE, "").replace("-", "")
        pairs |= _pairs(name, name, born) | _pairs(name, name, subject.birth_date)
    known = sorted(one.encode() for one in numbers if one)
    return [*ssn_hashes(exchange.vault.cells, known), *_hashed(exchange, pairs)]


def _hashed(exchange: Exchange, pairs: set[str]) -> list[bytes]:
    return exchange.vault.cells.keyed_hashes(_NAMED, [one.encode() for one in sorted(pairs)])


def _pairs(lasts: str, firsts: str, born: str) -> set[str]:
    """A birth date with each two names of a person, whichever of them is the last name."""
    if len(born) != _BIRTH_DIGITS or not born.isdecimal():
        return set()
    return {
        f"{born}|{min(last, first)}|{max(last, first)}"
        for last in _words(lasts)
        for first in _words(firsts)
        if last != first
    }


def _words(text: str) -> set[str]:
    """The names of a text, letters alone, without initials."""
    parts = text.upper().replace("-", " ").split()
    words = ("".join(letter for letter in part if letter.isalpha()) for part in parts)
    return {word for word in words if len(word) > 1}


def is_own(session: Session, account_id: UUID, hashes: Iterable[bytes | None]) -> bool:
    """Whether any of these is the person whose account it is, as far as their number is on record."""
    known = [one for one in hashes if one is not None]
    mine = select(Registration.id).where(
        Registration.account_id == account_id, col(Registration.person_hash).in_(known)
    )
    return session.exec(mine).first() is not None


def hidden(session: Session, exchange: Exchange, account_id: UUID, ssns: Sequence[str]) -> set[str]:
    """Those of these numbers about whose people nothing is for this worker; as much work for any of them."""
    hashes = dict(zip(ssn_hashes(exchange.vault.cells, [one.encode() for one in ssns]), ssns, strict=True))
    flagged = select(PersonProtection.person_hash).where(col(PersonProtection.person_hash).in_(hashes))
    mine = select(Registration.person_hash).where(
        Registration.account_id == account_id, col(Registration.person_hash).is_not(None)
    )
    found = {*session.exec(flagged), *session.exec(mine)}
    return {ssn for hashed, ssn in hashes.items() if hashed in found}


def said_by_file(session: Session, people: Sequence[int]) -> set[int]:
    """Those of these people of the registry of whom an agency says so in a case, also without a number."""
    theirs = col(RegisteredPart.person_id).in_(people)
    return set(session.exec(select(RegisteredPart.person_id).where(theirs, RegisteredPart.violence)))


def hidden_hashes(session: Session, account_id: UUID, hashes: Iterable[bytes | None]) -> set[bytes | None]:
    """Those of these hashes about whose people nothing is for this worker."""
    known = [one for one in hashes if one is not None] or [b""]
    found: set[bytes | None] = set()
    for some in chunks(known):
        flagged = col(PersonProtection.person_hash).in_(some)
        mine = (col(Registration.account_id) == account_id) & col(Registration.person_hash).in_(some)
        found |= {*session.exec(select(PersonProtection.person_hash).where(flagged))}
        found |= {*session.exec(select(Registration.person_hash).where(mine))}
    return found


def withheld(session: Session, account_id: UUID, hashes: Iterable[bytes | None]) -> bool:
    """Whether nothing about these people is for this worker."""
    return bool(hidden_hashes(session, account_id, hashes))


def protect(exchange: Exchange, actor: Actor | None, ssn: str, *, wanted: bool = True) -> None:
    """Protect a person, or not any more. `actor` is None for whoever has the machine in hand.

    The journal tells that it was done, not of whom.
    """
    hashed = person_hash(exchange, ssn)
    assert hashed is not None
    with transaction(exchange.engine) as session:
        set_protection(session, exchange, hashed, actor.account_id if actor else None, wanted=wanted)
        journal.append(session, exchange, "locate.protection", actor, None, wanted=wanted)


def set_protection(
    session: Session, exchange: Exchange, hashed: bytes, by: UUID | None, *, wanted: bool
) -> None:
    """As `protect`, in the caller's transaction, with the caller's event."""
    every = [hashed, *_registered_names(session, exchange, hashed)]
    if wanted:
        now = exchange.clock()
        for one in every:
            add_if_missing(session, PersonProtection(person_hash=one, since=now, set_by=by))
    else:
        session.exec(delete(PersonProtection).where(col(PersonProtection.person_hash).in_(every)))


def _registered_names(session: Session, exchange: Exchange, hashed: bytes) -> list[bytes]:
    """The names by which the case registry knows a person, with the birth date."""
    cell = session.exec(select(Person.sealed).where(Person.ssn_hash == hashed)).first()
    if cell is None:
        return []
    return _hashed(exchange, _pairs_of(Facts.of(exchange.vault.cells.open(PERSON, cell))))


def _pairs_of(facts: Facts) -> set[str]:
    found = [_pairs(name.last, f"{name.first} {name.middle}", facts.birth_date) for name in facts.names]
    return {one for each in found for one in each}


def hidden_people(
    session: Session, exchange: Exchange, account_id: UUID, people: Sequence[tuple[bytes, Facts]]
) -> list[bool]:
    """Of each person of the case registry, whether nothing about them is for this worker.

    A person is given by the number's hash and what the registry knows; as much work for any of them.
    """
    pairs = [_pairs_of(facts) for _, facts in people]
    every = sorted(set().union(*pairs))
    named = exchange.vault.cells.keyed_hashes(_NAMED, [one.encode() for one in every])
    hashed = dict(zip(every, named, strict=True))
    known = [
        {number, *(hashed[one] for one in each)} for (number, _), each in zip(people, pairs, strict=True)
    ]
    hidden = hidden_hashes(session, account_id, [one for each in known for one in each])
    return [not hidden.isdisjoint(each) for each in known]
