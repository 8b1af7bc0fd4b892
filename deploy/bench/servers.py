"""The servers we measure ourselves against: nginx's WebDAV (plain files) and rclone's over a crypt remote."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import geteuid
from pathlib import Path

PATIENCE = 20.0
"""Seconds that a server has to come up or to stop."""

_NGINX = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/unused; fastcgi_temp_path {folder}/unused;
  uwsgi_temp_path {folder}/unused; scgi_temp_path {folder}/unused;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    location / {{ dav_methods PUT DELETE; }}
  }}
}}
"""


class ToolMissingError(Exception):
    """A program that the benchmark drives is not installed; its text names it and the Debian package."""


@dataclass(frozen=True)
class Server:
    """A server that is up: its name, the address files are put under, and its main process."""

    name: str
    url: str
    pid: int


def tool(program: str, package: str) -> str:
    """The path of `program`; raises ToolMissingError with the package that brings it."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        raise ToolMissingError(
            f"{program} is not installed (Debian package {package}); see tests/install_tools"
        )
    return found


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """Nginx with WebDAV's PUT, storing plain files, no fsync: as it comes."""
    program = tool("nginx", "nginx")
    (folder / "files").mkdir(parents=True)
    port = free_port()
    user = "user root;" if geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, user=user))
    command = (program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
    with running(command, port, folder / "log") as pid:
        yield Server("nginx, plain", f"http://127.0.0.1:{port}/", pid)


@contextmanager
def rclone_crypt(folder: Path) -> Iterator[Server]:
    """`rclone serve webdav` over a crypt remote over a folder: the nearest that seals its files."""
    program = tool("rclone", "rclone")
    (folder / "files").mkdir(parents=True)
    config, port = sealed_remote(folder, folder / "files"), free_port()
    command = (program, "--config", str(config), "serve", "webdav", "sealed:", "--addr", f"127.0.0.1:{port}")
    with running(command, port, folder / "log") as pid:
        yield Server("rclone, crypt", f"http://127.0.0.1:{port}/", pid)


def sealed_remote(folder: Path, files: Path) -> Path:
    """Rclone's configuration, written into `folder`: `sealed:` is a crypt remote over `files`."""
    obscured = subprocess.run(  # noqa: S603 -- a fixed program, a throw-away password on its standard input
        (tool("rclone", "rclone"), "obscure", "-"), input=b"benchmark only", capture_output=True, check=True
    ).stdout.decode()
    config = folder / "rclone.conf"
    config.write_text(f"[sealed]\ntype = crypt\nremote = {files}\npassword = {obscured}")
    return config


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: tuple[str, ...], port: int, log: Path) -> Iterator[int]:
    """Start a server and wait until it takes connections; gives its process. Stopped at the block's end."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 -- ours
    try:
        _wait_for(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise ToolMissingError(f"{process.args!r} did not come up: {log.read_text()[-300:]}")
