"""No plaintext at rest: a marker inside uploaded files is on no disk, during or after the upload."""

import io
import itertools
import os
import secrets
import string
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import openpyxl
import psycopg
import pytest
from sqlalchemy import create_engine, text

from deploy.bench.memory import family
from tests.acceptance.conftest import Seed, each
from tests.acceptance.doors import Api, Http, Pages, form_around, paramiko_client
from tests.acceptance.files import lump_sum
from tests.acceptance.running import Portal, wait_until
from tests.acceptance.sizes import sized
from tests.acceptance.watching import MarkerWatch

BIG = sized(12, 64) * 1024 * 1024
PIECES, LOOKS = 48, sized(5, 12)
"""In how many pieces a big file comes in, and how often all is looked through meanwhile."""
pytestmark = [pytest.mark.timeout(600)]


class DiskWatch(MarkerWatch):
    """Looks through the folder of PostgreSQL as well, and through what its processes hold open."""

    def __init__(self, portal: Portal, marker: str, clients_own: Path) -> None:
        super().__init__(portal, marker, [clients_own])
        self._database = data_folder(portal.database_url) if portal.database_url else None

    def _files(self) -> Iterator[Path]:
        yield from super()._files()
        for path in self._database.rglob("*") if self._database else ():
            with suppress(OSError):
                if path.stat().st_mtime >= self._began - 1:
                    yield path

    def _open_files(self) -> Iterator[Path]:
        yield from super()._open_files()
        if self._database:
            postmaster = int((self._database / "postmaster.pid").read_text().split()[0])
            for pid in family(postmaster):
                with suppress(OSError):
                    yield from (held for held in Path(f"/proc/{pid}/fd").iterdir() if held.is_file())

    def _most(self, path: Path) -> int:
        ours = self._database is not None and path.is_relative_to(self._database)
        return path.stat().st_size if ours else super()._most(path)


def data_folder(url: str) -> Path:
    """Where the server of a database keeps everything: tables, write-ahead log, temporary files."""
    with psycopg.connect(url) as connection:
        [folder] = connection.execute("SHOW data_directory").fetchone() or [""]
    return Path(folder)


@pytest.fixture
def marker() -> str:
    return "MARK" + "".join(secrets.choice(string.ascii_uppercase) for _ in range(14))


@pytest.fixture(scope="module", params=each("sqlite", "postgres"))
def watched(request: pytest.FixtureRequest, folder: Path) -> Iterator[Portal]:
    """An installation of these tests' own, for the store of a shared one would take long to look through."""
    seed: Seed = request.getfixturevalue(f"{request.param}_seed")
    with seed.portal(folder) as running:
        yield running


