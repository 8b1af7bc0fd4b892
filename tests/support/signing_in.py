"""Signing in through the functions that every door calls."""

from exchange.accounts import sign_in
from exchange.accounts.sign_in import Attempt
from exchange.runtime import Exchange
from roles.policy import Actor, Channel
from tests.support.partners import Partner

WEB = Attempt(Channel.WEB, "192.0.2.1")
SFTP = Attempt(Channel.SFTP, "192.0.2.1")


def enter(
    exchange: Exchange,
    partner: Partner,
    *,
    password: str | None = None,
    code: str | None = None,
    attempt: Attempt = WEB,
) -> Actor:
    """Sign in by password and code, the right ones unless others are given."""
    given = partner.password if password is None else password
    passed = sign_in.check_password(exchange, partner.account.username, given, attempt)
    return sign_in.check_code(exchange, passed, partner.code() if code is None else code, attempt)
