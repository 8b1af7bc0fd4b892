"""Registering, as the applicant does it: question by question, kept sealed, until it is handed in.

The applicant is known by a code: a browser holds it in a cookie, and it is mailed once the address is proven.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session, col, delete

from exchange import business_days, codes, journal, letters
from exchange.accounts import clearances, throttle
from exchange.accounts import registration_rows as rows
from exchange.accounts.registration_rows import Application
from exchange.accounts.registration_steps import Step, agreement_of, next_step
from exchange.database import reading, transaction
from exchange.errors import (
    ClearanceMissingError,
    ConfirmationRefusedError,
    RegistrationNotFoundError,
    RegistrationSettledError,
    RegistrationUnfinishedError,
    UsernameTakenError,
)
from exchange.models.base import as_utc
from exchange.models.registration import DENIED, DRAFT, RETURNED, SUBMITTED, Registration
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind

DUE_DAYS = 7
"""Business days until an applicant has an answer (domain.md 12.1)."""
DRAFT_DAYS, UNPROVEN_DAYS, DENIED_DAYS = 30, 1, 90
"""How long is kept: a draft, one whose email address nobody confirmed, a registration that was denied."""
_CODE_FOR = timedelta(hours=1)
_SECRET_GROUPS, _CODE_GROUPS, _REFERENCE_GROUPS = 5, 2, 2


def begin(exchange: Exchange, kind: OrganizationKind, source: str) -> str:
    """Begin a draft and return the code that finds it again. Raises `TooManyAttemptsError`."""
    assert KINDS[kind].registers
    _count(exchange, source)
    secret, now = codes.new_code(_SECRET_GROUPS), exchange.clock()
    row = Registration(
        reference=f"R-{codes.new_code(_REFERENCE_GROUPS)}",
        secret_hash=rows.secret_hash(exchange, secret),
        kind=kind.value,
        answers_sealed=b"",
        created_at=now,
        changed_at=now,
    )
    rows.keep_answers(exchange, row, {})
    with transaction(exchange.engine) as session:
        session.add(row)
    return secret


def application(exchange: Exchange, secret: str) -> Application:
    """The applicant's registration. Raises `RegistrationNotFoundError`."""
    with reading(exchange.engine) as session:
        return rows.view_of(exchange, rows.by_secret(session, exchange, secret))


def come_back(exchange: Exchange, secret: str, source: str) -> Application:
    """The same by a code that was typed: guesses are counted. Raises `ConfirmationRefusedError`."""
    throttle.check(exchange, _subject(source))
    try:
        return application(exchange, secret)
    except RegistrationNotFoundError:
        throttle.record_failure(exchange, _subject(source))
        raise ConfirmationRefusedError from None


def choose_kind(exchange: Exchange, secret: str, kind: OrganizationKind) -> None:
    """Change the kind of organization; answers that both kinds are asked for stay."""
    assert KINDS[kind].registers
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        answers = rows.answers_of(exchange, row)
        row.kind = kind.value
        rows.keep_answers(exchange, row, answers)


def answer(exchange: Exchange, secret: str, values: Mapping[str, str]) -> None:
    """Keep cleaned answers. Raises `RegistrationSettledError` once it was handed in."""
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        rows.keep_answers(exchange, row, rows.answers_of(exchange, row) | dict(values))


def take_from_record(exchange: Exchange, secret: str, key: str, source: str) -> None:
    """Take name and key from what OCSS has on record. Raises `ClearanceMissingError`; misses are counted."""
    throttle.check(exchange, _subject(source))
    try:
        with transaction(exchange.engine) as session:
            row = _editable(session, exchange, secret)
            kind, answers = OrganizationKind(row.kind), rows.answers_of(exchange, row)
            name = clearances.name_on_record(session, exchange, kind, key)
            known = {KINDS[kind].key: key, "organization_name": name, "cleared": kind.value}
            rows.keep_answers(exchange, row, answers | known)
    except ClearanceMissingError:
        throttle.record_failure(exchange, _subject(source))
        raise


def send_code(exchange: Exchange, secret: str, email: str, source: str) -> None:
    """Keep the address, unproven, and mail a code to it. Mails are counted by source and by address."""
    _count(exchange, source, f"mail:{email}")
    code = codes.new_code(_CODE_GROUPS)
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        row.confirm_hash = _code_hash(exchange, row, code)
        row.confirm_until, row.confirmed_at = exchange.clock() + _CODE_FOR, None
        rows.keep_answers(exchange, row, rows.answers_of(exchange, row) | {"email": email})
        letters.write(session, exchange, email, "registration-code", code)


def confirm_email(exchange: Exchange, secret: str, code: str, source: str) -> None:
    """Prove the address by the code, and mail there the code that brings the applicant back.

    Raises `ConfirmationRefusedError` for a code that is wrong, lapsed or replaced; guesses are counted.
    """
    found = application(exchange, secret)
    throttle.check(exchange, _subject(source), found.reference.lower())
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        fits = _code_fits(exchange, row, code)
        if fits:
            row.confirm_hash, row.confirm_until, row.confirmed_at = None, None, exchange.clock()
            email = rows.answers_of(exchange, row)["email"]
            letters.write(session, exchange, email, "registration-saved", secret)
    if not fits:
        throttle.record_failure(exchange, _subject(source), found.reference.lower())
        raise ConfirmationRefusedError


