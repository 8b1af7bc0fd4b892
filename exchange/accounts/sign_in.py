"""Signing in: password and code, or a public key; the same functions for every door.

The decision is a fresh value; whatever goes wrong refuses, in the same words (learned from CVE-2024-5806).
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select, update

from exchange import journal
from exchange.accounts import passwords, second_factor, throttle
from exchange.accounts.identity import actor_of, prove, still
from exchange.database import reading, transaction
from exchange.errors import PortalError, SignInRefusedError
from exchange.models.accounts import Account, SSHKey
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

PASSED_FOR = timedelta(minutes=5)
KEY = "key"
"""The factor that is paused by its source alone; every other one is counted against the account as well."""


class VoidKeyError(SignInRefusedError):
    """A key that was taken back, has lapsed, or belongs to somebody who may not come in here or now."""


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
    """Whether a public key may sign this user in; changes nothing, since clients ask before they prove.

    A key that was this user's once is journalled and counted against the source: somebody still has it.
    """
    name = normalise(username)
    try:
        throttle.check(exchange, attempt.source)
        _key(exchange, name, key_blob, attempt)
    except VoidKeyError:
        _refusal(exchange, name, attempt, KEY)
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
        account, key = _key(exchange, name, key_blob, attempt)
    except SignInRefusedError:
        raise _refusal(exchange, name, attempt, KEY) from None
    with transaction(exchange.engine) as session:
        used = update(SSHKey).where(col(SSHKey.id) == key.id).values(last_used_at=exchange.clock())
        session.execute(used)
    return signed_in(exchange, account, attempt, KEY)


def still_in(exchange: Exchange, actor: Actor, key_blob: bytes | None) -> Actor:
    """The actor of a connection that is open for a while, read anew; `key_blob`: the key it was opened with.

    Raises `SignInRefusedError` when account or organization is shut out by now, or that key was taken back or
    has lapsed.
    """
    try:
        if key_blob is not None:
            _key(exchange, actor.username, key_blob, Attempt(actor.channel, actor.source))
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


def _key(exchange: Exchange, name: str, key_blob: bytes, attempt: Attempt) -> tuple[Account, SSHKey]:
    with reading(exchange.engine) as session:
        mine = select(Account, SSHKey).where(
            Account.username == name, SSHKey.account_id == Account.id, SSHKey.blob == key_blob
        )
        found = session.exec(mine).first()
    if found is None:
        raise SignInRefusedError
    account, key = found
    prove(exchange, key)
    if key.revoked_at is not None or as_utc(key.expires_at) <= exchange.clock():
        raise VoidKeyError
    try:
        actor_of(exchange, account.id, Channel.SFTP, attempt.source)
    except SignInRefusedError:
        raise VoidKeyError from None
    return account, key


def _prove_or_refuse(exchange: Exchange, account: Account, attempt: Attempt) -> None:
    prove(exchange, account)
    try:
        actor_of(exchange, account.id, attempt.channel, attempt.source)
    except SignInRefusedError:
        raise _refusal(exchange, account.username, attempt, "status") from None


def signed_in(exchange: Exchange, account: Account, attempt: Attempt, factor: str) -> Actor:
    """The identity of somebody whose factors were right; journals it, and clears the account's count."""
    actor = actor_of(exchange, account.id, attempt.channel, attempt.source)
    with transaction(exchange.engine) as session:
        mine = col(Account.id) == account.id
        session.execute(update(Account).where(mine).values(signed_in_at=exchange.clock()))
        if factor != KEY:
            throttle.forget(session, exchange, account.username)
        journal.append(
            session, exchange, "account.signed_in", actor, account.id, by=factor, source=attempt.source
        )
    return actor


def _refusal(exchange: Exchange, name: str, attempt: Attempt, factor: str) -> SignInRefusedError:
    throttle.record_failure(exchange, attempt.source, None if factor == KEY else name)
    with transaction(exchange.engine) as session:
        account = _account(session, name)
        subject = account.id if account else None
        facts = {"at": factor, "channel": attempt.channel.value, "source": attempt.source}
        journal.append(session, exchange, "account.refused", None, subject, **facts)
    return SignInRefusedError()
