"""Everything strange that partners send: each gets a clear answer, and disturbs nothing after it."""

import csv
import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.acceptance.doors import Api, OpenSsh, Pages, paramiko_client
from tests.acceptance.files import LUMP_SUM, lump_sum
from tests.acceptance.running import Portal, wait_until
from tests.acceptance.sizes import sized

MEBIBYTE = 1024 * 1024
ZEROS = sized(64, 2048) * MEBIBYTE
BOMB = 1024 * MEBIBYTE
SENDER, NEIGHBOUR = "erin.payne", "cole.quayle"
SECONDS = sized(120, 1200)
pytestmark = [pytest.mark.timeout(2 * SECONDS), pytest.mark.xdist_group("acceptance-sqlite")]
NUMBERS = itertools.count(1)
LENGTH = 401
"""Of a record with its line end."""


@dataclass(frozen=True)
class Told:
    """What a partner learns about a file: its last state, and what was found in it."""

    status: str
    codes: frozenset[str]
    words: str


class Door(Protocol):
    """Hands a file over, and fetches what came of it by the same door."""

    def hand_over(self, filename: str, content: Path) -> Told: ...


@dataclass
class ApiDoor:
    api: Api

    def hand_over(self, filename: str, content: Path) -> Told:
        handed = self.api.sent("lump-sum", filename, content)
        return told_by(self.api, self.api.settled(handed["id"], SECONDS))


@dataclass
class PagesDoor:
    """The plain form, and what the page of the file says."""

    pages: Pages
    api: Api

    def hand_over(self, filename: str, content: Path) -> Told:
        answer = self.pages.send("lump-sum", filename, content)
        assert answer.status == 303, answer
        identifier = answer.headers["location"].rpartition("/")[2]
        told = told_by(self.api, self.api.settled(identifier, SECONDS))
        shown = self.pages.ask("GET", f"/files/{identifier}").body.decode()
        assert all(code in shown for code in told.codes), "the page shows each finding"
        return told


@dataclass
class SftpDoor:
    """OpenSSH's sftp: the answers are fetched from the outbox."""

    sftp: OpenSsh
    api: Api

    def hand_over(self, filename: str, content: Path) -> Told:
        self.sftp.put(content, f"/inbox/lump-sum/{filename}", seconds=SECONDS)
        told = self.api.settled_named(filename, SECONDS)
        findings, words = self.sftp.folder / "findings.csv", ""
        self.sftp.get(f"/outbox/lump-sum/{filename}.findings.csv", findings)
        rows = list(csv.DictReader(io.StringIO(findings.read_text())))
        words = " ".join(row["message"] for row in rows)
        return Told(told["status"], frozenset(row["code"] for row in rows), words)


def told_by(api: Api, transfer: dict[str, Any]) -> Told:
    found = api.findings(transfer["id"])
    words = " ".join(one["message"] for one in found)
    return Told(transfer["status"], frozenset(one["code"] for one in found), words)


@pytest.fixture(scope="module")
def fein(portal: Portal, fein_of: Callable[[Portal, str], str]) -> str:
    return fein_of(portal, SENDER)


@pytest.fixture(params=["api", "pages", "sftp"])
def door(
    request: pytest.FixtureRequest, portal: Portal, pages_of: Callable[[str], Pages], tmp_path: Path
) -> Door:
    account = portal.account(SENDER)
    api = Api(portal, account)
    if request.param == "pages":
        return PagesDoor(pages_of(SENDER), api)
    return ApiDoor(api) if request.param == "api" else SftpDoor(OpenSsh(portal, account, tmp_path), api)


@pytest.fixture
def good_file_follows(door: Door, fein: str, tmp_path: Path) -> Iterator[None]:
    """Whatever the test handed over: the next file is answered as ever."""
    yield
    good = written(tmp_path / "good", lump_sum(fein, a_number(), 5))
    assert door.hand_over(f"good-{next(NUMBERS)}.txt", good) == Told("COMPLETE", frozenset(), "")


