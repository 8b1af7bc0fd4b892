"""Organizations, accounts and credentials are made once, sealed where sensitive, and refused when unfit."""

from uuid import uuid4

import pytest

from exchange.accounts import directory, enrolment
from exchange.accounts.enrolment import NewAccount, NewOrganization
from exchange.errors import RequestInvalidError
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.partners import PASSWORD, Partner

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHN5bnRoZXRpYyBrZXkgZm9yIHRlc3RzIG9ubHkhISE= test"


def organization(fein: str | None) -> NewOrganization:
    return NewOrganization(OrganizationKind.EMPLOYER, "Sample Works", fein=fein)


def account(of: Partner, **more: object) -> NewAccount:
    fields: dict[str, object] = {
        "organization_id": of.organization.id,
        "username": "second",
        "name": "Sam Sample",
        "role": Role.EMPLOYER,
        "password": PASSWORD,
    }
    return NewAccount(**{**fields, **more})  # type: ignore[arg-type]  # the fields vary by test


def test_a_fein_is_sealed_and_found_by_its_keyed_hash(exchange: Exchange) -> None:
    made = enrolment.create_organization(exchange, organization("001234567"))
    cells = exchange.vault.cells
    assert made.fein_sealed is not None
    assert b"001234567" not in made.fein_sealed
    assert cells.open(f"fein:{made.id}", made.fein_sealed) == "001234567"
    assert made.fein_hash == cells.keyed_hash("fein", "001234567")


def test_an_organization_needs_no_fein(exchange: Exchange) -> None:
    assert [enrolment.create_organization(exchange, organization(None)).fein_hash for _ in range(2)] == [
        None,
        None,
    ]


@pytest.mark.parametrize("fein", ["", "12-3456789", "12345678", "1234567890", "12345678x", "१२३४५६७८९"])
def test_a_malformed_fein_is_refused(exchange: Exchange, fein: str) -> None:
    with pytest.raises(RequestInvalidError):
        enrolment.create_organization(exchange, organization(fein))


def test_a_fein_is_taken_once(exchange: Exchange) -> None:
    enrolment.create_organization(exchange, organization("001234567"))
    with pytest.raises(RequestInvalidError, match="exists already"):
        enrolment.create_organization(exchange, organization("001234567"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"username": "\0"}, "username"),
        ({"username": "  "}, "username"),
        ({"username": "EMPLOYER-1"}, "taken"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"role": Role.OCSS_ADMINISTRATOR}, "role"),
        ({"organization_id": uuid4()}, "role"),
    ],
)
def test_an_unfit_account_is_refused(
    exchange: Exchange, employer: Partner, more: dict[str, object], why: str
) -> None:
    with pytest.raises(RequestInvalidError, match=why):
        enrolment.create_account(exchange, account(employer, **more))


def test_a_given_totp_secret_is_kept_and_another_is_made(exchange: Exchange, employer: Partner) -> None:
    given = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert enrolment.create_account(exchange, account(employer, totp_secret=given))[1] == given
    assert len(employer.totp_secret) == 32


def test_a_key_is_added_once_to_an_account(exchange: Exchange, employer: Partner) -> None:
    added = enrolment.add_ssh_key(exchange, employer.account.id, KEY, "laptop")
    assert added.fingerprint.startswith("SHA256:")
    with pytest.raises(RequestInvalidError, match="already"):
        enrolment.add_ssh_key(exchange, employer.account.id, KEY, "laptop")


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 not!base64", "ssh-ed25519 AAA"])
def test_what_is_no_public_key_is_refused(exchange: Exchange, employer: Partner, line: str) -> None:
    with pytest.raises(RequestInvalidError):
        enrolment.add_ssh_key(exchange, employer.account.id, line, "laptop")


def test_a_transmitter_begins_to_act_for_a_client(
    exchange: Exchange, employer: Partner, bank: Partner
) -> None:
    row = enrolment.represent(exchange, employer.organization.id, bank.organization.id)
    assert (row.transmitter_id, row.client_id) == (employer.organization.id, bank.organization.id)
    assert row.until is None


def test_the_directory_finds_by_name_id_and_username(exchange: Exchange, employer: Partner) -> None:
    for asked in (employer.organization.name, str(employer.organization.id)):
        assert directory.organization(exchange, asked).id == employer.organization.id
    assert directory.account(exchange, "EMPLOYER-1 ").id == employer.account.id


def test_the_directory_says_when_there_is_none_or_several(exchange: Exchange) -> None:
    for _ in range(2):
        enrolment.create_organization(exchange, organization(None))
    for asked, why in (("Sample Works", "2 organizations"), ("Nobody", "no organizations")):
        with pytest.raises(RequestInvalidError, match=why):
            directory.organization(exchange, asked)
    with pytest.raises(RequestInvalidError, match="no account"):
        directory.account(exchange, "nobody")