def slowly(content: bytes, watch: DiskWatch) -> Iterator[bytes]:
    """The content in pieces, no quicker than all is looked through: what lies about meanwhile is seen."""
    size, began = -(-len(content) // PIECES), watch.looks
    for number in range(PIECES):
        wanted = began + LOOKS * number // (PIECES - 1)
        wait_until(lambda wanted=wanted: watch.looks >= wanted, 120, "nobody looks")
        yield content[number * size : (number + 1) * size]


def big(marker: str) -> bytes:
    line = f"{marker} {secrets.token_hex(20)}\n".encode()
    return line * (BIG // len(line))


def records(fein: str, marker: str) -> dict[str, bytes]:
    """Lump-sum files with the marker in every kind of place, right and wrong, and in every form."""
    right = {
        "last_name": marker,
        "payment_description": marker,
        "reference": marker[:15],
        "case_id": marker[:15],
    }
    fixed = lump_sum(fein, marker, 300, dict(right))
    wrong = lump_sum(fein, f"{marker[:-1]}W", 30, {"payment_description": marker})
    small = wrong.replace(b"ROBIN".ljust(15), marker[:15].lower().encode())
    kinds = small.replace(b"LSD", b"LSD", 1).replace(marker.encode(), f" {marker}"[: len(marker)].encode())
    table = [
        ["SSN", "Last name", "First name", "Payment kind", "Expected payment date", "Payment description"]
    ]
    table += [["980010001", marker, "ROBIN", marker, marker, f"={marker}"] for _ in range(50)]
    headed = [[*table[0], f"Heading {marker}"], *([*row, marker] for row in table[1:])]
    return {
        "right.txt": fixed,
        "small-letters.txt": wrong.replace(marker.encode(), marker.lower().encode()),
        "names.txt": small,
        "moved.txt": kinds,
        "unknown-records.txt": fixed.replace(b"\nLSD", b"\n" + marker[:3].encode()),
        "no-layout.txt": f"{marker}\n".encode() * 100,
        "no-line-ends.txt": marker.encode() * 500,
        "cells.csv": csv_of(table),
        "headings.csv": csv_of(headed),
        "quotes.csv": csv_of(table) + f'"{marker}'.encode(),
        "cells.xlsx": workbook(table),
        "headings.xlsx": unpacked(workbook(headed)),
        "damaged.xlsx": workbook(table)[:-30] + marker.encode() * 3,
    }


def csv_of(rows: list[list[str]]) -> bytes:
    return b"".join(",".join(row).encode() + b"\r\n" for row in rows)


def workbook(rows: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def unpacked(book: bytes) -> bytes:
    """The same workbook with its parts stored as they are, so that the marker stands in the file itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for part in source.namelist():
            target.writestr(part, source.read(part))
    return out.getvalue()


def test_a_marker_in_a_big_file_is_never_on_a_disk(watched: Portal, marker: str, tmp_path: Path) -> None:
    content, account = big(marker), watched.account("erin.payne")
    api, headers = Api(watched, account), Pages(watched, account).headers
    uploads = [
        lambda pieces: Api(watched, account).sent("files", "api.txt", pieces),
        lambda pieces: by_form(Http(watched, **headers), "form.txt", pieces),
        lambda pieces: by_script(Http(watched, **headers), "raw.txt", pieces),
        lambda pieces: put(watched, "/inbox/files/sftp.txt", pieces),
        lambda pieces: put(watched, "/inbox/files/broken-off.txt", half(pieces), close=False),
    ]
    with DiskWatch(watched, marker, tmp_path) as watch, ThreadPoolExecutor(len(uploads)) as pool:
        for one in [pool.submit(upload, slowly(content, watch)) for upload in uploads]:
            one.result()
        done = [api.settled_named(f"{name}.txt") for name in ("api", "form", "raw", "sftp")]
        assert {(one["status"], one["size"]) for one in done} == {("COMPLETE", len(content))}
        assert api.content(done[0]["id"]) == content
    assert watch.seen == set()


def half(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return itertools.islice(pieces, PIECES // 2)


def by_form(pages: Http, name: str, pieces: Iterator[bytes]) -> None:
    kind, opening, closing = form_around("files", name)
    body = itertools.chain([opening], pieces, [closing])
    assert pages.ask("POST", "/files/send", body, Content_Type=kind).status == 303


def by_script(pages: Http, name: str, pieces: Iterator[bytes]) -> None:
    place = f"/files/raw?program=files&filename={name}"
    assert pages.ask("POST", place, pieces, Accept="application/json").status == 201


def test_a_marker_in_records_is_never_on_a_disk(
    watched: Portal, marker: str, fein_of: Callable[[Portal, str], str], tmp_path: Path
) -> None:
    account = watched.account("erin.payne")
    api, pages = Api(watched, account), Pages(watched, account)
    files = records(fein_of(watched, account.username), marker)
    with DiskWatch(watched, marker, tmp_path) as watch:
        for name, content in files.items():
            api.sent("lump-sum", f"api-{name}", content)
            put(watched, f"/inbox/lump-sum/sftp-{name}", [content])
            assert pages.send("lump-sum", f"web-{name}", content).status == 303
        shown = {name: api.settled_named(f"api-{name}") for name in files}
        for name in files:
            api.settled_named(f"sftp-{name}")
            api.settled_named(f"web-{name}")
        findings = [api.findings(one["id"]) for one in shown.values()]
    assert shown["right.txt"]["status"] == "COMPLETE"
    assert shown["right.txt"]["findings_count"] == 0
    assert all(one["findings_count"] for name, one in shown.items() if name != "right.txt"), shown
    assert any(marker in str(found) for found in findings), "the sender is shown what was found"
    assert watch.seen == set()


def test_the_watch_sees_files_and_what_has_no_name_any_more(tmp_path: Path, marker: str) -> None:
    home, temp, beside = tmp_path / "home", tmp_path / "temp", tmp_path / "beside"
    for folder in (home, temp, beside):
        folder.mkdir()
    unlinked = beside / "unlinked"
    like = SimpleNamespace(home=home, temp=temp, log_files=list, note_processes=lambda: {os.getpid()})
    with unlinked.open("w") as held, MarkerWatch(cast("Portal", like), marker, [beside]) as watch:
        unlinked.unlink()
        held.write(f"a spool with {marker} in it")
        held.flush()
        (home / "portal.db-wal").write_bytes(b"\0" * 9_000_000 + marker.lower().encode())
        (temp / "upload").write_text(marker)
        time.sleep(0.5)
    assert len(watch.seen) == 3, watch.seen


def test_the_watch_sees_what_a_database_writes(watched: Portal, marker: str, tmp_path: Path) -> None:
    engine = create_engine(watched.database.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with DiskWatch(watched, marker, tmp_path) as watch:
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE noted (words TEXT)"))
                connection.execute(text("INSERT INTO noted VALUES (:words)"), {"words": marker})
            with engine.begin() as connection:
                connection.execute(text("DROP TABLE noted"))
        assert watch.seen, "the log of what was written keeps even what was dropped"
    finally:
        engine.dispose()


def put(portal: Portal, place: str, pieces: Iterable[bytes], *, close: bool = True) -> None:
    client = paramiko_client(portal, portal.account("erin.payne"))
    try:
        file = client.open(place, "wb")
        for piece in pieces:
            file.write(piece)
        if close:
            file.close()
    finally:
        client.get_channel().get_transport().close()  # type: ignore[union-attr]  # open: it is there
