"""What is read off a packet is exactly what it holds; what is short is refused, never filled up."""

from collections import deque
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_gateway import attributes, wire
from sftp_gateway.attributes import Attributes, Changes


@given(st.binary(), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.booleans())
def test_what_is_written_is_read_again(data: bytes, small: int, large: int, flag: bool) -> None:
    packet = wire.string(data) + wire.uint32(small) + wire.uint64(large) + bytes([flag])
    reader = wire.Reader(packet)
    assert (bytes(reader.string()), reader.uint32(), reader.uint64(), reader.boolean()) == (
        data,
        small,
        large,
        flag,
    )


@given(st.binary(max_size=40), st.sampled_from(["byte", "boolean", "uint32", "uint64", "string", "text"]))
def test_nothing_is_read_behind_the_end(packet: bytes, what: str) -> None:
    read = getattr(wire.Reader(packet), what)
    with pytest.raises(wire.MalformedError):
        deque(iter(read, None))  # until it raises


@given(st.binary(max_size=60))
def test_attributes_of_any_bytes_are_read_or_refused(packet: bytes) -> None:
    with suppress(wire.MalformedError):
        assert isinstance(attributes.changes(wire.Reader(packet)), Changes)


@given(st.integers(0, 2**63), st.integers(0, 2**32 - 1))
def test_attributes_are_read_as_they_were_written(size: int, modified: int) -> None:
    packed = Attributes(attributes.FILE, size, modified).packed()
    assert attributes.changes(wire.Reader(packed)) == Changes(size, modified)


def test_a_long_line_looks_like_that_of_ls() -> None:
    line = Attributes(attributes.FILE_TO_READ, 1234, 1_600_000_000).line("a b.txt")
    assert line == "-r--------    1 portal   portal           1234 Sep 13  2020 a b.txt"
