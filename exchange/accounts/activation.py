"""Activation: the one-time code that an invited person gets by mail, and the way from it to credentials.

The code opens nothing without the username, which is never in the same mail. It is used up in the very
transaction that gives the account its credentials; until then a ticket leads from page to page.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from sqlmodel import Session, col, delete, select

from exchange import business_days, codes, journal, letters
from exchange.accounts import credentials, second_factor, sign_in, throttle, tickets
from exchange.accounts.identity import prove
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tickets import Content
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError, SignInRefusedError
from exchange.models.accounts import ACTIVE, INVITED, Account, Activation
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.agreements import RULES_OF_BEHAVIOR
from roles.policy import Actor

BUSINESS_DAYS = 7
"""How long a code works (domain.md 12.1); weekends and federal holidays do not count."""
_UNTIL = "%A, %B %-d, %Y, %H:%M UTC"
GROUPS = 3
"""Of four letters and digits each: 58 bits."""
_TICKET = "activation"
TIME = timedelta(minutes=30)
"""How long somebody may take from the code to the last page."""


@dataclass(frozen=True)
class Activated:
    """Somebody who may enter now, and their recovery codes, which are shown once."""

    actor: Actor
    recovery_codes: list[str]


def issue(session: Session, exchange: Exchange, account: Account, by: Actor | None = None) -> None:
    """Mail an invited person a new code, in the caller's transaction; an earlier code is void."""
    assert account.status == INVITED
    assert account.email
    code, now = codes.new_code(GROUPS), exchange.clock()
    if (earlier := session.get(Activation, account.id)) is not None:
        session.delete(earlier)
        session.flush()
    row = Activation(
        account_id=account.id,
        code_hash=_hash(exchange, account.id, code),
        issued_at=now,
        expires_at=business_days.after(now, BUSINESS_DAYS),
    )
    session.add(row)
    letters.write(session, exchange, account.email, "activation", f"{code}\n{row.expires_at:{_UNTIL}}")
    journal.append(session, exchange, "activation.issued", by, account.id)


def check(exchange: Exchange, username: str, code: str, attempt: Attempt) -> Account:
    """The invited account whose username and code these are; uses nothing up.

    Raises `SignInRefusedError` or `TooManyAttemptsError`, alike for an unknown user and a wrong,
    used or lapsed code.
    """
    name = sign_in.normalise(username)
    throttle.check(exchange, attempt.source, name)
    with reading(exchange.engine) as session:
        account = session.exec(select(Account).where(Account.username == name)).first()
        row = session.get(Activation, account.id) if account else None
    if account is None or not _fits(exchange, account, row, code):
        raise sign_in.refuse(exchange, name, attempt, "activation")
    prove(exchange, account)
    return account


def use(session: Session, exchange: Exchange, account_id: UUID, code: str) -> None:
    """Use the code up, in the transaction that gives the account its credentials.

    Raises `SignInRefusedError` when it was used, replaced or has lapsed meanwhile.
    """
    row, account = session.get(Activation, account_id), session.get_one(Account, account_id)
    if row is None or not _fits(exchange, account, row, code):
        raise SignInRefusedError
    mine = (col(Activation.account_id) == account_id) & (col(Activation.code_hash) == row.code_hash)
    used = delete(Activation).where(mine).returning(col(Activation.account_id))
    if session.execute(used).first() is None:
        raise SignInRefusedError


def begin(exchange: Exchange, username: str, code: str, attempt: Attempt) -> str:
    """The token of a ticket for somebody with the right username and code. Raises as `check` does."""
    account = check(exchange, username, code, attempt)
    with transaction(exchange.engine) as session:
        return tickets.issue(session, exchange, _TICKET, Content(account.id, {"code": code}), TIME)


def choose_password(exchange: Exchange, token: str, password: str) -> None:
    """Keep the hash of the password that was chosen, and make a secret for the app.

    Raises `PasswordRefusedError`, or `NotSignedInError` when the ticket is used or too old.
    """
    content = tickets.read(exchange, _TICKET, token)
    with reading(exchange.engine) as session:
        account = session.get_one(Account, content.account_id)
    hashed = credentials.hash_of_new_password(exchange, account, password)
    said = content.said | {"password_hash": hashed, "secret": pyotp.random_base32()}
    with transaction(exchange.engine) as session:
        tickets.rewrite(session, exchange, _TICKET, token, Content(account.id, said))


def offered(exchange: Exchange, token: str) -> credentials.Offered:
    """What the app is given; `NotSignedInError` before a password was chosen, or too late."""
    content = tickets.read(exchange, _TICKET, token)
    if "secret" not in content.said:
        raise NotSignedInError
    with reading(exchange.engine) as session:
        account = session.get_one(Account, content.account_id)
    return credentials.offer(account.username, content.said["secret"])


def complete(exchange: Exchange, token: str, app_code: str, attempt: Attempt) -> Activated:
    """Give the account its credentials when the app shows the right code, and sign its owner in.

    Raises `SignInRefusedError` for another code, or when the activation code was used or replaced meanwhile.
    """
    content = tickets.read(exchange, _TICKET, token)
    secret = content.said.get("secret")
    step = second_factor.matching_step(exchange, secret, app_code) if secret else None
    if step is None:
        raise SignInRefusedError
    with transaction(exchange.engine) as session:
        tickets.use(session, exchange, _TICKET, token)
        account = session.get_one(Account, content.account_id)
        use(session, exchange, account.id, content.said["code"])
        _give(session, exchange, account, content.said, step)
        codes = second_factor.renew_recovery_codes(session, exchange, account.id)
        journal.append(
            session, exchange, "account.activated", None, account.id, rules=RULES_OF_BEHAVIOR.version
        )
    return Activated(sign_in.signed_in(exchange, account, attempt, "activation"), codes)


def _give(session: Session, exchange: Exchange, account: Account, said: dict[str, str], step: int) -> None:
    given = {
        "status": ACTIVE,
        "confirmed_at": exchange.clock(),
        "rules_version": RULES_OF_BEHAVIOR.version,
        "rules_accepted_at": exchange.clock(),
        "password_hash": said["password_hash"],
        "totp_sealed": second_factor.seal_secret(exchange, account.id, said["secret"]),
        "totp_last_step": step,
    }
    credentials.change(session, exchange, account, **given)


def _fits(exchange: Exchange, account: Account, row: Activation | None, code: str) -> bool:
    if row is None or account.status != INVITED or as_utc(row.expires_at) <= exchange.clock():
        return False
    return secrets.compare_digest(row.code_hash, _hash(exchange, account.id, code))


def _hash(exchange: Exchange, account_id: UUID, code: str) -> bytes:
    return exchange.vault.cells.keyed_hash("activation", f"{account_id}:{codes.plain(code)}")
