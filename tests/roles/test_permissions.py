"""The one table of permissions is what people reviewed, and nothing in it is out of reach or unexplained."""

from pathlib import Path

from roles.organizations import KIND_ROLES, OrganizationKind
from roles.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    PERMISSION_WORDS,
    ROLE_PERMISSIONS,
    ROLES,
    Permission,
    Role,
)
from roles.programs import PROGRAMS, receivable, sendable

REVIEWED = Path(__file__).with_name("permissions.txt")


def as_text() -> str:
    table = {role.value: held for role, held in ROLE_PERMISSIONS.items()}
    table["administrator"] = ADMINISTRATOR_PERMISSIONS
    return "".join(f"{name}: {' '.join(sorted(held))}\n" for name, held in sorted(table.items()))


def test_the_table_is_the_one_that_people_reviewed() -> None:
    reviewed = [line for line in REVIEWED.read_text().splitlines(keepends=True) if line[0] != "#"]
    assert as_text() == "".join(reviewed)


def test_every_role_has_permissions_a_description_and_a_kind_of_organization() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLES) == set(Role)
    assert set().union(*KIND_ROLES.values()) == set(Role)
    assert all(one.title and one.summary.endswith(".") and one.entry.endswith(".") for one in ROLES.values())


def test_every_kind_of_organization_has_roles() -> None:
    assert set(KIND_ROLES) == set(OrganizationKind)
    assert all(KIND_ROLES.values())


def test_permissions_are_named_resource_and_action_in_alphabetical_order() -> None:
    values = [permission.value for permission in Permission]
    assert values == sorted(values)
    assert all(len(value.split(":")) == 2 for value in values)


def test_no_permission_is_held_by_nobody() -> None:
    assert set().union(ADMINISTRATOR_PERMISSIONS, *ROLE_PERMISSIONS.values()) == set(Permission)


def test_every_program_has_a_sender_and_somebody_who_may_receive_from_it() -> None:
    sent = {program.slug for role in Role for program in sendable(role)}
    received = {program.slug for role in Role for program in receivable(role)}
    assert sent == received == {slug for slug, program in PROGRAMS.items() if not program.only_page}


def test_whoever_may_send_to_a_program_also_finds_its_answers() -> None:
    assert all(set(sendable(role)) <= set(receivable(role)) for role in Role)


def test_every_role_can_read_its_transfers_and_only_ocss_addresses_files() -> None:
    assert all(Permission.TRANSFER_READ in held for held in ROLE_PERMISSIONS.values())
    addressing = {role for role, held in ROLE_PERMISSIONS.items() if Permission.FILES_ADDRESS in held}
    assert addressing == KIND_ROLES[OrganizationKind.OCSS]


def test_every_permission_is_told_in_words() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)
    assert len(set(PERMISSION_WORDS.values())) == len(Permission)


def test_a_program_is_told_from_the_side_of_the_role() -> None:
    employer, state = PROGRAMS["lump-sum"].about(Role.EMPLOYER), PROGRAMS["lump-sum"].about(Role.STATE)
    assert employer.startswith("Report")
    assert state.startswith("Learn")
    assert PROGRAMS["files"].about(Role.STATE) == PROGRAMS["files"].summary
