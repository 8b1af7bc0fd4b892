"""Which passwords nobody may choose: too short, common, breached, repeated, in sequence, about oneself."""

import hashlib

import pytest

from exchange.accounts import blocklist, breached
from exchange.errors import PasswordRefusedError
from exchange.runtime import Exchange
from tests.support.partners import PASSWORD

ABOUT = ("casey.newcomer", "Casey Newcomer", "Lindenhall Furniture Works")


def why_not(exchange: Exchange, password: str) -> str:
    try:
        blocklist.check(exchange, password, ABOUT)
    except PasswordRefusedError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "acorn-amber-anchor-apple-42",
        "my neighbour grows blue tomatoes",
        "viele grüne Bäume im Nebel",
        "Casey told nobody about the walrus",
        "gXr2v8Lq0ZtWm5Yc",
    ],
)
def test_long_and_unusual_is_all_that_is_asked(exchange: Exchange, password: str) -> None:
    assert why_not(exchange, password) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short but good", "15 are needed"),
        ("x" * 257, "longer than 256"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats itself"),
        ("tulip7tulip7tulip7tul", "repeats itself"),
        ("abcdefghijklmnopqrst", "follows the alphabet"),
        ("98765432109876543210", "repeats itself"),
        ("qwertyuiopasdfghjkl", "keyboard"),
        ("12345678912345678", "the numbers"),
        ("casey.newcomer-2026", "your name"),
        ("Lindenhall!Furniture!1", "your organization's name"),
        ("P@ssw0rd-Welcome-1!", "guessed first"),
        ("childsupportportal2026", "guessed first"),
        ("summersunshine123456", "guessed first"),
        ("scoobydoo19871987", "easy to guess"),
    ],
)
def test_what_others_guess_is_refused_with_the_reason(exchange: Exchange, password: str, why: str) -> None:
    assert why in why_not(exchange, password)


def test_a_long_password_takes_no_longer_to_judge(exchange: Exchange) -> None:
    assert why_not(exchange, "seven wise walruses " * 2 + "went to sea in a sieve " * 8) == ""


def lines(*passwords: str) -> list[bytes]:
    return [hashlib.sha1(word.encode()).hexdigest().upper().encode() + b":12\r\n" for word in passwords]


def test_a_loaded_list_is_looked_up_whatever_form_its_lines_have(exchange: Exchange) -> None:
    file, stolen = exchange.settings.breached_passwords, "seven wise walruses at sea"
    assert why_not(exchange, stolen) == ""
    given = [*lines("other", stolen), b"a plain password of old\n", b"\n", *lines(stolen)]
    assert breached.load(given, file) == 3
    assert "stolen elsewhere" in why_not(exchange, stolen)
    assert breached.holds(file, "a plain password of old")
    assert not breached.holds(file, "seven wise walruses at se")


def test_a_new_list_replaces_the_earlier_one_and_leaves_nothing_behind(exchange: Exchange) -> None:
    file = exchange.settings.breached_passwords
    breached.load(lines("first"), file)
    breached.load(lines("second"), file)
    assert (breached.holds(file, "first"), breached.holds(file, "second")) == (False, True)
    assert not list(file.parent.glob(".passwords-*"))


def test_every_entry_of_a_list_is_found_across_batches(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breached, "_AT_ONCE", 70)
    file = exchange.settings.breached_passwords
    words = [f"password {number}" for number in range(1_000)]
    assert breached.load(lines(*words), file) == 1_000
    assert all(breached.holds(file, word) for word in words)
    assert not any(breached.holds(file, word + "!") for word in words)
    hashes = file.read_bytes()
    assert [hashes[at : at + 8] for at in range(0, 8_000, 8)] == sorted(
        hashlib.sha1(word.encode()).digest()[:8] for word in words
    )
