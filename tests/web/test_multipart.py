"""The form that carries a file: streamed, bounded, never spooled."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import RequestInvalidError
from tests.support.effort import least_effort
from web.multipart import FormReader

KIND = "multipart/form-data; boundary=XX"
HEAD = b'--XX\r\nContent-Disposition: form-data; name="program"\r\n\r\nfiles\r\n'
FILE = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: a/b\r\n\r\n'
END = b"\r\n--XX--\r\n"


def read(body: bytes, step: int = 0, kind: str = KIND) -> tuple[FormReader, bytes]:
    form, file = FormReader(kind), bytearray()
    for start in range(0, len(body), step or len(body) or 1):
        form.feed(body[start : start + (step or len(body))])
        file += b"".join(form.taken())
    form.close()
    return form, bytes(file)


@given(st.binary(max_size=300), st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_the_file_comes_out_as_it_went_in_however_it_is_cut(content: bytes, step: int) -> None:
    form, file = read(HEAD + FILE + content.replace(b"--XX", b"") + END, step)
    assert file == content.replace(b"--XX", b"")
    assert (form.fields, form.filename) == ({"program": "files"}, "a.txt")


def test_bytes_that_look_like_a_boundary_stay_in_the_file() -> None:
    content = b"\r\n--X\r\n--XY\r\n--\r\n\r\r\n-" * 50
    assert read(HEAD + FILE + content + END, 7)[1] == content


def test_an_empty_file_and_a_form_without_one_are_told_apart() -> None:
    assert read(HEAD + FILE + END)[0].filename == "a.txt"
    assert read(HEAD + b"--XX--\r\n")[0].filename is None


def hostile() -> Iterator[tuple[str, bytes, str]]:
    part = b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    yield "no boundary", b"", "multipart/form-data"
    yield "another kind", b"", "text/plain; boundary=XX"
    yield "a huge boundary", b"", "multipart/form-data; boundary=" + "X" * 100_000
    yield "a boundary of many parameters", b"", "multipart/form-data; " + "a=b;" * 50_000 + "boundary=XX"
    yield "a preamble without end", b"x" * 10_000_000, KIND
    yield "a preamble of line ends", b"\r\n" * 5_000_000, KIND
    yield "an epilogue without end", HEAD + FILE + END + b"x" * 10_000_000, KIND
    yield "many parts", part * 200_000 + b"--XX--", KIND
    yield "many headers", b"--XX\r\n" + b"A: b\r\n" * 500_000, KIND
    yield "a header without end", b"--XX\r\nA: " + b"b" * 10_000_000, KIND
    yield "a header name without end", b"--XX\r\n" + b"b" * 10_000_000, KIND
    yield (
        "a field without end",
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"1" * 10_000_000,
        KIND,
    )
    yield (
        "a disposition of semicolons",
        b"--XX\r\nContent-Disposition: form-data" + b";" * 4_000 + b"\r\n\r\n" + END,
        KIND,
    )
    yield "a part without a name", b"--XX\r\nContent-Type: text/plain\r\n\r\n1" + END, KIND
    yield "two files", FILE + b"1\r\n" + FILE + b"2" + END, KIND
    yield "a name that is not UTF-8", FILE.replace(b"a.txt", b"\xff") + b"1" + END, KIND
    yield "no end", HEAD + FILE + b"half", KIND
    yield "rubbish", b"\0" * 100_000, KIND


@pytest.mark.parametrize(("body", "kind"), [pytest.param(b, k, id=name) for name, b, k in hostile()])
def test_a_hostile_form_is_refused_within_200_ms_of_cpu(body: bytes, kind: str) -> None:
    def refused() -> None:
        with pytest.raises(RequestInvalidError):
            read(body, 262_144, kind)

    assert least_effort(refused) < 0.2


def test_many_megabytes_of_almost_boundaries_are_read_quickly() -> None:
    content = b"\r\n--X" * 2_000_000
    sent = HEAD + FILE + content + END
    assert read(sent, 262_144)[1] == content
    assert least_effort(lambda: read(sent, 262_144)) < 1
