"""The programs partners use, each driven as a partner would: put, get, list, resume, rename."""

import base64
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sftp_gateway.conftest import Gateway, User

PACKAGES = {
    "sftp": "openssh-client",
    "scp": "openssh-client",
    "lftp": "lftp",
    "curl": "curl",
    "rclone": "rclone",
    "sshfs": "sshfs",
}


@dataclass
class Tool:
    """A client signed in as one user; `folder` is for its own files."""

    gateway: Gateway
    user: User
    folder: Path
    program = ""

    def __post_init__(self) -> None:
        if self.program and shutil.which(self.program) is None:
            pytest.skip(f"{self.program} is not installed (Debian package {PACKAGES[self.program]})")

    @property
    def ssh_options(self) -> list[str]:
        options = {
            "UserKnownHostsFile": self.gateway.known_hosts,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentityFile": self.user.key_file,
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
        }
        return [f"-o{name}={value}" for name, value in options.items()]

    def run(self, *command: str, commands: str = "", fails: bool = False) -> str:
        """Run a program; it must succeed, or fail when `fails`. Its output, both streams.

        Each has a pipe of its own: ssh lets its error stream not block, and what sftp prints into that one
        would be lost when that is full.
        """
        done = subprocess.run(
            command,
            input=commands.encode(),
            capture_output=True,
            timeout=60,
            check=False,
            env={"HOME": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        output = (done.stdout + done.stderr).decode(errors="replace")
        assert (done.returncode != 0) is fails, f"{command[0]} exited {done.returncode}: {output}"
        return output

    def put(self, local: Path, remote: str) -> None:
        raise NotImplementedError

    def get(self, remote: str, local: Path) -> None:
        raise NotImplementedError

    def names(self, folder: str) -> set[str]:
        raise NotImplementedError

    def resume(self, local: Path, remote: str) -> None:
        raise NotImplementedError

    def rename(self, old: str, new: str) -> None:
        raise NotImplementedError

    def put_tree(self, local: Path, remote: str) -> None:
        raise NotImplementedError


class Sftp(Tool):
    program = "sftp"

    def batch(self, *commands: str, fails: bool = False, options: Sequence[str] = ()) -> str:
        return self.run(
            "sftp",
            *self.ssh_options,
            f"-P{self.gateway.port}",
            *options,
            "-b-",
            f"{self.user.name}@127.0.0.1",
            commands="\n".join(commands),
            fails=fails,
        )

    def put(self, local: Path, remote: str) -> None:
        self.batch(f'put -p "{local}" "{remote}"')

    def get(self, remote: str, local: Path) -> None:
        self.batch(f'get "{remote}" "{local}"')

    def names(self, folder: str) -> set[str]:
        lines = self.batch(f"cd {folder}", "ls -1").splitlines()
        return {line for line in lines if not line.startswith("sftp>")}

    def resume(self, local: Path, remote: str) -> None:
        self.batch(f'reput "{local}" "{remote}"')

    def rename(self, old: str, new: str) -> None:
        self.batch(f'rename "{old}" "{new}"')

    def put_tree(self, local: Path, remote: str) -> None:
        self.batch(f"put -r {local} {Path(remote).parent}")


class Scp(Tool):
    program = "scp"

    def _copy(self, source: str, target: str, *options: str) -> None:
        self.run("scp", *self.ssh_options, f"-P{self.gateway.port}", "-p", *options, source, target)

    def put(self, local: Path, remote: str) -> None:
        self._copy(str(local), f"{self.user.name}@127.0.0.1:{remote}")

    def get(self, remote: str, local: Path) -> None:
        self._copy(f"{self.user.name}@127.0.0.1:{remote}", str(local))

    def put_tree(self, local: Path, remote: str) -> None:
        self._copy(str(local), f"{self.user.name}@127.0.0.1:{Path(remote).parent}", "-r")


class Lftp(Tool):
    program = "lftp"

    def script(self, *commands: str) -> str:
        ssh = " ".join(["ssh", "-a", "-x", *self.ssh_options])
        opening = [
            "set net:max-retries 1",
            "set cmd:fail-exit yes",
            f'set sftp:connect-program "{ssh}"',
            f"open -u {self.user.name}, sftp://127.0.0.1:{self.gateway.port}",
        ]
        return self.run("lftp", "-c", "; ".join([*opening, *commands]))

    def put(self, local: Path, remote: str) -> None:
        self.script(f'put "{local}" -o "{remote}"')

    def get(self, remote: str, local: Path) -> None:
        self.script(f'get "{remote}" -o "{local}"')

    def names(self, folder: str) -> set[str]:
        return {Path(line).name for line in self.script(f"cls -1 {folder}/").splitlines()}

    def resume(self, local: Path, remote: str) -> None:
        self.script(f'put -c "{local}" -o "{remote}"')

    def rename(self, old: str, new: str) -> None:
        self.script(f'mv "{old}" "{new}"')

    def put_tree(self, local: Path, remote: str) -> None:
        self.script(f"mirror -R {local} {remote}")


class Curl(Tool):
    program = "curl"

    def call(self, path: str, *options: str) -> str:
        digest = hashlib.sha256(base64.b64decode(self.gateway.keys.public_line.split()[1])).digest()
        fingerprint = base64.b64encode(digest).decode().rstrip("=")
        url = f"sftp://127.0.0.1:{self.gateway.port}{path.replace(' ', '%20')}"
        identity = ["-u", f"{self.user.name}:", "--key", str(self.user.key_file)]
        return self.run("curl", "-sS", *identity, "--hostpubsha256", fingerprint, *options, url)

    def put(self, local: Path, remote: str) -> None:
        self.call(remote, "-T", str(local))

    def get(self, remote: str, local: Path) -> None:
        self.call(remote, "-o", str(local))

    def names(self, folder: str) -> set[str]:
        return set(self.call(folder + "/", "--list-only").split("\n")) - {"", ".", ".."}

    def resume(self, local: Path, remote: str) -> None:
        self.call(remote, "-C", "-", "-T", str(local))

    def rename(self, old: str, new: str) -> None:
        self.call("/inbox/", "--list-only", "-Q", f'rename "{old}" "{new}"')


class Rclone(Tool):
    program = "rclone"

    def call(self, *arguments: str) -> str:
        options = {
            "host": "127.0.0.1",
            "port": self.gateway.port,
            "user": self.user.name,
            "key-file": self.user.key_file,
            "known-hosts-file": self.gateway.known_hosts,
        }
        flags = [f"--sftp-{name}={value}" for name, value in options.items()]
        return self.run("rclone", "--config=/dev/null", "--retries=1", *flags, *arguments)

    def put(self, local: Path, remote: str) -> None:
        self.call("copyto", str(local), f":sftp:{remote}")

    def get(self, remote: str, local: Path) -> None:
        self.call("copyto", f":sftp:{remote}", str(local))

    def names(self, folder: str) -> set[str]:
        return set(self.call("lsf", f":sftp:{folder}").splitlines())

    def rename(self, old: str, new: str) -> None:
        self.call("moveto", f":sftp:{old}", f":sftp:{new}")

    def put_tree(self, local: Path, remote: str) -> None:
        self.call("copy", str(local), f":sftp:{remote}")


class Sshfs(Tool):
    program = "sshfs"

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """The gateway as a folder."""
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            pytest.skip("this machine does not let us use /dev/fuse, so sshfs cannot mount")
        place = self.folder / "mounted"
        place.mkdir(exist_ok=True)
        where = [f"-p{self.gateway.port}", f"{self.user.name}@127.0.0.1:/", str(place)]
        with subprocess.Popen(["sshfs", "-f", *self.ssh_options, *where]) as process:
            wait_until(place.is_mount)
            try:
                yield place
            finally:
                self.run("fusermount3", "-u", str(place))
                assert process.wait(20) == 0  # a file is closed for good only when sshfs has ended

    def put(self, local: Path, remote: str) -> None:
        with self.mounted() as place:
            shutil.copy2(local, place / remote[1:])

    def get(self, remote: str, local: Path) -> None:
        with self.mounted() as place:
            shutil.copyfile(place / remote[1:], local)

    def names(self, folder: str) -> set[str]:
        with self.mounted() as place:
            return {entry.name for entry in (place / folder[1:]).iterdir()}

    def resume(self, local: Path, remote: str) -> None:
        with self.mounted() as place:
            held = (place / remote[1:]).stat().st_size
            with (place / remote[1:]).open("ab") as target:
                target.write(local.read_bytes()[held:])

    def rename(self, old: str, new: str) -> None:
        with self.mounted() as place:
            (place / old[1:]).rename(place / new[1:])

    def put_tree(self, local: Path, remote: str) -> None:
        with self.mounted() as place:
            self.run("cp", "-r", str(local), str((place / remote[1:]).parent))


class Paramiko(Tool):
    def put(self, local: Path, remote: str) -> None:
        client = self.gateway.client(self.user)
        client.put(str(local), remote)
        if not remote.endswith(".part"):
            client.utime(remote, (local.stat().st_atime, local.stat().st_mtime))

    def get(self, remote: str, local: Path) -> None:
        self.gateway.client(self.user).get(remote, str(local))

    def names(self, folder: str) -> set[str]:
        return set(self.gateway.client(self.user).listdir(folder))

    def resume(self, local: Path, remote: str) -> None:
        client = self.gateway.client(self.user)
        held = client.stat(remote).st_size
        with client.open(remote, "ab") as target:
            target.write(local.read_bytes()[held:])

    def rename(self, old: str, new: str) -> None:
        self.gateway.client(self.user).rename(old, new)


TOOLS: dict[str, type[Tool]] = {
    "OpenSSH sftp": Sftp,
    "OpenSSH scp": Scp,
    "lftp": Lftp,
    "curl": Curl,
    "rclone": Rclone,
    "sshfs": Sshfs,
    "paramiko": Paramiko,
}


def wait_until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `holds()` is true."""
    patience = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < patience, "it did not come to pass"
        time.sleep(0.05)
