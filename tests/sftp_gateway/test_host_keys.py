"""Host keys are made once, are the same after a restart, and are refused when others could read them."""

import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sftp_gateway import host_keys
from sftp_gateway.rotation import KeyRing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_keys_are_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    made, again = KeyRing(tmp_path / "keys").at(NOW), KeyRing(tmp_path / "keys").at(NOW)
    assert made.public_lines == again.public_lines
    assert [line.split()[0] for line in made.public_lines] == ["ssh-ed25519", "ssh-rsa"]
    files = list((tmp_path / "keys").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {file.name for file in files} == {host_keys.ED25519_FILE, host_keys.RSA_FILE}


def test_a_key_that_others_can_read_is_refused_by_name(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    (tmp_path / host_keys.RSA_FILE).chmod(0o640)
    with pytest.raises(host_keys.HostKeyExposedError, match=host_keys.RSA_FILE):
        KeyRing(tmp_path)


def test_an_ecdsa_key_is_served_only_where_the_operator_put_one(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / host_keys.ECDSA_FILE
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    with pytest.raises(host_keys.HostKeyExposedError):
        KeyRing(tmp_path)
    file.chmod(0o600)
    kinds = [line.split()[0] for line in KeyRing(tmp_path).at(NOW).public_lines]
    assert kinds == ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]


@pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed (Debian package openssh-client)"
)
def test_openssh_reads_our_keys_and_finds_the_same_public_half(tmp_path: Path) -> None:
    line = host_keys.new_client_key(tmp_path / "client")
    shown = subprocess.run(
        ["ssh-keygen", "-y", "-f", tmp_path / "client"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[:2] == line.split()


def test_a_client_key_never_replaces_another(tmp_path: Path) -> None:
    host_keys.new_client_key(tmp_path / "client")
    before = (tmp_path / "client").read_bytes()
    with pytest.raises(FileExistsError):
        host_keys.new_client_key(tmp_path / "client")
    assert (tmp_path / "client").read_bytes() == before
