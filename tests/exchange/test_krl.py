"""Key revocation lists of OpenSSH: made by the real ssh-keygen, and made to do harm."""

import base64
import hashlib
import random
import subprocess
from pathlib import Path

import pytest

from exchange.accounts import authorities, authority_pages, krl, public_keys, revocations, sign_in
from exchange.errors import FieldsRefusedError
from exchange.models.certificates import FINGERPRINT, KEY_ID, SERIALS
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.certificates import blob_of, fresh, line, register, string
from tests.support.partners import make_partner
from tests.support.signing_in import SFTP

OURS, THEIRS, WORKER = fresh(), fresh(), fresh()
ID = blob_of(OURS)
SCATTERED = [1, 3, 5, 6, 7, 9, 12, 13, 17, 900]


def made(folder: Path, *lines: str, by: str = line(OURS)) -> bytes:
    """The list that ssh-keygen makes of these lines for an authority."""
    authority, asked, made = (folder / name for name in ("authority.pub", "asked", "revoked.krl"))
    authority.write_text(f"{by}\n")
    asked.write_text("\n".join(lines) + "\n")
    again = ["-u"] if made.exists() else []
    keygen("-k", *again, "-f", made, "-s", "none" if by == "none" else authority, "-z", "4", asked)
    return made.read_bytes()


def keygen(*arguments: str | Path) -> str:
    """What ssh-keygen prints."""
    asked = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout


def listed(*sections: bytes, version: int = 1, flags: int = 0) -> bytes:
    """A list with these sections."""
    head = krl.MAGIC + version.to_bytes(4, "big") + bytes(16) + flags.to_bytes(8, "big")
    return head + string(b"") + string(b"a comment") + b"".join(sections)


def section(kind: int, *parts: bytes) -> bytes:
    """A section, or one of those within a section of certificates."""
    return bytes([kind]) + string(b"".join(parts))


def of_ours(*parts: bytes) -> bytes:
    """A section of certificates of our authority."""
    return section(1, string(ID), string(b""), *parts)


def u64(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "big") for number in numbers)


def read_refused(content: bytes) -> str:
    """Why a list is refused."""
    with pytest.raises(FieldsRefusedError) as refusal:
        krl.read(content, ID)
    return refusal.value.problems["revoke"]


def test_all_that_openssh_writes_of_certificates_is_read(tmp_path: Path) -> None:
    wanted = [f"serial: {number}" for number in SCATTERED]
    content = made(tmp_path, *wanted, "serial: 100000-200000", "id: payroll server", "id: büro 7")
    assert b"\x22\0\0\0" in content  # it chose a bitmap for some
    runs = ["1-1", "3-3", "5-7", "9-9", "12-13", "17-17", "900-900", "100000-200000"]
    ids = [(KEY_ID, "payroll server"), (KEY_ID, "büro 7")]
    assert sorted(krl.read(content, ID)) == sorted([*((SERIALS, run) for run in runs), *ids])


def test_keys_and_fingerprints_are_read_as_openssh_writes_them(tmp_path: Path) -> None:
    whole, by_sha_1, by_sha_256 = fresh(), fresh(), fresh()
    asked = [f"key: {line(whole)}", f"sha1: {line(by_sha_1)}", f"sha256: {line(by_sha_256)}"]
    prints = [public_keys.fingerprint_of(blob_of(one)) for one in (whole, by_sha_256)]
    wanted = [*prints, public_keys.sha_1_of(blob_of(by_sha_1))]
    content = made(tmp_path, *asked)
    assert sorted(krl.read(content, ID)) == sorted((FINGERPRINT, one) for one in wanted)
    printed = keygen("-Q", "-l", "-f", tmp_path / "revoked.krl")
    assert {one.text for one in revocations.read(printed, ID)} == set(wanted)


