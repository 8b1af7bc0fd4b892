"""No process grows with the files: each stays under 200 MB while a huge file passes through."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.bench.memory import MemoryWatch
from tests.acceptance.doors import Api, OpenSsh, pieces_of
from tests.acceptance.running import Portal
from tests.acceptance.sizes import sized

MEBIBYTE = 1024 * 1024
SIZE = sized(300, 2048) * MEBIBYTE
RECORD = 401
MOST = 200 * MEBIBYTE
SECONDS = sized(300, 3000)
pytestmark = [pytest.mark.timeout(3 * SECONDS), pytest.mark.xdist_group("acceptance-memory")]


def test_no_process_grows_with_a_huge_file(own_portal: Callable[..., Portal], tmp_path: Path) -> None:
    portal = own_portal()
    account = portal.account("erin.payne")
    file = sampled(portal, tmp_path)
    api, sftp = Api(portal, account), OpenSsh(portal, account, tmp_path)
    with MemoryWatch({"portal": portal.pid}) as watch:
        handed = api.sent("lump-sum", "by-api.txt", file)
        sftp.put(file, "/inbox/files/by-sftp.bin", seconds=SECONDS)
        told = api.settled(handed["id"], SECONDS)
        assert (told["status"], told["records"]) == ("COMPLETE", SIZE // RECORD)
        digest = hashlib.sha256(b"").hexdigest() if not SIZE else sha256_of(file)
        assert told["sha256"] == digest == downloaded(api, handed["id"])
        api.settled_named("by-sftp.bin", SECONDS)
        back = tmp_path / "back.bin"
        sftp.get("/inbox/files/by-sftp.bin", back, seconds=SECONDS)
        assert sha256_of(back) == digest
        result = api.answers(handed["id"])[".res"]
        assert downloaded(api, result["id"]) == result["sha256"]
    peaks = {f"{title} {pid}": peak // MEBIBYTE for (_, pid, title), peak in watch.peaks.items()}
    print(f"{SIZE // MEBIBYTE} MiB, peaks in MiB: {peaks}")
    assert {"web", "worker", "sftp"} <= {title for _, _, title in watch.peaks}
    assert max(watch.peaks.values()) < MOST, peaks


def sampled(portal: Portal, folder: Path) -> Path:
    file = folder / "huge.txt"
    wanted = ["--records", str(SIZE // RECORD), "--seed", "21", "--errors", "1"]
    whose = ["--home", str(portal.home), "--account", "erin.payne"]
    portal.run("sample", "lump-sum", *wanted, *whose, str(file), seconds=SECONDS)
    assert file.stat().st_size >= SIZE * 0.99
    return file


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(file):
        digest.update(piece)
    return digest.hexdigest()


def downloaded(api: Api, identifier: str) -> str:
    """The digest of what the API gives out, read as it comes."""
    api.close()
    answer: Any = api.stream(f"/api/v1/transfers/{identifier}/content")
    digest = hashlib.sha256()
    while piece := answer.read(MEBIBYTE):
        digest.update(piece)
    api.close()
    return digest.hexdigest()
