"""Several files as one ZIP, both ways: always the same bytes, and nothing that grows when it is opened."""

import io
import zlib
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from schemas.guide.files.faults import Fault, GuideFileError

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of the archive."""
MOST_OPENED: Final = 64 * 1024 * 1024
"""Of all that is in it, opened."""
_MOST_MEMBERS = 50
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 1
_NAME = "guide.zip"


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP."""
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in files.items():
            member = ZipInfo(name, _ALWAYS)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
    return content.getvalue()


def unpacked(content: bytes, names: Collection[str]) -> dict[str, bytes]:
    """The files of these names, all of them, in whatever folder they are. Raises `GuideFileError`."""
    if len(content) > MOST_BYTES:
        raise _refusal(f"an archive of at most {MOST_BYTES:,} bytes")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            members = _members(archive, names)
            return _opened(archive, members)
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, GuideFileError):
            raise
        raise _refusal("a ZIP archive that can be opened") from None


def _refusal(expected: str, name: str = _NAME) -> GuideFileError:
    return GuideFileError([Fault(name, 1, "", expected)])


def _members(archive: ZipFile, names: Collection[str]) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise _refusal(f"an archive of {', '.join(names)}, and nothing else")
    for info in infos:
        name = PurePosixPath(info.filename).name
        if info.is_dir() or info.filename.startswith("__MACOSX/"):
            continue  # what archivers of desktops add
        if name not in names or name in found:
            raise _refusal(f"an archive of {', '.join(names)}, each once, and nothing else")
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or info.flag_bits & _ENCRYPTED:
            raise _refusal("a member that is not encrypted, and stored or deflated", name)
        found[name] = info
    if missing := [name for name in names if name not in found]:
        raise GuideFileError([Fault(name, 1, "", "a file of this name in the archive") for name in missing])
    return found


def _opened(archive: ZipFile, members: Mapping[str, ZipInfo]) -> dict[str, bytes]:
    """What is in the members; what they say of their size is not believed."""
    left, opened = MOST_OPENED, {}
    for name, info in members.items():
        with archive.open(info) as member:
            data = member.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _refusal(f"files of at most {MOST_OPENED:,} bytes together", name)
        opened[name] = data
    return opened
