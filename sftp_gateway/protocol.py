"""SFTP version 3 (draft-ietf-secsh-filexfer-02): one session's requests, each answered by one packet.

Own dispatch, because the library's answers a failed CLOSE with success, an unknown packet with the wrong
kind, and applies a size by emptying the file. Nothing here knows SSH; bytes come in and go out.
"""

from collections import deque
from collections.abc import Callable
from typing import ClassVar, TypeVar

import structlog

from exchange import measures
from exchange.transfers import names
from sftp_gateway import limits, wire
from sftp_gateway.attributes import Attributes, changes
from sftp_gateway.filesystem import Filesystem
from sftp_gateway.handles import Handle, Listing, OpenFile, Readable, Upload
from sftp_gateway.paths import canonical, canonical_text
from sftp_gateway.refusals import (
    BadHandleError,
    NoLinksError,
    NotCopiedError,
    NotOfferedError,
    Status,
    TooManyHandlesError,
    WrittenOnlyError,
)
from sftp_gateway.status import answer_to
from sftp_gateway.wire import MalformedError, Reader

VERSION = 3
INIT, VERSION_ANSWER = 1, 2
OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT = 3, 4, 5, 6, 7, 8, 9, 10
OPENDIR, READDIR, REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME = 11, 12, 13, 14, 15, 16, 17, 18
READLINK, SYMLINK = 19, 20
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
EXTENDED, EXTENDED_REPLY = 200, 201

ANNOUNCED = {  # everything else is refused; OpenSSH's PROTOCOL file, section 4, has them all
    "posix-rename@openssh.com": "1",
    "statvfs@openssh.com": "2",
    "limits@openssh.com": "1",
    "fsync@openssh.com": "1",
}
_BLOCK = 4096  # of the sizes in `statvfs`, in bytes
_WORTH_A_REMARK = {OPEN, WRITE, CLOSE, REMOVE, RENAME, EXTENDED}
_NO_REMARK = {Status.EOF, Status.NO_SUCH_FILE, Status.OP_UNSUPPORTED}
_MOST_REMARKS = 50
_WORTH_THE_BUFFER = 16 * limits.KIBIBYTE

_log = structlog.get_logger("sftp")

_H = TypeVar("_H")
_Answer = tuple[int, *tuple[bytes | bytearray, ...]]
"""What kind of answer, and the parts of it."""
_DONE: _Answer = (STATUS, wire.uint32(Status.OK) + wire.string("") + wire.string(""))


