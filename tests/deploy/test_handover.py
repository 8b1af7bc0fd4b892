"""`portal serve` is reloaded while partners work: nobody is refused, and nothing that is under way breaks."""

import http.client
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from sftp_gateway.host_keys import new_client_key
from tests.deploy.command_line import Portal
from tests.deploy.conftest import Start
from tests.deploy.demonstration import alive, children, part_of, until
from tests.deploy.test_serving import answers, greets, status

pytestmark = pytest.mark.clients

SIZE = 2 << 20
FILES = ("large.bin", "posted.bin")
SPEED = "8000"  # Kbit/s


class Caller:
    """Somebody with an account: signs in and looks around, again and again, each time anew."""

    def __init__(self, ports: dict[str, int], key: Path, token: str) -> None:
        self._ports, self._key, self._token = ports, key, token

    def look(self, folder: str) -> dict[str, int | None]:
        """Sign in, list the folder, go."""
        transport = paramiko.Transport(("127.0.0.1", self._ports["sftp_port"]))
        transport.banner_timeout = transport.auth_timeout = 60  # a door that is relieved has much to load
        try:
            transport.connect(username="joe.doe", pkey=paramiko.Ed25519Key(filename=str(self._key)))
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            return {each.filename: each.st_size for each in client.listdir_attr(folder)}
        finally:
            transport.close()

    def look_at_pages(self) -> None:
        assert status(self._ports["web_port"], "/healthz")[0] == 200

    def begin_to_post(self, name: str) -> http.client.HTTPConnection:
        """Begin to send a file to the API: all but its last byte."""
        connection = http.client.HTTPConnection("127.0.0.1", self._ports["web_port"], timeout=60)
        connection.putrequest("POST", f"/api/v1/transfers?program=files&filename={name}")
        connection.putheader("Authorization", f"Bearer {self._token}")
        connection.putheader("Content-Length", str(SIZE))
        connection.endheaders(bytes(SIZE - 1))
        return connection

    def upload(self, file: Path) -> subprocess.Popen[bytes]:
        """Begin to send a file, with OpenSSH's client and slowly."""
        options = ["-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oBatchMode=yes", "-b-"]
        door = ["-P", str(self._ports["sftp_port"]), "-i", str(self._key), "-F", "none"]
        command = ["sftp", "-q", "-l", SPEED, *options, *door, "joe.doe@127.0.0.1"]
        started = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert started.stdin is not None
        started.stdin.write(f"put {file} /inbox/files/\n".encode())
        started.stdin.close()
        return started


@contextmanager
def again_and_again(*calls: Callable[[], object]) -> Iterator[list[int]]:
    """Each is called again and again, in a thread of its own; the first that fails makes the test fail."""
    over, counts = threading.Event(), [0] * len(calls)

    def call(number: int) -> None:
        while not over.wait(0.2):
            calls[number]()
            counts[number] += 1

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(call, number) for number in range(len(calls))]
        try:
            yield counts
        finally:
            over.set()
    for each in running:
        each.result()


@pytest.fixture
def caller(home: Path, portal: Portal, ports: dict[str, int], tmp_path: Path) -> Caller:
    (tmp_path / "key.pub").write_text(new_client_key(tmp_path / "key"))
    added = portal("admin", "add-ssh-key", "joe.doe", tmp_path / "key.pub", "--label", "test", "--home", home)
    assert added.code == 0, added.err
    token = portal("admin", "issue-token", "joe.doe", "--label", "test", "--home", home).out.strip()
    return Caller(ports, tmp_path / "key", token)


def sent_by(client: subprocess.Popen[bytes]) -> int:
    """Bytes that a client has written so far, as the kernel counts them."""
    counts = Path(f"/proc/{client.pid}/io").read_text().split()
    return int(counts[counts.index("wchar:") + 1])


def parts(pid: int) -> dict[str, int]:
    return {part_of(child): child for child in children(pid)}


def test_a_reload_refuses_nobody_and_breaks_off_no_upload(
    start: Start, ports: dict[str, int], caller: Caller, tmp_path: Path
) -> None:
    process, log, file = start("serve"), tmp_path / "log", tmp_path / "large.bin"
    file.write_bytes(os.urandom(SIZE))
    until(lambda: answers(ports["web_port"]) and greets(ports["sftp_port"]), 120)
    old = parts(process.pid)
    with again_and_again(lambda: caller.look("/inbox/files"), caller.look_at_pages) as counts:
        posting, upload = caller.begin_to_post("posted.bin"), caller.upload(file)
        until(lambda: sent_by(upload) > SIZE // 4)
        upload.send_signal(signal.SIGSTOP)  # so that it outlasts whatever this machine is busy with
        a_new_part_that_is_killed_changes_nothing(process, log)
        assert parts(process.pid) == old
        process.send_signal(signal.SIGHUP)
        until(lambda: "\nreloaded: " in log.read_text(), 120)
        assert alive(old["sftp"])
        assert alive(old["web"])
        upload.send_signal(signal.SIGCONT)
        assert upload.wait(60) == 0
        posting.send(b"x")
        assert posting.getresponse().status == 201
        posting.close()
        until(lambda: not any(alive(pid) for pid in old.values()))
    assert min(counts) > 3
    assert set(parts(process.pid)) == set(old) == {"web", "sftp", "worker"}
    assert caller.look("/inbox/files") == dict.fromkeys(FILES, SIZE)
    assert set(caller.look("/receipts")) == {f"{name}.receipt.json" for name in FILES}
    process.terminate()
    assert process.wait(60) == 0


def a_new_part_that_is_killed_changes_nothing(process: subprocess.Popen[bytes], log: Path) -> None:
    before = children(process.pid)
    process.send_signal(signal.SIGHUP)
    until(lambda: len(children(process.pid)) == len(before) + 3)
    os.kill((set(children(process.pid)) - set(before)).pop(), signal.SIGKILL)
    until(lambda: ": stopped before it took over (signal SIGKILL)" in log.read_text())
    until(lambda: children(process.pid) == before)
