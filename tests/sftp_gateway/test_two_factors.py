"""Somebody without a key signs in with OpenSSH's own client: password and code, asked as it asks people."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp
from tests.support.partners import PASSWORD

Ask = Callable[..., str]
METHODS = ["keyboard-interactive", "password,keyboard-interactive"]
ASKED = ["password", "code"]


@pytest.fixture
def ask(gateway: Gateway, user: User, tmp_path: Path) -> Ask:
    """Sign in by these methods; whoever is asked for a code answers with this one."""

    def sign_in(methods: str, code: str, *, fails: bool = False) -> str:
        helper, asked = tmp_path / "askpass", tmp_path / "asked"
        helper.write_text(
            f"#!/bin/sh\ncase $1 in\n*ode*) echo code >> {asked}; echo '{code}';;\n"
            f"*) echo password >> {asked}; echo '{PASSWORD}';;\nesac\n"
        )
        helper.chmod(stat.S_IRWXU)
        options = ["-oBatchMode=no", "-oPubkeyAuthentication=no", "-oNumberOfPasswordPrompts=1"]
        tool = Sftp(gateway, user, tmp_path)
        said = tool.run(
            *("env", f"SSH_ASKPASS={helper}", "SSH_ASKPASS_REQUIRE=force", "sftp"),
            *(*options, *(one for one in tool.ssh_options if "BatchMode" not in one)),
            *(f"-oPreferredAuthentications={methods}", f"-P{gateway.port}", f"{user.name}@127.0.0.1"),
            commands="ls /\n",
            fails=fails,
        )
        assert asked.read_text().split() == ASKED
        return said

    return sign_in


@pytest.mark.parametrize("methods", METHODS)
def test_password_and_code_open_the_door(ask: Ask, user: User, methods: str) -> None:
    assert "receipts" in ask(methods, user.partner.code())


@pytest.mark.parametrize("methods", METHODS)
def test_the_password_alone_does_not(ask: Ask, methods: str) -> None:
    assert "Permission denied" in ask(methods, "000000", fails=True)
