"""Contacts and addresses of an organization by purpose: changed by its administrators, nothing overwritten.

The row in force stands in `contact` or `address`; what it replaces moves to `earlier_contact` or
`earlier_address` in the same transaction, with when it counted and who had said it. So any day is told again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import changes, people
from exchange.accounts.acting import in_view
from exchange.accounts.answers import answers
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, NotPermittedError
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.organizations import Address, Contact, Detail, EarlierAddress, EarlierContact
from exchange.runtime import Exchange
from roles.employers_seen import ADDRESSES_SEEN, CONTACTS_SEEN
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization
from roles.purposes import ADDRESSES, CONTACTS, PurposeWords
from schemas.forms import asked
from schemas.forms.asked import Asked
from schemas.forms.registration import CONTACT, PLACE

_LATEST = 100
Row = TypeVar("Row", bound=Detail)


@dataclass(frozen=True)
class Sort:
    """One sort of detail: the table in force, the one of what was earlier, its questions and purposes."""

    title: str
    current: type[Detail]
    earlier: type[Detail]
    asked: tuple[Asked, ...]
    purposes: Mapping[str, PurposeWords]


SORTS: dict[str, Sort] = {
    "contact": Sort(
        "Contact", Contact, EarlierContact, CONTACT, {key.value: words for key, words in CONTACTS.items()}
    ),
    "address": Sort(
        "Address", Address, EarlierAddress, PLACE, {key.value: words for key, words in ADDRESSES.items()}
    ),
}
"""By the name that pages and journal events use."""
SEEN: dict[str, frozenset[str]] = {
    "contact": frozenset(one.value for one in CONTACTS_SEEN),
    "address": frozenset(one.value for one in ADDRESSES_SEEN),
}
"""The purposes that somebody who acts for the organization keeps, too."""


@dataclass(frozen=True)
class Version:
    """A detail as it stood from `since` until `until`; None: it counts now. `who`: who said it."""

    sort: str
    purpose: str
    row: Detail
    since: datetime
    until: datetime | None
    who: str


def save(exchange: Exchange, actor: Actor, sort: str, purpose: str, given: Mapping[str, str]) -> None:
    """Say what counts for a purpose: answers to the questions of the sort, or `follows`: "yes".

    What is said again changes nothing. Raises `FieldsRefusedError`.
    """
    about = SORTS[sort]
    if actor.client is not None and purpose not in SEEN[sort]:
        raise NotPermittedError
    values = _values(about, purpose, given)
    with transaction(exchange.engine) as session:
        visible, _ = in_view(session, exchange, actor, Permission.ORGANIZATION_MANAGE, lock=True)
        _refuse_stale(visible, given)
        rows = {one.purpose: one for one in _in_force(session, about, visible)}
        if values["follows"] and values["follows"] not in rows:
            raise FieldsRefusedError({"follows": "That one is not filled in yet"})
        said = (about, rows.get(purpose), visible)
        if _replace(session, exchange, actor, said, {"purpose": purpose, **values}):
            _tell_client(session, exchange, actor, visible)
            what = f"organization.{sort}_changed"
            changes.note(session, exchange, visible, sort, purpose)
            journal.append(session, exchange, what, actor, visible, purpose=purpose)


def _refuse_stale(visible: VisibleOrganization, given: Mapping[str, str]) -> None:
    """A form may lie open in one window while another one turns to a different client."""
    if given.get("whose") and given["whose"] != str(visible):
        raise NotNowError(why="this form was opened for another organization than the one you act for now")


def _tell_client(
    session: Session, exchange: Exchange, actor: Actor, organization_id: VisibleOrganization
) -> None:
    """A client learns by letter what was changed for it."""
    if organization_id != actor.organization_id:
        for email in people.administrators(session, organization_id).values():
            letters.write(session, exchange, email, "details-changed")


def counting(rows: Iterable[Row]) -> dict[str, Row]:
    """By purpose, the row that counts for it: its own, or that of the purpose it follows."""
    own = {one.purpose: one for one in rows}
    return {purpose: own.get(one.follows, one) for purpose, one in own.items()}


def history(exchange: Exchange, actor: Actor) -> list[Version]:
    """What counts and what counted in the organization whose page the actor is on, newest first."""
    found = _all_versions(exchange, actor)
    return sorted(found, key=lambda one: one.since, reverse=True)[:_LATEST]


def on(exchange: Exchange, actor: Actor, moment: datetime) -> list[Version]:
    """What counted in that organization at a moment, in the order of the purposes."""
    found = _all_versions(exchange, actor)
    then = [one for one in found if one.since <= moment and (one.until is None or moment < one.until)]
    order = [(sort, purpose) for sort, about in SORTS.items() for purpose in about.purposes]
    return sorted(then, key=lambda one: order.index((one.sort, one.purpose)))


def _all_versions(exchange: Exchange, actor: Actor) -> list[Version]:
    """Of a client, what agencies see: the rest is between the client and OCSS."""
    with reading(exchange.engine) as session:
        visible, _ = in_view(session, exchange, actor, None)
        found = [one for sort in SORTS for one in _versions(session, sort, visible)]
    return [one for one in found if actor.client is None or one.purpose in SEEN[one.sort]]


def _values(about: Sort, purpose: str, given: Mapping[str, str]) -> dict[str, str]:
    words = about.purposes.get(purpose)
    if words and words.may_follow and given.get("follows") == "yes":
        return {one.name: "" for one in about.asked} | {"follows": words.may_follow}
    values = answers(about.asked, given, purpose="" if words else "Choose what it is for")
    if "zip" in values:
        values["zip"] = asked.written_zip(values["zip"])
    return values | {"follows": ""}


def _in_force(session: Session, about: Sort, organization_id: UUID) -> list[Detail]:
    return list(session.exec(select(about.current).where(about.current.organization_id == organization_id)))


def _replace(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    what: tuple[Sort, Detail | None, UUID],
    values: Mapping[str, str],
) -> bool:
    """Put the values in force and what counted so far among what was earlier; False: they counted already."""
    (about, row, organization_id), now = what, exchange.clock()
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return False
    if row is None:
        row = about.current(organization_id=organization_id, purpose=values["purpose"], changed_at=now)
    else:
        session.add(about.earlier(**(row.model_dump() | {"id": uuid4(), "ended_at": now})))
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at, row.changed_by = now, actor.account_id
    session.add(row)
    return True


def _versions(session: Session, sort: str, organization_id: UUID) -> list[Version]:
    about = SORTS[sort]
    past = select(about.earlier).where(about.earlier.organization_id == organization_id)
    rows = [*_in_force(session, about, organization_id), *session.exec(past)]
    speakers = {one.changed_by for one in rows if one.changed_by}
    named = select(Account.id, Account.name).where(col(Account.id).in_(speakers))
    names = dict(session.exec(named).all())
    return [_version(sort, one, names.get(one.changed_by or organization_id, "")) for one in rows]


def _version(sort: str, row: Detail, who: str) -> Version:
    ended: datetime | None = getattr(row, "ended_at", None)
    until = as_utc(ended) if ended else None
    return Version(sort, row.purpose, row, as_utc(row.changed_at), until, who)
