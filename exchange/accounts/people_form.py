"""What an administrator fills in to invite somebody, and what is wrong with it, field by field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from exchange.accounts.enrolment import Invitation
from exchange.accounts.sign_in import normalise
from exchange.errors import FieldsRefusedError
from exchange.models.accounts import Account
from roles.permissions import Role
from roles.policy import VisibleOrganization

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LONGEST_NAME = 100


@dataclass(frozen=True)
class Asked:
    """The form as it was filled in."""

    username: str
    name: str
    email: str
    role: str
    administrator: bool


def checked(
    session: Session, asked: Asked, visible: VisibleOrganization, roles: Sequence[Role]
) -> Invitation:
    """The invitation that was asked for; `FieldsRefusedError` with all that is wrong with it."""
    username = normalise(asked.username)
    _refuse(
        _details(asked.name, asked.email)
        | {
            "username": _wrong_username(session, username),
            "role": "" if asked.role in roles else "Choose one of the roles that your organization has",
        }
    )
    return Invitation(visible, username, asked.name, Role(asked.role), asked.email, asked.administrator)


def refuse_details(name: str, email: str) -> None:
    """Raise `FieldsRefusedError` with what is wrong with somebody's name and address."""
    _refuse(_details(name, email))


def _details(name: str, email: str) -> dict[str, str]:
    return {
        "name": "" if 1 <= len(name) <= LONGEST_NAME else "Enter the person's name",
        "email": "" if is_email(email) else "Enter an email address, such as name@example.org",
    }


def _refuse(problems: dict[str, str]) -> None:
    if found := {field: text for field, text in problems.items() if text}:
        raise FieldsRefusedError(found)


def is_email(text: str) -> bool:
    """Whether letters can go there."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


def _wrong_username(session: Session, username: str) -> str:
    if not USERNAME.fullmatch(username):
        return "Use 3 to 64 letters, digits, dots, hyphens or underscores, beginning with a letter or digit"
    if session.exec(select(Account.id).where(Account.username == username)).first() is not None:
        return "This username is taken; choose another one"
    return ""
