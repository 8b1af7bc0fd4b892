"""Who may write to whom about what, and what may be passed on."""

import pytest

from roles.correspondence import AGENCIES, TOPICS, Classification, may_forward, may_hold, may_write
from roles.organizations import OrganizationKind as Kind


@pytest.mark.parametrize("slug", TOPICS)
def test_one_of_the_two_is_an_agency(slug: str) -> None:
    for sender in Kind:
        for addressee in Kind:
            if may_write(TOPICS[slug], sender, addressee):
                assert {sender, addressee} & AGENCIES


def test_every_kind_can_write_to_ocss() -> None:
    assert all(may_write(TOPICS["general"], kind, Kind.OCSS) for kind in Kind if kind is not Kind.OCSS)


def test_a_state_writes_to_an_employer_and_an_employer_to_no_bank() -> None:
    assert may_write(TOPICS["withholding"], Kind.STATE, Kind.EMPLOYER)
    assert not may_write(TOPICS["withholding"], Kind.EMPLOYER, Kind.EMPLOYER)
    assert not may_write(TOPICS["withholding"], Kind.STATE, Kind.FINANCIAL_INSTITUTION)


def test_tax_information_stays_between_agencies_and_is_never_passed_on() -> None:
    assert may_hold(Classification.FTI, Kind.OCSS, Kind.STATE)
    assert not may_hold(Classification.FTI, Kind.EMPLOYER, Kind.STATE)
    assert not any(may_forward(Classification.FTI, kind) for kind in Kind)
    assert may_forward(Classification.PII, Kind.TRIBE)
    assert not may_forward(Classification.PII, Kind.EMPLOYER)