@pytest.mark.parametrize("seed", range(3))
def test_any_numbers_come_through_openssh_as_they_were(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # a test's numbers
    start = chance.choice([1, 2**32, 2**64 - 4000])
    numbers = {start + chance.randrange(3000) for _ in range(500)} - {0}
    content = made(tmp_path, *(f"serial: {number}" for number in sorted(numbers)))
    runs = [tuple(map(int, run.split("-"))) for _, run in krl.read(content, ID)]
    assert {one for first, last in runs for one in range(first, last + 1)} == numbers


def test_a_list_of_several_authorities_revokes_of_ours_what_is_said_of_ours(tmp_path: Path) -> None:
    made(tmp_path, "serial: 5", by=line(THEIRS))
    content = made(tmp_path, "serial: 6")
    assert krl.read(content, ID) == [(SERIALS, "6-6")]
    with pytest.raises(FieldsRefusedError, match="Upload the list itself"):
        revocations.read(keygen("-Q", "-l", "-f", tmp_path / "revoked.krl"), ID)
    content = made(tmp_path, "serial: 7", by="none")
    assert sorted(krl.read(content, ID)) == [(SERIALS, "6-6"), (SERIALS, "7-7")]
    assert "nothing of this authority" in read_refused(
        listed(section(1, string(blob_of(THEIRS)), string(b""), section(0x20, u64(5))))
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (listed(), "nothing of this authority"),
        (listed(version=2), "format 2"),
        (listed(flags=1), "flags"),
        (listed(section(4, ID)) + string(b"signature"), "signed"),
        (listed(section(6)), "type 6"),
        (listed(section(255, string(b"new@example.org"), b"\1", string(b""))), "critical.*new@example.org"),
        (listed(of_ours(section(0x39, string(b"new"), b"\1", string(b"")))), "critical"),
        (listed(of_ours(section(0x24))), "type 36"),
        (listed(of_ours(section(0x20, u64(0)))), "0 is what every certificate"),
        (listed(of_ours(section(0x20, u64(7), b"\0"))), "ends too early"),
        (listed(of_ours(section(0x21, u64(9, 8)))), "from 9 to 8"),
        (listed(of_ours(section(0x21, u64(8, 9, 10)))), "longer than it says"),
        (listed(of_ours(section(0x22, u64(2**64 - 1), string(b"\3")))), "cannot be revoked"),
        (listed(of_ours(section(0x22, u64(1), string(b"\x80")))), "negative"),
        (listed(of_ours(section(0x22, u64(1), string(bytes(2050))))), "too long"),
        (listed(of_ours(section(0x22, u64(1), string(b"\x55" * 2049)))), "more than 1000"),
        (listed(of_ours(section(0x23, string(b"\xff")))), "UTF-8"),
        (listed(of_ours(section(0x23, string(b"")))), "empty"),
        (listed(of_ours(section(0x23, string(b"a\0b")))), "damaged"),
        (listed(of_ours(section(0x23, string(b"x" * 1001)))), "1000 characters"),
        (listed(section(3, string(bytes(32)))), "another length"),
        (listed(section(5, string(bytes(20)))), "another length"),
        (listed(section(2, *(string(bytes([n % 256, n >> 8])) for n in range(1001)))), "more than 1000"),
        (listed() + b"\1\xff\xff\xff\xff", "ends too early"),
        (listed(section(2, string(bytes(krl.LARGEST)))), "longer than 1 MiB"),
    ],
    ids=range(25),
)
def test_what_is_not_understood_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(FieldsRefusedError, match=why):
        krl.read(content, ID)


def test_extensions_that_are_not_critical_are_passed_over() -> None:
    extra = (string(b"new@example.org"), b"\0", string(b"anything"))
    content = listed(section(255, *extra), of_ours(section(0x39, *extra), section(0x20, u64(8, 9, 11))))
    assert krl.read(content, ID) == [(SERIALS, "8-9"), (SERIALS, "11-11")]


def test_a_list_that_was_cut_or_changed_anywhere_is_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    asked = [*(f"serial: {number}" for number in SCATTERED), "id: payroll", f"sha1: {line(WORKER)}"]
    content = made(tmp_path, *asked, f"key: {line(WORKER)}")
    whole, chance = set(krl.read(content, ID)), random.Random(7)  # a test's changes
    for end in range(len(content)):
        try:
            assert set(krl.read(content[:end], ID)) < whole
        except FieldsRefusedError:
            continue
    for _ in range(3000):
        changed = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            marks = krl.read(bytes(changed), ID)
        except FieldsRefusedError:
            continue
        assert len(marks) <= krl.MOST


def test_a_list_shuts_out_whom_it_names_and_nobody_else(exchange: Exchange, tmp_path: Path) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    vouching, name = register(boss), boss.account.username
    wishes = [vouching.wish.but(serial=n, key_id=f"job #{n}", key=fresh()) for n in range(1, 6)]
    blobs = [vouching.sign(wish) for wish in wishes]
    for blob in blobs:
        sign_in.sign_in_by_certificate(exchange, name, blob, SFTP)
    asked = ["serial: 1", f"sha1: {line(wishes[1].key)}", f"key: {line(wishes[2].key)}"]
    content = made(tmp_path, *asked, by=line(vouching.private))
    content += section(1, string(blob_of(vouching.private)), string(b""), section(0x23, string(b"job #4")))
    identifier = vouching.shown.id
    assert authorities.revoke_listed(exchange, vouching.keeper, identifier, content) == 4
    assert authorities.revoke_listed(exchange, vouching.keeper, identifier, content) == 0
    assert [sign_in.key_is_known(exchange, name, blob, SFTP) for blob in blobs] == [False] * 4 + [True]
    seen = {one.serial: one.state for one in authority_pages.look(exchange, vouching.keeper, identifier).seen}
    assert seen == dict.fromkeys("1234", "revoked") | {"5": "active"}


@pytest.mark.parametrize("kind", ["key", "sha1", "sha256"])
def test_an_authority_is_not_revoked_by_a_line_of_its_own_list(
    exchange: Exchange, tmp_path: Path, kind: str
) -> None:
    vouching = register(make_partner(exchange, Role.EMPLOYER, administrator=True))
    own = line(vouching.private)
    given = (exchange, vouching.keeper, vouching.shown.id)
    for content in (made(tmp_path, f"{kind}: {own}", "serial: 1", by=own), f"{kind}: {own}".encode()):
        with pytest.raises(FieldsRefusedError, match="Take the authority back"):
            authorities.revoke_listed(*given, content)
    assert authority_pages.look(*given).revoked == []


def test_a_file_of_lines_is_taken_and_any_other_one_refused(exchange: Exchange) -> None:
    vouching = register(make_partner(exchange, Role.EMPLOYER, administrator=True))
    given = (exchange, vouching.keeper, vouching.shown.id)
    assert authorities.revoke_listed(*given, b"serial: 1-7\r\n") == 1
    for content in (b"\xff\xfe", base64.b64encode(hashlib.sha256().digest()), b""):
        with pytest.raises(FieldsRefusedError):
            authorities.revoke_listed(*given, content)
