"""Who is connected is seen, whatever becomes of them; one can be ended, and its client hears why."""

import io
import json
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from sqlmodel import select
from typer.testing import CliRunner

from deploy.cli import app
from exchange import connections
from exchange.connections import Motion, Shown
from exchange.database import reading
from exchange.measures import Tally, buckets
from exchange.models.connections import Gateway as GatewayRow
from exchange.runtime import Exchange
from exchange.transfers import intake
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp, wait_until

PATIENCE = 30


def seen(exchange: Exchange, user: User) -> list[Shown]:
    return [one for one in connections.looked_at(exchange).connections if one.username == user.name]


def children(gateway: Gateway) -> set[int]:
    listed = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text()
    return {int(child) for child in listed.split()}


def portal(exchange: Exchange, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--home", str(exchange.settings.home)])
    assert done.exit_code == 0, done.output
    return done.output


def open_sftp(tool: Sftp) -> subprocess.Popen[bytes]:
    """OpenSSH's own client, signed in and waiting for its next command."""
    options = [*tool.ssh_options, f"-P{tool.gateway.port}", f"{tool.user.name}@127.0.0.1"]
    return subprocess.Popen(
        ["sftp", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def test_a_client_is_seen_and_ended_with_words(
    exchange: Exchange, gateway: Gateway, user: User, tmp_path: Path
) -> None:
    with open_sftp(Sftp(gateway, user, tmp_path)) as client:
        wait_until(lambda: seen(exchange, user), PATIENCE)
        listed = json.loads(portal(exchange, "sessions", "--json"))
        (mine,) = (one for one in listed if one["account"] == user.name)  # who only looked may still be there
        assert (mine["account"], mine["source"], mine["method"]) == (user.name, "127.0.0.1", "publickey")
        assert mine["client"].startswith("OpenSSH_")
        assert min(mine["bytes_in"], mine["bytes_out"]) > 1000
        assert user.partner.organization.name in portal(exchange, "sessions")
        portal(exchange, "sessions", "end", mine["id"][:8])
        wait_until(lambda: not seen(exchange, user), PATIENCE)
        said, _ = client.communicate(b"ls\n", PATIENCE)
        assert b"OCSS ended this connection" in said
    assert user.name not in portal(exchange, "sessions")  # others may be connected still


def test_what_is_open_is_seen_and_a_killed_connection_is_not(
    exchange: Exchange, gateway: Gateway, user: User
) -> None:
    before = children(gateway)
    client = gateway.client(user)
    (pid,) = children(gateway) - before
    upload = client.open("/inbox/files/secret-name.bin", "wb")
    upload.write(bytes(300_000))
    expected = (Motion("files", "in", 300_000),)
    wait_until(lambda: [one.seen.moving for one in seen(exchange, user)] == [expected], PATIENCE)
    assert "secret-name" not in portal(exchange, "sessions", "--json") + gateway.log
    assert seen(exchange, user)[0].seen.bytes_in > 300_000
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not seen(exchange, user), PATIENCE)


def test_an_upload_that_is_ended_stays_a_draft(exchange: Exchange, gateway: Gateway, user: User) -> None:
    upload = gateway.client(user).open("/inbox/files/half.bin", "wb")
    upload.write(bytes(2_000_000))
    wait_until(lambda: seen(exchange, user), PATIENCE)
    connections.end(exchange, None, seen(exchange, user)[0].seen.id)
    wait_until(lambda: not seen(exchange, user), PATIENCE)
    (draft,) = intake.drafts(exchange, user.actor)
    assert draft.size == 2_000_000


def test_the_register_outlives_its_process_and_ends_with_the_gateway(
    start_gateway: Callable[..., Gateway], exchange: Exchange, user: User, stranger: User, tmp_path: Path
) -> None:
    gateway = start_gateway(connections_of_account=2)
    (registrar,) = children(gateway)  # nobody has come yet
    held = [gateway.client(user), gateway.client(user)]
    refused = Sftp(gateway, user, tmp_path).batch("ls", fails=True)
    assert "too many connections open at once" in refused
    assert gateway.client(stranger).listdir("/inbox")
    wait_until(lambda: len(seen(exchange, user)) == 2, PATIENCE)
    os.kill(registrar, signal.SIGKILL)
    held[0].putfo(io.BytesIO(b"well"), "/inbox/files/well.bin")
    wait_until(lambda: registrar not in children(gateway), PATIENCE)
    wait_until(lambda: len(children(gateway)) == 4, PATIENCE)
    gateway.connections[-2].close()
    wait_until(lambda: len(seen(exchange, user)) == 1, PATIENCE)
    rows = gateway_rows(exchange)
    assert gateway.stop() == 0
    assert len(gateway_rows(exchange)) == len(rows) - 1


def test_what_went_through_the_door_is_counted(
    gateway: Gateway, exchange: Exchange, user: User, stranger: User, tmp_path: Path
) -> None:
    def mine() -> list[Tally]:
        counted = connections.counted(exchange)
        return [one.tally for one in counted if one.place.endswith(f":{gateway.port}")]

    def now() -> Tally:
        wait_until(
            mine, PATIENCE
        )  # a gateway that has just started, or waited for the disk, is not listed yet
        (tally,) = mine()
        return tally

    def grown(before: Tally) -> Tally:
        return Tally({name: count - before.get(name, 0.0) for name, count in now().items()})

    gateway.client(user)  # all who came before are counted when this one has been seen
    wait_until(lambda: seen(exchange, user), PATIENCE)
    gateway.hang_up()
    wait_until(lambda: not seen(exchange, user), PATIENCE)
    before = now()
    local = tmp_path / "million.bin"
    local.write_bytes(os.urandom(1_000_000))
    tool = Sftp(gateway, user, tmp_path)
    tool.put(local, "/inbox/files/million.bin")
    tool.batch("rm /inbox/files/million.bin", fails=True)
    Sftp(gateway, User(user.partner, stranger.key_file), tmp_path).batch("ls", fails=True)
    wait_until(lambda: grown(before).get("connections") == 3, PATIENCE)
    wait_until(lambda: grown(before).get("refusal:request:HandedOver") == 1, PATIENCE)
    wait_until(lambda: grown(before).get("bytes_in", 0) > 1_000_000, PATIENCE)
    counted = grown(before)
    assert 1_000_000 < counted["bytes_in"] < 1_100_000
    assert buckets(counted, "login")[0][-1] == ("+Inf", 2)
    assert buckets(counted, "handover")[0][-1] == ("+Inf", 1)


def test_a_killed_gateway_leaves_nobody_listed(
    start_gateway: Callable[..., Gateway], exchange: Exchange, user: User
) -> None:
    gateway = start_gateway()
    client = gateway.client(user)
    wait_until(lambda: seen(exchange, user), PATIENCE)
    for pid in (gateway.process.pid, *children(gateway)):
        with suppress(ProcessLookupError):  # an orphan may have noticed, and ended
            os.kill(pid, signal.SIGKILL)
    gateway.process.wait(PATIENCE)
    wait_until(lambda: not seen(exchange, user), PATIENCE)
    with suppress(EOFError, OSError):  # it says goodbye to nobody
        client.close()


def gateway_rows(exchange: Exchange) -> list[UUID]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(GatewayRow.id)))
