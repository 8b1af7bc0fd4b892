"""Passkeys (WebAuthn): as second factor, and alone, since each proves possession and verifies its user.

A challenge carries the moment it was made and our own keyed hash, so that asking for one writes nothing; an
answer uses it up. A passkey belongs to one host name (`Site`), and is found by what the browser sends alone.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from exchange.accounts import credentials, sign_in, throttle, tickets
from exchange.accounts.identity import actor_of, prove, seal
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tickets import Content
from exchange.database import reading, transaction
from exchange.errors import LastFactorError, RequestInvalidError, SignInRefusedError
from exchange.models.accounts import Account
from exchange.models.credentials import Passkey
from exchange.runtime import Exchange
from roles.policy import Actor

TIME = timedelta(minutes=5)
MOST = 10
"""Passkeys of one account."""
_USED = "passkey challenge"
_VERIFIED = UserVerificationRequirement.REQUIRED
_LONGEST_ANSWER = 16_384


@dataclass(frozen=True)
class Site:
    """The host name a passkey belongs to, and the origin pages are served from."""

    host: str
    origin: str


@dataclass(frozen=True)
class Answer:
    """What a browser made of a challenge: its JSON, and the site it was asked on."""

    site: Site
    said: str


def creation_options(exchange: Exchange, actor: Actor, site: Site) -> str:
    """What a browser needs to make a passkey, as JSON."""
    with reading(exchange.engine) as session:
        mine = session.exec(select(Passkey.credential_id).where(Passkey.account_id == actor.account_id)).all()
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=credentials.ISSUER,
        user_id=actor.account_id.bytes,
        user_name=actor.username,
        user_display_name=actor.name,
        challenge=_challenge(exchange, str(actor.account_id)),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=known) for known in mine],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
    )
    return options_to_json(options)


def request_options(exchange: Exchange, site: Site) -> str:
    """What a browser needs to show a passkey, as JSON; whose it is tells the passkey itself."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=_challenge(exchange, ""), user_verification=_VERIFIED
    )
    return options_to_json(options)


def add(exchange: Exchange, actor: Actor, answer: Answer, label: str) -> None:
    """Register the passkey that a browser has made.

    Raises `RequestInvalidError` when it does not fit what was asked, or there are too many.
    """
    challenge = _challenge_of(exchange, answer, str(actor.account_id))
    try:
        made = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=answer.site.host,
            expected_origin=answer.site.origin,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise RequestInvalidError(what="the passkey does not fit what was asked for") from None
    row = Passkey(
        account_id=actor.account_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        label=label[:60] or "Passkey",
        created_at=exchange.clock(),
    )
    _keep(exchange, actor, row, challenge)


def _keep(exchange: Exchange, actor: Actor, row: Passkey, challenge: bytes) -> None:
    try:
        with transaction(exchange.engine) as session:
            account = session.get_one(Account, actor.account_id, with_for_update=True)
            mine = session.exec(select(Passkey.id).where(Passkey.account_id == account.id)).all()
            if len(mine) >= MOST:
                raise RequestInvalidError(what=f"an account has {MOST} passkeys at most")
            tickets.issue_for(session, exchange, _USED, challenge.hex(), (Content(None, {}), TIME))
            seal(session, exchange, row)
            session.flush()
            credentials.note(session, exchange, account, actor, "passkey.added")
    except IntegrityError:
        raise RequestInvalidError(what="this passkey is registered already") from None


def remove(exchange: Exchange, actor: Actor, identifier: UUID) -> None:
    """Take a passkey away; `LastFactorError` when nothing else would be left. One of others is no error."""
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id, with_for_update=True)
        mine = list(session.exec(select(Passkey).where(Passkey.account_id == account.id)))
        removed = [row for row in mine if row.id == identifier]
        if not removed:
            return
        if account.totp_sealed is None and len(mine) == 1:
            raise LastFactorError
        session.delete(removed[0])
        credentials.note(session, exchange, account, actor, "passkey.removed")


def sign_in_alone(exchange: Exchange, answer: Answer, attempt: Attempt) -> Actor:
    """Sign in by a passkey and nothing else: it is had, and it has verified its user.

    Raises `SignInRefusedError` or `TooManyAttemptsError`.
    """
    account = _owner(exchange, answer, attempt, "")
    return sign_in.signed_in(exchange, account, attempt, "passkey")


