"""Keys and tokens: strong ones only, looked after by their owner and the organization's administrators."""

import base64
from collections.abc import Callable
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlmodel import select

from exchange import errors
from exchange.accounts import keys, public_keys
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.models.accounts import ApiToken
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.repository import TransferQuery
from roles.permissions import Permission, Role
from roles.policy import Actor, permissions_of
from roles.scopes import SCOPES
from tests.conftest import Clock
from tests.support.partners import Partner, make_colleague, make_partner
from web.handlers.api import OPERATIONS

HERE = "127.0.0.1"
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
READ = [Permission.TRANSFER_READ.value]


def line(private: Private) -> str:
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " me@here"


def fresh() -> str:
    return line(ed25519.Ed25519PrivateKey.generate())


def added(exchange: Exchange, actor: Actor, text: str = "") -> keys.Credential:
    keys.add_key(exchange, actor, text or fresh(), "laptop", "90")
    return keys.keys(exchange, actor)[0]


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def worker(boss: Partner) -> Partner:
    return make_colleague(boss, "worker-1")


@pytest.mark.parametrize(
    ("private", "kind"),
    [
        (ed25519.Ed25519PrivateKey.generate, "Ed25519"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "ECDSA P-256"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "ECDSA P-521"),
        (lambda: rsa.generate_private_key(65537, 3072), "RSA"),
    ],
)
def test_a_strong_key_is_taken(
    exchange: Exchange,
    employer: Partner,
    private: Callable[[], Private],
    kind: str,
) -> None:
    key = added(exchange, employer.actor, line(private()))
    assert (key.kind, key.state, key.label, key.last_used_at) == (kind, "active", "laptop", None)
    assert key.fingerprint.startswith("SHA256:")


def private_text() -> str:
    private = ed25519.Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def off_the_curve() -> str:
    text = base64.b64decode(line(ec.generate_private_key(ec.SECP256R1())).split()[1])
    return "ecdsa-sha2-nistp256 " + base64.b64encode(text[:-8] + bytes(8)).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (lambda: line(rsa.generate_private_key(65537, 2048)), "2048 bits"),
        (lambda: "ssh-dss AAAAB3NzaC1kc3M=", "DSA"),
        (private_text, "private key"),
        (lambda: "PuTTY-User-Key-File-3: ssh-ed25519", "private key"),
        (off_the_curve, "damaged"),
        (lambda: "ssh-ed25519 AAAA", "damaged"),
        (lambda: "ssh-ed25519 " + fresh().split()[1][:-6], "damaged"),
        (lambda: "sk-ssh-ed25519@openssh.com AAAA", "security key"),
        (lambda: "", "Paste one line"),
        (lambda: 'from="*" ' + fresh(), "Paste one line"),
        (lambda: "ssh-ed25519 " + "A" * 20_000, "no public key"),
        (lambda: "---- BEGIN SSH2 PUBLIC KEY ----\n!!\n---- END SSH2 PUBLIC KEY ----", "damaged"),
    ],
)
def test_a_weak_damaged_or_secret_key_is_refused_with_its_reason(text: Callable[[], str], why: str) -> None:
    with pytest.raises(errors.FieldsRefusedError, match=why) as refusal:
        public_keys.read(text())
    assert set(refusal.value.problems) == {"public_key"}


def test_a_key_file_of_other_programs_is_read() -> None:
    text = fresh()
    body = text.split()[1]
    lines = ("---- BEGIN SSH2 PUBLIC KEY ----", 'Comment: "me"', body[:40], body[40:])
    file = "\n".join((*lines, "---- END SSH2 PUBLIC KEY ----"))
    assert public_keys.read(file) == public_keys.read(text)


def test_a_key_is_added_once_and_never_after_it_was_taken_back(exchange: Exchange, employer: Partner) -> None:
    text = fresh()
    key = added(exchange, employer.actor, text)
    with pytest.raises(errors.FieldsRefusedError, match="already"):
        keys.add_key(exchange, employer.actor, text, "again", "90")
    keys.revoke_key(exchange, employer.actor, key.id)
    with pytest.raises(errors.FieldsRefusedError, match="taken back"):
        keys.add_key(exchange, employer.actor, text, "again", "90")


