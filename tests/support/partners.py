"""Organizations and people for tests, each with everything needed to sign in."""

from dataclasses import dataclass

import pyotp

from exchange.accounts import enrolment, rules
from exchange.accounts.identity import actor_of
from exchange.models.accounts import Account, Organization
from exchange.runtime import Exchange
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.permissions import Role
from roles.policy import Actor, Channel

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Partner:
    """One account and its organization; `actor` is its identity at the web door."""

    exchange: Exchange
    organization: Organization
    account: Account
    totp_secret: str
    fein: str
    password: str = PASSWORD

    @property
    def actor(self) -> Actor:
        return self.through(Channel.WEB)

    def through(self, channel: Channel) -> Actor:
        return actor_of(self.exchange, self.account.id, channel, "127.0.0.1")

    def code(self, steps_ahead: int = 0) -> str:
        moment = self.exchange.clock()
        return pyotp.TOTP(self.totp_secret).at(moment, counter_offset=steps_ahead)

    def token(self) -> str:
        return enrolment.issue_token(self.exchange, self.account.id, "test")


def make_partner(
    exchange: Exchange,
    role: Role,
    number: int = 1,
    *,
    kind: OrganizationKind | None = None,
    administrator: bool = False,
    **more: object,
) -> Partner:
    """A fresh organization of the role's kind, with one account; `number` keeps names and FEINs apart."""
    kind = kind or next(kind for kind, roles in KIND_ROLES.items() if role in roles)
    fein = f"00{list(OrganizationKind).index(kind):02d}{number:05d}"
    organization = enrolment.create_organization(
        exchange,
        enrolment.NewOrganization(
            kind=kind,
            name=f"Sample {kind.value} {number}",
            fein=fein,
            notices_to=f"notices{number}@{kind.value.replace('_', '-')}.example.org",
            **more,
        ),
    )
    username = f"{role.value}-{number}"
    account, secret = _make_account(exchange, organization, role, username, administrator=administrator)
    return Partner(exchange, organization, account, secret, fein)


def make_colleague(
    of: Partner, name: str, role: Role | None = None, *, administrator: bool = False
) -> Partner:
    """Somebody else of the same organization; `name` is also the username."""
    given = role or Role(of.account.role)
    account, secret = _make_account(of.exchange, of.organization, given, name, administrator=administrator)
    return Partner(of.exchange, of.organization, account, secret, of.fein)


def _make_account(
    exchange: Exchange, organization: Organization, role: Role, username: str, *, administrator: bool
) -> tuple[Account, str]:
    new = enrolment.NewAccount(
        organization_id=organization.id,
        username=username,
        name=f"Robin Sample {username.rpartition('-')[2]}",
        role=role,
        password=PASSWORD,
        email=f"{username}@example.org",
        administrator=administrator,
    )
    made = enrolment.create_account(exchange, new)
    rules.accept(exchange, made[0].id, None)
    return made
