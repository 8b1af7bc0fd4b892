"""Registering as a multistate employer: filled in, handed in, changed, ended; every version is kept.

Whoever acts for a client does all of it on the client's page, while the client agrees. A registration is
checked by rules alone and answered at once (decision 0023): OCSS verified the number before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange import codes, journal, letters
from exchange.accounts import people
from exchange.accounts.acting import in_view
from exchange.accounts.details import Row, counting
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.models.accounts import Organization
from exchange.models.multistate import MultistateRegistration, RegistryStatus
from exchange.models.organizations import Address, Contact
from exchange.multistate import rows, rules
from exchange.multistate.rows import Registration
from exchange.multistate.rules import Number
from exchange.multistate.statuses import Act, after
from exchange.runtime import Exchange
from roles.multistate import registrant_of
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor
from schemas.forms.multistate import as_fields, as_typed, parse_ending
from schemas.forms.registration import CONTACT, PLACE

MANAGE = Permission.MULTISTATE_MANAGE
_GROUPS = 2
"""Groups of letters in a reference."""
_CHOOSE = "Choose the number that you register"
_AGREE = "Agree to these terms, or leave the registration as it is"
_UNFINISHED = "fill the form in to its end first"


@dataclass(frozen=True)
class Desk:
    """What an organization finds on its page: its numbers, and registrations, the newest first."""

    organization: str
    numbers: list[Number]
    registrations: list[Registration]


def desk(exchange: Exchange, actor: Actor) -> Desk:
    """Everything of the organization whose page the actor is on."""
    with reading(exchange.engine) as session:
        visible, organization = in_view(session, exchange, actor, MANAGE)
        mine = select(MultistateRegistration).where(MultistateRegistration.organization_id == visible)
        found = session.exec(mine.order_by(col(MultistateRegistration.created_at).desc())).all()
        return Desk(
            organization.name,
            rules.numbers(session, exchange, organization),
            [rows.view_of(session, exchange, one) for one in found],
        )


def one(exchange: Exchange, actor: Actor, registration_id: UUID) -> Registration:
    """One registration of that organization. Raises `RecordNotFoundError`."""
    with reading(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE)
        return rows.view_of(session, exchange, _own(session, organization, registration_id))


def suggested(exchange: Exchange, actor: Actor) -> dict[str, str]:
    """What the organization said of itself elsewhere, as fields of a new form: nobody is asked twice."""
    with reading(exchange.engine) as session:
        visible, organization = in_view(session, exchange, actor, MANAGE)
        places, persons = _details(session, Address, visible), _details(session, Contact, visible)
    place, person = places.get("office") or places.get("withholding"), persons.get("withholding")
    known = {"number": str(visible), "legal_name": organization.name}
    known |= {one.name: getattr(place, one.name) for one in PLACE} if place else {}
    return known | ({one.name: getattr(person, one.name) for one in CONTACT} if person else {})


def _details(session: Session, model: type[Row], organization_id: UUID) -> dict[str, Row]:
    return counting(session.exec(select(model).where(model.organization_id == organization_id)))


def begin(exchange: Exchange, actor: Actor, number: str, fields: Mapping[str, str], *, later: bool) -> UUID:
    """Fill in a registration of one of the numbers (by its id); a draft of it that stands is gone on with.

    `later`: keep it as it is, right or wrong. Raises `FieldsRefusedError` with all that is wrong.
    """
    with transaction(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE, lock=True)
        mine = rules.numbers(session, exchange, organization)
        wanted = next((each for each in mine if str(each.id) == number), None)
        if wanted is None:
            found = {} if later else _problems_without_number(session, exchange, organization, fields)
            raise FieldsRefusedError({"number": _CHOOSE} | found)
        row = _draft(session, exchange, organization, wanted)
        rules.refuse_registered(session, exchange, row)
        is_new = row.prepared_sealed is None
        _fill_in(session, exchange, row, fields, later=later)
        if is_new:
            _tell(session, exchange, actor, row, "begun")
    return row.id


def amend(
    exchange: Exchange, actor: Actor, registration_id: UUID, fields: Mapping[str, str], *, later: bool
) -> None:
    """Fill in a draft, or a change of what is in force, which counts until the change is handed in."""
    with transaction(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE, lock=True)
        row = _own(session, organization, registration_id)
        _act_of(row)
        _fill_in(session, exchange, row, fields, later=later)


def hand_in(exchange: Exchange, actor: Actor, registration_id: UUID, *, agreed: bool) -> RegistryStatus:
    """Submit a draft, or let a change count; answered at once with the status that it has now.

    All rules are asked again, for days have gone by. Raises `FieldsRefusedError`, `NotNowError`.
    """
    if not agreed:
        raise FieldsRefusedError({"agreed": _AGREE})
    with transaction(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE, lock=True)
        row = _own(session, organization, registration_id)
        kept, act = rows.prepared(exchange, row), _act_of(row)
        if kept is None:
            raise NotNowError(why=_UNFINISHED)
        values = rules.good(rules.checked(session, exchange, row, as_fields(kept)))
        row.status = after(row.status, act).value
        _count(session, exchange, actor, (row, values), "submitted" if act is Act.SUBMIT else "changed")
        rules.refuse_registered(session, exchange, row)  # whoever writes next in the journal waits for us
        rules.refuse_overlap(session, row, row.effective_on or exchange.clock().date())
        _activate_if_due(session, exchange, row)
        return RegistryStatus(row.status)


def cancel(exchange: Exchange, actor: Actor, registration_id: UUID, fields: Mapping[str, str]) -> None:
    """It is no multistate employer any more, from the day that is given. Raises `FieldsRefusedError`."""
    with transaction(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE, lock=True)
        row = _own(session, organization, registration_id)
        status = after(row.status, Act.CANCEL)
        values = rules.good(parse_ending(fields, exchange.clock().date()))
        row.status = status.value
        _count(session, exchange, actor, (row, values), "cancelled")


def discard(exchange: Exchange, actor: Actor, registration_id: UUID) -> None:
    """Throw away what is being filled in: a draft with it, of others only the change."""
    with transaction(exchange.engine) as session:
        _, organization = in_view(session, exchange, actor, MANAGE, lock=True)
        row = _own(session, organization, registration_id)
        if row.status == RegistryStatus.DRAFT:
            session.delete(row)
        else:
            rows.prepare(exchange, row, None)
            session.add(row)
        _tell(session, exchange, actor, row, "discarded")


def sweep(exchange: Exchange) -> int:
    """Let those count whose day has come; how many. A worker's chore."""
    with reading(exchange.engine) as session:
        waiting = session.exec(_due(exchange)).all()
    return sum(_activate(exchange, one.id) for one in waiting)


