"""Organizations and people for tests, each with everything needed to sign in."""

from dataclasses import dataclass

import pyotp

from exchange.accounts import enrolment
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


def make_partner(exchange: Exchange, role: Role, number: int = 1, **more: object) -> Partner:
    """A fresh organization of the role's kind, with one account; `number` keeps names and FEINs apart."""
    kind = next(kind for kind, roles in KIND_ROLES.items() if role in roles)
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
    account, secret = enrolment.create_account(
        exchange,
        enrolment.NewAccount(
            organization_id=organization.id,
            username=f"{role.value}-{number}",
            name=f"Robin Sample {number}",
            role=role,
            password=PASSWORD,
        ),
    )
    return Partner(exchange, organization, account, secret, fein)
