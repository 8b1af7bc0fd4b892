"""What a verified organization told us about itself, put where its own pages keep it."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, select

from exchange import letters
from exchange.accounts import registration_rows as rows
from exchange.models.accounts import Account, Organization
from exchange.models.organizations import Address, Mandate
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.purposes import AddressPurpose

_ELSEWHERE = ("fein", "clients")
"""Facts that have a place of their own."""


def keep(
    session: Session, exchange: Exchange, organization: Organization, answers: Mapping[str, str]
) -> None:
    """Keep the facts of its kind and the address of its office, in the caller's transaction."""
    told = KINDS[OrganizationKind(organization.kind)].facts
    facts = {name: answers.get(name, "") for name in told if name not in _ELSEWHERE}
    rows.note_facts(session, exchange, organization.id, facts)
    second, zip_code = answers.get("street2", ""), answers["zip"]
    office = Address(
        organization_id=organization.id,
        purpose=AddressPurpose.OFFICE.value,
        street=answers["street"] + (f", {second}" if second else ""),
        city=answers["city"],
        state=answers["state"],
        zip=zip_code if len(zip_code) == 5 else f"{zip_code[:5]}-{zip_code[5:]}",
        changed_at=exchange.clock(),
    )
    session.add(office)


def ask_clients(session: Session, exchange: Exchange, account: Account, feins: str) -> None:
    """Ask each client that was named, on behalf of the new account, to let its organization act for it."""
    for fein in feins.split():
        row = Mandate(
            transmitter_id=account.organization_id,
            fein_sealed=b"",
            fein_hash=exchange.vault.cells.keyed_hash("fein", fein),
            asked_at=exchange.clock(),
            asked_by=account.id,
        )
        row.fein_sealed = exchange.vault.cells.seal(f"mandate:{row.id}", fein)
        session.add(row)
        _tell(session, exchange, row.fein_hash)


def _tell(session: Session, exchange: Exchange, fein_hash: bytes) -> None:
    known = select(Organization.id).where(Organization.fein_hash == fein_hash)
    clients: list[UUID] = list(session.exec(known))
    for administrator in (one for client in clients for one in rows.administrators(session, client)):
        if administrator.email:
            letters.write(session, exchange, administrator.email, "mandate-asked")
