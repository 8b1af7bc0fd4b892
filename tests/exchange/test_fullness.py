"""Space that is nearly used up: the contact for files hears of each mark once, and pages warn."""

from dataclasses import replace

import pytest

from exchange.database import transaction
from exchange.models.organizations import Contact
from exchange.runtime import Exchange
from exchange.transfers import delivery, fullness, intake
from exchange.transfers.space import passed
from roles.permissions import Role
from roles.purposes import ContactPurpose
from tests.support.files import hand_in, suspended
from tests.support.letters import mailed
from tests.support.partners import Partner, make_partner

SPACE = 1_000


def narrow(exchange: Exchange) -> Exchange:
    """The same installation, where an organization may keep a thousand bytes."""
    return replace(exchange, settings=exchange.settings.model_copy(update={"quota": SPACE}))


def reach(exchange: Exchange, partner: Partner, contact: str) -> None:
    now = exchange.clock()
    files = ContactPurpose.FILES.value
    with transaction(exchange.engine) as session:
        session.add(
            Contact(organization_id=partner.organization.id, purpose=files, email=contact, changed_at=now)
        )


def test_the_contact_for_files_is_written_to_once_at_each_mark(each_exchange: Exchange) -> None:
    small = narrow(each_exchange)
    partner, other = make_partner(small, Role.EMPLOYER), make_partner(small, Role.EMPLOYER, 2)
    reach(small, partner, "files.desk@example.org")
    hand_in(small, other.actor, bytes(100))
    hand_in(small, partner.actor, bytes(799), "secret-name.txt")
    assert fullness.sweep(small) == 0
    hand_in(small, partner.actor, bytes(1))
    assert [fullness.sweep(small) for _ in range(3)] == [1, 0, 0]
    hand_in(small, partner.actor, bytes(160))
    assert [fullness.sweep(small) for _ in range(2)] == [1, 0]
    first, second = (letter for letter in mailed(small) if "percent of your organization" in letter)
    assert "80 percent" in first
    assert "95 percent" in second
    for letter in (first, second):
        assert "To: files.desk@example.org" in letter
        assert "secret-name" not in letter
        assert partner.organization.name not in letter


def test_a_mark_is_passed_anew_only_after_use_went_well_below_it(exchange: Exchange) -> None:
    small, partner = narrow(exchange), make_partner(exchange, Role.EMPLOYER)

    def fill(size: int) -> int:
        """Letters written when so much is used."""
        for draft in intake.drafts(small, partner.actor):
            intake.discard(small, partner.actor, draft.id)
        suspended(small, partner.actor, bytes(size))
        return fullness.sweep(small)

    assert [fill(size) for size in (810, 770, 810, 740, 810)] == [1, 0, 0, 0, 1]
    assert [fill(size) for size in (960, 920, 960, 820, 960, 100, 960)] == [1, 0, 0, 0, 1, 0, 1]


def test_whoever_has_no_address_gets_no_letter_and_no_worker_stumbles(exchange: Exchange) -> None:
    small, partner = narrow(exchange), make_partner(exchange, Role.EMPLOYER)
    with transaction(small.engine) as session:
        partner.organization.notices_to = None
        session.merge(partner.organization)
    hand_in(small, partner.actor, bytes(900))
    assert [fullness.sweep(small) for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(("used", "mark"), [(0, 0), (799, 0), (800, 80), (949, 80), (950, 95), (2_000, 95)])
def test_marks_of_a_space(used: int, mark: int) -> None:
    space = delivery.Space(SPACE, used)
    assert space.mark == passed(used * 100 // SPACE) == mark
    assert delivery.Space(0, used).mark == 0
