"""Host keys change with notice: clients that can learn the next ones do, and no connection is lost."""

import json
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paramiko
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from exchange.runtime import Exchange
from sftp_gateway import host_keys, rotation, wire
from sftp_gateway.host_keys import HostKeyExposedError, public_line
from sftp_gateway.rotation import OVERLAP, KeyRing, RotationError
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp, wait_until

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SWITCH = NOW + timedelta(days=30)
MOMENT = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of 3,072 bits takes most of a second to make."""
    monkeypatch.setattr(host_keys, "_RSA_BITS", 1024)


def lines(keys: tuple[paramiko.PKey, ...]) -> set[str]:
    return set(map(public_line, keys))


def test_the_next_keys_are_announced_then_serve_and_then_the_old_ones_are_forgotten(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    old = lines(ring.at(NOW).keys)
    rotation.rotate(tmp_path, NOW, SWITCH)
    in_grace, after, later = (ring.at(at) for at in (SWITCH - MOMENT, SWITCH, SWITCH + OVERLAP))
    assert (lines(in_grace.keys), lines(in_grace.others) & old) == (old, set())
    assert [key.get_name() for key in in_grace.others] == ["ssh-ed25519", "ssh-rsa"]
    assert (lines(after.keys), lines(after.others)) == (lines(in_grace.others), old)
    assert (lines(later.keys), later.others) == (lines(after.keys), ())


def test_what_is_told_of_the_keys_has_the_time_of_the_change(tmp_path: Path) -> None:
    (first,) = {(key.since, key.until) for key in KeyRing(tmp_path).told()}
    rotation.rotate(tmp_path, NOW, SWITCH)
    told = [(key.since, key.until) for key in KeyRing(tmp_path).told()]
    assert (first, told) == ((None, None), [(None, SWITCH)] * 2 + [(SWITCH, None)] * 2)


def test_a_set_that_was_taken_back_is_gone_as_if_never_made(tmp_path: Path) -> None:
    before = KeyRing(tmp_path).at(NOW)
    rotation.rotate(tmp_path, NOW, SWITCH)
    rotation.withdraw(tmp_path, NOW)
    after = KeyRing(tmp_path).at(SWITCH)
    assert (lines(after.keys), after.others) == (lines(before.keys), ())
    assert {file.name for file in tmp_path.iterdir()} == {
        host_keys.ED25519_FILE,
        host_keys.RSA_FILE,
        rotation.PLAN_FILE,
    }


def test_keys_that_are_not_to_be_trusted_are_gone_at_once(tmp_path: Path) -> None:
    old = KeyRing(tmp_path).at(NOW)
    rotation.rotate(tmp_path, NOW, SWITCH)
    announced = KeyRing(tmp_path).at(NOW).others
    rotation.rotate(tmp_path, NOW, SWITCH, at_once=True)
    found = KeyRing(tmp_path).at(NOW)
    assert (lines(found.keys), found.others) == (lines(announced), ())  # those some clients know already
    assert not (tmp_path / host_keys.ED25519_FILE).exists()
    rotation.rotate(tmp_path, NOW, SWITCH, at_once=True)
    assert not lines(KeyRing(tmp_path).at(NOW).keys) & (lines(old.keys) | lines(announced))


def test_private_keys_whose_time_is_over_are_removed_by_the_next_change(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    rotation.rotate(tmp_path, NOW, SWITCH)
    again = SWITCH + OVERLAP
    rotation.rotate(tmp_path, again, again + timedelta(days=30))
    names = {file.name for file in tmp_path.iterdir()} - {rotation.PLAN_FILE}
    assert names == {
        f"{name}.{number}" for name in ("ssh_host_ed25519_key", "ssh_host_rsa_key") for number in (2, 3)
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_one_change_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(RotationError, match="No keys are waiting"):
        rotation.withdraw(tmp_path, NOW)
    rotation.rotate(tmp_path, NOW, SWITCH)
    with pytest.raises(RotationError, match="2026-12-22 12:00 UTC"):
        rotation.rotate(tmp_path, NOW, SWITCH)
    with pytest.raises(RotationError, match="No keys are waiting"):
        rotation.withdraw(tmp_path, SWITCH)


def test_an_ecdsa_key_of_the_operator_changes_with_the_others(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    host_keys.make(tmp_path, ecdsa=True)
    rotation.rotate(tmp_path, NOW, SWITCH)
    kinds = [key.get_name() for key in KeyRing(tmp_path).at(SWITCH).keys]
    assert kinds == ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]


def test_a_machine_whose_clock_is_behind_still_has_keys(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    rotation.rotate(tmp_path, NOW, SWITCH, at_once=True)
    assert KeyRing(tmp_path).at(NOW - timedelta(hours=1)).keys


def test_a_copy_of_the_folder_on_another_machine_changes_at_the_same_moment(tmp_path: Path) -> None:
    KeyRing(tmp_path / "one")
    rotation.rotate(tmp_path / "one", NOW, SWITCH)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    one, two = KeyRing(tmp_path / "one"), KeyRing(tmp_path / "two")
    for moment in (SWITCH - MOMENT, SWITCH):
        assert lines(one.at(moment).keys) == lines(two.at(moment).keys)
    assert lines(one.at(SWITCH - MOMENT).keys) != lines(one.at(SWITCH).keys)


@pytest.mark.parametrize("content", ["{", "[]", '{"sets": [{"number": 1}]}'])
def test_a_damaged_plan_stops_a_start_but_not_a_gateway_that_runs(tmp_path: Path, content: str) -> None:
    ring = KeyRing(tmp_path)
    before = ring.at(NOW)
    host_keys.replace(tmp_path / rotation.PLAN_FILE, content.encode())
    assert ring.at(NOW) == before
    with pytest.raises(RotationError, match="cannot be read"):
        KeyRing(tmp_path)


def test_a_plan_that_others_can_read_is_refused_like_a_key(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    rotation.rotate(tmp_path, NOW, SWITCH)
    (tmp_path / rotation.PLAN_FILE).chmod(0o644)
    with pytest.raises(HostKeyExposedError):
        KeyRing(tmp_path)


class Learner(Sftp):
    """OpenSSH's client with a list of its own, in which it may write."""

    @property
    def learned(self) -> Path:
        return self.folder / "learned"

    def sign_in(self) -> set[str]:
        """Sign in to a gateway that it must know; what it knows afterwards."""
        options = [f"-oUserKnownHostsFile={self.learned}", "-oUpdateHostKeys=yes"]
        self.batch("ls", options=options)
        return {" ".join(line.split()[1:3]) for line in self.learned.read_text().splitlines()}

    @property
    def ssh_options(self) -> list[str]:
        return [option for option in super().ssh_options if "UserKnownHostsFile" not in option]


