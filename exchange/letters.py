"""Mails to one person: an activation code, a reminder, a warning. What is worded here is all that they say.

A letter is a row, written in the transaction of what it tells, with its address sealed. It holds no name, no
number of a person or a case, and no link but to the portal itself; a code in it is worth nothing alone.
"""

from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

import structlog
from sqlmodel import Session, col, select

from exchange import mail
from exchange.database import reading, transaction
from exchange.models.jobs import Letter
from exchange.reset_letters import RESETS, Wording
from exchange.runtime import Exchange

_AT_ONCE = 1_000
_ADDRESS, _SECRET = "letter.recipient", "letter.secret"
_FOOT = "\n\nDemonstration software. Not a government system. Do not reply.\n"
_log = structlog.get_logger("mail")

LETTERS: dict[str, Wording] = {
    "activation": Wording(
        "Your activation code for the portal",
        "You may activate your account now. Open {link} and enter your username and this code:\n\n"
        "    {secret}\n\n"
        "It works once, until {until}. Your username is not in this mail on purpose: you chose it, "
        "or whoever invited you tells you.",
        "/activate",
    ),
    **{
        event: Wording(
            subject, f"{what}\n\nIf you did not expect this, speak to your administrators. {{link}}", path
        )
        for event, subject, what, path in (
            (
                "account-corrected",
                "Your name was corrected",
                "An administrator corrected the name of your account.",
                "/account",
            ),
            ("account-suspended", "Your access is suspended", "An administrator suspended your access.", "/"),
            (
                "account-reactivated",
                "Your access is back",
                "An administrator gave your access back.",
                "/sign-in",
            ),
            (
                "account-removed",
                "Your access has ended",
                "An administrator ended your access. Your sessions, keys and tokens work no more.",
                "/",
            ),
            (
                "administrator-made",
                "You are an administrator now",
                "You look after the people of your organization from now on.",
                "/organization/people",
            ),
            (
                "administrator-ended",
                "You are no administrator any more",
                "You no longer look after the people of your organization.",
                "/home",
            ),
            ("key-added", "A key was added", "An SFTP key was added to your account.", "/account/keys"),
            ("key-revoked", "A key was taken back", "An SFTP key of yours works no more.", "/account/keys"),
            (
                "authority-added",
                "A certificate authority was added",
                "From now on your organization's people may come by SFTP with certificates that it signs.",
                "/organization/authorities",
            ),
            (
                "authority-revoked",
                "A certificate authority was taken back",
                "Certificates that it signed let nobody in by SFTP any more.",
                "/organization/authorities",
            ),
            (
                "authority-lapses",
                "A certificate authority lapses within 30 days",
                "Certificates that it signs then let nobody in by SFTP any more. Add its successor before.",
                "/organization/authorities",
            ),
            (
                "token-issued",
                "A token was issued",
                "An API token was issued for your account.",
                "/account/tokens",
            ),
            (
                "token-revoked",
                "A token was taken back",
                "An API token of yours works no more.",
                "/account/tokens",
            ),
            (
                "mandate-asked",
                "Somebody asks to act for your organization",
                "An organization asks to hand in files in your name. Only you can agree to that.",
                "/organization/clients",
            ),
            (
                "representation-changed",
                "Who acts for whom has changed",
                "An agreement to hand in files for an organization began or ended.",
                "/organization/clients",
            ),
            (
                "details-changed",
                "A contact or an address of your organization was changed",
                "Somebody who acts for your organization did that at the portal.",
                "/organization/earlier",
            ),
            (
                "multistate-changed",
                "Your multistate registration was handed in, changed or ended",
                "Somebody who acts for your organization did that at the portal.",
                "/multistate",
            ),
            (
                "networks-changed",
                "Networks were changed",
                "The networks that your organization's people may come from were changed.",
                "/organization/networks",
            ),
            (
                "locate-cleared",
                "OCSS has said what you may do in locate",
                "No colleague of yours could do so. Your page under People says it. Not expected? Call OCSS.",
                "/organization/people",
            ),
            (
                "organization-made",
                "Your organization has its place in the portal",
                "OCSS made it. Its people come in through your own sign-on as soon as that is connected.",
                "/sign-on",
            ),
            (
                "confirm-organization",
                "Look through your organization's page",
                "Every six months we ask whether contacts, addresses and numbers are still right.",
                "/organization",
            ),
        )
    },
    **RESETS,
    "registration-code": Wording(
        "Confirm your email address",
        "Somebody, you we hope, registers at the portal with this address. Enter this code on the page that "
        "asks for it:\n\n    {secret}\n\nIt works for one hour. If it was not you, do nothing.",
    ),
    "registration-saved": Wording(
        "Your registration is saved",
        "What you answered is kept for thirty days. To go on, also later or on another computer, open {link} "
        "and enter this code:\n\n    {secret}\n\nIt also shows what became of your registration. "
        "Keep it to yourself.",
        "/register/return",
    ),
    "registration-submitted": Wording(
        "We have your registration",
        "You hear from us within seven business days. To see where it stands, open {link} and enter the code "
        "of our earlier letter.",
        "/register/return",
    ),
    "registration-returned": Wording(
        "Your registration needs something from you",
        "We have a question about your registration. Open {link}, enter the code of our earlier letter, "
        "answer and submit it again.",
        "/register/return",
    ),
    "registration-denied": Wording(
        "Your registration was not approved",
        "The reason stands on the page of your registration. Open {link} and enter the code of our earlier "
        "letter.",
        "/register/return",
    ),
    "join-requested": Wording(
        "Somebody asks to join your organization",
        "A person who registered with the number of your organization waits for your decision. Sign in and "
        "open {link}.",
        "/organization/joins",
    ),
    "credentials": Wording(
        "What you sign in with was changed",
        "A password, an authenticator app, a passkey or the recovery codes of your account were changed just "
        "now. If that was you, there is nothing to do.\n\nIf it was not, tell your organization's "
        "administrator at once and sign in to see what was done: {link}",
        "/account/history",
    ),
    "address-code": Wording(
        "Confirm the new address for your letters",
        "Somebody, you we hope, wants letters of the portal to go to this address. Open {link} where you are "
        "signed in and enter this code:\n\n    {secret}\n\nIt works once, within an hour. If it was not you, "
        "do nothing: without the code nothing changes.",
        "/account/address",
    ),
    "address-changed": Wording(
        "Your letters go to another address now",
        "The address for letters of your account was changed just now; this is the last letter to this one. "
        "If that was you, there is nothing to do.\n\nIf it was not, somebody else is in your account: call "
        "your organization's administrator at once, and sign in to see what was done: {link}",
        "/account/history",
    ),
    "username": Wording(
        "Your username for the portal",
        "Somebody, you we hope, asked for the username that belongs to this address:\n\n    {secret}\n\n"
        "Sign in: {link}",
    ),
    "reset": Wording(
        "A code to set a new password",
        "Open {link} and enter your username and this code, and a code of your authenticator app:\n\n"
        "    {secret}\n\nIt works once, within an hour. Did you not ask for it? Then do nothing: "
        "without your second factor it opens nothing.",
        "/forgot/password/reset",
    ),
    "new-device": Wording(
        "Somebody signed in to your account from a new device",
        "If that was you, there is nothing to do.\n\nIf it was not, sign in, end that session and "
        "change your password: {link}",
        "/account/sessions",
    ),
    **{
        f"space-{mark}": Wording(
            f"{mark} percent of your organization's space are used",
            f"Your organization has used {mark} percent of its space at the portal. {what}\n\n"
            "Throw away unfinished uploads that nobody needs, or ask OCSS for more space: {link}",
            "/files",
        )
        for mark, what in (
            (80, "Nothing is refused so far."),
            (95, "Soon no file can be handed over any more, at any door."),
        )
    },
    "host-keys-next": Wording(
        "The SFTP gateway will prove itself with other keys",
        "From\n\n    {secret}\n\non the SFTP gateway proves itself with other host keys. They stand on your "
        "page of SFTP keys beside those in use: {link}\n\nHave every program that connects know them before "
        "that time, or it will refuse to connect. OpenSSH from version 8.5 on learns them by itself.",
        "/account/keys",
    ),
    "host-keys-changed": Wording(
        "The SFTP gateway proves itself with other keys now",
        "OCSS had to change the host keys of the SFTP gateway without notice. Programs that know only the "
        "old ones refuse to connect, and are right to. Compare with your page of SFTP keys, then give them "
        "the new ones, and have none trust the old ones any more: {link}",
        "/account/keys",
    ),
    "host-keys-stay": Wording(
        "The SFTP gateway keeps its keys",
        "The host keys that were announced will not be used. Take them out of what your programs trust; "
        "those in use stay: {link}",
        "/account/keys",
    ),
    "idle": Wording(
        "Your account will lapse",
        "You have not signed in for a long time. In two weeks your account is closed, unless you sign in "
        "before: {link}",
    ),
    "confirm": Wording(
        "Do you still need your account?",
        "Every 180 days we ask everybody. Sign in and answer: {link}",
        "/account/confirm",
    ),
    "guide-review": Wording(
        "Is your part of the reference guide still right?",
        "Nobody has looked at {secret} of the reference guide for a year that your organization keeps. Sign "
        "in, look through what is due, and say of each that it is still right or change it: {link}\n\n"
        "We write once a month at most while anything is due.",
        "/guide/keep",
    ),
    "lapsed": Wording(
        "Your account has lapsed",
        "It was not used, or nobody said that it is still needed. Should you need it again, ask your "
        "organization's administrator to invite you again; your username stays. {link}",
        "/",
    ),
}
"""By event. Whoever has something new to say adds a line."""


