"""Forgotten username or password: letters to the person's own address, and never a knowledge question.

Asking does the same work and gets the same words whether or not there is such an account: it leaves a sealed
slip, and a worker looks later whom it concerns. A new password takes the letter's code and a second factor.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from exchange import codes, journal, letters
from exchange.accounts import activation, credentials, ending, passkeys, shared, sign_in, throttle, tickets
from exchange.accounts.passkeys import Answer
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tickets import Content
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError
from exchange.models.accounts import ACTIVE, Account
from exchange.models.credentials import Ticket
from exchange.runtime import Exchange

USERNAME, PASSWORD = "username", "password"
_ASKED, _RESET = "forgotten", "reset"
_ANSWERED_WITHIN = timedelta(hours=1)
_RESET_TIME = timedelta(hours=1)
_NOT_AGAIN_FOR = timedelta(minutes=5)
_LONGEST = 254
_MOST = 5
"""Usernames told in one letter's time: more accounts than that do not share an address."""


def ask(exchange: Exchange, what: str, text: str, attempt: Attempt) -> None:
    """Ask for the usernames of an address, or for a new password of a username.

    Counted against the source; raises `TooManyAttemptsError`.
    """
    throttle.check(exchange, attempt.source)
    throttle.record_failure(exchange, attempt.source)
    said = Content(None, {"what": what, "text": text[:_LONGEST], "source": attempt.source})
    with transaction(exchange.engine) as session:
        tickets.issue(session, exchange, _ASKED, said, _ANSWERED_WITHIN)


def answer_waiting(exchange: Exchange) -> int:
    """Write the letters that were asked for; returns how many slips were looked at. A worker's chore."""
    slips = tickets.waiting(exchange, _ASKED)
    for key, content in slips:
        with transaction(exchange.engine) as session:
            if tickets.take(session, key):
                _answer(session, exchange, content.said)
    return len(slips)


def reset(
    exchange: Exchange, username: str, shown: tuple[str, str | Answer], password: str, attempt: Attempt
) -> None:
    """Set a new password; `shown`: the letter's code, and a code or a passkey. Ends every session.

    Raises `SignInRefusedError` or `TooManyAttemptsError` for a wrong code, `PasswordRefusedError` for a
    password that cannot be used, which uses up neither code.
    """
    name = sign_in.normalise(username)
    shared.refuse(exchange, name)
    throttle.check(exchange, attempt.source, name)
    with reading(exchange.engine) as session:
        account = session.exec(select(Account).where(Account.username == name)).first()
    token = _token(account.id, shown[0]) if account else ""
    try:
        tickets.read(exchange, _RESET, token)
    except NotSignedInError:
        raise sign_in.refuse(exchange, name, attempt, "reset") from None
    assert account is not None
    hashed = credentials.hash_of_new_password(exchange, account, password)
    _show_factor(exchange, account, shown[1], attempt)
    with transaction(exchange.engine) as session:
        tickets.use(session, exchange, _RESET, token)
        credentials.change(session, exchange, account, password_hash=hashed)
        ending.sessions(session, account.id)
        throttle.forget(session, exchange, name)
        credentials.note(session, exchange, account, None, "password.changed")


def _show_factor(exchange: Exchange, account: Account, factor: str | Answer, attempt: Attempt) -> None:
    if isinstance(factor, Answer):
        passkeys.show(exchange, account, factor, attempt)
    else:
        sign_in.show_factor(exchange, account.id, account.username, factor, attempt)


def _answer(session: Session, exchange: Exchange, said: dict[str, str]) -> None:
    known = (
        Account.status == ACTIVE,
        col(Account.password_hash).is_not(None),
        col(Account.email).is_not(None),
    )
    if said["what"] == USERNAME:
        theirs = func.lower(Account.email) == said["text"].lower()
        for one in session.exec(select(Account).where(*known, theirs).limit(_MOST)):
            assert one.email
            letters.write(session, exchange, one.email, "username", one.username)
            _note(session, exchange, one, "username.told", said)
        return
    named = select(Account).where(*known, Account.username == sign_in.normalise(said["text"]))
    account = session.exec(named).first()
    if account is not None and not _was_told_lately(session, exchange, account):
        _send_code(session, exchange, account)
        _note(session, exchange, account, "reset.asked", said)


def _note(session: Session, exchange: Exchange, account: Account, kind: str, said: dict[str, str]) -> None:
    journal.append(session, exchange, kind, None, account.id, source=said["source"], channel="web")


def _was_told_lately(session: Session, exchange: Exchange, account: Account) -> bool:
    since = exchange.clock() - _NOT_AGAIN_FOR
    mine = (Ticket.purpose == _RESET, Ticket.account_id == account.id, Ticket.created_at > since)
    return session.exec(select(Ticket.created_at).where(*mine)).first() is not None


def _send_code(session: Session, exchange: Exchange, account: Account) -> None:
    assert account.email
    code = codes.new_code(activation.GROUPS)
    made = Content(account.id, {}), _RESET_TIME
    tickets.issue_for(session, exchange, _RESET, _token(account.id, code), made)
    letters.write(session, exchange, account.email, "reset", code)


def _token(account_id: UUID, code: str) -> str:
    return f"{account_id}:{codes.plain(code)}"
