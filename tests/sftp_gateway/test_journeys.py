"""What the programs of `journeys.py` do with the gateway; each goes through all its steps in one process."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from exchange.accounts import enrolment
from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.views import FolderEntry
from roles.permissions import Role
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User, make_user, starting
from tests.sftp_gateway.journeys import CLIENTS, Said, Step, new_pem
from tests.sftp_gateway.tools import Tool
from tests.support.partners import make_partner

pytestmark = pytest.mark.clients

CONTENT = os.urandom(2_000_000)
HELD = 1_234_567
LONG_AGO = 1_600_000_000
NAME = "Überweisung März 報告 отчёт تقرير.bin"
TREE = {"one.txt": b"1", "zwei ä.txt": b"22", "三.txt": b""}


@dataclass(frozen=True)
class Journey:
    """What a client did: its user, its own folder, and what it was told."""

    exchange: Exchange
    user: User
    folder: Path
    said: Said

    @property
    def entries(self) -> dict[str, FolderEntry]:
        found = delivery.folder(self.exchange, self.user.actor, Direction.INBOUND, "files")
        return {entry.name: entry for entry in found}

    def content(self, name: str) -> bytes:
        content = delivery.content(self.exchange, self.user.actor, self.entries[name].view.id)
        held = content.read(0, content.size)
        content.close()
        return held


def every(*, able: str = "") -> pytest.MarkDecorator:
    """Every client that can, as far as its row of the table says; one worker runs all tests of a client."""
    names = [name for name, client in CLIENTS.items() if able not in client.cannot]
    rows = [pytest.param(name, marks=pytest.mark.xdist_group(f"journey of {name}")) for name in names]
    return pytest.mark.parametrize("journey", rows, indirect=True)


@pytest.fixture(scope="session")
def ecdsa_gateway(
    exchange: Exchange, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Gateway]]:
    """A gateway as JSch needs it: with an ECDSA host key and NIST's curves; started when somebody comes."""
    folder = tmp_path_factory.mktemp("ecdsa")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    make = ["ssh-keygen", "-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", keys / "ssh_host_ecdsa_key"]
    with starting(exchange, folder) as start:

        @cache
        def started() -> Gateway:
            subprocess.run(make, check=True)
            return start(settings={"host_keys": str(keys), "sftp_nist_curves": True})

        yield started


@pytest.fixture(scope="session")
def journeys(
    exchange: Exchange,
    shared_gateway: Gateway,
    ecdsa_gateway: Callable[[], Gateway],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Journey]:
    @cache
    def of(name: str) -> Journey:
        folder = tmp_path_factory.mktemp("journey")
        user = make_user(exchange, make_partner(exchange, Role.EMPLOYER, next(NUMBERS)), folder)
        enrolment.add_ssh_key(exchange, user.partner.account.id, new_pem(folder / "key.pem"), "ECDSA")
        gateway = ecdsa_gateway() if CLIENTS[name].ecdsa else shared_gateway
        arriving = intake.begin(exchange, user.actor, "files", "big.bin")
        arriving.write(CONTENT[:HELD])
        arriving.suspend()
        steps = [step for step in route(folder) if step[0] not in CLIENTS[name].cannot]
        return Journey(exchange, user, folder, CLIENTS[name].take(Tool(gateway, user, folder), steps))

    return of


@pytest.fixture
def journey(request: pytest.FixtureRequest, journeys: Callable[[str], Journey]) -> Journey:
    client = CLIENTS[request.param]
    if client.missing():
        pytest.skip(f"{request.param} is not installed ({client.packages}; tests/install_tools)")
    return journeys(request.param)


def route(folder: Path) -> list[Step]:
    """All that a client is to do, with what it needs for that in its folder."""
    local, tree = folder / "here.bin", folder / "files"
    local.write_bytes(CONTENT)
    os.utime(local, (LONG_AGO, LONG_AGO))
    tree.mkdir()
    for name, content in TREE.items():
        (tree / name).write_bytes(content)
    return [
        ("put", str(local), f"/inbox/files/{NAME}"),
        ("stat", f"/inbox/files/{NAME}"),
        ("get", f"/inbox/files/{NAME}", str(folder / "back.bin")),
        ("resume", str(local), "/inbox/files/big.bin"),
        ("put", str(local), "/inbox/files/new.bin.part"),
        ("rename", "/inbox/files/new.bin.part", "/inbox/files/new.bin"),
        ("tree", str(tree), "/inbox/files"),
        ("names", "/inbox/files"),
    ]


@every(able="stat")
def test_the_size_is_told_right_after_a_put(journey: Journey) -> None:
    assert [size for size, _ in journey.said.stats] == [len(CONTENT)]


@every()
def test_what_is_put_is_handed_over_and_comes_back(journey: Journey) -> None:
    assert (journey.folder / "back.bin").read_bytes() == CONTENT
    assert journey.entries[NAME].view.status == Status.RECEIVED


@every()
def test_the_time_is_kept_by_whoever_can(journey: Journey, request: pytest.FixtureRequest) -> None:
    client = CLIENTS[request.node.callspec.params["journey"]]
    kept = journey.entries[NAME].view.modified_at.timestamp() == LONG_AGO
    assert kept is ("time" not in client.cannot)


@every()
def test_a_half_upload_is_resumed(journey: Journey) -> None:
    assert journey.content("big.bin") == CONTENT


@every()
def test_the_rename_of_a_draft_hands_it_over(journey: Journey) -> None:
    assert journey.content("new.bin") == CONTENT
    assert journey.entries["new.bin"].view.status == Status.RECEIVED


@every(able="tree")
def test_a_folder_is_put_as_a_whole(journey: Journey) -> None:
    assert {name: journey.content(name) for name in TREE} == TREE


@every()
def test_names_in_any_language_are_listed(journey: Journey) -> None:
    assert journey.said.names - {".", ".."} == set(journey.entries)
    assert {NAME, "big.bin", "new.bin"} <= journey.said.names