def sign_in_after_password(
    exchange: Exchange, passed: sign_in.PasswordPassed, answer: Answer, attempt: Attempt
) -> Actor:
    """The second factor of somebody whose password was right; another account's passkey is refused."""
    account = _owner(exchange, answer, attempt, passed.username, lambda found: found.id == passed.account_id)
    return sign_in.signed_in(exchange, account, attempt, "password and passkey")


def prove_again(exchange: Exchange, actor: Actor, answer: Answer, attempt: Attempt) -> None:
    """The second factor of somebody who has signed in, before a dangerous act."""
    account = _owner(exchange, answer, attempt, actor.username, lambda found: found.id == actor.account_id)
    sign_in.note_proof(exchange, account, actor, "passkey")


def show(exchange: Exchange, account: Account, answer: Answer, attempt: Attempt) -> None:
    """A passkey of this account in place of a typed second factor, used up. Raises as signing in does."""
    _owner(exchange, answer, attempt, account.username, lambda found: found.id == account.id)


def _owner(
    exchange: Exchange,
    answer: Answer,
    attempt: Attempt,
    username: str,
    fits: Callable[[Account], bool] = lambda _account: True,
) -> Account:
    """Whose passkey has answered. Whatever is wrong refuses in the same words, is counted and journalled."""
    throttle.check(exchange, attempt.source, username or None)
    try:
        account = _shown(exchange, answer)
        throttle.check(exchange, attempt.source, account.username)
        actor_of(exchange, account.id, attempt.channel, attempt.source)  # refuses a suspended account
    except (SignInRefusedError, RequestInvalidError):
        account = None
    if account is None or not fits(account):
        raise sign_in.refuse(exchange, username, attempt, "passkey")
    return account


def _shown(exchange: Exchange, answer: Answer) -> Account:
    challenge, said = _challenge_of(exchange, answer, ""), _read(answer)
    with reading(exchange.engine) as session:
        credential_id = base64url_to_bytes(str(said.get("id", "")))
        row = session.exec(select(Passkey).where(Passkey.credential_id == credential_id)).first()
        account = session.get(Account, row.account_id) if row else None
    if row is None or account is None:
        raise SignInRefusedError
    prove(exchange, row)
    prove(exchange, account)
    try:
        shown = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=answer.site.host,
            expected_origin=answer.site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise SignInRefusedError from None
    _use(exchange, row, challenge, shown.new_sign_count)
    return account


def _use(exchange: Exchange, row: Passkey, challenge: bytes, sign_count: int) -> None:
    values = {"sign_count": sign_count, "last_used_at": exchange.clock()}
    try:
        with transaction(exchange.engine) as session:
            tickets.issue_for(session, exchange, _USED, challenge.hex(), (Content(None, {}), TIME))
            session.execute(update(Passkey).where(col(Passkey.id) == row.id).values(values))
    except IntegrityError:  # a challenge is answered once
        raise SignInRefusedError from None


def _read(answer: Answer) -> dict[str, Any]:
    if len(answer.said) > _LONGEST_ANSWER:
        raise RequestInvalidError(what="the passkey's answer is too long")
    try:
        said = json.loads(answer.said)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise RequestInvalidError(what="the passkey's answer is malformed")
    return said


def _challenge(exchange: Exchange, whose: str) -> bytes:
    """Sixteen random bytes, when they were drawn, and our keyed hash over both and whom they are for."""
    front = secrets.token_bytes(16) + int(exchange.clock().timestamp()).to_bytes(8, "big")
    return front + _mac(exchange, front, whose)


def _challenge_of(exchange: Exchange, answer: Answer, whose: str) -> bytes:
    """The challenge that was answered, when we made it lately for the same person."""
    try:
        client = json.loads(base64url_to_bytes(_read(answer)["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RequestInvalidError(what="the passkey's answer is malformed") from None
    front, mac = challenge[:24], challenge[24:]
    age = exchange.clock().timestamp() - int.from_bytes(front[16:], "big")
    if not secrets.compare_digest(mac, _mac(exchange, front, whose)) or age > TIME.total_seconds():
        raise RequestInvalidError(what="the passkey was asked for too long ago; try again")
    return challenge


def _mac(exchange: Exchange, front: bytes, whose: str) -> bytes:
    return exchange.vault.cells.keyed_hash("passkey challenge", f"{front.hex()}:{whose}")
