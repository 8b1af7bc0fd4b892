"""`portal verify`: a receipt proves itself offline, and nothing but what was handed over."""

import base64
import json
from pathlib import Path

import pytest

from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.intake import Handed
from exchange.transfers.receipts import public_key_path
from tests.deploy.command_line import Portal
from tests.support.partners import Partner

CONTENT = b"what was handed over\n" * 1000


@pytest.fixture
def handed(exchange: Exchange, employer: Partner) -> Handed:
    with intake.begin(exchange, employer.actor, "files", "letter.txt") as arriving:
        arriving.write(CONTENT)
        return arriving.finish()


@pytest.fixture
def key(exchange: Exchange) -> Path:
    assert exchange.settings.receipt_key is not None
    return public_key_path(exchange.settings.receipt_key)


@pytest.fixture
def receipt(handed: Handed, tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt.json"
    path.write_text(json.dumps(handed.receipt))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(CONTENT)
    return path


def test_receipt_and_file_belong_together(portal: Portal, receipt: Path, file: Path, key: Path) -> None:
    outcome = portal("verify", receipt, file, "--key", key)
    assert outcome.code == 0, outcome.err
    assert "letter.txt" in outcome.out
    assert "journal event" in outcome.out


def test_the_file_is_optional_and_the_key_is_the_installation_s_unless_told(
    portal: Portal, receipt: Path, exchange: Exchange
) -> None:
    assert portal("verify", receipt, "--home", exchange.settings.home).code == 0


def test_an_answer_that_holds_the_receipt_will_do(
    portal: Portal, handed: Handed, tmp_path: Path, file: Path, key: Path
) -> None:
    answer = tmp_path / "letter.txt.ack.json"
    answer.write_text(json.dumps({**handed.transfer.as_json(), "receipt": handed.receipt}))
    assert portal("verify", answer, file, "--key", key).code == 0


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", CONTENT.replace(b"h", b"H", 1), b""])
def test_a_changed_byte_in_the_file_fails(
    portal: Portal, receipt: Path, file: Path, key: Path, content: bytes
) -> None:
    file.write_bytes(content)
    assert portal("verify", receipt, file, "--key", key).code == 1


@pytest.mark.parametrize("member", ["protected", "payload", "signature"])
def test_a_changed_byte_anywhere_in_the_receipt_fails(
    portal: Portal, handed: Handed, receipt: Path, key: Path, member: str
) -> None:
    text = dict(handed.receipt)[member]
    assert isinstance(text, str)
    for place in range(0, len(text) - 2, max(1, len(text) // 9)):
        other = "A" if text[place] != "A" else "B"
        receipt.write_text(json.dumps({**handed.receipt, member: text[:place] + other + text[place + 1 :]}))
        assert portal("verify", receipt, "--key", key).code == 1


def test_another_installation_s_key_fails(portal: Portal, receipt: Path, home: Path) -> None:
    portal("admin", "issue-token", "joe.doe", "--label", "x", "--home", home)
    outcome = portal("verify", receipt, "--home", home)
    assert outcome.code == 1
    assert "signature" in outcome.err


def test_a_receipt_signed_by_us_about_another_journal_event_fails(
    portal: Portal, exchange: Exchange, handed: Handed, receipt: Path, key: Path
) -> None:
    payload = handed.receipt["payload"]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["sha256"] = "0" * 64
    receipt.write_text(json.dumps(exchange.receipts.sign(json.dumps(claims).encode())))
    outcome = portal("verify", receipt, "--key", key)
    assert outcome.code == 1
    assert "another file" in outcome.err


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"receipt": 7}', '{"payload": "x"}', "\x00"])
def test_what_is_no_receipt_is_one_sentence(portal: Portal, receipt: Path, key: Path, text: str) -> None:
    receipt.write_text(text)
    outcome = portal("verify", receipt, "--key", key)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
