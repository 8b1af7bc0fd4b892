"""User certificates through the gateway: OpenSSH's own, made by `ssh-keygen`, and those of other clients."""

import base64
import shutil
import subprocess
from pathlib import Path

import paramiko
import pytest
from paramiko import Message

from exchange.accounts import authorities
from exchange.accounts.authorities import New
from exchange.runtime import Exchange
from roles.permissions import Role
from sftp_gateway import host_keys
from sftp_gateway.authentication import CERTIFICATES
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User
from tests.sftp_gateway.journeys import of_asyncssh, psftp
from tests.sftp_gateway.test_delegation import open_ssh
from tests.sftp_gateway.test_login import REFUSED, attempt, public_key_request, refusals_of
from tests.sftp_gateway.tools import Sftp
from tests.support.certificates import Vouching, fresh, register
from tests.support.partners import make_colleague, make_partner

KINDS = {"ed25519": ("ed25519", "ed25519"), "ecdsa": ("ecdsa", "rsa"), "rsa": ("rsa", "ecdsa")}
"""Kind of the certified key, and of the authority's."""


def keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, capture_output=True, timeout=60)


class Office:
    """An organization's own authority, as it is used: with `ssh-keygen` alone."""

    def __init__(self, exchange: Exchange, folder: Path, kind: str = "ed25519") -> None:
        self.exchange, self.folder, self.key = exchange, folder, folder / "authority"
        self.boss = make_partner(exchange, Role.EMPLOYER, next(NUMBERS), administrator=True)
        self.keeper = authorities.keeper_of(self.boss.actor)
        keygen("-t", kind, *(["-b", "3072"] if kind == "rsa" else []), "-N", "", "-f", str(self.key))
        public = self.key.with_suffix(".pub").read_text()
        self.fingerprint = authorities.add(exchange, self.keeper, New(public, "office", "90"))

    def worker(self, kind: str = "ed25519", serial: int = 1, *options: str) -> User:
        """Somebody with a key that only the authority knows; its certificate lies beside it."""
        partner = make_colleague(self.boss, f"worker-{next(NUMBERS)}")
        key = self.folder / f"{partner.account.username}.key"
        keygen("-t", kind, "-N", "", "-f", str(key))
        self.certify(User(partner, key), serial, *options)
        return User(partner, key)

    def certify(self, user: User, serial: int, *options: str) -> None:
        who = ("-I", "nightly run", "-n", user.name, "-z", str(serial), "-V", "-1m:+1d")
        keygen("-s", str(self.key), *who, *options, f"{user.key_file}.pub")

    def take_back(self) -> None:
        identifier = authorities.find(self.exchange, self.keeper, self.fingerprint)
        authorities.take_back(self.exchange, self.keeper, identifier)

    def revoke(self, typed: str) -> None:
        identifier = authorities.find(self.exchange, self.keeper, self.fingerprint)
        authorities.revoke(self.exchange, self.keeper, identifier, typed)


@pytest.mark.parametrize(("kind", "of_authority"), KINDS.values(), ids=KINDS)
def test_openssh_signs_in_with_a_certificate_of_every_kind(
    exchange: Exchange, gateway: Gateway, tmp_path: Path, kind: str, of_authority: str
) -> None:
    office = Office(exchange, tmp_path, of_authority)
    worker = office.worker(kind, 1, "-O", "clear", "-O", "source-address=127.0.0.0/8")
    assert Sftp(gateway, worker, tmp_path).names("/") == {"inbox", "outbox", "receipts"}


def test_an_rsa_key_signs_in_with_sha_2_and_never_with_sha_1(
    exchange: Exchange, gateway: Gateway, tmp_path: Path
) -> None:
    worker = Office(exchange, tmp_path).worker("rsa")
    tool = Sftp(gateway, worker, tmp_path)
    for algorithm, fails in (("rsa-sha2-256", False), ("ssh-rsa", True)):
        only = [f"-oPubkeyAcceptedAlgorithms={algorithm}-cert-v01@openssh.com"]
        tool.batch("ls", options=only, fails=fails)


def test_a_certificate_in_a_place_of_its_own_is_named_by_an_option(
    exchange: Exchange, gateway: Gateway, tmp_path: Path
) -> None:
    worker = Office(exchange, tmp_path).worker()
    elsewhere = tmp_path / "elsewhere.pub"
    Path(f"{worker.key_file}-cert.pub").rename(elsewhere)
    tool = Sftp(gateway, worker, tmp_path)
    tool.batch("ls", fails=True)
    assert "inbox" in tool.batch("ls", options=[f"-oCertificateFile={elsewhere}"])


