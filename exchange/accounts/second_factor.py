"""The second factor that is typed: a time-based code (RFC 6238, 5.2) or a recovery code, each once.

Nothing here counts or journals: `exchange.accounts.sign_in` does, for every door alike.
"""

import hmac
import secrets
from uuid import UUID

import pyotp
from sqlmodel import Session, col, delete, func, select, update

from exchange.database import reading, transaction
from exchange.models.accounts import Account
from exchange.models.credentials import RecoveryCode
from exchange.runtime import Exchange

STEP_SECONDS = 30
RECOVERY_CODES = 10
CODE, RECOVERY_CODE = "code", "recovery code"
"""What a journal event calls the factor that was shown."""
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_HALF = 5


def shown(exchange: Exchange, account: Account, given: str) -> str | None:
    """Which factor `given` is, used up by this call; None when it is none of the account's."""
    step = _matching_step(exchange, account, given)
    if step is not None:
        return CODE if use_step(exchange, account.id, step) else None
    return RECOVERY_CODE if _use_recovery_code(exchange, account.id, given) else None


def matching_step(exchange: Exchange, secret: str, given: str) -> int | None:
    """The time step, now or next to it, whose code with this secret was given."""
    now, totp = step_now(exchange), pyotp.TOTP(secret, interval=STEP_SECONDS)
    plain = given.replace(" ", "").encode(errors="replace")
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), plain):
            return step
    return None


def step_now(exchange: Exchange) -> int:
    """The number of the present half minute."""
    return int(exchange.clock().timestamp()) // STEP_SECONDS


def use_step(exchange: Exchange, account_id: UUID, step: int) -> bool:
    """Use a step and all before it up; False when that had happened."""
    unused = (col(Account.id) == account_id) & (col(Account.totp_last_step) < step)
    with transaction(exchange.engine) as session:
        used = update(Account).where(unused).values(totp_last_step=step).returning(col(Account.id))
        return session.execute(used).first() is not None


def seal_secret(exchange: Exchange, account_id: UUID, secret: str) -> bytes:
    """A TOTP secret as the account's row keeps it."""
    return exchange.vault.cells.seal(f"totp:{account_id}", secret)


def next_code(exchange: Exchange, account_id: UUID) -> str:
    """The next unused code of an account, for the demonstration's sign-in page only."""
    with reading(exchange.engine) as session:
        account = session.get(Account, account_id)
    assert exchange.settings.demonstration
    assert account is not None
    step = max(step_now(exchange), account.totp_last_step + 1)
    return pyotp.TOTP(_secret(exchange, account), interval=STEP_SECONDS).generate_otp(step)


def renew_recovery_codes(session: Session, exchange: Exchange, account_id: UUID) -> list[str]:
    """Ten new codes, shown once, in the caller's transaction; earlier ones are void."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(account_id=account_id, code_hash=_hash(exchange, account_id, code)))
    return codes


def recovery_codes_left(session: Session, account_id: UUID) -> int:
    """How many recovery codes were not used yet."""
    mine = select(func.count()).select_from(RecoveryCode).where(col(RecoveryCode.account_id) == account_id)
    return session.exec(mine).one()


def _secret(exchange: Exchange, account: Account) -> str:
    assert account.totp_sealed is not None
    return exchange.vault.cells.open(f"totp:{account.id}", account.totp_sealed)


def _matching_step(exchange: Exchange, account: Account, given: str) -> int | None:
    if account.totp_sealed is None:
        return None
    return matching_step(exchange, _secret(exchange, account), given)


def _use_recovery_code(exchange: Exchange, account_id: UUID, given: str) -> bool:
    wanted = _hash(exchange, account_id, given)
    mine = (col(RecoveryCode.account_id) == account_id) & (col(RecoveryCode.code_hash) == wanted)
    with transaction(exchange.engine) as session:
        used = delete(RecoveryCode).where(mine).returning(col(RecoveryCode.account_id))
        return session.execute(used).first() is not None


def _hash(exchange: Exchange, account_id: UUID, code: str) -> bytes:
    plain = "".join(character for character in code.lower()[:64] if character.isalnum())
    encodable = plain.encode(errors="replace").decode()
    return exchange.vault.cells.keyed_hash("recovery code", f"{account_id}:{encodable}")


def _new_recovery_code() -> str:
    """Ten letters and digits that nobody takes for one another: 49 bits."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF))
    return f"{code[:_HALF]}-{code[_HALF:]}"
