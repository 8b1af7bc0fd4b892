"""User certificates: what is read of them, and each rule that refuses one."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import SSHCertificateType

from exchange.accounts import certificates
from exchange.accounts.certificates import Fault, NotACertificateError, Use
from tests.support.certificates import (
    DAY,
    Private,
    Wish,
    blob_of,
    fresh,
    sign,
    signed_by_a_certificate,
    string,
    with_sha_1,
)
from tests.support.effort import least_effort

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
USE = Use("pay.roll", "192.0.2.7", NOW, timedelta(days=90))
GOOD = Wish(principals=("backup", "pay.roll"))
KINDS: dict[str, Callable[[], Private]] = {
    "ed25519": fresh,
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 3072),
}


def made(wish: Wish = GOOD, authority: Private | None = None) -> bytes:
    return sign(authority or fresh(), NOW.timestamp(), wish)


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_is_read_and_its_signature_looked_at(kind: str) -> None:
    key, authority = KINDS[kind](), KINDS[kind]()
    read = certificates.read(made(GOOD.but(key=key), authority))
    assert (read.key, read.authority) == (blob_of(key), blob_of(authority))
    assert (read.serial, read.key_id) == (7, "payroll server")
    assert certificates.is_signed(read)
    assert certificates.fault(read, USE) is None


@pytest.mark.parametrize(
    ("wish", "use", "why"),
    [
        (GOOD.but(kind=SSHCertificateType.HOST), USE, Fault.HOST),
        (GOOD.but(principals=()), USE, Fault.PRINCIPALS),
        (GOOD.but(principals=("backup",)), USE, Fault.PRINCIPAL),
        (GOOD.but(principals=("Pay.Roll", "pay.roll ", "pay", "*")), USE, Fault.PRINCIPAL),
        (GOOD.but(since=60), USE, Fault.EARLY),
        (GOOD.but(since=-2 * DAY, until=0), USE, Fault.LATE),
        (GOOD.but(since=-60, until=90 * DAY), USE, Fault.LONG),
        (GOOD.but(since=-NOW.timestamp(), until=60), USE, Fault.LONG),
        (GOOD.but(until=2.0**65), USE, Fault.LONG),
        (GOOD.but(options={"force-command": b"internal-sftp"}), USE, Fault.OPTION),
        (GOOD.but(options={"verify-required": b""}), USE, Fault.OPTION),
        (GOOD.but(options={"new@example.org": b""}), USE, Fault.OPTION),
        (GOOD.but(options={"source-address": b"198.51.100.0/24"}), USE, Fault.SOURCE),
        (GOOD.but(options={"source-address": b"192.0.2.0/24,"}), USE, Fault.SOURCE),
        (GOOD.but(options={"source-address": b"192.0.2.7/24"}), USE, Fault.SOURCE),
        (GOOD.but(options={"source-address": "192.0.2.0/2４".encode()}), USE, Fault.SOURCE),  # noqa: RUF001
        (GOOD.but(options={"source-address": b""}), USE, Fault.SOURCE),
        (GOOD.but(key=rsa.generate_private_key(65537, 2048)), USE, Fault.WEAK),
        (GOOD.but(options={"source-address": b"192.0.2.0/24"}), USE, None),
        (GOOD.but(options={"source-address": b"2001:db8::/32,192.0.2.7"}), USE, None),
        (
            GOOD.but(options={"source-address": b"192.0.2.0/24"}),
            replace(USE, source="::ffff:192.0.2.9"),
            None,
        ),
        (GOOD.but(since=-60, until=90 * DAY - 60), USE, None),
        (GOOD.but(since=0), USE, None),
    ],
    ids=lambda value: str(value.name) if isinstance(value, Fault) else None,
)
def test_each_rule_refuses_what_breaks_it(wish: Wish, use: Use, why: Fault | None) -> None:
    assert certificates.fault(certificates.read(made(wish)), use) is why


def test_a_nonce_that_is_none_is_refused() -> None:
    blob = made()
    place = len(string(b"ssh-ed25519-cert-v01@openssh.com"))
    nonce = string(blob[place + 4 : place + 36])
    read = certificates.read(blob.replace(nonce, string(b""), 1))
    assert certificates.fault(read, USE) is Fault.NONCE


def test_extensions_are_ignored_and_a_key_id_is_cut_and_made_printable() -> None:
    read = certificates.read(made(GOOD.but(key_id="a\nb\x1b[31m" + "x" * 500)))
    assert read.key_id == ("a?b?[31m" + "x" * 500)[:200]


def test_rsa_with_sha_1_signs_nothing() -> None:
    authority = rsa.generate_private_key(65537, 3072)
    read = certificates.read(with_sha_1(made(authority=authority), authority))
    assert read.signed_by == "ssh-rsa"
    assert not certificates.is_signed(read)


def test_a_certificate_signs_no_certificate() -> None:
    authority = ed25519.Ed25519PrivateKey.generate()
    chained = made(GOOD.but(key=authority))
    blob = signed_by_a_certificate(made(authority=authority), authority, chained)
    with pytest.raises(NotACertificateError):
        certificates.read(blob)


def test_a_certificate_that_was_changed_anywhere_is_not_signed() -> None:
    blob = made()
    for place in range(len(blob)):
        changed = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        try:
            assert not certificates.is_signed(certificates.read(changed)), place
        except NotACertificateError:
            continue


def hostile() -> list[bytes]:
    blob, chance = made(), random.Random(1)
    front = string(b"ssh-rsa-cert-v01@openssh.com") + string(b"n" * 32)
    return [
        b"",
        b"\xff" * 4,
        string(b"ssh-ed25519-cert-v01@openssh.com"),
        string(b"sk-ssh-ed25519@openssh.com-cert-v01@openssh.com") + blob[36:],
        string(b"ssh-dss-cert-v01@openssh.com") + blob[36:],
        blob + b"\0",
        blob + b"\0" * certificates.LARGEST,
        made(GOOD.but(key_id="x" * certificates.LARGEST)),
        front + string(b"\x01\x00\x01") + string(b"\x7f" + b"\xff" * 7_900),
        *(blob[:length] for length in range(0, len(blob), 7)),
        *(chance.randbytes(chance.randrange(9_000)) for _ in range(100)),
        *(string(b"ssh-rsa-cert-v01@openssh.com") + chance.randbytes(2_000) for _ in range(100)),
    ]


def test_whatever_is_no_certificate_is_refused_and_quickly() -> None:
    tries = hostile()

    def refused() -> None:
        for blob in tries:
            with pytest.raises(NotACertificateError):
                certificates.read(blob)

    assert least_effort(refused) < 1


def test_the_largest_that_is_looked_at_costs_little() -> None:
    few, many = (b"".join(string(one) for one in some) for some in ((b"backup", b"pay.roll"), [b""] * 1_900))
    blob = made().replace(string(few), string(many))
    assert 7_600 < len(blob) <= certificates.LARGEST
    assert certificates.fault(certificates.read(blob), USE) is Fault.PRINCIPALS
    assert least_effort(lambda: certificates.fault(certificates.read(blob), USE)) < 0.1


def test_a_plain_key_is_its_own() -> None:
    key = blob_of(fresh())
    assert not certificates.is_one(key)
    assert certificates.key_of(key) == key