class SftpSession:
    """One SFTP session. `remarks` are sentences for people, of refusals whose words clients do not show."""

    def __init__(self, files: Filesystem) -> None:
        self._files = files
        self._incoming = bytearray()
        self._handles: dict[bytes, Handle] = {}
        self._handles_ever = 0
        self._greeted = False
        self.remarks: deque[str] = deque()
        self._remarks_ever: list[str] = []

    def receive(self, data: memoryview) -> None:
        """Take bytes of the client."""
        self._incoming += data

    def next_reply(self) -> bytes | None:
        """Handle one whole request and return its answer; None when no whole request is at hand.

        Raises `MalformedError` for lengths that cannot be: the connection cannot go on.
        """
        if len(self._incoming) < 4:
            return None
        length = int.from_bytes(self._incoming[:4], "big")
        if not 0 < length <= limits.SFTP_PACKET:
            raise MalformedError
        if len(self._incoming) < 4 + length:
            return None
        return self._answer(self._taken(4 + length)[4:])

    def _taken(self, count: int) -> memoryview:
        """The first `count` bytes that came; of many, the buffer itself is given away and not copied."""
        if count < _WORTH_THE_BUFFER:
            packet = bytes(memoryview(self._incoming)[:count])
            del self._incoming[:count]
            return memoryview(packet)
        whole, self._incoming = self._incoming, self._incoming[count:]
        return memoryview(whole)[:count]

    def end(self) -> None:
        """No more bytes will come: suspend what is unfinished, close the rest."""
        while self._handles:
            _, handle = self._handles.popitem()
            self._files.handle_closed(handle)
            try:
                handle.abandon()
            except Exception:  # noqa: BLE001  # logged; the other handles are still to be suspended
                _log.exception("sftp.abandon_failed")

    def _answer(self, packet: memoryview) -> bytes:
        kind = packet[0]
        if not self._greeted:
            return self._greet(kind)
        reader = Reader(packet[1:])
        request_id = wire.uint32(reader.uint32())
        try:
            answer, *body = self._REQUESTS.get(kind, SftpSession._not_offered)(self, reader)
        except Exception as error:  # noqa: BLE001  # the table of status.py is the handler
            answer, body = STATUS, [self._refusal(kind, error)]
        length = 1 + len(request_id) + sum(map(len, body))
        return b"".join((wire.uint32(length), bytes([answer]), request_id, *body))

    def _greet(self, kind: int) -> bytes:
        if kind != INIT:
            raise MalformedError
        self._greeted = True
        pairs = b"".join(wire.string(name) + wire.string(data) for name, data in ANNOUNCED.items())
        return wire.string(bytes([VERSION_ANSWER]) + wire.uint32(VERSION) + pairs)

    def _refusal(self, kind: int, error: Exception) -> bytes:
        status, words = answer_to(error)
        if status is not Status.EOF:
            self._files.tally.refused("request", type(error).__name__.removesuffix("Error"))
        worth_it = kind in _WORTH_A_REMARK and status not in _NO_REMARK
        if worth_it and words not in self._remarks_ever and len(self._remarks_ever) < _MOST_REMARKS:
            self._remarks_ever.append(words)
            self.remarks.append(words)
        return wire.uint32(status) + wire.string(words) + wire.string("en")

    def _opened(self, handle: Handle) -> _Answer:
        self._handles_ever += 1
        key = wire.uint32(self._handles_ever)
        self._handles[key] = handle
        self._files.handle_opened(handle)
        return HANDLE, wire.string(key)

    def _may_open(self) -> None:
        if self._files.handles_open >= limits.HANDLES:
            raise TooManyHandlesError

    def _handle(self, reader: Reader, kind: type[_H]) -> _H:
        handle = self._handles.get(bytes(reader.string()))
        if isinstance(handle, kind):
            return handle
        raise WrittenOnlyError if isinstance(handle, Upload) else BadHandleError

    # One method a request.

    def _open(self, reader: Reader) -> _Answer:
        place, flags = canonical(reader.string()), reader.uint32()
        wanted = changes(reader)
        self._may_open()
        return self._opened(self._files.open(place, flags, wanted))

    def _close(self, reader: Reader) -> _Answer:
        handle = self._handles.pop(bytes(reader.string()), None)
        if handle is None:
            raise BadHandleError
        self._files.handle_closed(handle)
        handle.close()
        if isinstance(handle, Upload) and handle.took is not None:
            self._files.tally.observe(measures.HANDOVER, handle.took)
        return _DONE

    def _read(self, reader: Reader) -> _Answer:
        handle = self._handle(reader, Readable)
        data = handle.read(reader.uint64(), reader.uint32())
        return DATA, wire.uint32(len(data)), data  # not in one piece: it may be large

    def _write(self, reader: Reader) -> _Answer:
        handle = self._handle(reader, Upload)
        handle.write(reader.uint64(), reader.string())
        return _DONE

    def _stat(self, reader: Reader) -> _Answer:
        return ATTRS, self._files.attributes(canonical(reader.string())).packed()

    def _fstat(self, reader: Reader) -> _Answer:
        handle = self._handle(reader, OpenFile)
        return ATTRS, handle.attributes().packed()

    def _setstat(self, reader: Reader) -> _Answer:
        place = canonical(reader.string())
        self._files.change(place, changes(reader))
        return _DONE

    def _fsetstat(self, reader: Reader) -> _Answer:
        handle = self._handle(reader, OpenFile)
        wanted = changes(reader)
        if isinstance(handle, Upload):
            handle.change(wanted)
        return _DONE

    def _opendir(self, reader: Reader) -> _Answer:
        place = canonical(reader.string())
        self._may_open()
        return self._opened(Listing(self._files.names(place)))

    def _readdir(self, reader: Reader) -> _Answer:
        batch = self._handle(reader, Listing).next_names()
        return NAME, wire.uint32(len(batch)) + b"".join(_named(name, shown) for name, shown in batch)

    def _remove(self, reader: Reader) -> _Answer:
        self._files.remove(canonical(reader.string()))
        return _DONE

    def _mkdir(self, reader: Reader) -> _Answer:
        self._files.make_folder(canonical(reader.string()))
        return _DONE

    def _rmdir(self, reader: Reader) -> _Answer:
        self._files.remove_folder(canonical(reader.string()))
        return _DONE

    def _realpath(self, reader: Reader) -> _Answer:
        path = wire.string(canonical_text(reader.string()))
        return NAME, wire.uint32(1) + path + path + wire.uint32(0)

    def _rename(self, reader: Reader) -> _Answer:
        self._files.rename(canonical(reader.string()), canonical(reader.string()))
        return _DONE

    def _link(self, _reader: Reader) -> _Answer:
        raise NoLinksError

    def _not_offered(self, _reader: Reader) -> _Answer:
        raise NotOfferedError

    def _extended(self, reader: Reader) -> _Answer:
        return self._EXTENSIONS.get(reader.text(), SftpSession._not_offered)(self, reader)

    def _limits(self, _reader: Reader) -> _Answer:
        sizes = limits.SFTP_PACKET, limits.READ_OR_WRITE, limits.READ_OR_WRITE, limits.HANDLES
        return EXTENDED_REPLY, b"".join(wire.uint64(size) for size in sizes)

    def _fsync(self, reader: Reader) -> _Answer:
        """What has come of an upload is durable, as a draft, once this is answered with OK.

        It is not handed over by that: clients send CLOSE after it, whose OK says so.
        """
        handle = self._handle(reader, OpenFile)
        if isinstance(handle, Upload):
            handle.save()
        return _DONE

    def _copy_data(self, reader: Reader) -> _Answer:
        """Refused. The upload that was to take the copy ends, or its CLOSE would hand over an empty file."""
        reader.string()
        reader.take(16)
        target = self._handles.get(bytes(reader.string()))
        if isinstance(target, Upload):
            target.stop("copy refused")
        raise NotCopiedError

    def _statvfs(self, reader: Reader) -> _Answer:
        """OpenSSH's PROTOCOL file, section 4.4: sizes in blocks; files are not counted."""
        space = self._files.space(canonical(reader.string()))
        free = max(space.quota - space.used, 0) // _BLOCK
        blocks = _BLOCK, _BLOCK, space.quota // _BLOCK, free, free
        rest = 0, 0, 0, 0, 0, names.MAXIMUM_BYTES
        return EXTENDED_REPLY, b"".join(wire.uint64(value) for value in (*blocks, *rest))

    _EXTENSIONS: ClassVar[dict[str, Callable[["SftpSession", Reader], _Answer]]] = {
        "posix-rename@openssh.com": _rename,
        "statvfs@openssh.com": _statvfs,
        "limits@openssh.com": _limits,
        "fsync@openssh.com": _fsync,
        "copy-data": _copy_data,
    }
    _REQUESTS: ClassVar[dict[int, Callable[["SftpSession", Reader], _Answer]]] = {
        OPEN: _open,
        CLOSE: _close,
        READ: _read,
        WRITE: _write,
        LSTAT: _stat,
        FSTAT: _fstat,
        SETSTAT: _setstat,
        FSETSTAT: _fsetstat,
        OPENDIR: _opendir,
        READDIR: _readdir,
        REMOVE: _remove,
        MKDIR: _mkdir,
        RMDIR: _rmdir,
        REALPATH: _realpath,
        STAT: _stat,
        RENAME: _rename,
        READLINK: _link,
        SYMLINK: _link,
        EXTENDED: _extended,
    }


def _named(name: str, shown: Attributes) -> bytes:
    return wire.string(name) + wire.string(shown.line(name)) + shown.packed()
