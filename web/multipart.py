"""One file and a few short fields from a multipart form, streamed: nothing is spooled.

Starlette's own form parser writes parts over 1 MB to the temp folder in plain text, so the low-level parser
is used here, with caps on everything that a form may hold besides the file.
"""

from collections import deque

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from exchange.errors import RequestInvalidError

MAXIMUM_PARTS = 8
MAXIMUM_HEADERS = 8
MAXIMUM_HEADER = 4096
MAXIMUM_FIELD = 4096
MAXIMUM_BOUNDARY = 200
MAXIMUM_NOISE = 65_536
"""Bytes that may stand before the first part and after the last one."""


def _refused(what: str) -> RequestInvalidError:
    return RequestInvalidError(what=what)


def boundary_of(content_type: str | None) -> bytes:
    """The boundary that a multipart request announces. Raises `RequestInvalidError`."""
    if content_type is None or len(content_type) > MAXIMUM_BOUNDARY + 100:
        raise _refused("a multipart form is expected")
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= MAXIMUM_BOUNDARY:
        raise _refused("a multipart form is expected")
    return boundary


class FormReader:
    """Takes the body of a form piece by piece; gives out fields, the file's name and the file's bytes.

    `feed` raises `RequestInvalidError` for anything over a cap; `close` when the form has no end.
    """

    def __init__(
        self, content_type: str | None, most_parts: int = MAXIMUM_PARTS, longest_field: int = MAXIMUM_FIELD
    ) -> None:
        """Read the boundary from the request's Content-Type; `longest_field` in bytes."""
        self._most_parts, self._longest_field = most_parts, longest_field
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._bytes: deque[memoryview] = deque()
        self._parts = self._noise = 0
        self._open: str | None = None
        self._is_file = False
        self._value = bytearray()
        self._header = [bytearray(), bytearray()]
        self._headers: dict[bytes, bytes] = {}
        self._ended = False
        callbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._head(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._head(1, data[start:end]),
            "on_header_end": self._header_done,
            "on_headers_finished": self._name_part,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = MultipartParser(
            boundary_of(content_type),
            callbacks,  # type: ignore[arg-type]  # a typed dict there
            max_header_count=MAXIMUM_HEADERS,
            max_header_size=MAXIMUM_HEADER,
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        is_epilogue = self._ended
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise _refused("the form is malformed") from error
        if is_epilogue or self._parts == 0:
            self._noise += len(data)
        if self._noise > MAXIMUM_NOISE:
            raise _refused("there is too much around the parts of the form")

    def taken(self) -> list[memoryview]:
        """The file's bytes that have come since the last call; each is valid as long as it is held."""
        out = list(self._bytes)
        self._bytes.clear()
        return out

    def close(self) -> None:
        """Say that the body has ended."""
        if not self._ended:
            raise _refused("the form has no end")

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > self._most_parts:
            raise _refused("the form has too many parts")
        self._headers, self._value = {}, bytearray()

    def _head(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_done(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._headers[name.lower()] = value
        self._header = [bytearray(), bytearray()]

    def _name_part(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = _text(options.get(b"name", b""))
        if kind != b"form-data" or not name:
            raise _refused("a part of the form has no name")
        self._open, self._is_file = name, b"filename" in options
        if not self._is_file:
            return
        if self.filename is not None:
            raise _refused("one file at a time")
        self.filename = _text(options[b"filename"])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._bytes.append(memoryview(data)[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > self._longest_field:
            raise _refused("a field of the form is too long")

    def _end_part(self) -> None:
        if self._open is not None and not self._is_file:
            self.fields[self._open] = _text(bytes(self._value))
        self._open = None

    def _end(self) -> None:
        self._ended = True


def _text(data: bytes) -> str:
    """UTF-8, as browsers send it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _refused("the form is not UTF-8") from None
