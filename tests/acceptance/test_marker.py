"""No plaintext at rest: a marker inside uploaded files is on no disk, during or after the upload."""

import io
import os
import secrets
import string
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import openpyxl
import pytest

from tests.acceptance.doors import Api, Pages, form_of, paramiko_client
from tests.acceptance.files import lump_sum
from tests.acceptance.running import Portal
from tests.acceptance.sizes import sized
from tests.acceptance.watching import MarkerWatch

BIG, SLOWLY = sized(12, 64) * 1024 * 1024, 3.0
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("acceptance-marker")]


@pytest.fixture
def marker() -> str:
    return "MARK" + "".join(secrets.choice(string.ascii_uppercase) for _ in range(14))


@pytest.fixture
def watched(own_portal: Callable[..., Portal]) -> Portal:
    return own_portal()


def slowly(content: bytes) -> Iterator[bytes]:
    """The content in pieces, over some seconds, so that whatever lies about meanwhile is seen."""
    pieces = 48
    size = -(-len(content) // pieces)
    for start in range(0, len(content), size):
        yield content[start : start + size]
        time.sleep(SLOWLY / pieces)


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
    pages, api = Pages(watched, account), Api(watched, account)
    with MarkerWatch(watched, marker, [tmp_path]) as watch:
        handed = api.send("files", "api.txt", slowly(content))
        assert handed.status == 201
        kind, body = form_of("files", "form.txt", content)
        assert pages.ask("POST", "/files/send", slowly(body), Content_Type=kind).status == 303
        raw = pages.ask(
            "POST", "/files/raw?program=files&filename=raw.txt", slowly(content), Accept="application/json"
        )
        assert raw.status == 201
        put(watched, "/inbox/files/sftp.txt", slowly(content))
        half = slowly(content[: len(content) // 2])
        put(watched, "/inbox/files/broken-off.txt", half, close=False)
        for name in ("api.txt", "form.txt", "raw.txt", "sftp.txt"):
            done = api.settled_named(name)
            assert (done["status"], done["size"]) == ("COMPLETE", len(content))
        assert api.content(handed.json["id"]) == content
    assert watch.looks > 20, "it was watched while it came in"
    assert watch.seen == set()


def test_a_marker_in_records_is_never_on_a_disk(
    watched: Portal, marker: str, fein_of: Callable[[Portal, str], str], tmp_path: Path
) -> None:
    account = watched.account("erin.payne")
    api, pages = Api(watched, account), Pages(watched, account)
    files = records(fein_of(watched, account.username), marker)
    with MarkerWatch(watched, marker, [tmp_path]) as watch:
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


def put(portal: Portal, place: str, pieces: Iterator[bytes] | list[bytes], *, close: bool = True) -> None:
    client = paramiko_client(portal, portal.account("erin.payne"))
    try:
        file = client.open(place, "wb")
        for piece in pieces:
            file.write(piece)
        if close:
            file.close()
    finally:
        client.get_channel().get_transport().close()  # type: ignore[union-attr]
