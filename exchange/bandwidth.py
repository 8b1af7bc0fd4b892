"""How fast the SFTP connections of one organization may be, all together."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.models.accounts import Organization
from exchange.models.limits import Bandwidth
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, authorize

LEAST, MOST = 10, 10_000_000
"""Kilobytes (1,000 bytes) a second that can be set, beside 0 for no limit."""
_KILOBYTE = 1000
_OWN = select(Bandwidth.bytes_per_second).where(col(Bandwidth.organization_id) == bindparam("organization"))


def allowed(exchange: Exchange, organization_id: UUID) -> int:
    """Bytes a second of an organization; 0 for no limit."""
    own = own_limit(exchange, organization_id)
    return exchange.settings.sftp_bandwidth if own is None else own


def own_limit(exchange: Exchange, organization_id: UUID) -> int | None:
    """What was set for just this organization, in bytes a second; None when the settings' limit counts."""
    with reading(exchange.engine) as session:
        return own(session, organization_id)


def own(session: Session, organization_id: UUID) -> int | None:
    """As `own_limit`, for whoever is reading already."""
    found: int | None = session.connection().execute(_OWN, {"organization": organization_id}).scalar()
    return found


def limit(exchange: Exchange, actor: Actor, organization_id: UUID, kilobytes: str) -> None:
    """Set it as typed, in kilobytes a second: "0" for no limit, nothing for the settings' limit.

    Connections that are open follow within three seconds. Raises `FieldsRefusedError` for anything else.
    """
    authorize(actor, Permission.CONNECTION_OVERSEE)
    wanted = _read(kilobytes.strip())
    with transaction(exchange.engine) as session:
        if session.get(Organization, organization_id) is None:
            raise RecordNotFoundError
        _keep(session, exchange, organization_id, wanted)
        facts = {"bytes_per_second": wanted}
        journal.append(session, exchange, "organization.bandwidth", actor, organization_id, **facts)


def _read(typed: str) -> int | None:
    if not typed:
        return None
    if typed.isascii() and typed.isdigit() and len(typed) < 9:
        number = int(typed)
        if number == 0 or LEAST <= number <= MOST:
            return number * _KILOBYTE
    raise FieldsRefusedError(
        {"kilobytes": f"Enter 0, or a whole number from {LEAST} to {MOST:,}, or nothing"}
    )


def _keep(session: Session, exchange: Exchange, organization_id: UUID, wanted: int | None) -> None:
    row = session.get(Bandwidth, organization_id)
    if wanted is None:
        if row is not None:
            session.delete(row)
        return
    now = exchange.clock()
    row = row or Bandwidth(organization_id=organization_id, bytes_per_second=0, changed_at=now)
    row.bytes_per_second, row.changed_at = wanted, now
    session.add(row)
