"""A PostgreSQL server for one test run: Debian's binaries, an unprivileged user, a folder that goes away."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ports import free_port

FILE_COPY_SINCE = 150_000
"""The first version of PostgreSQL that is told how to copy a database (15)."""


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are, the newest version first; None when not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -float(path.parts[4]))
    if found:
        return found[0].parent
    onpath = shutil.which("initdb")
    return Path(onpath).parent if onpath else None


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yields the URL of its `postgres` database, without a database name at the end."""
    folder, port = Path(tempfile.mkdtemp(prefix="portal-pg-")), free_port()
    tools, user = binaries(), _user()
    assert tools is not None
    if user:
        shutil.chown(folder, user["user"], user["group"])
    initdb = [
        tools / "initdb",
        "-D",
        folder / "data",
        "-U",
        "portal",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)
    options = f"-D {folder}/data -p {port} -k {folder} -h 127.0.0.1 -F -c max_connections=200".split()
    postgres = subprocess.Popen([tools / "postgres", *options], stderr=subprocess.DEVNULL, cwd="/", **user)
    try:
        url = f"postgresql://portal@127.0.0.1:{port}"
        _wait(url)
        yield url
    finally:
        postgres.send_signal(signal.SIGINT)  # a fast shutdown: SIGTERM waits for every client
        postgres.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def create_database(url: str, name: str, template: str = "template1") -> str:
    """Make a database, as a copy of `template`; returns its URL.

    Files are copied whole where the server knows how: block by block, through its log, takes twice as long.
    """
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        how = "STRATEGY FILE_COPY" if connection.info.server_version >= FILE_COPY_SINCE else ""
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')
    return f"{url}/{name}"


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _user() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"{url}/postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
