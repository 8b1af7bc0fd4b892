"""Sealed columns, keyed hashes and row authenticators."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.errors import CellDamagedError, VaultLockedError
from exchange.vault import Vault
from exchange.vault.keyring import Keyring, Secret, write_keyring
from tests.support.effort import least_effort

SAME_VAULT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SSN = "987654320"


@SAME_VAULT
@given(value=st.text())
def test_a_sealed_value_opens_and_does_not_show(vault: Vault, value: str) -> None:
    sealed = vault.cells.seal("note", value)
    assert vault.cells.open("note", sealed) == value
    assert sealed != vault.cells.seal("note", value)
    assert len(value.encode()) < 4 or value.encode() not in sealed


def test_a_value_moved_to_another_column_does_not_open(vault: Vault) -> None:
    with pytest.raises(CellDamagedError):
        vault.cells.open("tin", vault.cells.seal("ssn", SSN))


def test_a_changed_value_does_not_open(vault: Vault) -> None:
    sealed = vault.cells.seal("ssn", SSN)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(VaultLockedError if 1 <= place <= 4 else CellDamagedError):
            vault.cells.open("ssn", changed)
    for short in (b"", sealed[:10], sealed[:20], sealed[:-1]):
        with pytest.raises(CellDamagedError):
            vault.cells.open("ssn", short)


def test_keyed_hashes_are_the_same_one_by_one_and_in_bulk(vault: Vault) -> None:
    values = [f"98765{number:04}" for number in range(50)]
    bulk = vault.cells.keyed_hashes("ssn", [value.encode() for value in values])
    assert bulk == [vault.cells.keyed_hash("ssn", value) for value in values]
    assert len(set(bulk)) == 50
    assert {len(one) for one in bulk} == {32}
    assert vault.cells.keyed_hash("tin", SSN) != vault.cells.keyed_hash("ssn", SSN)
    assert vault.cells.keyed_hash("ssn", SSN) != hashlib.sha256(SSN.encode()).digest()


def test_a_keyed_hash_is_hmac_under_a_key_of_the_purpose(vault: Vault) -> None:
    entries = json.loads(vault.keyring.path.read_text())["secrets"]
    secret = next(base64.b64decode(entry["secret"]) for entry in entries if entry["use"] == "hashes")
    extracted = hmac.digest(bytes(32), secret, "sha256")
    key = hmac.digest(extracted, b"ocss-vault 1 hashes\0ssn\x01", "sha256")
    assert vault.cells.keyed_hash("ssn", SSN) == hmac.digest(key, SSN.encode(), "sha256")


def test_a_hundred_thousand_keyed_hashes_take_well_under_a_second(vault: Vault) -> None:
    values = [b"%09d" % number for number in range(100_000)]
    assert least_effort(lambda: vault.cells.keyed_hashes("ssn", values)) < 0.8


def test_an_authenticator_covers_every_field_and_their_borders(vault: Vault) -> None:
    authenticator = vault.cells.authenticate("account", "17", "employer")
    assert authenticator == vault.cells.authenticate("account", "17", "employer")
    assert vault.cells.is_authentic(authenticator, "account", "17", "employer")
    others = ["account 17 ocss", "account 17", "account 17employer", "account1 7 employer", ""]
    for fields in map(str.split, others):
        assert not vault.cells.is_authentic(authenticator, *fields)
    for other in (b"", bytes(36), authenticator[:-1], authenticator[:-1] + b"\0"):
        assert not vault.cells.is_authentic(other, "account", "17", "employer")


def with_new_secrets(keyring: Keyring) -> Keyring:
    """The keyring with fresh secrets for everything; those before are retired."""
    retired = tuple(replace(secret, state="retired") for secret in keyring.secrets)
    cells = Secret(b"newc", "cells", "", "active", bytes(32))
    return replace(keyring, secrets=(*retired, cells, Secret(b"newr", "rows", "", "active", bytes(32))))


def test_what_an_earlier_secret_made_still_opens(vault: Vault) -> None:
    sealed, authenticator = vault.cells.seal("ssn", SSN), vault.cells.authenticate("row")
    write_keyring(vault.keyring.path, with_new_secrets(vault.keyring.current()))
    assert vault.cells.open("ssn", sealed) == SSN
    assert vault.cells.open("ssn", vault.cells.seal("ssn", SSN)) == SSN
    assert vault.cells.is_authentic(authenticator, "row")
    assert vault.cells.authenticate("row") != authenticator
    with pytest.raises(VaultLockedError):
        vault.cells.keyed_hash("ssn", SSN)
