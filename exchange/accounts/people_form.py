"""What an administrator fills in to invite somebody, and what is wrong with it, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from exchange.accounts.answers import answers
from exchange.accounts.enrolment import Invitation
from exchange.errors import FieldsRefusedError
from exchange.models.accounts import Account
from roles.permissions import Role
from roles.policy import VisibleOrganization
from schemas.forms.registration import FIRST_PERSON

USERNAME_TAKEN = "This username is taken; choose another one"


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
    typed = {"name": asked.name, "email": asked.email, "username": asked.username}
    role = "" if asked.role in roles else "Choose one of the roles that your organization has"
    said = answers(FIRST_PERSON, typed, role=role)
    if session.exec(select(Account.id).where(Account.username == said["username"])).first() is not None:
        raise FieldsRefusedError({"username": USERNAME_TAKEN})
    return Invitation(
        visible, said["username"], said["name"], Role(asked.role), said["email"], asked.administrator
    )
