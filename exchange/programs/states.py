"""The files that go to the states: one a state, opened with its first record, all sealed at the end."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.models.accounts import ACTIVE, Organization
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, ocss, sealing
from exchange.vault import SealedWriter
from roles.organizations import OrganizationKind
from schemas.columns import as_lines
from schemas.kinds import Cells, Value
from schemas.record import Layout

Header = Callable[[str], dict[str, Value]]
"""The header's values for a state's file."""
Trailer = Callable[[str, int], dict[str, Value]]
"""The trailer's values for a state and its number of records."""


class StateFiles(AbstractContextManager["StateFiles"]):
    """Outbound files by state, in one layout; nothing of them stays when the block fails."""

    def __init__(self, exchange: Exchange, layout: Layout, header: Header, trailer: Trailer) -> None:
        """Nothing is opened before the first record comes."""
        self.layout = layout
        self._exchange, self._header, self._trailer = exchange, header, trailer
        self._writers: dict[str, SealedWriter] = {}
        self._counts: dict[str, int] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin."""
        self._stack.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; an exception discards every file."""
        self._stack.__exit__(kind, error, trace)

    def write(self, state: str, records: Cells) -> None:
        """Add records (count, length) to a state's file."""
        if state not in self._writers:
            self._writers[state] = self._stack.enter_context(sealing(self._exchange, small=True))
            self._counts[state] = 0
            self._writers[state].write(self.layout.header.render(self._header(state)) + b"\n")
        self._counts[state] += len(records)
        self._writers[state].write(as_lines(records))

    def finish(self, kind: str, filename: Callable[[str], str]) -> tuple[Document, ...]:
        """Seal every file; a state without an organization here has its file kept for it by OCSS."""
        if not self._writers:
            return ()
        with reading(self._exchange.engine) as session:
            outboxes = organizations_of_states(session, self._writers)
            recipients = {state: outboxes.get(state) or ocss(session) for state in sorted(self._writers)}
        return tuple(
            self._document(state, recipient, kind, filename(state)) for state, recipient in recipients.items()
        )

    def _document(self, state: str, organization_id: UUID, kind: str, filename: str) -> Document:
        writer, count = self._writers[state], self._counts[state]
        writer.write(self.layout.trailer.render(self._trailer(state, count)) + b"\n")
        sealed = writer.finish()
        return Document(organization_id, f"{kind}-{state.lower()}", filename, sealed, count, self.layout.slug)


def organizations_of_states(session: Session, named: Collection[str] | None = None) -> dict[str, UUID]:
    """The organization of each state (of those named) that has one here, by USPS code."""
    states = (col(Organization.kind) == OrganizationKind.STATE) & (col(Organization.status) == ACTIVE)
    if named is not None:
        states &= col(Organization.jurisdiction).in_(list(named))
    found: Sequence[tuple[str | None, UUID]] = session.exec(
        select(Organization.jurisdiction, Organization.id).where(states)
    ).all()
    return {state: identifier for state, identifier in found if state}
