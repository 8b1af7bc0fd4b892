"""50,000 files and their receipts: listed by OpenSSH in parts, whole, quickly, and in little memory."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.database import transaction
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import intake
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp

pytestmark = pytest.mark.clients

FILES = 50_000
MOST_GROWTH = 24 * 1024  # KiB; names seen so far, and one page of rows
MOST_SECONDS = 40  # of a processor; eight are usual
OTHERWISE = {
    "id": "printf('%032x', random() & 9223372036854775807)",
    "filename": "printf('%05d.txt', i)",
    "created_at": "datetime(created_at, '-' || i || ' seconds') || '.000000'",
}


def seed(exchange: Exchange, user: User) -> None:
    """Hand one file over, and let its rows stand there 50,000 times more, each a second older."""
    with intake.begin(exchange, user.actor, "files", "00000.txt") as arriving:
        arriving.write(b"x")
        arriving.finish()
    names = [column.name for column in Transfer.__table__.columns]  # type: ignore[attr-defined]  # of SQLModel
    values = ", ".join(OTHERWISE.get(name, name) for name in names)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {FILES})"
    command = (
        f"INSERT INTO transfer ({', '.join(names)}) {numbers} SELECT {values} FROM transfer, n WHERE id = :id"
    )
    receipts = (
        "INSERT INTO receipt (transfer_id, jws) SELECT transfer.id, receipt.jws FROM transfer, receipt"
        " WHERE receipt.transfer_id = :id AND transfer.filename <> '00000.txt'"
        " AND transfer.organization_id = :of"  # other tests of this installation hand files over, too
    )
    with transaction(exchange.engine) as session:
        session.execute(text(command), {"id": arriving.id.hex})
        session.execute(text(receipts), {"id": arriving.id.hex, "of": user.actor.organization_id.hex})


def most_held(told: str) -> int:
    """The most memory that a process of the gateway had, in KiB."""
    return max(int(size) for size in re.findall(r"VmHWM:\s+(\d+) kB", told))


def spent(pid: int) -> float:
    """Seconds of a processor that a process has used, with those of its children that have ended."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in told[11:15]) / os.sysconf("SC_CLK_TCK")


def test_fifty_thousand_files_are_listed_in_parts_and_so_are_their_receipts(
    start_gateway: Callable[[], Gateway], exchange: Exchange, user: User, tmp_path: Path
) -> None:
    seed(exchange, user)
    gateway = start_gateway()
    pid = gateway.process.pid
    look = f"!for p in $(cat /proc/{pid}/task/{pid}/children); do grep VmHWM /proc/$p/status; done"
    for folder, ending in (("/inbox/files", ""), ("/receipts", ".receipt.json")):
        told = Sftp(gateway, user, tmp_path).batch(look, f"ls -1 {folder}", look)
        names = re.findall(rf"^{folder}/(\d{{5}}\.txt){re.escape(ending)} *$", told, re.MULTILINE)
        before, after = (most_held(half) for half in told.split(f"sftp> ls -1 {folder}"))
        assert len(set(names)) == len(names) == FILES + 1
        assert after - before < MOST_GROWTH
    Sftp(gateway, user, tmp_path).get("/receipts/25000.txt.receipt.json", tmp_path / "one")
    assert spent(pid) < MOST_SECONDS
    assert "payload" in json.loads((tmp_path / "one").read_text())
