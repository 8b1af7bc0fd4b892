"""`portal web`, `sftp` and `worker` from a settings file, as in an installation in earnest."""

import http.client
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path

from tests.deploy.conftest import Start
from tests.deploy.demonstration import children, until


def status(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(port: int, path: str = "/readyz") -> bool:
    with suppress(OSError):
        return status(port, path)[0] == 200
    return False


def greets(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 60) as caller:
        return caller.recv(64).startswith(b"SSH-2.0-")
    return False


def test_web_alone_answers_and_tells_its_counters_on_the_operations_listener_only(
    start: Start, ports: dict[str, int]
) -> None:
    process = start("web")
    until(lambda: answers(ports["web_port"]), 120)
    code, counters = status(ports["operations_port"], "/metrics")
    assert code == 200
    assert b"portal_web_requests" in counters
    assert status(ports["web_port"], "/metrics")[0] == 404
    assert b"demonstration" not in status(ports["web_port"], "/sign-in")[1].split(b"<main")[-1].lower()
    process.terminate()
    process.wait(60)


def test_sftp_alone_greets_goes_on_whatever_settings_it_is_to_reload_and_stops(
    start: Start, ports: dict[str, int], tmp_path: Path
) -> None:
    process, config, log = start("sftp"), tmp_path / "portal.toml", tmp_path / "log"
    until(lambda: greets(ports["sftp_port"]), 120)
    before = children(process.pid)
    config.write_text(config.read_text() + 'database_ulr = "a secret"\n')
    process.send_signal(signal.SIGHUP)
    until(lambda: "not reloaded: sftp: the settings are not usable; database_ulr: " in log.read_text(), 120)
    assert "a secret" not in log.read_text()
    assert children(process.pid) == before
    assert greets(ports["sftp_port"])
    process.terminate()
    assert process.wait(60) == 0


def test_a_worker_alone_works_and_stops(start: Start, tmp_path: Path) -> None:
    process = start("worker")
    until(lambda: "worker.started" in (tmp_path / "log").read_text(), 120)
    process.terminate()
    assert process.wait(60) == 0, (tmp_path / "log").read_text()


def test_a_home_without_tables_is_told_so_at_once(start: Start, home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home)
    assert start("serve").wait(60) == 1
    told = (tmp_path / "log").read_text()
    assert "is not up to date; run `portal migrate` first\n" in told
    assert "starting it again" not in told