def write(session: Session, exchange: Exchange, recipient: str | None, event: str, secret: str = "") -> None:
    """Note, in the caller's transaction, that a letter is to go to `recipient`. `event` is one of LETTERS.

    Who has no address gets none.
    """
    assert event in LETTERS, event
    if not recipient:
        return
    cells = exchange.vault.cells
    letter = Letter(
        event=event,
        recipient_sealed=cells.seal(_ADDRESS, recipient),
        secret_sealed=cells.seal(_SECRET, secret) if secret else None,
        created_at=exchange.clock(),
    )
    session.add(letter)


def send_waiting(exchange: Exchange) -> int:
    """Send what waits; returns how many went. One that fails stays waiting and holds up nobody else's."""
    with reading(exchange.engine) as session:
        waiting = select(Letter).where(col(Letter.sent_at).is_(None)).order_by(col(Letter.created_at))
        letters = session.exec(waiting.limit(_AT_ONCE)).all()
    return sum(_send(exchange, letter) for letter in letters)


def _send(exchange: Exchange, letter: Letter) -> bool:
    try:
        mail.post(exchange, _composed(exchange, letter))
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors, an unusable address a ValueError
        _log.warning("letter.failed", letter_id=str(letter.id), error=type(error).__name__)
        return False
    _note_sent(exchange, letter.id)
    return True


def _note_sent(exchange: Exchange, letter_id: UUID) -> None:
    """A letter that went keeps no secret."""
    with transaction(exchange.engine) as session:
        row = session.get_one(Letter, letter_id)
        row.sent_at, row.secret_sealed = exchange.clock(), None


def _composed(exchange: Exchange, letter: Letter) -> EmailMessage:
    cells, wording, composed = exchange.vault.cells, LETTERS[letter.event], EmailMessage()
    secret = cells.open(_SECRET, letter.secret_sealed) if letter.secret_sealed else ""
    composed["Subject"], composed["From"] = wording.subject, exchange.settings.mail_from
    composed["To"] = cells.open(_ADDRESS, letter.recipient_sealed)
    composed["Date"] = format_datetime(exchange.clock())
    said, _, until = secret.partition("\n")
    link = mail.address_of(exchange, wording.path)
    composed.set_content(wording.body.format(link=link, secret=said, until=until) + _FOOT)
    return composed