def choose_username(exchange: Exchange, secret: str, username: str, source: str) -> None:
    """Keep the name to sign in with. Raises `UsernameTakenError`; misses are counted, as they tell names."""
    throttle.check(exchange, _subject(source))
    with reading(exchange.engine) as session:
        row = rows.by_secret(session, exchange, secret)
        taken = rows.username_taken(session, exchange, username, row.id)
    if taken:
        throttle.record_failure(exchange, _subject(source))
        raise UsernameTakenError
    answer(exchange, secret, {"username": username})


def accept(exchange: Exchange, secret: str) -> None:
    """Note that the agreement of the kind was accepted, in its present version."""
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        row.agreement, row.accepted_at = agreement_of(OrganizationKind(row.kind)), exchange.clock()
        row.changed_at = exchange.clock()


def submit(exchange: Exchange, secret: str, source: str) -> Application:
    """Hand it in: to the organization's own administrators when it exists already, else to OCSS.

    Raises `RegistrationUnfinishedError`, `UsernameTakenError`, `ClearanceMissingError` when its ground was
    withdrawn meanwhile, or `RegistrationSettledError`.
    """
    _count(exchange, source)
    with transaction(exchange.engine) as session:
        row = _editable(session, exchange, secret)
        view = rows.view_of(exchange, row)
        if next_step(view) is not Step.CHECK:
            raise RegistrationUnfinishedError
        if rows.username_taken(session, exchange, view.answers["username"], row.id):
            raise UsernameTakenError
        _hand_in(session, exchange, row, view)
        return rows.view_of(exchange, row)


def _hand_in(session: Session, exchange: Exchange, row: Registration, view: Application) -> None:
    now, key = exchange.clock(), view.answers[KINDS[view.kind].key]
    clearances.name_on_record(session, exchange, view.kind, key)
    row.status, row.submitted_at, row.due_at = SUBMITTED, now, business_days.after(now, DUE_DAYS)
    note_joining(session, exchange, row, key)
    letters.write(session, exchange, view.answers["email"], "registration-submitted")
    facts = {"of": row.kind, "joining": row.joining, "agreement": row.agreement}
    journal.append(session, exchange, "registration.submitted", None, row.id, **facts)


def note_joining(session: Session, exchange: Exchange, row: Registration, key: str) -> None:
    """When the organization exists already, hand the registration to its administrators and mail them."""
    existing = rows.organization_with(session, exchange, OrganizationKind(row.kind), key)
    row.joining, row.organization_id = existing is not None, existing.id if existing else None
    for administrator in rows.administrators(session, existing.id) if existing else ():
        letters.write(session, exchange, administrator.email, "join-requested")


def sweep(exchange: Exchange) -> int:
    """Forget drafts nobody came back to and registrations denied long ago; returns how many."""
    now, changed = exchange.clock(), col(Registration.changed_at)
    unproven = col(Registration.confirmed_at).is_(None)
    old = [
        (col(Registration.status).in_((DRAFT, RETURNED))) & (changed < now - timedelta(days=DRAFT_DAYS)),
        (col(Registration.status) == DRAFT) & unproven & (changed < now - timedelta(days=UNPROVEN_DAYS)),
        (col(Registration.status) == DENIED) & (changed < now - timedelta(days=DENIED_DAYS)),
    ]
    with transaction(exchange.engine) as session:
        return sum(
            len(session.execute(delete(Registration).where(rule).returning(col(Registration.id))).all())
            for rule in old
        )


def _editable(session: Session, exchange: Exchange, secret: str) -> Registration:
    row = rows.by_secret(session, exchange, secret, lock=True)
    if row.status not in rows.EDITABLE:
        raise RegistrationSettledError
    return row


def _code_hash(exchange: Exchange, row: Registration, code: str) -> bytes:
    return exchange.vault.cells.keyed_hash("registration.code", f"{row.id}:{codes.plain(code)}")


def _code_fits(exchange: Exchange, row: Registration, code: str) -> bool:
    if row.confirm_hash is None or row.confirm_until is None:
        return False
    fresh = as_utc(row.confirm_until) > exchange.clock()
    return secrets.compare_digest(row.confirm_hash, _code_hash(exchange, row, code)) and fresh


def _count(exchange: Exchange, source: str, name: str | None = None) -> None:
    """One act of a source that costs somebody else something: room, a mail, the time of whoever decides."""
    throttle.check(exchange, _subject(source), name)
    throttle.record_failure(exchange, _subject(source), name)


def _subject(source: str) -> str:
    """Registering has a budget of its own: spam from an address must not keep its people from signing in."""
    return f"registration:{source}"
