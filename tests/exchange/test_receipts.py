"""A receipt can be checked without us: signature, key, and the place in the journal that it tells."""

import base64
import json
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from exchange import journal
from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.receipts import (
    ReceiptForgedError,
    ReceiptSigner,
    SignedReceipt,
    check,
    public_key_path,
)
from tests.support.files import CONTENT, hand_in
from tests.support.partners import Partner


@pytest.fixture
def receipt(exchange: Exchange, employer: Partner) -> SignedReceipt:
    return hand_in(exchange, employer.actor).receipt


@pytest.fixture
def public_key(exchange: Exchange) -> bytes:
    return public_key_path(exchange.settings.receipt_key).read_bytes()


def test_a_receipt_tells_who_handed_over_what_when_and_through_which_door(
    receipt: SignedReceipt, public_key: bytes, employer: Partner
) -> None:
    claims = json.loads(check(receipt, public_key))
    assert claims["size"] == len(CONTENT)
    assert claims["transfer"]["filename"] == "report.txt"
    assert claims["organization"]["name"] == employer.organization.name
    assert (claims["account"]["username"], claims["channel"]) == (employer.account.username, "web")
    assert claims["received_at"].endswith("Z")


def test_a_receipt_carries_its_place_in_the_journal(
    exchange: Exchange, receipt: SignedReceipt, public_key: bytes
) -> None:
    told = json.loads(check(receipt, public_key))["journal"]
    assert journal.digest_of_fields(told["event"]) == told["digest"]
    with reading(exchange.engine) as session:
        event = session.exec(select(JournalEvent).where(JournalEvent.digest == told["digest"])).one()
    assert (event.position, event.kind) == (told["event"][0], "transfer.received")


def test_the_stored_receipt_is_the_one_that_was_given(exchange: Exchange, employer: Partner) -> None:
    handed = hand_in(exchange, employer.actor)
    assert delivery.receipt(exchange, employer.actor, handed.transfer.id) == handed.receipt


def test_any_other_character_anywhere_makes_a_receipt_forged(
    receipt: SignedReceipt, public_key: bytes
) -> None:
    for member, value in receipt.items():
        assert isinstance(value, str)
        for place in range(0, len(value), 1 if member == "signature" else 7):
            for other in {"A", "B", "w", "=", "/"} - {value[place]}:
                forged = {**receipt, member: value[:place] + other + value[place + 1 :]}
                with pytest.raises(ReceiptForgedError):
                    check(forged, public_key)  # type: ignore[arg-type]  # forged


def test_the_last_character_of_a_signature_has_one_spelling(
    receipt: SignedReceipt, public_key: bytes
) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    good = []
    for last in alphabet:
        try:
            check({**receipt, "signature": receipt["signature"][:-1] + last}, public_key)
        except ReceiptForgedError:
            continue
        good.append(last)
    assert good == [receipt["signature"][-1]]


@pytest.mark.parametrize(
    "change",
    [
        {"signature": ""},
        {"payload": ""},
        {"protected": ""},
        {"header": {"kid": "x"}},
        {"payload": None},
        {"signature": 7},
        {"protected": base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")},
        {"protected": base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")},
    ],
)
def test_a_receipt_of_another_shape_is_forged(
    receipt: SignedReceipt, public_key: bytes, change: dict[str, object]
) -> None:
    with pytest.raises(ReceiptForgedError):
        check({**receipt, **change}, public_key)  # type: ignore[typeddict-item]  # forged


def test_a_receipt_lacking_a_member_is_forged(receipt: SignedReceipt, public_key: bytes) -> None:
    for member in receipt:
        with pytest.raises(ReceiptForgedError):
            check({name: value for name, value in receipt.items() if name != member}, public_key)  # type: ignore[arg-type]  # forged


def test_another_key_did_not_sign_it(receipt: SignedReceipt, tmp_path: Path) -> None:
    ReceiptSigner.open(tmp_path / "other.pem")
    for key in ((tmp_path / "other.pub.pem").read_bytes(), b"no key"):
        with pytest.raises(ReceiptForgedError):
            check(receipt, key)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "receipt.pem"
    signer = ReceiptSigner.open(place)
    assert ReceiptSigner.open(place).key.thumbprint() == signer.key.thumbprint()
    assert place.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in place.parent.iterdir()) == ["receipt.pem", "receipt.pub.pem"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    place, seen = tmp_path / "receipt.pem", list[str]()
    threads = [
        threading.Thread(target=lambda: seen.append(ReceiptSigner.open(place).key.thumbprint()))
        for _ in range(6)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (len(seen), len(set(seen))) == (6, 1)
