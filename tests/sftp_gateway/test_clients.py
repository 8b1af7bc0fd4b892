"""The programs partners use, against the gateway: what one of them cannot do at all is left out by name."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest

from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.views import TransferView
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import TOOLS, Lftp, Sftp, Tool, wait_until

pytestmark = pytest.mark.clients

CONTENT = os.urandom(3_000_000)
LONG_AGO = 1_600_000_000
WITHOUT_LIST = {"OpenSSH scp"}
WITHOUT_RENAME = {"OpenSSH scp"}
WITHOUT_RESUME = {"OpenSSH scp", "rclone"}


@pytest.fixture
def local(tmp_path: Path) -> Path:
    file = tmp_path / "here.bin"
    file.write_bytes(CONTENT)
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


@pytest.fixture
def tool(request: pytest.FixtureRequest, gateway: Gateway, user: User, tmp_path: Path) -> Tool:
    return TOOLS[request.param](gateway, user, tmp_path)


def every(*, but: set[str] | None = None) -> pytest.MarkDecorator:
    names = [name for name in TOOLS if name not in (but or set())]
    return pytest.mark.parametrize("tool", names, indirect=True)


def entries(exchange: Exchange, user: User) -> dict[str, TransferView]:
    listed = delivery.folder(exchange, user.actor, Direction.INBOUND, "files")
    return {entry.name: entry.view for entry in listed if entry.view.status != Status.DRAFT}


def handed_over(exchange: Exchange, user: User) -> dict[str, int]:
    return {name: view.size for name, view in entries(exchange, user).items()}


def time_of(name: str, exchange: Exchange, user: User) -> float | None:
    view = entries(exchange, user).get(name)
    return view.modified_at.timestamp() if view else None


def draft_of(exchange: Exchange, user: User, name: str, content: bytes) -> None:
    arriving = intake.begin(exchange, user.actor, "files", name)
    arriving.write(content)
    arriving.suspend()


@every()
def test_what_is_put_is_handed_over_and_comes_back(
    tool: Tool, exchange: Exchange, user: User, local: Path, tmp_path: Path
) -> None:
    tool.put(local, "/inbox/files/report 1.bin")
    wait_until(lambda: handed_over(exchange, user) == {"report 1.bin": len(CONTENT)})
    tool.get("/inbox/files/report 1.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == CONTENT


@every()
def test_a_receipt_can_be_fetched(
    tool: Tool, exchange: Exchange, user: User, local: Path, tmp_path: Path
) -> None:
    tool.put(local, "/inbox/files/report.bin")
    tool.get("/receipts/report.bin.receipt.json", tmp_path / "receipt.json")
    signed = json.loads((tmp_path / "receipt.json").read_text())
    claims = json.loads(base64.urlsafe_b64decode(signed["payload"] + "=="))
    assert (claims["transfer"]["filename"], claims["size"]) == ("report.bin", len(CONTENT))


@every(but=WITHOUT_LIST)
def test_folders_are_listed(tool: Tool, exchange: Exchange, user: User, local: Path) -> None:
    tool.put(local, "/inbox/files/Überweisung März.bin")
    draft_of(exchange, user, "half.bin", b"x" * 1000)
    assert tool.names("/inbox/files") == {"Überweisung März.bin", "half.bin"}
    assert {name.rstrip("/") for name in tool.names("/inbox")} == {
        "debt-inquiry",
        "files",
        "income-withholding",
        "lump-sum",
        "messages",
        "termination",
    }


@every(but=WITHOUT_RESUME)
def test_a_half_upload_of_another_door_is_resumed(
    tool: Tool, exchange: Exchange, user: User, local: Path
) -> None:
    draft_of(exchange, user, "big.bin", CONTENT[:1_234_567])
    tool.resume(local, "/inbox/files/big.bin")
    wait_until(lambda: "big.bin" in handed_over(exchange, user))  # sshfs does not wait for its last answer
    entry = delivery.folder_entry(exchange, user.actor, Direction.INBOUND, "files", "big.bin")
    content = delivery.content(exchange, user.actor, entry.view.id)
    assert content.read(0, len(CONTENT) + 1) == CONTENT
    content.close()


@every(but=WITHOUT_RESUME | {"OpenSSH sftp"})
def test_a_draft_that_holds_every_byte_is_handed_over_by_whoever_resumes_it(
    tool: Tool, exchange: Exchange, user: User, local: Path
) -> None:
    draft_of(exchange, user, "big.bin", CONTENT)
    tool.resume(local, "/inbox/files/big.bin")
    wait_until(lambda: handed_over(exchange, user) == {"big.bin": len(CONTENT)})
    entry = delivery.folder_entry(exchange, user.actor, Direction.INBOUND, "files", "big.bin")
    assert entry.view.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_openssh_says_that_it_cannot_finish_a_draft_that_holds_every_byte(
    gateway: Gateway, exchange: Exchange, user: User, local: Path, tmp_path: Path
) -> None:
    draft_of(exchange, user, "big.bin", CONTENT)
    sftp = Sftp(gateway, user, tmp_path)
    assert "same size or larger" in sftp.batch(f'reput "{local}" "/inbox/files/big.bin"', fails=True)
    sftp.batch('rename "/inbox/files/big.bin" "/inbox/files/big.bin.part"')
    sftp.batch('rename "/inbox/files/big.bin.part" "/inbox/files/big.bin"')
    assert handed_over(exchange, user) == {"big.bin": len(CONTENT)}


@every(but=WITHOUT_RENAME)
def test_a_draft_is_handed_over_by_its_rename(
    tool: Tool, exchange: Exchange, user: User, local: Path
) -> None:
    tool.put(local, "/inbox/files/new.bin.part")
    assert handed_over(exchange, user) == {}
    tool.rename("/inbox/files/new.bin.part", "/inbox/files/new.bin")
    wait_until(lambda: handed_over(exchange, user) == {"new.bin": len(CONTENT)})


def test_lftp_hands_over_by_a_rename_when_it_is_told_to(
    gateway: Gateway, exchange: Exchange, user: User, local: Path, tmp_path: Path
) -> None:
    draft_of(exchange, user, "half.bin.part", CONTENT[:1_234_567])
    safely = ["set xfer:use-temp-file yes", "set xfer:temp-file-name *.part"]
    twice = [f'put "{local}" -o /inbox/files/new.bin'] * 2
    resumed = f'put -c "{local}" -o /inbox/files/half.bin'
    Lftp(gateway, user, tmp_path).script(*safely, *twice, resumed)
    assert [size for _, size in sorted(handed_over(exchange, user).items())] == [len(CONTENT)] * 3


@every(but={"curl", "lftp"})
def test_the_time_of_the_file_is_kept(tool: Tool, exchange: Exchange, user: User, local: Path) -> None:
    tool.put(local, "/inbox/files/old.bin")
    wait_until(lambda: time_of("old.bin", exchange, user) == LONG_AGO)


def test_openssh_shows_why_something_was_refused(
    gateway: Gateway, user: User, local: Path, tmp_path: Path
) -> None:
    sftp = Sftp(gateway, user, tmp_path)
    shown = sftp.batch(f'put "{local}" "/inbox/files/a\u202eb"', fails=True)
    assert "The file name cannot be used: it contains an invisible or direction-changing character" in shown
    sftp.put(local, "/inbox/files/done.bin")
    assert "was handed over and cannot be changed" in sftp.batch("rm /inbox/files/done.bin", fails=True)
    assert "Folders here are fixed" not in sftp.batch("-mkdir /inbox/files")


@pytest.mark.parametrize("name", ["OpenSSH sftp", "OpenSSH scp", "lftp", "curl", "rclone", "paramiko"])
def test_a_refused_hand_over_fails_the_job(
    small_gateway: Gateway, exchange: Exchange, user: User, local: Path, tmp_path: Path, name: str
) -> None:
    tool = TOOLS[name](small_gateway, user, tmp_path)
    with pytest.raises((AssertionError, OSError)):
        tool.put(local, "/inbox/files/too-large.bin")
    assert handed_over(exchange, user) == {}


def test_the_quota_is_shown_as_disk_space(
    gateway: Gateway, exchange: Exchange, user: User, local: Path, tmp_path: Path
) -> None:
    sftp = Sftp(gateway, user, tmp_path)
    sftp.put(local, "/inbox/files/report.bin")
    size, used, *_ = sftp.batch("df /inbox/files").splitlines()[-1].split()
    assert int(size) * 1024 == exchange.settings.quota
    assert int(used) * 1024 == pytest.approx(len(CONTENT), abs=8192)


@every(but={"curl", "paramiko"})  # have no such command
def test_a_tree_of_files_is_put_in_one_go(tool: Tool, exchange: Exchange, user: User, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for number in range(5):
        (tmp_path / "files" / f"{number}.txt").write_text("x" * number)
    tool.put_tree(tmp_path / "files", "/inbox/files")
    wait_until(lambda: handed_over(exchange, user) == {f"{number}.txt": number for number in range(5)})
