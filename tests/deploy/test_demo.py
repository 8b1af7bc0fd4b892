"""`portal demo` from outside: what it writes, who gets in, what comes back after a kill, what is left."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from roles.permissions import ROLES, Role
from tests.deploy.command_line import Portal
from tests.deploy.demonstration import Account, Demonstration, alive, children, until

pytestmark = pytest.mark.xdist_group("demonstration")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A demonstration that was started once and stopped."""
    made = Demonstration(tmp_path_factory.mktemp("demo") / "home")
    try:
        assert made.stop() == 0, made.output.read_text()
    finally:
        made.end()
    return made


@pytest.fixture(scope="module")
def demo(first: Demonstration) -> Iterator[Demonstration]:
    """The same, started again; the tests share it."""
    running = Demonstration(first.home)
    yield running
    running.end()


@pytest.fixture
def own(first: Demonstration, tmp_path: Path) -> Iterator[Demonstration]:
    """A demonstration that the test may break."""
    running = Demonstration(Path(shutil.copytree(first.home, tmp_path / "home")))
    yield running
    running.end()


def test_demo_json_is_for_its_owner_and_has_the_shape_of_the_contract(demo: Demonstration) -> None:
    assert (demo.home / "demo.json").stat().st_mode & 0o777 == 0o600
    assert set(demo.facts) == {"web", "sftp", "receipt_key", "accounts"}
    assert set(demo.facts["sftp"]) == {"host", "port", "host_key"}
    assert demo.facts["sftp"]["host_key"].startswith("ssh-ed25519 AAAA")
    assert Path(demo.facts["receipt_key"]).read_text().startswith("-----BEGIN PUBLIC KEY-----")
    named = {"role", "organization", "name", "username", "password", "totp_secret", "api_token"}
    for account in demo.accounts:
        assert set(account) - {"sftp"} == named
        base64.b32decode(account["totp_secret"])


def test_every_role_has_an_account_and_employers_are_two_organizations(demo: Demonstration) -> None:
    roles = Counter(account["role"] for account in demo.accounts)
    assert set(roles) == {role.value for role in Role}
    assert roles["employer"] >= 2
    assert len({a["organization"] for a in demo.accounts if a["role"] == "employer"}) >= 2


def test_sftp_is_offered_only_to_roles_that_may_use_it(demo: Demonstration) -> None:
    for account in demo.accounts:
        assert ("sftp" in account) == ROLES[Role(account["role"])].uses_sftp


def test_every_account_signs_in_by_password_and_code(demo: Demonstration) -> None:
    for account in demo.accounts:
        cookie = demo.sign_in(account)
        assert cookie, account["username"]
        status, page, _ = demo.ask("GET", "/home", headers={"Cookie": cookie})
        assert status == 200
        assert account["organization"].encode() in page


def test_every_token_opens_the_api_and_no_list_is_empty(demo: Demonstration) -> None:
    for account in demo.accounts:
        deadline = time.monotonic() + 60  # the worker is still delivering the history when the doors open
        while not listed(demo, account) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert listed(demo, account), account["username"]


def test_the_guide_is_there_and_its_answers_differ_in_age(demo: Demonstration) -> None:
    status, body, _ = demo.ask("GET", "/api/v1/guide/jurisdictions/20000")
    assert status == 200
    answers = json.loads(body)["answers"]
    assert "age-of-majority" in {one["question"] for one in answers}
    assert len({one["published_at"][:10] for one in answers}) > 1


@pytest.mark.parametrize(
    ("role", "code"), [("state", "20000"), ("tribe", "90830"), ("international", "80XR")]
)
def test_whoever_keeps_a_part_of_the_guide_has_one(demo: Demonstration, role: str, code: str) -> None:
    cookie = demo.sign_in(demo.account(role))
    status, _, headers = demo.ask("GET", "/guide/keep", headers={"Cookie": cookie})
    assert (status, headers["Location"]) == (303, f"/guide/keep/{code}")


def listed(demo: Demonstration, account: Account) -> list[object]:
    headers = {"Authorization": f"Bearer {account['api_token']}"}
    status, body, _ = demo.ask("GET", "/api/v1/transfers", headers=headers)
    assert status == 200
    items: list[object] = json.loads(body)["items"]
    return items


@pytest.mark.clients
def test_every_sftp_key_opens_the_sftp_door_with_the_host_key_that_was_told(demo: Demonstration) -> None:
    if shutil.which("sftp") is None:
        pytest.skip("sftp is not installed (Debian package openssh-client)")
    for account in demo.accounts:
        if "sftp" in account:
            assert "/outbox" in sftp(demo, account, "ls -1 /")