@pytest.mark.parametrize(
    ("label", "days", "field"),
    [("", "90", "label"), ("x" * 61, "90", "label"), ("a", "91", "days"), ("a", "", "days")],
)
def test_label_and_lifetime_are_asked_for(
    exchange: Exchange, employer: Partner, label: str, days: str, field: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        keys.add_key(exchange, employer.actor, fresh(), label, days)
    assert set(refusal.value.problems) == {field}


def test_who_does_not_come_by_sftp_has_no_keys(exchange: Exchange) -> None:
    with pytest.raises(errors.NotPermittedError):
        keys.add_key(exchange, make_partner(exchange, Role.INTERNATIONAL).actor, fresh(), "laptop", "90")


def test_there_is_an_end_to_them(exchange: Exchange, employer: Partner) -> None:
    for number in range(keys.MOST):
        keys.issue_token(exchange, employer.actor, f"{number}", "30", READ)
    with pytest.raises(errors.FieldsRefusedError, match="already"):
        keys.issue_token(exchange, employer.actor, "one more", "30", READ)


def test_a_token_does_what_its_scopes_say_and_no_more(exchange: Exchange, employer: Partner) -> None:
    token = keys.issue_token(exchange, employer.actor, "nightly", "30", READ)
    bearer = actor_of_token(exchange, token, HERE)
    assert permissions_of(bearer) == {Permission.TRANSFER_READ}
    assert delivery.transfers(exchange, bearer, TransferQuery()).items == []
    with pytest.raises(errors.NotPermittedError):
        intake.begin(exchange, bearer, "lump-sum", "a.txt")
    assert keys.tokens(exchange, employer.actor)[0].last_used_at


@pytest.mark.parametrize(
    "scopes", [[], ["data-match:send"], ["transfer:read", "account:manage"], ["nonsense"]]
)
def test_scopes_are_a_part_of_what_the_account_may_do(
    exchange: Exchange, boss: Partner, scopes: list[str]
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        keys.issue_token(exchange, boss.actor, "too much", "30", scopes)
    assert set(refusal.value.problems) == {"scopes"}


def test_scopes_widened_by_hand_are_noticed(exchange: Exchange, employer: Partner) -> None:
    token = keys.issue_token(exchange, employer.actor, "nightly", "30", READ)
    for column, value in (("scopes", "lump-sum:send transfer:read"), ("scopes", None)):
        with transaction(exchange.engine) as session:
            setattr(session.exec(select(ApiToken)).one(), column, value)
        with pytest.raises(errors.IdentityDamagedError):
            actor_of_token(exchange, token, HERE)


def test_every_call_of_the_api_asks_for_something_a_token_can_be_bound_to() -> None:
    assert {call.needs for call in OPERATIONS} - {None} <= set(SCOPES)


def test_a_token_ends_when_it_lapses_or_is_taken_back(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    first, second = (keys.issue_token(exchange, employer.actor, str(n), "30", READ) for n in range(2))
    newest = keys.tokens(exchange, employer.actor)
    keys.revoke_token(exchange, employer.actor, next(one.id for one in newest if one.label == "0"))
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, first, HERE)
    clock.forward(days=31)
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, second, HERE)
    assert {one.label: one.state for one in keys.tokens(exchange, employer.actor)} == {
        "0": "revoked",
        "1": "expired",
    }


def test_administrators_see_and_take_back_those_of_their_people(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    key = added(exchange, worker.actor)
    token = keys.issue_token(exchange, worker.actor, "nightly", "30", READ)
    assert keys.keys(exchange, boss.actor, worker.account.id) == [key]
    (shown,) = keys.tokens(exchange, boss.actor, worker.account.id)
    assert keys.revoke_key(exchange, boss.actor, key.id) == worker.account.id
    keys.revoke_token(exchange, boss.actor, shown.id)
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, HERE)
    with reading(exchange.engine) as session:
        told = [one.event for one in session.exec(select(Letter).order_by(Letter.created_at))]
        noted = session.exec(select(JournalEvent).where(JournalEvent.kind == "key.revoked")).one()
    assert sorted(told) == ["key-added", "key-revoked", "token-issued", "token-revoked"]
    assert (noted.account_id, noted.subject_id) == (boss.account.id, worker.account.id)


def test_those_of_anybody_else_look_like_none(
    exchange: Exchange, boss: Partner, worker: Partner, other_employer: Partner
) -> None:
    key = added(exchange, other_employer.actor)
    own = added(exchange, boss.actor)
    for actor, key_id in ((boss.actor, key.id), (boss.actor, uuid4()), (worker.actor, own.id)):
        with pytest.raises(errors.RecordNotFoundError):
            keys.revoke_key(exchange, actor, key_id)
    for asked in (other_employer.account.id, uuid4()):
        with pytest.raises(errors.RecordNotFoundError):
            keys.tokens(exchange, boss.actor, asked)
    with pytest.raises(errors.RecordNotFoundError):
        keys.keys(exchange, worker.actor, boss.account.id)