def portal(exchange: Exchange, folder: Path, *words: str) -> str:
    command = ["keys", "host", *words, "--home", str(exchange.settings.home)]
    done = CliRunner().invoke(app, command, env={"PORTAL_HOST_KEYS": str(folder)})
    assert done.exit_code == 0, done.output
    return done.output


def listed(exchange: Exchange, folder: Path, state: str) -> set[str]:
    found = json.loads(portal(exchange, folder, "list", "--json"))
    return {one["line"] for one in found if one["state"] == state}


def bring_forward(folder: Path, since: datetime) -> None:
    """Let the set that waits serve from another moment on."""
    plan = json.loads((folder / rotation.PLAN_FILE).read_text())
    plan["sets"][-1]["since"] = since.isoformat()
    host_keys.replace(folder / rotation.PLAN_FILE, json.dumps(plan).encode())


def test_openssh_learns_the_next_keys_and_forgets_the_old_ones(
    exchange: Exchange, start_gateway: Callable[..., Gateway], user: User, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    gateway = start_gateway(settings={"host_keys": str(folder)})
    client = Learner(gateway, user, tmp_path)
    old = set(gateway.keys.public_lines)
    client.learned.write_text(f"[127.0.0.1]:{gateway.port} {gateway.keys.public_line}\n")
    assert client.sign_in() == old  # it knew one of two
    said = portal(exchange, folder, "rotate")
    coming = listed(exchange, folder, "next")
    assert (len(coming), said.count("next")) == (2, 2)
    assert client.sign_in() == old | coming
    portal(exchange, folder, "withdraw")
    assert client.sign_in() == old
    portal(exchange, folder, "rotate")
    coming = listed(exchange, folder, "next")
    client.sign_in()
    portal(exchange, folder, "rotate", "--at-once")
    assert client.sign_in() == coming == listed(exchange, folder, "in use")
    assert "Traceback" not in gateway.log


def test_a_change_comes_by_itself_and_leaves_open_connections_alone(
    exchange: Exchange, start_gateway: Callable[..., Gateway], user: User, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    gateway = start_gateway(settings={"host_keys": str(folder)})
    client, open_since_before = Learner(gateway, user, tmp_path), gateway.client(user)
    client.learned.write_text(f"[127.0.0.1]:{gateway.port} {gateway.keys.public_line}\n")
    portal(exchange, folder, "rotate")
    coming = listed(exchange, folder, "next")
    assert coming <= client.sign_in()
    bring_forward(folder, exchange.clock() + timedelta(seconds=1))
    wait_until(lambda: listed(exchange, folder, "in use") == coming)
    assert client.sign_in() == coming | set(gateway.keys.public_lines)  # forgotten a day later
    assert public_line(gateway.transport().get_remote_server_key()) in coming
    channel = open_since_before.get_channel()
    assert channel is not None
    channel.get_transport().renegotiate_keys()
    assert open_since_before.listdir("/inbox")


@pytest.fixture
def transport(gateway: Gateway, user: User) -> paramiko.Transport:
    """A client that gives itself out for OpenSSH's and is signed in."""
    opened = paramiko.Transport(gateway.connect())
    opened.local_version = "SSH-2.0-OpenSSH_10.0"
    gateway.connections.append(opened)
    opened.start_client(timeout=20)
    opened.auth_publickey(user.name, user.key)
    return opened


def proofs_of(transport: paramiko.Transport, *keys: paramiko.PKey) -> paramiko.Message | None:
    return transport.global_request("hostkeys-prove-00@openssh.com", tuple(key.asbytes() for key in keys))


def test_every_announced_key_is_proved_for_this_connection(
    transport: paramiko.Transport, gateway: Gateway
) -> None:
    keys = gateway.keys.keys
    answer = proofs_of(transport, *keys)
    assert answer is not None
    assert transport.session_id
    for key in (paramiko.Ed25519Key(data=keys[0].asbytes()), paramiko.RSAKey(data=keys[1].asbytes())):
        what = ("hostkeys-prove-00@openssh.com", transport.session_id, key.asbytes())
        data = b"".join(wire.string(part) for part in what)
        signature = answer.get_binary()
        assert key.verify_ssh_sig(data, paramiko.Message(signature))
        assert not key.verify_ssh_sig(data[:-1], paramiko.Message(signature))


def test_proofs_are_given_once(transport: paramiko.Transport, gateway: Gateway) -> None:
    assert proofs_of(transport, *gateway.keys.keys)
    assert proofs_of(transport, *gateway.keys.keys) is None
    assert transport.is_active()


def test_nothing_is_signed_for_a_key_that_is_not_ours(
    transport: paramiko.Transport, gateway: Gateway, user: User
) -> None:
    assert proofs_of(transport, gateway.keys.keys[0], user.key) is None


def test_a_key_named_twice_is_refused(transport: paramiko.Transport, gateway: Gateway) -> None:
    assert proofs_of(transport, gateway.keys.keys[0], gateway.keys.keys[0]) is None


def test_nothing_is_signed_for_a_client_that_was_told_nothing(gateway: Gateway, user: User) -> None:
    client = gateway.client(user)
    channel = client.get_channel()
    assert channel is not None
    assert proofs_of(channel.get_transport(), *gateway.keys.keys) is None


def test_nothing_is_signed_before_login(gateway: Gateway) -> None:
    transport = gateway.transport()
    transport.local_version = "SSH-2.0-OpenSSH_10.0"
    assert proofs_of(transport, *gateway.keys.keys) is None
