"""The bandwidth of an organization, shared fairly by its connections on this machine, without a busy wait.

All of them keep one moment in common, up to which bandwidth was given away. Whoever moved bytes pushes it on
by what they cost and rests until then, before it moves more: as many as want something take turns, and what
nobody wants is free for the others. Each connection is a process, so only the one that rests is kept waiting.
"""

import time
from uuid import UUID

from sftp_gateway.register import Entry

_SAVED_UP = 0.25  # seconds of bandwidth that nobody used and that may be used at once


class Pace:
    """One connection's view of its organization's bandwidth; `rate` in bytes a second, 0 for no limit."""

    def __init__(self, entry: Entry, organization_id: UUID) -> None:
        self._entry = entry
        self._organization = organization_id
        self.rate = 0

    def moved(self, count: int) -> float:
        """Pay for bytes that were moved; the moment (of the monotonic clock) until which to rest."""
        if not self.rate:
            return 0.0
        now = time.monotonic()
        with self._entry.given(self._organization, now) as given:
            given.until = max(given.until, now - _SAVED_UP) + count / self.rate
            return given.until
