"""What a verified organization told us about itself, put where its own pages keep it."""

from collections.abc import Mapping

from sqlmodel import Session

from exchange.accounts import registration_rows as rows
from exchange.models.accounts import Organization
from exchange.models.organizations import Address
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.purposes import AddressPurpose
from schemas.forms.asked import written_zip

_ELSEWHERE = ("fein", "clients")
"""Facts that have a place of their own."""


def keep(
    session: Session, exchange: Exchange, organization: Organization, answers: Mapping[str, str]
) -> None:
    """Keep the facts of its kind and the address of its office, in the caller's transaction."""
    told = KINDS[OrganizationKind(organization.kind)].facts
    facts = {name: answers.get(name, "") for name in told if name not in _ELSEWHERE}
    rows.note_facts(session, exchange, organization.id, facts)
    second = answers.get("street2", "")
    office = Address(
        organization_id=organization.id,
        purpose=AddressPurpose.OFFICE.value,
        street=answers["street"] + (f", {second}" if second else ""),
        city=answers["city"],
        state=answers["state"],
        zip=written_zip(answers["zip"]),
        changed_at=exchange.clock(),
    )
    session.add(office)
