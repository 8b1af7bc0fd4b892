"""What an account signs in with: setting its password, its app, its recovery codes; one rule for all pages.

An account that signs in by password is never left without a second factor. Every change is journalled and
told to its owner by a letter; who changes something has shown a second factor lately (`web.door`).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import blocklist, passwords, second_factor, shared, sign_in, tickets
from exchange.accounts.identity import require, seal
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tickets import Content
from exchange.database import reading, transaction
from exchange.errors import LastFactorError, SignInRefusedError
from exchange.models.accounts import Account, Organization
from exchange.models.credentials import Passkey
from exchange.runtime import Exchange
from roles.policy import Actor

ISSUER = "Child Support Exchange"
"""What an authenticator app calls this portal."""
_NEW_APP = "app"
_TIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Offered:
    """A secret for an authenticator app, not yet anybody's; `address` is what its QR code says."""

    username: str
    secret: str
    address: str


@dataclass(frozen=True)
class Standing:
    """What somebody signs in with, as the security page shows it."""

    has_app: bool
    recovery_codes_left: int
    passkeys: list[Passkey]


def hash_of_new_password(exchange: Exchange, account: Account, password: str) -> str:
    """The hash of a password that somebody has chosen; `PasswordRefusedError` says why it cannot be used."""
    with reading(exchange.engine) as session:
        organization = session.get_one(Organization, account.organization_id)
    blocklist.check(exchange, password, (account.username, account.name, organization.name))
    return passwords.hash_password(password)


def offer(username: str, secret: str) -> Offered:
    """A secret as a page shows it."""
    app = pyotp.TOTP(secret, interval=second_factor.STEP_SECONDS)
    return Offered(username, secret, app.provisioning_uri(name=username, issuer_name=ISSUER))


def standing(exchange: Exchange, actor: Actor) -> Standing:
    """What the actor signs in with."""
    with reading(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id)
        mine = select(Passkey).where(Passkey.account_id == account.id).order_by(col(Passkey.created_at))
        left = second_factor.recovery_codes_left(session, account.id)
        return Standing(account.totp_sealed is not None, left, list(session.exec(mine)))


def change_password(exchange: Exchange, actor: Actor, attempt: Attempt, old: str, new: str) -> None:
    """Set a new password for somebody who knows the old one.

    Raises `SignInRefusedError` or `TooManyAttemptsError` for the old, `PasswordRefusedError` for the new one.
    """
    shared.refuse(exchange, actor.username)
    sign_in.check_password(exchange, actor.username, old, attempt)
    with reading(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id)
    set_password(exchange, account, hash_of_new_password(exchange, account, new), actor)


def set_password(exchange: Exchange, account: Account, hashed: str, actor: Actor | None) -> None:
    """Keep the hash of a new password. Sessions are the caller's to end."""
    with transaction(exchange.engine) as session:
        change(session, exchange, account, password_hash=hashed)
        note(session, exchange, account, actor, "password.changed")


def offer_app(exchange: Exchange, actor: Actor) -> tuple[str, Offered]:
    """A new secret for an app, and the token of the ticket that keeps it until the app has shown a code."""
    shared.refuse(exchange, actor.username)
    secret = pyotp.random_base32()
    content = Content(actor.account_id, {"secret": secret})
    with transaction(exchange.engine) as session:
        token = tickets.issue(session, exchange, _NEW_APP, content, _TIME)
    return token, offer(actor.username, secret)


def offered_app(exchange: Exchange, actor: Actor, token: str) -> Offered:
    """The same secret once more; `NotSignedInError` when the ticket is used or too old."""
    return offer(actor.username, tickets.read(exchange, _NEW_APP, token).said["secret"])


def take_app(exchange: Exchange, actor: Actor, token: str, code: str) -> None:
    """Make the offered app the account's, in place of an earlier one, when it shows the right code.

    Raises `SignInRefusedError` for another code.
    """
    content = tickets.read(exchange, _NEW_APP, token)
    step = second_factor.matching_step(exchange, content.said["secret"], code)
    if step is None or content.account_id != actor.account_id:
        raise SignInRefusedError
    sealed = second_factor.seal_secret(exchange, actor.account_id, content.said["secret"])
    with transaction(exchange.engine) as session:
        tickets.use(session, exchange, _NEW_APP, token)
        account = session.get_one(Account, actor.account_id)
        change(session, exchange, account, totp_sealed=sealed, totp_last_step=step)
        note(session, exchange, account, actor, "app.replaced")


def remove_app(exchange: Exchange, actor: Actor) -> None:
    """Take the app away from somebody who has a passkey; `LastFactorError` for anybody else."""
    shared.refuse(exchange, actor.username)
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id, with_for_update=True)
        if session.exec(select(Passkey.id).where(Passkey.account_id == account.id)).first() is None:
            raise LastFactorError
        change(session, exchange, account, totp_sealed=None)
        note(session, exchange, account, actor, "app.removed")


def renew_recovery_codes(exchange: Exchange, actor: Actor) -> list[str]:
    """Ten new codes, shown once; the earlier ones are void."""
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id)
        codes = second_factor.renew_recovery_codes(session, exchange, account.id)
        note(session, exchange, account, actor, "recovery-codes.renewed")
    return codes


def change(session: Session, exchange: Exchange, account: Account, **values: Any) -> Account:
    """Change fields of an account that is as the portal wrote it, in the caller's transaction."""
    row = session.get_one(Account, account.id, with_for_update=True, populate_existing=True)
    require(exchange, row)
    for name, value in values.items():
        setattr(row, name, value)
    seal(session, exchange, row)
    return row


def note(session: Session, exchange: Exchange, account: Account, actor: Actor | None, event: str) -> None:
    """Journal a change of credentials and tell their owner, in the caller's transaction."""
    letters.write(session, exchange, account.email, "credentials")
    journal.append(session, exchange, event, actor, account.id)
