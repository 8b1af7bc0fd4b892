"""Authorities of an organization: who comes in with their certificates, and what ends that."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import SSHCertificateType
from sqlalchemy import Executable, text, update
from sqlmodel import col, delete, select

from exchange import errors
from exchange.accounts import authorities, authority_pages, keys, people, public_keys, revocations, sign_in
from exchange.accounts.authorities import Keeper, New
from exchange.accounts.certificates import Fault
from exchange.accounts.identity import seal
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, SignInRefusedError, TooManyAttemptsError
from exchange.models.certificates import CertificateAuthority, CertificateRevocation, CertificateUse
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor, Channel
from tests.conftest import Clock
from tests.exchange.test_sign_in import patience
from tests.support.certificates import (
    DAY,
    Vouching,
    Wish,
    blob_of,
    fresh,
    line,
    register,
    sign,
    with_sha_1,
)
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.signing_in import SFTP

Case = Callable[[Exchange, Partner, Vouching], bytes]


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def worker(boss: Partner) -> Partner:
    return make_colleague(boss, "pay.roll")


@pytest.fixture
def vouching(boss: Partner, worker: Partner) -> Vouching:
    return register(boss, worker)


def enter(exchange: Exchange, partner: Partner, blob: bytes, attempt: Attempt = SFTP) -> Actor:
    return sign_in.sign_in_by_certificate(exchange, partner.account.username, blob, attempt)


def still(exchange: Exchange, actor: Actor, blob: bytes) -> bool:
    try:
        return sign_in.still_in(exchange, actor, blob) == actor
    except SignInRefusedError:
        return False


def noted(exchange: Exchange, kind: str) -> list[str]:
    with reading(exchange.engine) as session:
        wanted = select(JournalEvent.facts).where(JournalEvent.kind == kind)
        return list(session.exec(wanted.order_by(col(JournalEvent.position))))


def test_a_certificate_lets_in_as_a_key_does(each_exchange: Exchange) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    vouching = register(boss, make_colleague(boss, "pay.roll"))
    blob = vouching.sign()
    assert sign_in.key_is_known(each_exchange, "pay.roll", blob, SFTP)
    actor = enter(each_exchange, vouching.partner, blob)
    assert (actor.username, actor.channel) == ("pay.roll", Channel.SFTP)
    assert still(each_exchange, actor, blob)
    enter(each_exchange, vouching.partner, blob)
    looked = authority_pages.look(each_exchange, vouching.keeper, vouching.shown.id)
    assert looked.authority.last_used_at
    (seen,) = looked.seen
    assert (seen.username, seen.key_id, seen.serial, seen.state) == (
        "pay.roll",
        "payroll server",
        "7",
        "active",
    )
    *_, facts = noted(each_exchange, "account.signed_in")
    for fact in ('"by":"certificate"', '"serial":"7"', vouching.fingerprint, seen.fingerprint):
        assert fact in facts
    assert "payroll" not in facts


def good(_exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    return vouching.sign()


def wishing(**other: object) -> Case:
    return lambda _exchange, _boss, vouching: vouching.sign(vouching.wish.but(**other))


def of_another(exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    """An authority of another organization, for this account."""
    other = register(make_partner(exchange, Role.EMPLOYER, 2, administrator=True))
    return other.sign(vouching.wish)


def of_nobody(exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    return sign(fresh(), exchange.clock().timestamp(), vouching.wish)


def forged(_exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    blob = vouching.sign()
    return blob[:-1] + bytes([blob[-1] ^ 1])


def sha_1(exchange: Exchange, boss: Partner, vouching: Vouching) -> bytes:
    private = rsa.generate_private_key(65537, 3072)
    of_rsa = register(boss, vouching.partner, private)
    return with_sha_1(of_rsa.sign(), private)


def not_for(_exchange: Exchange, boss: Partner, vouching: Vouching) -> bytes:
    return register(boss, vouching.partner, usernames=boss.account.username).sign()


def revoked_by(write: Callable[[Vouching, Wish], str]) -> Case:
    def revoke(exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
        wish = vouching.wish
        authorities.revoke(exchange, vouching.keeper, vouching.shown.id, write(vouching, wish))
        return vouching.sign(wish)

    return revoke


def taken_back(exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    authorities.take_back(exchange, vouching.keeper, vouching.shown.id)
    return vouching.sign()


def key_taken_back(exchange: Exchange, _boss: Partner, vouching: Vouching) -> bytes:
    wish, actor = vouching.wish, vouching.partner.actor
    keys.add_key(exchange, actor, line(wish.key), "laptop", "90")
    keys.revoke_key(exchange, actor, keys.keys(exchange, actor)[0].id)
    return vouching.sign(wish)


def suspended(exchange: Exchange, boss: Partner, vouching: Vouching) -> bytes:
    people.suspend(exchange, boss.actor, vouching.partner.account.id)
    return vouching.sign()


REFUSED: dict[str, tuple[Case, Fault | None]] = {
    # a fault is worth the journal: an authority of this organization did sign it
    "of another organization": (of_another, None),
    "of nobody's authority": (of_nobody, None),
    "forged": (forged, None),
    "cut short": (lambda *given: forged(*given)[:-9], None),
    "sha-1": (sha_1, None),
    "wrong principal": (wishing(principals=("employer-1",)), Fault.PRINCIPAL),
    "no principals": (wishing(principals=()), Fault.PRINCIPALS),
    "expired": (wishing(since=-2 * DAY, until=-1), Fault.LATE),
    "not yet valid": (wishing(since=60), Fault.EARLY),
    "too long": (wishing(until=91 * DAY), Fault.LONG),
    "host": (wishing(kind=SSHCertificateType.HOST), Fault.HOST),
    "option": (wishing(options={"force-command": b"true"}), Fault.OPTION),
    "elsewhere": (wishing(options={"source-address": b"198.51.100.0/24"}), Fault.SOURCE),
    "not for this account": (not_for, Fault.ACCOUNT),
    "serial": (revoked_by(lambda _v, _w: "serial: 7"), Fault.REVOKED),
    "serials": (revoked_by(lambda _v, _w: "serial: 1-18446744073709551615"), Fault.REVOKED),
    "key id": (revoked_by(lambda _v, _w: "id: payroll server"), Fault.REVOKED),
    "key": (revoked_by(lambda _v, wish: f"key: {line(wish.key)} me@here"), Fault.REVOKED),
    "key taken back": (key_taken_back, Fault.KEY),
    "authority taken back": (taken_back, Fault.AUTHORITY),
    "suspended": (suspended, Fault.CLOSED),
}


def test_what_a_certificate_is_refused_for_is_in_the_journal_alone(each_exchange: Exchange) -> None:
    for number, case in enumerate(REFUSED, 3):
        look_at(patience(each_exchange), number, case)


def look_at(exchange: Exchange, number: int, case: str) -> None:
    """One case, with an organization of its own."""
    boss = make_partner(exchange, Role.EMPLOYER, number, administrator=True)
    vouching = register(boss, make_colleague(boss, f"pay.roll-{number}"))
    make, why = REFUSED[case]
    blob = make(exchange, boss, vouching)
    assert not sign_in.key_is_known(exchange, vouching.partner.account.username, blob, SFTP), case
    with pytest.raises(SignInRefusedError) as refusal:
        enter(exchange, vouching.partner, blob)
    assert str(refusal.value) == SignInRefusedError.sentence
    facts = noted(exchange, "account.refused")[-1]
    assert '"at":"certificate"' in facts, case
    assert (f'"why":"{why.value}"' in facts) if why else ("why" not in facts), (case, facts)
    assert "payroll" not in facts, case
    refused = authority_pages.look(exchange, vouching.keeper, vouching.shown.id).refused
    told = {(one.username, one.why, one.source) for one in refused}
    its_own = why not in {None, Fault.ACCOUNT}  # that one is signed by another authority
    assert told == ({(vouching.partner.account.username, why.value, SFTP.source)} if its_own else set()), case


@pytest.mark.parametrize(
    "written",
    [
        "serial: 7",
        "serial: 5-7",
        "id: payroll server",
        "hash: {print}",
        "hash: SHA256:{hex}",
        "key: {line}",
        "sha256: {line}",
    ],
)
def test_what_is_revoked_ends_what_is_open_and_nothing_else(
    exchange: Exchange, vouching: Vouching, written: str
) -> None:
    wish, other = vouching.wish, vouching.wish.but(serial=8, key_id="other")
    mine, theirs = vouching.sign(wish), vouching.sign(other)
    actors = [(enter(exchange, vouching.partner, blob), blob) for blob in (mine, theirs)]
    assert [still(exchange, *one) for one in actors] == [True, True]
    key = blob_of(wish.key)
    prints = {"print": public_keys.fingerprint_of(key), "hex": hashlib.sha256(key).hexdigest()}
    typed = written.format(line=line(wish.key), **prints)
    assert authorities.revoke(exchange, vouching.keeper, vouching.shown.id, f"# lost\n\n{typed} # all\n") == 1
    assert [still(exchange, *one) for one in actors] == [False, True]
    assert authorities.revoke(exchange, vouching.keeper, vouching.shown.id, typed) == 0
    looked = authority_pages.look(exchange, vouching.keeper, vouching.shown.id)
    (told,) = looked.revoked
    assert told.by == vouching.keeper.actor.name
    assert told.text in typed or told.kind == "fingerprint"
    assert {one.serial: one.state for one in looked.seen} == {"7": "revoked", "8": "active"}
    assert "payroll" not in noted(exchange, "certificate.revoked")[0]


def test_taking_the_authority_back_ends_all_it_signed(exchange: Exchange, vouching: Vouching) -> None:
    blob = vouching.sign()
    actor = enter(exchange, vouching.partner, blob)
    authorities.take_back(exchange, vouching.keeper, vouching.shown.id)
    authorities.take_back(exchange, vouching.keeper, vouching.shown.id)
    assert not still(exchange, actor, blob)
    assert (vouching.shown.state, vouching.shown.revoked_by) == ("revoked", vouching.keeper.actor.name)
    assert len(noted(exchange, "authority.revoked")) == 1


def test_a_certificate_and_its_authority_lapse(exchange: Exchange, vouching: Vouching, clock: Clock) -> None:
    blob = vouching.sign()
    actor = enter(exchange, vouching.partner, blob)
    clock.forward(days=1)
    assert not still(exchange, actor, blob)
    assert enter(exchange, vouching.partner, vouching.sign())
    clock.forward(days=364)
    assert not sign_in.key_is_known(exchange, "pay.roll", vouching.sign(), SFTP)
    assert vouching.shown.state == "expired"


def test_strange_certificates_pause_their_source_and_no_password_pauses_a_certificate(
    exchange: Exchange, vouching: Vouching
) -> None:
    for _ in range(3):
        with pytest.raises(SignInRefusedError):
            sign_in.check_password(exchange, "pay.roll", "a wrong password", SFTP)
    assert enter(exchange, vouching.partner, vouching.sign())
    with pytest.raises(TooManyAttemptsError):
        sign_in.check_password(exchange, "pay.roll", "a wrong password", SFTP)
    void = vouching.sign(vouching.wish.but(until=-1, since=-2))
    for _ in range(27):
        assert not sign_in.key_is_known(exchange, "pay.roll", void, SFTP)
    with pytest.raises(TooManyAttemptsError):
        enter(exchange, vouching.partner, vouching.sign())


@pytest.mark.parametrize(
    "change",
    [
        update(CertificateAuthority).values(expires_at=text("'2999-01-01 00:00:00'")),
        update(CertificateAuthority).values(usernames=None),
        update(CertificateAuthority).values(revocations_digest=None),
        update(CertificateRevocation).values(value="9-9"),
        delete(CertificateRevocation),
    ],
    ids=["lifetime", "accounts", "digest", "revocation", "no revocation"],
)
def test_what_was_changed_by_hand_is_noticed(exchange: Exchange, boss: Partner, change: Executable) -> None:
    vouching = register(boss, usernames=boss.account.username)
    authorities.revoke(exchange, vouching.keeper, vouching.shown.id, "serial: 8")
    actor = enter(exchange, boss, vouching.sign())
    with transaction(exchange.engine) as session:
        session.execute(change)
    assert not sign_in.key_is_known(exchange, boss.account.username, vouching.sign(), SFTP)
    for act in (enter, lambda *given: sign_in.still_in(exchange, actor, given[-1])):
        with pytest.raises(IdentityDamagedError):
            act(exchange, boss, vouching.sign())
    assert noted(exchange, "identity.damaged")


def test_an_authority_taken_back_does_not_come_back_by_hand(exchange: Exchange, vouching: Vouching) -> None:
    authorities.take_back(exchange, vouching.keeper, vouching.shown.id)
    with transaction(exchange.engine) as session:
        session.execute(update(CertificateAuthority).values(revoked_at=None))
    assert not sign_in.key_is_known(exchange, "pay.roll", vouching.sign(), SFTP)


def new(**other: str) -> New:
    given = {"public_key": line(fresh()), "label": "signing server", "days": "365"}
    return New(**{**given, **other})


UNFIT: list[tuple[dict[str, str], str, str]] = [
    ({"public_key": "ssh-dss AAAA"}, "public_key", "DSA"),
    ({"public_key": "ssh-ed25519-cert-v01@openssh.com AAAA"}, "public_key", "Paste one line"),
    ({"label": ""}, "label", "what it is for"),
    ({"days": "9999"}, "days", "how long"),
    ({"usernames": "pay.roll somebody.else"}, "usernames", "somebody.else"),
    ({"usernames": "employer-2"}, "usernames", "employer-2"),
    ({"usernames": "\0"}, "usernames", "Nobody"),
]


def test_what_cannot_be_an_authority_is_refused_with_its_reason(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    assert worker.account.username == "pay.roll"
    make_partner(exchange, Role.EMPLOYER, 2)
    for other, field, why in UNFIT:
        with pytest.raises(errors.FieldsRefusedError, match=why) as refusal:
            authorities.add(exchange, authorities.keeper_of(boss.actor), new(**other))
        assert set(refusal.value.problems) == {field}


def test_an_authority_is_added_once_and_never_after_it_was_taken_back(
    exchange: Exchange, boss: Partner
) -> None:
    keeper, key = authorities.keeper_of(boss.actor), line(fresh())
    fingerprint = authorities.add(exchange, keeper, new(public_key=key))
    with pytest.raises(errors.FieldsRefusedError, match="here already"):
        authorities.add(exchange, keeper, new(public_key=key))
    authorities.take_back(exchange, keeper, authorities.find(exchange, keeper, fingerprint))
    with pytest.raises(errors.FieldsRefusedError, match="taken back"):
        authorities.add(exchange, keeper, new(public_key=key))
    for _ in range(authorities.MOST):
        authorities.add(exchange, keeper, new())
    with pytest.raises(errors.FieldsRefusedError, match="already"):
        authorities.add(exchange, keeper, new())


def test_usernames_are_kept_each_once(exchange: Exchange, boss: Partner, worker: Partner) -> None:
    vouching = register(boss, worker, usernames="PAY.ROLL, employer-1\npay.roll")
    assert vouching.shown.usernames == ("employer-1", "pay.roll")
    assert enter(exchange, worker, vouching.sign())


@pytest.mark.parametrize("role", [Role.OCSS_ADMINISTRATOR, Role.OCSS_STAFF, Role.INTERNATIONAL])
def test_nobody_vouches_for_staff_nor_for_those_who_never_come_by_sftp(
    exchange: Exchange, role: Role
) -> None:
    head = make_partner(exchange, role, administrator=True)
    with pytest.raises(errors.NotPermittedError):
        authorities.add(exchange, Keeper(head.organization.id), new())


def test_an_authority_of_ocss_lets_nobody_in_however_it_came_there(exchange: Exchange) -> None:
    head, private = make_partner(exchange, Role.OCSS_STAFF), fresh()
    now = exchange.clock()
    row = CertificateAuthority(
        organization_id=head.organization.id,
        fingerprint=public_keys.fingerprint_of(blob_of(private)),
        blob=blob_of(private),
        label="never",
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    with transaction(exchange.engine) as session:
        seal(session, exchange, row)
    blob = sign(private, now.timestamp(), Wish(principals=(head.account.username,), until=60))
    assert not sign_in.key_is_known(exchange, head.account.username, blob, SFTP)
    assert f'"why":"{Fault.CLOSED.value}"' in noted(exchange, "account.refused")[-1]


def test_only_administrators_of_the_organization_look_after_its_authorities(
    exchange: Exchange, worker: Partner, vouching: Vouching
) -> None:
    with pytest.raises(errors.NotPermittedError):
        authorities.keeper_of(worker.actor)
    stranger = Keeper(make_partner(exchange, Role.EMPLOYER, 2, administrator=True).organization.id)
    identifier = vouching.shown.id
    for act in (
        lambda: authorities.take_back(exchange, stranger, identifier),
        lambda: authorities.revoke(exchange, stranger, identifier, "serial: 7"),
        lambda: authority_pages.look(exchange, stranger, identifier),
        lambda: authorities.take_back(exchange, vouching.keeper, uuid4()),
        lambda: authorities.find(exchange, stranger, vouching.fingerprint),
    ):
        with pytest.raises(errors.RecordNotFoundError):
            act()
    assert authority_pages.all_of(exchange, stranger) == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "one thing a line"),
        ("# nothing", "one thing a line"),
        ("serial: 0", "without a number"),
        ("serial: 9-8", "from 9 to 8"),
        ("serial: -1", "from 1 on"),
        ("serial: 18446744073709551616", "cannot be revoked"),
        ("serial: \u0667", "from 1 on"),
        ("id:", "key id"),
        (f"id: {'x' * 1001}", "key id"),
        ("hash: MD5:00", "SHA256"),
        ("key: ssh-dss AAAA", "DSA"),
        ("sha1: ssh-ed25519 AAAA", "damaged"),
        ("# hash SHA1:2937742351b3", "fingerprint"),
        ("everything", "Begin with"),
    ],
    ids=range(14),
)
def test_what_cannot_be_revoked_is_refused_with_its_reason(typed: str, why: str) -> None:
    with pytest.raises(errors.FieldsRefusedError, match=why) as refusal:
        revocations.read(typed, blob_of(fresh()))
    assert set(refusal.value.problems) == {"revoke"}


def test_there_is_an_end_to_what_is_revoked(exchange: Exchange, vouching: Vouching) -> None:
    too_many = "\n".join(f"serial: {number}" for number in range(1, revocations.MOST + 2))
    with pytest.raises(errors.FieldsRefusedError, match="More than 1000"):
        authorities.revoke(exchange, vouching.keeper, vouching.shown.id, too_many)
    assert enter(exchange, vouching.partner, vouching.sign())


def test_administrators_are_told_by_letter_and_reminded_once(
    exchange: Exchange, boss: Partner, vouching: Vouching, clock: Clock
) -> None:
    make_colleague(boss, "boss-2", administrator=True)
    enter(exchange, vouching.partner, vouching.sign())
    clock.forward(days=334)
    assert authorities.sweep(exchange) == 0
    clock.forward(days=2)
    assert [authorities.sweep(exchange) for _ in range(2)] == [1, 0]
    authorities.take_back(exchange, vouching.keeper, vouching.shown.id)
    with reading(exchange.engine) as session:
        told = sorted(one.event for one in session.exec(select(Letter)) if one.event.startswith("authority"))
        assert session.exec(select(CertificateUse)).all() == []
    assert told == ["authority-added", *["authority-lapses"] * 2, *["authority-revoked"] * 2]


def test_an_administrator_who_cannot_be_written_to_is_reminded_later(
    exchange: Exchange, clock: Clock
) -> None:
    employer = make_partner(exchange, Role.EMPLOYER)
    authorities.add(exchange, Keeper(employer.organization.id), new())
    clock.forward(days=350)
    assert authorities.sweep(exchange) == 0
    make_colleague(employer, "boss-2", administrator=True)
    assert authorities.sweep(exchange) == 1
    (shown,) = authority_pages.all_of(exchange, Keeper(employer.organization.id))
    assert shown.created_by == "OCSS"
    authorities.take_back(exchange, Keeper(employer.organization.id), shown.id)
    (shown,) = authority_pages.all_of(exchange, Keeper(employer.organization.id))
    assert shown.revoked_by == "OCSS"
