"""What may become of a multistate registration, held against a table that people review."""

import pytest

from exchange.errors import NotNowError
from exchange.models.multistate import RegistryStatus
from exchange.multistate.statuses import LIVE, TRANSITIONS, Act, after, allows

REVIEWED = """
DRAFT submit SUBMITTED
DRAFT discard DRAFT
SUBMITTED activate ACTIVE
SUBMITTED change SUBMITTED
SUBMITTED cancel CANCELLED
ACTIVE change CHANGED
ACTIVE cancel CANCELLED
CHANGED change CHANGED
CHANGED cancel CANCELLED
"""


def test_the_table_is_what_people_meant() -> None:
    told = [f"{status} {act} {then}" for (status, act), then in TRANSITIONS.items()]
    assert told == REVIEWED.split("\n")[1:-1]
    assert {*LIVE, RegistryStatus.DRAFT, RegistryStatus.CANCELLED} == set(RegistryStatus)


@pytest.mark.parametrize("status", RegistryStatus, ids=str)
@pytest.mark.parametrize("act", Act, ids=str)
def test_what_the_table_does_not_have_is_refused_with_a_reason(status: RegistryStatus, act: Act) -> None:
    if allows(status, act):
        assert after(status.value, act) is TRANSITIONS[status, act]
        return
    with pytest.raises(NotNowError, match="This cannot be done now: it "):
        after(status.value, act)
