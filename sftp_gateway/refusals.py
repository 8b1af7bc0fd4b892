"""What this door itself refuses, each named once, with the status and the sentence the client gets.

Whatever the exchange refuses is in `exchange.errors`; `status.py` joins the two.
"""

from enum import IntEnum
from typing import ClassVar


class Status(IntEnum):
    """The status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7)."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    OP_UNSUPPORTED = 8


class DoorError(Exception):
    """A refusal of this door."""

    status: ClassVar[Status] = Status.FAILURE
    sentence: ClassVar[str] = "The gateway could not do this."

    def __str__(self) -> str:
        """The sentence a person reads."""
        return self.sentence


class EndOfFileError(DoorError):
    """Nothing more to read or list."""

    status = Status.EOF
    sentence = "End of file."


class NoSuchPlaceError(DoorError):
    """No file or folder of that name."""

    status = Status.NO_SUCH_FILE
    sentence = "There is no such file or folder here."


class PathNotTextError(DoorError):
    """A path that is not UTF-8, holds control characters, or is too long to mean anything."""

    sentence = "The path is not UTF-8 text without control characters, of at most 4,096 bytes."


class BadPacketError(DoorError):
    """A request that cannot be read."""

    status = Status.BAD_MESSAGE
    sentence = "The request cannot be read."


class BadHandleError(DoorError):
    """A handle that is not open, or not of the kind the request needs."""

    status = Status.FAILURE
    sentence = "This handle is not open for that."


class NotOfferedError(DoorError):
    """A request this server does not know."""

    status = Status.OP_UNSUPPORTED
    sentence = "This server does not offer that."


class NotCopiedError(DoorError):
    """A copy on this side; OpenSSH's PROTOCOL file, section 4.10, calls it `copy-data`."""

    status = Status.OP_UNSUPPORTED
    sentence = "Files are not copied here. Fetch the file and put it again."


class TooManyHandlesError(DoorError):
    """The bound on open files and folders."""

    sentence = "Too many files are open on this connection. Close some first."


class FoldersAreFixedError(DoorError):
    """Folders are neither made nor removed nor renamed."""

    status = Status.PERMISSION_DENIED
    sentence = "Folders here are fixed. Put files into /inbox/<program>/."


class FolderExistsError(DoorError):
    """A folder that is already there."""

    sentence = "This folder exists already."


class NoLinksError(DoorError):
    """No symbolic or hard links."""

    status = Status.OP_UNSUPPORTED
    sentence = "There are no links here."


class IsFolderError(DoorError):
    """A folder was opened as a file."""

    sentence = "This is a folder."


class ReadOnlyError(DoorError):
    """Writing outside an inbox."""

    status = Status.PERMISSION_DENIED
    sentence = "Nothing can be written here. Put files into /inbox/<program>/."


class WrittenOnlyError(DoorError):
    """Reading a handle that is open for writing, or a file that is still being sent."""

    status = Status.PERMISSION_DENIED
    sentence = "A file that is still being sent cannot be read."


class ExistsError(DoorError):
    """The client asked for a new file only, and the name is taken."""

    sentence = "A file of this name exists already."


class HandedOverError(DoorError):
    """A file that was handed over does not change any more."""

    status = Status.PERMISSION_DENIED
    sentence = (
        "This file was handed over and cannot be changed, renamed or removed. "
        "To send a corrected one, put it again as a whole."
    )


class OtherFolderError(DoorError):
    """A rename from one folder to another."""

    status = Status.PERMISSION_DENIED
    sentence = "A file can be renamed only within its folder."


class StillOpenError(DoorError):
    """A draft that is open on a handle cannot be renamed or removed."""

    sentence = "This file is still being sent. Close it first."


class CannotShortenError(DoorError):
    """A size that the bytes already sent do not have."""

    sentence = "A file that is being sent can be cut to nothing only."
