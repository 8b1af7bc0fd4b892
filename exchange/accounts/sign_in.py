"""Signing in: password and code, a public key, or a certificate over one; the same functions for every door.

The decision is a fresh value; whatever goes wrong refuses, in the same words (learned from CVE-2024-5806).
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from exchange import journal
from exchange.accounts import (
    certificates,
    passwords,
    public_keys,
    revocations,
    second_factor,
    throttle,
    vouching,
)
from exchange.accounts.identity import actor_of, prove, still
from exchange.accounts.vouching import VoidKeyError, Vouched
from exchange.database import add_if_missing, reading, table_of, transaction
from exchange.errors import PortalError, SignInRefusedError
from exchange.models.accounts import Account, SSHKey
from exchange.models.certificates import CertificateAuthority, CertificateUse
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

PASSED_FOR = timedelta(minutes=5)
KEY, CERTIFICATE = "key", "certificate"
_BY_SOURCE = frozenset({KEY, CERTIFICATE})
"""The factors that are paused by their source alone; all others are counted against the account too."""
_KEYS, _ACCOUNTS = table_of(SSHKey), table_of(Account)
_NOTE_KEY = update(_KEYS).where(_KEYS.c.id == bindparam("which"))
_NOTE_ACCOUNT = update(_ACCOUNTS).where(_ACCOUNTS.c.id == bindparam("which"))


@dataclass(frozen=True)
class Attempt:
    """Where somebody is trying to sign in: the door and the address."""

    channel: Channel
    source: str


@dataclass(frozen=True)
class PasswordPassed:
    """The first factor was right; worth nothing without the second."""

    account_id: UUID
    username: str


def check_password(exchange: Exchange, username: str, password: str, attempt: Attempt) -> PasswordPassed:
    """First factor. Raises `SignInRefusedError` or `TooManyAttemptsError`, alike for unknown users."""
    name = normalise(username)
    throttle.check(exchange, attempt.source, name)
    with reading(exchange.engine) as session:
        account = _account(session, name)
    short_enough = len(password) <= passwords.MAXIMUM_LENGTH
    right = passwords.matches(account.password_hash if account else None, password if short_enough else "")
    if account is None or not right:
        raise _refusal(exchange, name, attempt, "password")
    _prove_or_refuse(exchange, account, attempt)
    return PasswordPassed(account.id, account.username)


def check_code(exchange: Exchange, passed: PasswordPassed, code: str, attempt: Attempt) -> Actor:
    """Second factor: a time-based code or a recovery code. Returns the identity and journals it."""
    account, factor = show_factor(exchange, passed.account_id, passed.username, code, attempt)
    return signed_in(exchange, account, attempt, f"password and {factor}")


def prove_again(exchange: Exchange, actor: Actor, code: str, attempt: Attempt) -> None:
    """The second factor of somebody who has signed in, before a dangerous act. Raises as signing in does."""
    account, factor = show_factor(exchange, actor.account_id, actor.username, code, attempt)
    note_proof(exchange, account, actor, factor)


def note_proof(exchange: Exchange, account: Account, actor: Actor, factor: str) -> None:
    """A second factor was shown in the midst of a session: journalled, and the account's count is cleared."""
    with transaction(exchange.engine) as session:
        throttle.forget(session, exchange, account.username)
        journal.append(session, exchange, "account.proven", actor, account.id, by=factor, source=actor.source)


def key_is_known(exchange: Exchange, username: str, key_blob: bytes, attempt: Attempt) -> bool:
    """Whether a key or certificate may sign this user in; changes nothing: clients ask before they prove.

    One that was this user's once is journalled and counted against the source: somebody still has it.
    """
    name = normalise(username)
    try:
        throttle.check(exchange, attempt.source)
        _known(exchange, name, key_blob, attempt.source)
    except VoidKeyError as refusal:
        factor = CERTIFICATE if certificates.is_one(key_blob) else KEY
        _refusal(exchange, name, attempt, factor, **refusal.why)
        return False
    except PortalError:
        return False
    return True


def sign_in_by_key(exchange: Exchange, username: str, key_blob: bytes, attempt: Attempt) -> Actor:
    """Sign in by a key whose possession the caller has verified by its signature.

    Wrong passwords of the account neither stop it nor are forgotten by it: otherwise a program that signs in
    every minute would give somebody who guesses a new count every minute.
    """
    name = normalise(username)
    throttle.check(exchange, attempt.source)
    try:
        account, key = vouching.by_key(exchange, name, key_blob, attempt.source)
    except SignInRefusedError:
        raise _refusal(exchange, name, attempt, KEY) from None
    with transaction(exchange.engine) as session:
        note_key(session, key.id, exchange.clock())
    return signed_in(exchange, account, attempt, KEY)


def sign_in_by_certificate(exchange: Exchange, username: str, blob: bytes, attempt: Attempt) -> Actor:
    """Sign in by a certificate whose key's possession the caller has verified. As by a key otherwise."""
    name = normalise(username)
    throttle.check(exchange, attempt.source)
    try:
        vouched = vouching.by_certificate(exchange, name, blob, attempt.source)
    except VoidKeyError as refusal:
        raise _refusal(exchange, name, attempt, CERTIFICATE, **refusal.why) from None
    except SignInRefusedError:
        raise _refusal(exchange, name, attempt, CERTIFICATE) from None
    _note_use(exchange, vouched, blob)
    return signed_in(exchange, vouched.account, attempt, CERTIFICATE, **vouched.facts)


