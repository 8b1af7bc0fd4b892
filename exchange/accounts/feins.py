"""The FEINs of organizations: sealed, found by keyed hash, shown by their last four digits."""

import re
from collections.abc import Iterable

from sqlmodel import Session, col, select

from exchange.models.accounts import Organization
from exchange.models.organizations import Mandate, Subsidiary
from exchange.runtime import Exchange

FEIN = re.compile(r"[0-9]{9}")


def plain(typed: str) -> str:
    """A FEIN as it was typed, without spaces and hyphens."""
    return typed.replace(" ", "").replace("-", "") if typed.isascii() else ""


def masked(fein: str) -> str:
    """What pages show of a FEIN."""
    return f"••-•••{fein[-4:]}"


def open_mandate(exchange: Exchange, row: Mandate) -> str:
    """The FEIN that a request names."""
    return exchange.vault.cells.open(f"mandate:{row.id}", row.fein_sealed)


def open_own(exchange: Exchange, row: Organization) -> str | None:
    """The FEIN of an organization that has one."""
    return exchange.vault.cells.open(f"fein:{row.id}", row.fein_sealed) if row.fein_sealed else None


def open_subsidiary(exchange: Exchange, row: Subsidiary) -> str:
    """The FEIN of a subsidiary."""
    return exchange.vault.cells.open(f"fein:{row.id}", row.fein_sealed)


def verified(session: Session, organizations: Iterable[Organization]) -> list[Subsidiary]:
    """The subsidiaries that OCSS has verified, in the order of their names."""
    owners = [one.id for one in organizations]
    if not owners:
        return []
    theirs = select(Subsidiary).where(
        col(Subsidiary.organization_id).in_(owners), col(Subsidiary.verified_at).is_not(None)
    )
    return list(session.exec(theirs.order_by(col(Subsidiary.name))))


def hashes_of(session: Session, organization: Organization) -> list[bytes]:
    """The keyed hashes of every number that is the organization's own."""
    own = [organization.fein_hash] if organization.fein_hash else []
    return [*own, *(one.fein_hash for one in verified(session, [organization]))]
