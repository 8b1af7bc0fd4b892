"""Activation: the one-time code that an invited person gets by mail, and what it is checked against.

The code opens nothing without the username, which is never in the same mail.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, select

from exchange import journal, letters
from exchange.accounts import sign_in, throttle
from exchange.accounts.identity import prove
from exchange.accounts.sign_in import Attempt
from exchange.database import reading
from exchange.errors import SignInRefusedError
from exchange.models.accounts import INVITED, Account, Activation
from exchange.models.base import as_utc
from exchange.runtime import Exchange

BUSINESS_DAYS = 7
"""How long a code works (domain.md 12.1)."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 12, 4
_SATURDAY = 5


def issue(session: Session, exchange: Exchange, account: Account) -> None:
    """Mail an invited person a new code, in the caller's transaction; an earlier code is void."""
    assert account.status == INVITED
    assert account.email
    code, now = _new_code(), exchange.clock()
    if (earlier := session.get(Activation, account.id)) is not None:
        session.delete(earlier)
        session.flush()
    row = Activation(
        account_id=account.id,
        code_hash=_hash(exchange, account.id, code),
        issued_at=now,
        expires_at=_after_business_days(now, BUSINESS_DAYS),
    )
    session.add(row)
    letters.write(session, exchange, account.email, "activation", code)
    journal.append(session, exchange, "activation.issued", None, account.id)


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
    session.delete(row)


def _fits(exchange: Exchange, account: Account, row: Activation | None, code: str) -> bool:
    if row is None or account.status != INVITED or as_utc(row.expires_at) <= exchange.clock():
        return False
    return secrets.compare_digest(row.code_hash, _hash(exchange, account.id, code))


def _hash(exchange: Exchange, account_id: UUID, code: str) -> bytes:
    plain = "".join(character for character in code.upper() if character.isalnum())
    return exchange.vault.cells.keyed_hash("activation", f"{account_id}:{plain}")


def _new_code() -> str:
    """Twelve letters and digits that nobody takes for one another: 58 bits."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _after_business_days(moment: datetime, days: int) -> datetime:
    """The same hour that many working days later; Saturdays and Sundays are none."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment
