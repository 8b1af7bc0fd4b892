"""Makes the demonstration's organizations and accounts, and what each account signs in with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.demo.roster import COMPANIES, PEOPLE, REPRESENTED, WANTED, Company, Person
from deploy.passphrase import passphrase
from exchange.accounts import clients, directory, enrolment, rules
from exchange.accounts.enrolment import NewAccount, NewOrganization
from exchange.accounts.identity import actor_of
from exchange.accounts.shared import LABEL
from exchange.registry.agencies import AGENCIES
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import ROLES
from roles.policy import Channel
from sftp_gateway.host_keys import new_client_key


@dataclass(frozen=True)
class Enrolled:
    """One account with everything it signs in with; `as_json` is its entry in demo.json."""

    person: Person
    organization: str
    password: str
    totp_secret: str
    api_token: str
    private_key: Path | None

    def as_json(self) -> dict[str, Any]:
        """The account as the contract has it; `sftp` only where the role may use that door."""
        entry = {
            "role": self.person.role.value,
            "organization": self.organization,
            "name": self.person.name,
            "username": self.person.username,
            "password": self.password,
            "totp_secret": self.totp_secret,
            "api_token": self.api_token,
        }
        if self.private_key is None:
            return entry
        return {**entry, "sftp": {"username": self.person.username, "private_key": str(self.private_key)}}


def companies() -> tuple[Company, ...]:
    """All organizations: the roster's, and the child support agency of every state."""
    agencies = (
        Company(agency.state, OrganizationKind.STATE, agency.name, jurisdiction=agency.state)
        for agency in AGENCIES.values()
    )
    return (*COMPANIES, *agencies)


def enrol(exchange: Exchange, keys: Path, advance: Callable[[int], None]) -> list[Enrolled]:
    """Make everybody; private SSH keys are written under `keys`, readable by their owner only."""
    made: dict[str, tuple[UUID, str]] = {}
    for company in companies():
        made[company.key] = (_organization(exchange, company), company.name)
        advance(1)
    for transmitter, client in REPRESENTED:
        enrolment.represent(exchange, made[transmitter][0], made[client][0])
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    enrolled = []
    for person in PEOPLE:
        enrolled.append(_account(exchange, person, made[person.company], keys))
        advance(1)
    _ask_clients(exchange)
    return enrolled


def _ask_clients(exchange: Exchange) -> None:
    """Leave requests that wait for their clients' answer."""
    numbers = {company.key: company.fein for company in COMPANIES}
    for agent, client in WANTED:
        username = next(person.username for person in PEOPLE if person.company == agent)
        actor = actor_of(exchange, directory.account(exchange, username).id, Channel.WEB, "127.0.0.1")
        clients.ask(exchange, actor, numbers[client] or "")


def _organization(exchange: Exchange, company: Company) -> UUID:
    return enrolment.create_organization(
        exchange,
        NewOrganization(
            kind=company.kind,
            name=company.name,
            fein=company.fein,
            jurisdiction=company.jurisdiction,
            match_method=company.match_method,
            notices_to=f"exchange.{company.key.lower()}@example.org",
        ),
    ).id


def _account(exchange: Exchange, person: Person, organization: tuple[UUID, str], keys: Path) -> Enrolled:
    password = passphrase()
    new = NewAccount(
        organization_id=organization[0],
        username=person.username,
        name=person.name,
        role=person.role,
        password=password,
        email=f"{person.username}@example.org",
        administrator=person.administrator,
    )
    account, secret = enrolment.create_account(exchange, new)
    rules.accept(exchange, account.id, None)  # so that a visitor is inside in one click
    token = enrolment.issue_token(exchange, account.id, LABEL)
    key = _key(exchange, account.id, keys / person.username) if ROLES[person.role].uses_sftp else None
    return Enrolled(person, organization[1], password, secret, token, key)


def _key(exchange: Exchange, account_id: UUID, path: Path) -> Path:
    enrolment.add_ssh_key(exchange, account_id, new_client_key(path), LABEL)
    return path
