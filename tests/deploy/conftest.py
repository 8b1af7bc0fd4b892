"""The command line, run in this process, and an installation that it made."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.cli import main
from tests.deploy.command_line import Outcome, Portal
from tests.support.ports import free_port

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Portal:
    """Run `portal ARGUMENTS`."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["portal", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def home(portal: Portal, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one organization and one account, made once by the command line, then copied."""
    template = tmp_path_factory.getbasetemp() / "home-template"
    if not template.exists():
        _make(portal, template)
    return Path(shutil.copytree(template, tmp_path / "installation"))


@pytest.fixture
def ports() -> dict[str, int]:
    return {name: free_port() for name in ("web_port", "sftp_port", "operations_port")}


@pytest.fixture
def start(home: Path, ports: dict[str, int], tmp_path: Path) -> Iterator[Start]:
    """Start `portal COMMAND` on the installation, on free ports."""
    config = tmp_path / "portal.toml"
    config.write_text(f'home = "{home}"\n' + "".join(f"{name} = {port}\n" for name, port in ports.items()))
    started: list[subprocess.Popen[bytes]] = []

    def begin(command: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-P", "-m", "deploy.cli", command, "--config", str(config)]
        with (tmp_path / "log").open("ab") as log:
            started.append(subprocess.Popen(words, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def _make(portal: Portal, home: Path) -> None:
    organization = ("employer", "Acme Test", "--fein", "001234567", "--home", home)
    account = ("Acme Test", "joe.doe", "employer", "--name", "Joe Doe", "--home", home)
    for command in (
        ("migrate", "--home", home),
        ("admin", "create-organization", *organization),
        ("admin", "create-account", *account),
    ):
        made = portal(*command)
        assert made.code == 0, made.err
