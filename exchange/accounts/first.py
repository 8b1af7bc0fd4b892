"""The first administrator of an installation, made once by whoever has the machine in hand."""

from dataclasses import dataclass

from sqlmodel import col, select

from exchange.accounts import enrolment
from exchange.accounts.enrolment import NewAccount, NewOrganization
from exchange.database import reading
from exchange.errors import NotNowError
from exchange.models.accounts import REMOVED, Account, Organization
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.oversight import NEEDS_TWO
from roles.permissions import Role

OCSS = "Office of Child Support Services"


@dataclass(frozen=True)
class First:
    """Who the first administrator is to be."""

    username: str
    name: str
    email: str
    password: str


def create(exchange: Exchange, new: First) -> tuple[Account, str]:
    """Make OCSS, unless there is one, and its first administrator; returns the account and its TOTP secret.

    Raises `NotNowError` when there is an administrator, `RequestInvalidError` or
    `PasswordRefusedError` for an unfit name or password.
    """
    with reading(exchange.engine) as session:
        heads = select(Account.id).where(col(Account.role).in_(NEEDS_TWO), Account.status != REMOVED)
        if session.exec(heads).first() is not None:
            raise NotNowError(why="there is an OCSS administrator; two in the portal appoint another one")
        ocss = session.exec(select(Organization).where(Organization.kind == OrganizationKind.OCSS)).first()
    if ocss is None:
        ocss = enrolment.create_organization(exchange, NewOrganization(OrganizationKind.OCSS, OCSS))
    account = NewAccount(
        ocss.id,
        new.username,
        new.name,
        Role.OCSS_ADMINISTRATOR,
        new.password,
        new.email,
        administrator=True,
    )
    return enrolment.create_with_chosen_password(exchange, account)
