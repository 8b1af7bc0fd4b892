"""What stands on the page that opens after signing in, by role, as a table: what one came for is first."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from roles.permissions import Role


class Section(StrEnum):
    """A part of the home page; it is left out where there is nothing in it."""

    ARRIVED = "arrived"
    DRAFTS = "drafts"
    GUIDE = "guide"
    LOCATE = "locate"
    MESSAGES = "messages"
    PROGRAMS = "programs"
    SENT = "sent"


_EXCHANGES = (Section.PROGRAMS, Section.DRAFTS, Section.ARRIVED, Section.SENT)
_AGENCY = (Section.PROGRAMS, Section.GUIDE, Section.DRAFTS, Section.ARRIVED, Section.SENT)
_OF_ROLES: Mapping[Role, tuple[Section, ...]] = MappingProxyType(
    {
        Role.INTERNATIONAL: (Section.GUIDE, Section.MESSAGES, Section.DRAFTS, Section.ARRIVED),
        Role.OCSS_ADMINISTRATOR: _AGENCY,
        Role.OCSS_STAFF: _AGENCY,
        Role.STATE: (Section.LOCATE, *_AGENCY),
        Role.TRIBE: (Section.LOCATE, *_AGENCY),
    }
)


def sections_of(role: Role) -> tuple[Section, ...]:
    """The parts of the home page of somebody with this role, in their order."""
    return _OF_ROLES.get(role, _EXCHANGES)
