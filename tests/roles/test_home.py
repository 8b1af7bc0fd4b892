"""What stands on the home page of each role."""

import pytest

from roles.home import Section, sections_of
from roles.permissions import ROLE_PERMISSIONS, Permission, Role


@pytest.mark.parametrize("role", list(Role))
def test_the_guide_is_on_the_page_of_whoever_reads_all_of_it(role: Role) -> None:
    found = sections_of(role)
    assert (Section.GUIDE in found) == (Permission.GUIDE_READ in ROLE_PERMISSIONS[role])
    assert len(found) == len(set(found))


def test_workers_of_other_countries_are_led_to_the_guide_first() -> None:
    assert sections_of(Role.INTERNATIONAL)[:2] == (Section.GUIDE, Section.MESSAGES)