def a_number() -> str:
    return f"BAD{next(NUMBERS):06d}"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zeros(path: Path, size: int) -> Path:
    """A file of zeros that takes no room."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


def bomb(path: Path) -> Path:
    """A workbook whose only sheet unpacks to a gigabyte of nothing."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = b"\0" * MEBIBYTE
    block = packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(BOMB // MEBIBYTE):
        check = zlib.crc32(piece, check)
    packed = block * (BOMB // MEBIBYTE) + packing.flush()
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        _stored_as_packed(book, "xl/worksheets/sheet1.xml", packed, check)
    return path


def _stored_as_packed(book: zipfile.ZipFile, name: str, packed: bytes, check: int) -> None:
    """Writes the part's packed bytes, then says in header and directory what they unpack to."""
    info = zipfile.ZipInfo(name)
    book.writestr(info, packed)
    place = book.fp
    assert place is not None
    info.compress_type, info.CRC, info.file_size = zipfile.ZIP_DEFLATED, check, BOMB
    place.seek(info.header_offset)
    place.write(info.FileHeader(zip64=False))
    place.seek(0, io.SEEK_END)


def middle_line(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[len(lines) // 2] = change(lines[len(lines) // 2])
    return b"".join(lines)


def wrong_count(content: bytes) -> bytes:
    field = LUMP_SUM.trailer["record_count"]
    lines = content.splitlines(keepends=True)
    lines[-1] = lines[-1][: field.first - 1] + b"0000099" + lines[-1][field.last :]
    return b"".join(lines)


def in_name(content: bytes, mark: bytes) -> bytes:
    return middle_line(content, lambda line: line.replace(b"EXAMPLE".ljust(7), mark.ljust(7)[:7]))


_TABLE = b"SSN,Last name,First name,Payment kind,Expected payment date,Your reference\r\n"
WHOLE, RECORD = "REJECTED", "COMPLETE"
BAD: dict[str, tuple[Callable[[bytes], bytes], str, str, str, str]] = {
    "empty file": (lambda _good: b"", "txt", WHOLE, "F001", "Send the file again with its records in it"),
    "another layout": (
        lambda _good: b"A0001" + b" " * 415 + b"\n",
        "txt",
        WHOLE,
        "F002",
        "Check that you chose the right program and file",
    ),
    "a picture": (
        lambda _good: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        "txt",
        WHOLE,
        "F002",
        "right program",
    ),
    "truncated record": (
        lambda good: middle_line(good, lambda line: line[:300] + b"\n"),
        "txt",
        RECORD,
        "R002",
        "Write the record in full length",
    ),
    "truncated file": (lambda good: good[: -2 * LENGTH], "txt", WHOLE, "H002", "with its trailer record"),
    "wrong count": (wrong_count, "txt", WHOLE, "H004", "Write the number of records into"),
    "mixed line ends": (
        lambda good: middle_line(good, lambda line: line[:-1] + b"\r\n"),
        "txt",
        RECORD,
        "F004",
        "End every line the same way",
    ),
    "letters beyond ASCII": (
        lambda good: in_name(good, "MÜLLER".encode("latin-1")),
        "txt",
        RECORD,
        "R004",
        "use plain letters, digits and signs only",
    ),
    "formulas in CSV": (
        lambda good: _TABLE + good[2 * LENGTH + 3 :][:9] + b',EXAMPLE,ROBIN,B,2026-12-01,"=A1+A2"\r\n',
        "csv",
        RECORD,
        "V024",
        "begin with a letter or digit",
    ),
    "no workbook": (
        lambda good: b"PK\x03\x04" + good,
        "xlsx",
        WHOLE,
        "F007",
        "Save it again as an ordinary .xlsx",
    ),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.usefixtures("good_file_follows")
def test_a_bad_file_gets_a_clear_finding(door: Door, fein: str, kind: str, tmp_path: Path) -> None:
    spoil, ending, status, code, words = BAD[kind]
    content = written(tmp_path / "bad", spoil(lump_sum(fein, a_number(), 20)))
    told = door.hand_over(f"bad-{next(NUMBERS)}.{ending}", content)
    assert (told.status, told.codes) == (status, {code}), told
    assert words in told.words


@pytest.mark.usefixtures("good_file_follows")
def test_zeros_without_end_are_refused(door: Door, tmp_path: Path) -> None:
    told = door.hand_over(f"zeros-{next(NUMBERS)}.txt", zeros(tmp_path / "zeros", ZEROS))
    assert told.status == WHOLE
    assert told.codes <= {"F002", "F003"}, told
    assert "Check that you chose the right program" in told.words or "line feed" in told.words


@pytest.mark.usefixtures("good_file_follows")
def test_a_zip_bomb_is_not_unpacked(door: Door, tmp_path: Path) -> None:
    told = door.hand_over(f"bomb-{next(NUMBERS)}.xlsx", bomb(tmp_path / "bomb"))
    assert (told.status, told.codes) == (WHOLE, {"F008"}), told
    assert "as CSV or as a fixed-width file" in told.words


@pytest.mark.usefixtures("good_file_follows")
def test_another_organizations_number_is_refused(
    door: Door, portal: Portal, fein_of: Callable[[Portal, str], str], tmp_path: Path
) -> None:
    foreign = written(tmp_path / "foreign", lump_sum(fein_of(portal, NEIGHBOUR), a_number(), 3))
    told = door.hand_over(f"foreign-{next(NUMBERS)}.txt", foreign)
    assert told.status == WHOLE
    assert told.codes == {"H008", "H009"}, told
    assert "write the number of your own organization" in told.words


@pytest.mark.usefixtures("good_file_follows")
def test_a_control_number_is_taken_once(door: Door, fein: str, tmp_path: Path) -> None:
    number = a_number()
    first = written(tmp_path / "first", lump_sum(fein, number, 3))
    second = written(tmp_path / "second", lump_sum(fein, number, 4))
    assert door.hand_over(f"first-{next(NUMBERS)}.txt", first).status == "COMPLETE"
    told = door.hand_over(f"second-{next(NUMBERS)}.txt", second)
    assert (told.status, told.codes) == (WHOLE, {"H013"}), told
    assert "give each file a number of its own" in told.words


@pytest.mark.usefixtures("good_file_follows")
def test_the_same_file_is_taken_once(door: Door, fein: str, tmp_path: Path) -> None:
    file = written(tmp_path / "twice", lump_sum(fein, a_number(), 3))
    assert door.hand_over(f"once-{next(NUMBERS)}.txt", file).status == "COMPLETE"
    told = door.hand_over(f"twice-{next(NUMBERS)}.txt", file)
    assert (told.status, told.codes) == (WHOLE, {"F093", "H013"}), told
    assert "is not processed again" in told.words


NAMES = {
    "../escape.txt": "slash",
    "..\\escape.txt": "slash",
    "a/b.txt": "slash",
    "nul\0.txt": "control character",
    "right\u202eto-left.txt": "direction-changing",
    "mark\u200f.txt": "direction-changing",
    "line\nbreak.txt": "control character",
    "..": "dots only",
    " padded.txt": "begins or ends with a space",
}


@pytest.fixture
def api(portal: Portal) -> Iterator[Api]:
    opened = Api(portal, portal.account(SENDER))
    yield opened
    opened.close()


def everything(api: Api) -> int:
    return sum(1 for _ in api.all("transfers")) + sum(1 for _ in api.all("transfers", status="DRAFT"))


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_misleading_name_is_refused_by_the_api(api: Api, fein: str, name: str) -> None:
    before = everything(api)
    answer = api.send("lump-sum", name, lump_sum(fein, a_number(), 2))
    assert (answer.status, answer.json["code"]) == (422, "file_name_refused")
    assert NAMES[name] in answer.json["detail"]
    assert everything(api) == before


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_misleading_name_is_refused_by_the_pages(
    api: Api, pages_of: Callable[[str], Pages], fein: str, name: str
) -> None:
    if any(character in name for character in "\0\n"):
        pytest.skip("not possible here: a form's header cannot carry it")
    before = everything(api)
    answer = pages_of(SENDER).send("lump-sum", name, lump_sum(fein, a_number(), 2))
    assert answer.status == 422
    assert NAMES[name] in answer.body.decode()
    assert everything(api) == before


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_misleading_name_is_refused_by_sftp(api: Api, portal: Portal, name: str) -> None:
    before = everything(api)
    client = paramiko_client(portal, portal.account(SENDER))
    try:
        with pytest.raises(OSError, match=r".+"):
            client.open(f"/inbox/lump-sum/{name}", "wb")
        assert client.listdir("/") == ["inbox", "outbox", "receipts"], "the connection goes on"
    finally:
        client.get_channel().get_transport().close()  # type: ignore[union-attr]  # open: it is there
    wait_until(lambda: everything(api) == before, 30, "something was left")


def test_an_unknown_program_is_refused_at_every_door(
    api: Api, portal: Portal, pages_of: Callable[[str], Pages], fein: str, tmp_path: Path
) -> None:
    before, content = everything(api), lump_sum(fein, a_number(), 2)
    answer = api.send("unknown", "file.txt", content)
    assert (answer.status, answer.json["code"]) == (404, "program_not_found")
    assert pages_of(SENDER).send("unknown", "file.txt", content).status == 404
    sftp = OpenSsh(portal, portal.account(SENDER), tmp_path)
    code, said = sftp.batch(f'put "{written(tmp_path / "file.txt", content)}" /inbox/unknown/file.txt')
    assert code != 0
    assert "No such file" in said or "not found" in said or "no such" in said.lower()
    assert everything(api) == before


def test_a_program_of_other_roles_is_refused_at_every_door(
    api: Api, portal: Portal, pages_of: Callable[[str], Pages], tmp_path: Path
) -> None:
    before = everything(api)
    answer = api.send("data-match", "file.txt", b"A")
    assert (answer.status, answer.json["code"]) == (403, "not_permitted")
    assert pages_of(SENDER).send("data-match", "file.txt", b"A").status == 403
    sftp = OpenSsh(portal, portal.account(SENDER), tmp_path)
    code, _ = sftp.batch(f'put "{written(tmp_path / "file.txt", b"A")}" /inbox/data-match/file.txt')
    assert code != 0
    assert everything(api) == before
