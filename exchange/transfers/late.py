"""What only the second pass over a file found, since something else came between: it is told like the rest.

Two files may answer one order at a moment; an employer may be suspended while its orders are on their way.
"""

from collections.abc import Callable, Sequence

from sqlmodel import Session, col, func, select

from exchange.database import reading
from exchange.models import transfers as models
from exchange.models.transfers import Transfer
from exchange.registry.bulk import insert_rows, table_of
from exchange.runtime import Exchange
from exchange.transfers import findings_at_rest
from schemas.findings import Finding

MOST = 1_000
"""So many findings of a second pass are compared with those of the first."""


def unknown(
    exchange: Exchange, row: Transfer, found: Sequence[Finding], unwritten: Sequence[Finding] | None = None
) -> list[Finding]:
    """Those that are not among the findings stored with the file, or else among its `unwritten` ones."""
    if not found:
        return []
    known = (
        _stored(exchange, row, found) if unwritten is None else {(one.line, one.code) for one in unwritten}
    )
    return [one for one in found if (one.line, one.code) not in known]


def _stored(exchange: Exchange, row: Transfer, found: Sequence[Finding]) -> set[tuple[int, str]]:
    """Line and code of the stored findings, as far as they may be some of these."""
    stored = select(models.Finding.line, models.Finding.code).where(
        models.Finding.transfer_id == row.id, col(models.Finding.code).in_({one.code for one in found})
    )
    with reading(exchange.engine) as session:
        return {(line, code) for line, code in session.exec(stored)}


def storing(exchange: Exchange, row: Transfer, late: Sequence[Finding]) -> Callable[[Session], None]:
    """What writes them behind the others, in the caller's transaction."""

    def store(session: Session) -> None:
        if not late:
            return
        mine = select(func.max(models.Finding.sequence)).where(models.Finding.transfer_id == row.id)
        after = session.exec(mine).one() or 0
        rows = findings_at_rest.sealed(exchange, row.id, late, after)
        insert_rows(session, table_of(models.Finding), findings_at_rest.COLUMNS, rows)

    return store