def still_in(exchange: Exchange, actor: Actor, key_blob: bytes | None) -> Actor:
    """The actor of a connection that is open for a while, read anew; `key_blob`: what it was opened with.

    Raises `SignInRefusedError` when account or organization is shut out by now, or that key or certificate
    was taken back or has lapsed.
    """
    try:
        if key_blob is not None:
            _known(exchange, actor.username, key_blob, actor.source)
    except VoidKeyError:
        raise SignInRefusedError from None
    return still(exchange, actor)


def refuse(exchange: Exchange, username: str, attempt: Attempt, factor: str) -> SignInRefusedError:
    """Count and journal a refusal that a door found by itself (a bad signature); returns what to raise."""
    return _refusal(exchange, normalise(username), attempt, factor)


def normalise(username: str) -> str:
    """The one spelling of a username; control characters make it nobody's."""
    name = unicodedata.normalize("NFKC", username).strip().lower()
    if len(name) > 128 or any(unicodedata.category(character).startswith("C") for character in name):
        return ""
    return name


def show_factor(
    exchange: Exchange, account_id: UUID, username: str, code: str, attempt: Attempt
) -> tuple[Account, str]:
    """The account, and the factor that `code` is, used up. Raises as signing in does; journals no success."""
    throttle.check(exchange, attempt.source, username)
    with reading(exchange.engine) as session:
        account = session.get(Account, account_id)
    if account is None:
        raise _refusal(exchange, username, attempt, "code")
    _prove_or_refuse(exchange, account, attempt)
    factor = second_factor.shown(exchange, account, code)
    if factor is None:
        raise _refusal(exchange, username, attempt, "code")
    return account, factor


def _account(session: Session, name: str) -> Account | None:
    return session.exec(select(Account).where(Account.username == name)).first()


def _known(exchange: Exchange, name: str, blob: bytes, source: str) -> None:
    """Return when this key or certificate lets in now; raises as `vouching` does."""
    look = vouching.by_certificate if certificates.is_one(blob) else vouching.by_key
    look(exchange, name, blob, source)


def _note_use(exchange: Exchange, vouched: Vouched, blob: bytes) -> None:
    """Keep which certificate came last, to be shown to those who look after the authority."""
    certificate, now = vouched.certificate, exchange.clock()
    row = CertificateUse(
        account_id=vouched.account.id,
        digest=hashlib.sha256(blob).digest(),
        authority_id=vouched.authority.id,
        fingerprint=vouched.facts["fingerprint"],
        sha_1=public_keys.sha_1_of(certificate.key),
        serial=vouched.facts["serial"],
        key_id_sealed=revocations.seal_key_id(exchange, certificate.key_id),
        expires_at=datetime.fromtimestamp(certificate.parsed.valid_before, UTC),
        last_used_at=now,
    )
    itself = (col(CertificateUse.account_id) == row.account_id, col(CertificateUse.digest) == row.digest)
    its_authority = col(CertificateAuthority.id) == vouched.authority.id
    with transaction(exchange.engine) as session:
        add_if_missing(session, row)
        session.execute(update(CertificateUse).where(*itself).values(last_used_at=now))
        session.execute(update(CertificateAuthority).where(its_authority).values(last_used_at=now))


def _prove_or_refuse(exchange: Exchange, account: Account, attempt: Attempt) -> None:
    prove(exchange, account)
    try:
        actor_of(exchange, account.id, attempt.channel, attempt.source)
    except SignInRefusedError:
        raise _refusal(exchange, account.username, attempt, "status") from None


def signed_in(exchange: Exchange, account: Account, attempt: Attempt, factor: str, **facts: str) -> Actor:
    """The identity of somebody whose factors were right; journals it, and clears the account's count."""
    actor = actor_of(exchange, account.id, attempt.channel, attempt.source)
    with transaction(exchange.engine) as session:
        note_account(session, account.id, exchange.clock())
        if factor not in _BY_SOURCE:
            throttle.forget(session, exchange, account.username)
        facts |= {"by": factor, "source": attempt.source}
        journal.append(session, exchange, "account.signed_in", actor, account.id, **facts)
    return actor


def note_key(session: Session, key_id: UUID, now: datetime) -> None:
    """Write down that a key was used."""
    session.connection().execute(_NOTE_KEY, {"which": key_id, "last_used_at": now})


def note_account(session: Session, account_id: UUID, now: datetime) -> None:
    """Write down that somebody signed in."""
    session.connection().execute(_NOTE_ACCOUNT, {"which": account_id, "signed_in_at": now})


def some_key(exchange: Exchange) -> tuple[str, bytes]:
    """Username and public key of somebody who may come by key; empty when nobody may. For a rehearsal."""
    with reading(exchange.engine) as session:
        registered = select(Account.username, SSHKey.blob).where(SSHKey.account_id == Account.id)
        found = session.exec(registered.where(col(SSHKey.revoked_at).is_(None)).limit(1)).first()
    return found or ("", b"")


def _refusal(exchange: Exchange, name: str, attempt: Attempt, factor: str, **why: str) -> SignInRefusedError:
    throttle.record_failure(exchange, attempt.source, None if factor in _BY_SOURCE else name)
    with transaction(exchange.engine) as session:
        account = _account(session, name)
        subject = account.id if account else None
        facts = {"at": factor, "channel": attempt.channel.value, "source": attempt.source, **why}
        journal.append(session, exchange, "account.refused", None, subject, **facts)
    return SignInRefusedError()