def _due(exchange: Exchange) -> SelectOfScalar[MultistateRegistration]:
    return select(MultistateRegistration).where(
        MultistateRegistration.status == RegistryStatus.SUBMITTED.value,
        col(MultistateRegistration.effective_on) <= exchange.clock().date(),
    )


def _activate(exchange: Exchange, registration_id: UUID) -> bool:
    with transaction(exchange.engine) as session:
        wanted = _due(exchange).where(MultistateRegistration.id == registration_id)
        row = session.exec(wanted.with_for_update()).first()
        if row is not None:
            _activate_if_due(session, exchange, row)
        return row is not None


def _activate_if_due(session: Session, exchange: Exchange, row: MultistateRegistration) -> None:
    """From its day on a registration counts; the calendar needs nobody's consent."""
    due = row.effective_on is not None and row.effective_on <= exchange.clock().date()
    if row.status == RegistryStatus.SUBMITTED and due:
        row.status = after(row.status, Act.ACTIVATE).value
        session.add(row)
        _tell(session, exchange, None, row, "activated")


def _own(session: Session, organization: Organization, registration_id: UUID) -> MultistateRegistration:
    row = session.get(MultistateRegistration, registration_id)
    if row is None or row.organization_id != organization.id:
        raise RecordNotFoundError
    return row


def _act_of(row: MultistateRegistration) -> Act:
    """What handing in what is filled in will do. Raises `NotNowError` where it may not be done."""
    act = Act.SUBMIT if row.status == RegistryStatus.DRAFT else Act.CHANGE
    after(row.status, act)
    return act


def _draft(
    session: Session, exchange: Exchange, organization: Organization, number: Number
) -> MultistateRegistration:
    """The draft of this number, or a new one."""
    wanted = select(MultistateRegistration).where(
        MultistateRegistration.organization_id == organization.id,
        MultistateRegistration.fein_hash == rows.hash_of(exchange, number.fein),
        MultistateRegistration.status == RegistryStatus.DRAFT.value,
    )
    found = session.exec(wanted).first()
    return found or _new(exchange, organization, number.fein)


def _new(exchange: Exchange, organization: Organization, fein: str) -> MultistateRegistration:
    now = exchange.clock()
    row = MultistateRegistration(
        reference=f"MS-{codes.new_code(_GROUPS)}",
        organization_id=organization.id,
        registrant=registrant_of(OrganizationKind(organization.kind)).value,
        fein_sealed=b"",
        fein_hash=b"",
        created_at=now,
        changed_at=now,
    )
    rows.set_fein(exchange, row, fein)
    return row


def _problems_without_number(
    session: Session, exchange: Exchange, organization: Organization, fields: Mapping[str, str]
) -> dict[str, str]:
    """What else is wrong with a form that names no number."""
    found = rules.checked(session, exchange, _new(exchange, organization, ""), fields)
    return {each.field: each.message for each in reversed(found.problems)}


def _fill_in(
    session: Session,
    exchange: Exchange,
    row: MultistateRegistration,
    fields: Mapping[str, str],
    *,
    later: bool,
) -> None:
    """Keep the answers of a form, checked unless they are for later."""
    kept = as_typed(fields) if later else rules.good(rules.checked(session, exchange, row, fields))
    rows.prepare(exchange, row, kept)
    session.add(row)


def _count(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    handed: tuple[MultistateRegistration, Mapping[str, str]],
    event: str,
) -> None:
    """What was handed in is the newest version; states and members are found by it from now on."""
    row, values = handed
    version = rows.next_version(exchange, row, values, actor)
    rows.prepare(exchange, row, None)
    session.add(row)
    session.flush()
    session.add(version)
    rows.set_places(session, row, values, version.effective_on)
    rows.set_members(session, exchange, row, values)
    _tell_client(session, exchange, actor, row)
    _tell(session, exchange, actor, row, event)


def _tell(
    session: Session, exchange: Exchange, actor: Actor | None, row: MultistateRegistration, event: str
) -> None:
    facts = {"registration": str(row.id), "status": row.status, "version": row.version}
    journal.append(session, exchange, f"multistate.{event}", actor, row.organization_id, **facts)


def _tell_client(session: Session, exchange: Exchange, actor: Actor, row: MultistateRegistration) -> None:
    """A client learns by letter what was done for it."""
    if row.organization_id == actor.organization_id:
        return
    for email in people.administrators(session, row.organization_id).values():
        letters.write(session, exchange, email, "multistate-changed")
