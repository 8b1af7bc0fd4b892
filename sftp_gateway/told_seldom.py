"""Log lines that strangers can cause by the thousand: told now and then, with how often it came meanwhile."""

import time
from dataclasses import dataclass, field

import structlog

_log = structlog.get_logger("sftp")
_EVERY = 10.0  # seconds between two lines of the same thing
_MOST = 10_000  # things that are remembered


@dataclass
class _Remembered:
    told_at: float
    since: int = 0


@dataclass
class ToldSeldom:
    """Tells of an event, a source and a reason at once, and then every ten seconds at most."""

    _known: dict[tuple[str, str, str], _Remembered] = field(default_factory=dict)

    def tell(self, event: str, source: str, why: str, now: float | None = None) -> None:
        """Write a line, unless the same was told a moment ago; `times` counts what was passed over, too."""
        now = time.monotonic() if now is None else now
        known = self._known.get((event, source, why))
        if known is not None and now - known.told_at < _EVERY:
            known.since += 1
            return
        if len(self._known) >= _MOST:
            self._known = {what: one for what, one in self._known.items() if now - one.told_at < _EVERY}
        if len(self._known) < _MOST:
            self._known[event, source, why] = _Remembered(now)
        _log.info(event, source=source, why=why, times=1 + (known.since if known else 0))