def test_open_connections_of_openssh_end_with_certificate_or_authority(
    exchange: Exchange, gateway: Gateway, tmp_path: Path
) -> None:
    office = Office(exchange, tmp_path)
    first, second, third = (office.worker(serial=number) for number in (7, 8, 9))
    with (
        open_ssh(gateway, first, tmp_path) as by_number,
        open_ssh(gateway, second, tmp_path) as by_list,
        open_ssh(gateway, third, tmp_path) as by_authority,
    ):
        office.revoke("serial: 1-7")
        office.revoke(revocation_list(tmp_path, f"{second.key_file}.pub"))
        assert "was taken back" in last_words(by_number)
        assert "certificate you came with" in last_words(by_list)
        assert by_authority.poll() is None
        office.take_back()
        assert "was taken back" in last_words(by_authority)
    Sftp(gateway, first, tmp_path).batch("ls", fails=True)


def last_words(client: subprocess.Popen[bytes]) -> str:
    """What a client says that was sent away."""
    assert client.wait(30) != 0
    assert client.stderr is not None
    return client.stderr.read().decode()


def revocation_list(folder: Path, public_key: str) -> str:
    """What OpenSSH prints of a KRL that it made of a whole key and of a serial number."""
    made, asked = folder / "revoked.krl", folder / "revoked.txt"
    asked.write_text("serial: 99\nsha256: " + Path(public_key).read_text())
    keygen("-k", "-f", str(made), "-s", f"{folder / 'authority'}.pub", str(asked))
    shown = subprocess.run(["ssh-keygen", "-Q", "-l", "-f", str(made)], check=True, capture_output=True)
    return shown.stdout.decode()


def test_other_programs_sign_in_with_a_certificate(
    exchange: Exchange, gateway: Gateway, tmp_path: Path
) -> None:
    worker = Office(exchange, tmp_path).worker("rsa")
    key = paramiko.RSAKey(filename=str(worker.key_file))
    key.load_certificate(f"{worker.key_file}-cert.pub")
    transport = gateway.transport()
    transport.auth_publickey(worker.name, key)
    assert transport.is_authenticated()
    tool = Sftp(gateway, worker, tmp_path)
    assert of_asyncssh(tool, [("names", "/")]).names >= {"inbox", "outbox"}
    if shutil.which("psftp") is None:
        pytest.skip("psftp is not installed (Debian package putty-tools)")
    (tmp_path / "a.txt").write_text("a file")
    steps = [("put", str(tmp_path / "a.txt"), "/inbox/files/a.txt"), ("names", "/inbox/files")]
    assert psftp(tool, steps, "-cert", f"{worker.key_file}-cert.pub").names == {"a.txt"}


def test_the_holder_of_another_key_is_refused_and_counted(
    exchange: Exchange, gateway: Gateway, tmp_path: Path, source: str
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, next(NUMBERS), administrator=True)
    worker, thief = make_colleague(boss, f"worker-{next(NUMBERS)}"), tmp_path / "thief"
    host_keys.new_client_key(thief)
    blob = register(boss, worker).sign()
    transport = gateway.transport(source)
    with REFUSED:
        transport.auth_none(worker.account.username)

    def signed(*, by: paramiko.PKey) -> Message:
        request = public_key_request(worker.account.username, NAME, blob, b"")
        data = Message()
        data.add_string(transport.session_id)
        signature = by.sign_ssh_data(data.asbytes() + request.asbytes()[:-4]).asbytes()
        return public_key_request(worker.account.username, NAME, blob, signature)

    attempt(transport, signed(by=paramiko.Ed25519Key(filename=str(thief))))
    assert not transport.is_authenticated()
    assert refusals_of(exchange, User(worker, thief)) == 1


NAME = "ssh-ed25519-cert-v01@openssh.com"


def test_a_strange_certificate_is_refused_and_the_next_one_is_still_looked_at(
    exchange: Exchange, gateway: Gateway, tmp_path: Path, source: str
) -> None:
    office = Office(exchange, tmp_path)
    worker = office.worker()
    blob = base64.b64decode(Path(f"{worker.key_file}-cert.pub").read_text().split(" ")[1])
    strange = [
        (NAME, blob[:-1]),
        (NAME, blob + b"\0" * 30_000),
        (NAME, Vouching(exchange, office.keeper, fresh(), worker.partner).sign()),
        ("rsa-sha2-512-cert-v01@openssh.com", blob),
    ]
    key = paramiko.Ed25519Key(filename=str(worker.key_file))
    key.load_certificate(f"{worker.key_file}-cert.pub")
    for algorithm, shown in strange:
        transport = gateway.transport(source)
        with REFUSED:
            transport.auth_none(worker.name)
        for signature in (None, b"", b"\0" * 80):
            attempt(transport, public_key_request(worker.name, algorithm, shown, signature))
        assert not transport.is_authenticated()
        transport.auth_publickey(worker.name, key)
        assert transport.is_authenticated()


def test_every_algorithm_of_keys_has_its_twin_for_certificates() -> None:
    assert set(CERTIFICATES) == {
        NAME,
        *(f"ecdsa-sha2-nistp{bits}-cert-v01@openssh.com" for bits in (256, 384, 521)),
        *(f"rsa-sha2-{bits}-cert-v01@openssh.com" for bits in (256, 512)),
    }
    assert not any(name.startswith("ssh-rsa-") for name in CERTIFICATES)  # RSA with SHA-1
