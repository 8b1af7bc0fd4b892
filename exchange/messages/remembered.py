"""What the files of one message are called, kept for whoever fetches all of them one after the other.

Names are sealed each by itself, so that to find one of ten thousand means to open ten thousand. A message and
its files never change; whether somebody may have them is asked each time.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar
from uuid import UUID

Shown = TypeVar("Shown")


class LastMessage(Generic[Shown]):
    """The files of the message that was asked for last in this process, by name."""

    def __init__(self) -> None:
        self._known: tuple[UUID, Mapping[str, Shown]] | None = None

    def files(self, message_id: UUID, look: Callable[[], Mapping[str, Shown]]) -> Mapping[str, Shown]:
        """Those of a message, looked up where it is not the last one."""
        known = self._known
        if known is None or known[0] != message_id:
            known = self._known = (message_id, look())
        return known[1]
