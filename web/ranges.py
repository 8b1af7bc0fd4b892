"""One byte range (RFC 9110, 14.2): an own parser, because Starlette's was quadratic once (CVE-2025-62727).

Several ranges at once, and everything malformed, are answered with the whole file, as the RFC allows.
"""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_CONTENT = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
_NOTHING_MORE = re.compile(r"bytes \*/(\d{1,18})", re.ASCII)
_LONGEST = 64


class RangeNotSatisfiableError(Exception):
    """A range that begins behind the end of the file."""


@dataclass(frozen=True)
class Span:
    """Bytes from `start` to before `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class Announced:
    """What a Content-Range says of a body: the span it fills and the size of the whole file."""

    start: int
    stop: int
    size: int


def wanted(header: str | None, size: int) -> Span | None:
    """The one range asked for, or None for the whole file. Raises `RangeNotSatisfiableError`."""
    match = _ONE.fullmatch(header) if header and len(header) <= _LONGEST else None
    if match is None or match.group(1, 2) == ("", ""):
        return None
    first, last = match.group(1, 2)
    if not first:
        span = Span(max(size - int(last), 0), size)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(int(last) + 1, size) if last else size)
    if span.start >= span.stop:
        raise RangeNotSatisfiableError
    return span


def announced(header: str | None) -> Announced | None:
    """What a Content-Range of a request says, or None when there is none that makes sense.

    `bytes */SIZE` says that all is there: no byte range can be empty (RFC 9110, 14.4).
    """
    if not header or len(header) > _LONGEST:
        return None
    if match := _NOTHING_MORE.fullmatch(header):
        size = int(match[1])
        return Announced(size, size, size)
    match = _CONTENT.fullmatch(header)
    if match is None:
        return None
    first, last, size = (int(number) for number in match.groups())
    return Announced(first, last + 1, size) if first <= last < size else None
