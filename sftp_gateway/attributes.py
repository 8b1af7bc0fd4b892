"""File attributes as SFTP version 3 carries them (draft-ietf-secsh-filexfer-02, section 5)."""

import stat
import time
from dataclasses import dataclass

from sftp_gateway import wire

_SIZE, _OWNER, _MODE, _TIMES, _EXTENDED = 0x1, 0x2, 0x4, 0x8, 0x80000000
_KNOWN = _SIZE | _OWNER | _MODE | _TIMES | _EXTENDED
_MOST_EXTENSIONS = 16
_LATEST = 0xFFFFFFFF
_HALF_A_YEAR = 182 * 24 * 3600

FOLDER = stat.S_IFDIR | 0o700
FOLDER_TO_READ = stat.S_IFDIR | 0o500
FILE = stat.S_IFREG | 0o600
FILE_TO_READ = stat.S_IFREG | 0o400


@dataclass(frozen=True)
class Attributes:
    """What a client is told of a file or folder. `size` in bytes, `modified` in seconds since 1970."""

    mode: int
    size: int = 0
    modified: int = 0

    def packed(self) -> bytes:
        """The ATTRS structure."""
        moment = wire.uint32(min(max(self.modified, 0), _LATEST))
        flags = wire.uint32(_SIZE | _OWNER | _MODE | _TIMES)
        owner = wire.uint32(0) * 2
        return flags + wire.uint64(self.size) + owner + wire.uint32(self.mode) + moment * 2

    def line(self, name: str) -> str:
        """One line as `ls -l` prints it, which clients show to people."""
        moment = time.gmtime(max(self.modified, 0))
        recent = abs(time.time() - self.modified) < _HALF_A_YEAR
        when = time.strftime("%b %e %H:%M" if recent else "%b %e  %Y", moment)
        return f"{stat.filemode(self.mode)}    1 portal   portal   {self.size:>12} {when} {name}"


@dataclass(frozen=True)
class Changes:
    """What a client wants changed; what is not kept (mode, owner) is read over."""

    size: int | None = None
    modified: int | None = None


def changes(reader: wire.Reader) -> Changes:
    """Read an ATTRS structure. Raises `MalformedError`."""
    flags = reader.uint32()
    if flags & ~_KNOWN:
        raise wire.MalformedError
    size = reader.uint64() if flags & _SIZE else None
    if flags & _OWNER:
        reader.take(8)
    if flags & _MODE:
        reader.take(4)
    modified = None
    if flags & _TIMES:
        reader.take(4)
        modified = reader.uint32()
    if flags & _EXTENDED:
        _skip_extensions(reader)
    return Changes(size, modified)


def _skip_extensions(reader: wire.Reader) -> None:
    count = reader.uint32()
    if count > _MOST_EXTENSIONS:
        raise wire.MalformedError
    for _ in range(2 * count):
        reader.string()