def sftp(demo: Demonstration, account: Account, command: str) -> str:
    facts = demo.facts["sftp"]
    known = demo.home.with_suffix(".known_hosts")
    known.write_text(f"[{facts['host']}]:{facts['port']} {facts['host_key']}\n")
    options = (
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={known}",
        "IdentitiesOnly=yes",
        "BatchMode=yes",
    )
    done = subprocess.run(
        [
            *(
                "sftp",
                "-q",
                "-b",
                "-",
                "-P",
                str(facts["port"]),
                "-i",
                account["sftp"]["private_key"],
                "-F",
                "none",
            ),
            *(word for option in options for word in ("-o", option)),
            f"{account['sftp']['username']}@{facts['host']}",
        ],
        input=command + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_shows_every_sign_in(demo: Demonstration) -> None:
    shown = demo.output.read_text()
    for account in demo.accounts:
        assert account["username"] in shown
        assert account["password"] in shown
    assert demo.facts["web"] in shown


def test_accounts_outlive_a_restart_and_addresses_are_told_anew(
    first: Demonstration, demo: Demonstration
) -> None:
    assert demo.accounts == first.accounts
    assert demo.facts["sftp"]["host_key"] == first.facts["sftp"]["host_key"]
    assert demo.ask("GET", "/healthz")[0] == 200


def greeting(demo: Demonstration) -> bytes:
    address = (demo.facts["sftp"]["host"], demo.facts["sftp"]["port"])
    with socket.create_connection(address, 60) as caller:
        return caller.recv(64)


def family_of(demo: Demonstration) -> list[int]:
    parts = demo.parts().values()
    return [*parts, *(child for pid in parts for child in children(pid))]


def test_a_part_that_is_killed_comes_back_at_the_same_address_and_ctrl_c_leaves_no_process(
    own: Demonstration,
) -> None:
    until(lambda: len(own.parts()) == 3)
    for part in ("web", "sftp", "worker"):
        killed = own.parts()[part]
        os.kill(killed, signal.SIGKILL)
        until(lambda part=part, killed=killed: own.parts().get(part) not in {None, killed})
    assert own.ask("GET", "/healthz")[0] == 200
    assert greeting(own).startswith(b"SSH-2.0-")
    with idle(own):
        family = family_of(own)
        assert own.stop(signal.SIGINT) == 0
    until(lambda: not [pid for pid in family if alive(pid)])  # the kernel's own time to end what was killed
    assert "did not stop" not in own.output.read_text()


@contextmanager
def idle(demo: Demonstration) -> Iterator[None]:
    """A connection that says no more than who it is."""
    address = (demo.facts["sftp"]["host"], demo.facts["sftp"]["port"])
    with socket.create_connection(address, 60) as caller:
        caller.sendall(b"SSH-2.0-idle\r\n")  # a process is made for whoever speaks
        until(lambda: len(family_of(demo)) == 5)  # with the one that writes who is connected
        yield


def test_a_parent_that_is_killed_leaves_no_process(own: Demonstration) -> None:
    assert own.ask("GET", "/healthz")[0] == 200
    with idle(own):
        family = family_of(own)
        own.process.kill()
        until(lambda: not [pid for pid in family if alive(pid)])


def test_a_second_one_in_the_same_home_is_refused(demo: Demonstration, portal: Portal) -> None:
    second = portal("demo", "--home", demo.home, "--web", "127.0.0.1:0", "--sftp", "127.0.0.1:0")
    assert second.code == 1
    assert "already runs" in second.err
    assert demo.ask("GET", "/healthz")[0] == 200
    assert (demo.home / "demo.json").exists()


def test_a_port_that_is_taken_is_one_sentence(demo: Demonstration, portal: Portal, tmp_path: Path) -> None:
    taken = demo.facts["web"].removeprefix("http://")
    outcome = portal("demo", "--home", tmp_path / "other", "--web", taken, "--sftp", "127.0.0.1:0")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert taken in outcome.err


def test_an_installation_in_earnest_is_never_taken_for_a_demonstration(
    home: Path, portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    before = (home / "portal.db").read_bytes()
    outcome = portal("demo", "--home", home, "--web", "127.0.0.1:0", "--sftp", "127.0.0.1:0")
    assert outcome.code == 1
    assert "not a demonstration" in outcome.err
    assert (home / "portal.db").read_bytes() == before


def test_the_history_is_answered_and_its_journal_whole(demo: Demonstration, portal: Portal) -> None:
    account = demo.account("employer")
    headers = {"Authorization": f"Bearer {account['api_token']}"}

    def statuses() -> list[str]:
        _, body, _ = demo.ask("GET", "/api/v1/transfers?direction=inbound", headers=headers)
        return [each["status"] for each in json.loads(body)["items"]]

    until(lambda: set(statuses()) <= {"COMPLETE", "REJECTED"}, 60)
    assert "REJECTED" not in statuses()
    assert portal("journal", "verify", "--home", demo.home).code == 0


def test_the_desk_of_staff_is_not_empty_and_letters_can_be_read(demo: Demonstration) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    entered = demo.ask("POST", "/sign-in/demonstration", "username=olive.staffer", form)[2]
    cookie = {"Cookie": str(entered["Set-Cookie"]).partition(";")[0]}
    queue = demo.ask("GET", "/staff/registrations", headers=cookie)[1].decode()
    assert {"Bluestem Life Insurance", "Meadowlark Payroll Services"} <= set(
        re.findall(r"[A-Z][\w ]+", queue)
    )
    recorded = demo.ask("GET", "/staff/clearances", headers=cookie)[1].decode()
    assert "Cedar Bend Tribal Child Support Office" in recorded
    status, letters, _ = demo.ask("GET", "/demonstration/letters")
    assert status == 200
    assert b"Confirm your email address" in letters
    assert b"Something is waiting for you" not in letters
