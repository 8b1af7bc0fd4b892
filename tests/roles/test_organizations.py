"""Every kind of organization says what it gives, agrees to and waits for, or who else lets its people in."""

import pytest

from roles.organizations import DAILY, KINDS, SELDOM, Kind, OrganizationKind, asked_of, kinds_of
from roles.permissions import Permission, Role
from roles.programs import receivable
from roles.purposes import ADDRESSES, CONTACTS, NOTICES, AddressPurpose, ContactPurpose, shown_to
from schemas.forms.registration import FACTS

REGISTERING = {
    OrganizationKind.EMPLOYER,
    OrganizationKind.PROCESSOR,
    OrganizationKind.INSURER,
    OrganizationKind.FINANCIAL_INSTITUTION,
    OrganizationKind.TRANSMITTER,
    OrganizationKind.FEDERAL_AGENCY,
    OrganizationKind.RESEARCH_PARTNER,
    OrganizationKind.TRIBE,
}
CLEARED = {OrganizationKind.FEDERAL_AGENCY, OrganizationKind.RESEARCH_PARTNER, OrganizationKind.TRIBE}


def test_these_kinds_register_and_no_others() -> None:
    assert {kind for kind, about in KINDS.items() if about.registers} == REGISTERING
    assert {kind for kind, about in KINDS.items() if about.prerequisite} == CLEARED
    assert set(KINDS) == set(OrganizationKind)


@pytest.mark.parametrize("about", KINDS.values(), ids=KINDS)
def test_each_kind_is_complete(about: Kind) -> None:
    assert about.title
    assert all(
        sentence.endswith(".")
        for sentence in (about.for_whom, about.instead, *about.agreement.paragraphs)
        if sentence
    )
    assert set(about.facts) <= set(FACTS)
    assert about.key == about.facts[0]
    assert about.verifies is Permission.REGISTRATION_VERIFY
    assert about.agreement.version
    assert about.agreement.dated.year == 2026
    assert not about.registers or about.role in about.roles


def test_who_comes_each_quarter_or_year_does_not_lapse_between() -> None:
    daily = {kind for kind, about in KINDS.items() if about.idle_days == DAILY}
    assert daily == {OrganizationKind.STATE, OrganizationKind.TRIBE, OrganizationKind.OCSS}
    assert {about.idle_days for about in KINDS.values()} == {DAILY, SELDOM} == {60, 180}


def test_a_role_leads_to_its_kinds() -> None:
    assert kinds_of(Role.EMPLOYER) == (OrganizationKind.EMPLOYER, OrganizationKind.PROCESSOR)
    assert kinds_of(Role.FEDERAL_AGENCY) == (
        OrganizationKind.FEDERAL_AGENCY,
        OrganizationKind.RESEARCH_PARTNER,
    )
    assert all(kinds_of(role) for role in Role)


def test_what_ocss_has_on_record_is_not_asked_again() -> None:
    names = {kind: [one.name for one in asked_of(kind)] for kind in REGISTERING}
    assert all(("organization_name" in names[kind]) != (kind in CLEARED) for kind in REGISTERING)
    assert all((KINDS[kind].key in names[kind]) != (kind in CLEARED) for kind in REGISTERING)
    assert all(names[kind].count("street") == 1 for kind in REGISTERING)


def test_an_organization_is_asked_only_for_contacts_of_its_kind() -> None:
    bank = shown_to(CONTACTS, OrganizationKind.FINANCIAL_INSTITUTION, ())
    assert set(bank) == {
        ContactPurpose.FILES,
        ContactPurpose.LEVIES,
        ContactPurpose.MATCHING,
        ContactPurpose.SECURITY,
    }
    assert ContactPurpose.LUMP_SUM in shown_to(
        CONTACTS, OrganizationKind.FINANCIAL_INSTITUTION, ("lump_sum",)
    )
    for kind in OrganizationKind:
        assert {ContactPurpose.FILES, ContactPurpose.SECURITY} <= set(shown_to(CONTACTS, kind, ()))
        assert AddressPurpose.OFFICE in shown_to(ADDRESSES, kind, ())


def test_whoever_gets_a_programs_notices_may_name_a_contact_for_them() -> None:
    for kind, about in KINDS.items():
        shown = shown_to(CONTACTS, kind, ())
        for program in (one for role in about.roles for one in receivable(role) if one.slug in NOTICES):
            assert NOTICES[program.slug] in shown, (kind, program.slug)
