"""The SFTP servers we measure ourselves against, as Debian ships them; rclone over a crypt remote.

All take one client key, store under a folder of their own, and listen on a free port of the loopback.
"""

import getpass
import grp
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.bench.servers import ToolMissingError, free_port, running, sealed_remote, tool
from deploy.private import write_private

_SSHD = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 500
MaxSessions 500
Subsystem sftp internal-sftp
"""

_PROFTPD = """
ServerType standalone
DefaultServer on
ServerName bench
DefaultAddress 127.0.0.1
Port {port}
UseIPv6 off
User {user}
Group {group}
PidFile {folder}/proftpd.pid
ScoreboardFile {folder}/scoreboard
DelayTable none
SystemLog {folder}/log
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile {folder}/passwd
AuthGroupFile {folder}/group
RequireValidShell off
RootLogin on
MaxInstances 500
LoadModule mod_sftp.c
SFTPEngine on
SFTPHostKey {folder}/host_key
SFTPAuthMethods publickey
SFTPAuthorizedUserKeys file:{folder}/authorized_keys
SFTPLog none
AllowOverwrite on
"""


@dataclass(frozen=True)
class SftpDoor:
    """An SFTP server that is up, as a client needs it, and the folder that files are put into."""

    name: str
    port: int
    username: str
    private_key: Path
    folder: str
    pid: int


def client_key(folder: Path) -> Path:
    """A new Ed25519 key pair in `folder`; gives the private half's path."""
    key = folder / "client_key"
    _keygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key))
    return key


def _laid_out(folder: Path, key: Path) -> Path:
    """What every server needs in its folder: a host key, the client's key, a folder for files."""
    files = folder / "files"
    files.mkdir(parents=True)
    _keygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / "host_key"))
    (folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    return files


def _keygen(*arguments: str) -> str:
    command = (tool("ssh-keygen", "openssh-client"), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 -- as above


@contextmanager
def openssh(folder: Path, key: Path) -> Iterator[SftpDoor]:
    """OpenSSH's sshd with its internal-sftp."""
    program, port, files = tool("sshd", "openssh-server"), free_port(), _laid_out(folder, key)
    Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "config").write_text(_SSHD.format(folder=folder, port=port))
    with running((program, "-D", "-e", "-f", str(folder / "config")), port, folder / "output") as pid:
        yield SftpDoor("OpenSSH", port, getpass.getuser(), key, str(files), pid)


@contextmanager
def proftpd(folder: Path, key: Path) -> Iterator[SftpDoor]:
    """ProFTPD with mod_sftp."""
    program, port, files = tool("proftpd", "proftpd-core"), free_port(), _laid_out(folder, key)
    if not Path("/usr/lib/proftpd/mod_sftp.so").exists():
        raise ToolMissingError("mod_sftp is not installed (Debian package proftpd-mod-crypto)")
    user, group = os.geteuid(), os.getegid()
    write_private(folder / "passwd", f"bench:x:{user}:{group}::{files}:/bin/false\n")
    write_private(folder / "group", f"bench:x:{group}:bench\n")
    (folder / "authorized_keys").write_text(
        _keygen("-e", "-f", f"{key}.pub")
    )  # it reads RFC 4716's form only
    names = {"user": getpass.getuser(), "group": grp.getgrgid(group).gr_name}
    (folder / "config").write_text(_PROFTPD.format(folder=folder, port=port, **names))
    with running((program, "--nodaemon", "-c", str(folder / "config")), port, folder / "output") as pid:
        yield SftpDoor("ProFTPD", port, "bench", key, str(files), pid)


@contextmanager
def rclone_crypt(folder: Path, key: Path) -> Iterator[SftpDoor]:
    """`rclone serve sftp` over a crypt remote: the nearest that seals its files."""
    program, port, _files = tool("rclone", "rclone"), free_port(), _laid_out(folder, key)
    config = sealed_remote(folder, folder / "files")
    command = (program, "--config", str(config), "serve", "sftp", "sealed:", "--addr", f"127.0.0.1:{port}")
    keys = ("--authorized-keys", str(folder / "authorized_keys"), "--key", str(folder / "host_key"))
    with running(command + keys, port, folder / "output") as pid:
        yield SftpDoor("rclone crypt", port, "bench", key, "", pid)
