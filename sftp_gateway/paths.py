"""The one canonicaliser of paths: strangers' bytes become a place in the small tree of this door, or nothing.

    /                     inbox, outbox, receipts
    /inbox/<program>/     what is being sent and what was handed over
    /outbox/<program>/    what is there to fetch
    /receipts/            one JSON for each file handed over

Below this module there are only places. What a file may be called is the exchange's rule, not decided here.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from sftp_gateway.refusals import NoSuchPlaceError, PathNotTextError

LONGEST_PATH = 4096


class Area(StrEnum):
    """The three folders of the root."""

    INBOX = "inbox"
    OUTBOX = "outbox"
    RECEIPTS = "receipts"


@dataclass(frozen=True)
class Root:
    """The folder of the areas."""

    path = "/"


@dataclass(frozen=True)
class AreaFolder:
    """`/inbox`, `/outbox` or `/receipts`."""

    area: Area

    @property
    def path(self) -> str:
        """As a client names it."""
        return f"/{self.area}"


@dataclass(frozen=True)
class ProgramFolder:
    """The folder of one program; whether the actor has it is not known here."""

    area: Area
    program: str

    @property
    def path(self) -> str:
        """As a client names it."""
        return f"/{self.area}/{self.program}"


@dataclass(frozen=True)
class File:
    """A file in a folder that may hold files; whether it exists is not known here."""

    folder: ProgramFolder | AreaFolder
    name: str

    @property
    def area(self) -> Area:
        """The area it lies in."""
        return self.folder.area

    @property
    def path(self) -> str:
        """As a client names it."""
        return f"{self.folder.path}/{self.name}"


Place = Root | AreaFolder | ProgramFolder | File


def canonical(raw: bytes | memoryview) -> Place:
    """The place a client's path names; `.`, `..` and repeated slashes are resolved as text.

    `..` of the root is the root.

    Raises `PathNotTextError` (not UTF-8, control characters) or `NoSuchPlaceError` (not in the tree).
    """
    return _place(_parts(raw))


def canonical_text(raw: bytes | memoryview) -> str:
    """The canonical spelling of any path, for `SSH_FXP_REALPATH`, which may name what does not exist."""
    return "/" + "/".join(_parts(raw))


def _parts(raw: bytes | memoryview) -> list[str]:
    if len(raw) > LONGEST_PATH:
        raise PathNotTextError
    try:
        text = str(raw, "utf-8")
    except UnicodeDecodeError:
        raise PathNotTextError from None
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise PathNotTextError
    parts: list[str] = []
    for part in unicodedata.normalize("NFC", text).split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return parts


def _place(parts: list[str]) -> Place:
    if not parts:
        return Root()
    if parts[0] not in set(Area):
        raise NoSuchPlaceError
    area = Area(parts[0])
    match parts[1:]:
        case []:
            return AreaFolder(area)
        case [name] if area is Area.RECEIPTS:
            return File(AreaFolder(area), name)
        case [program] if area is not Area.RECEIPTS:
            return ProgramFolder(area, program)
        case [program, name] if area is not Area.RECEIPTS:
            return File(ProgramFolder(area, program), name)
    raise NoSuchPlaceError
