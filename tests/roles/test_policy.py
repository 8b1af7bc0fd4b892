"""The one question every use case asks, and its three answers."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from exchange.errors import NotPermittedError, ProgramNotFoundError
from roles.organizations import OrganizationKind
from roles.permissions import Permission, Role
from roles.policy import Actor, Channel, authorize, can, sendable_program

MINE = UUID(int=7)


def somebody(role: Role) -> Actor:
    kind = OrganizationKind.EMPLOYER
    return Actor(uuid4(), MINE, role, "robin", "Robin Sample", "Sample", kind, Channel.WEB, "127.0.0.1")


def test_a_permitted_actor_may_see_the_rows_of_its_own_organization() -> None:
    assert authorize(somebody(Role.EMPLOYER), Permission.LUMP_SUM_SEND) == MINE


def test_what_a_role_does_not_hold_is_refused() -> None:
    assert not can(somebody(Role.INTERNATIONAL), Permission.FILES_SEND)
    with pytest.raises(NotPermittedError):
        authorize(somebody(Role.INTERNATIONAL), Permission.FILES_SEND)


def test_a_program_is_found_by_its_slug() -> None:
    assert sendable_program(somebody(Role.EMPLOYER), "lump-sum").slug == "lump-sum"


def test_a_program_of_another_role_is_refused_and_an_unknown_one_is_not_there() -> None:
    with pytest.raises(NotPermittedError):
        sendable_program(somebody(Role.EMPLOYER), "data-match")
    with pytest.raises(ProgramNotFoundError):
        sendable_program(somebody(Role.EMPLOYER), "../lump-sum")


def test_a_program_of_one_page_takes_files_at_no_other_door() -> None:
    keeper = somebody(Role.STATE)
    assert sendable_program(replace(keeper, channel=Channel.WEB), "guide-texts").only_page
    for door in set(Channel) - {Channel.WEB}:
        with pytest.raises(NotPermittedError):
            sendable_program(replace(keeper, channel=door), "guide-texts")
