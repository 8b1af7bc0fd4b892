"""The organization page: seen by its people, changed by its administrators, confirmed every six months."""

import pytest
from sqlmodel import select

from exchange import errors, mail
from exchange.accounts import clients, details, feins, organizations
from exchange.accounts.sessions import open_session, visit
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.models.organizations import Subsidiary
from exchange.programs import on_screen
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.files import hand_in
from tests.support.partners import Partner, make_colleague, make_partner
from web.wording import HISTORY

SOMEBODY = {"name": "Pat Payroll", "email": "pat@example.org", "telephone": "785-555-0123"}
SOMEWHERE = {"street": "1 Sample Street", "city": "Topeka", "state": "ks", "zip": "66601"}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


def test_everybody_sees_it_and_administrators_change_it(exchange: Exchange, boss: Partner) -> None:
    worker = make_colleague(boss, "worker-1")
    details.save(exchange, boss.actor, "contact", "lump_sum", SOMEBODY)
    details.save(exchange, boss.actor, "contact", "lump_sum", SOMEBODY | {"name": "Kim Payroll"})
    details.save(exchange, boss.actor, "address", "office", SOMEWHERE)
    page = organizations.own(exchange, worker.actor)
    assert {purpose: one.name for purpose, one in page.contacts.items()} == {"lump_sum": "Kim Payroll"}
    assert page.addresses["office"].state == "KS"
    assert page.history[0].kind == "organization.address_changed"
    assert page.history[0].who == boss.account.name
    with pytest.raises(errors.NotPermittedError):
        details.save(exchange, worker.actor, "contact", "lump_sum", SOMEBODY)
    with pytest.raises(errors.NotPermittedError):
        organizations.confirm(exchange, worker.actor)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "x"), ("telephone", "123"), ("telephone", "٧٨٥٥٥٥٠١٢٣")],
)
def test_a_contact_that_cannot_be_reached_is_refused(
    exchange: Exchange, boss: Partner, field: str, value: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        details.save(exchange, boss.actor, "contact", "files", SOMEBODY | {field: value})
    assert set(refusal.value.problems) == {field}


@pytest.mark.parametrize(("field", "value"), [("street", ""), ("city", ""), ("state", "K1"), ("zip", "666")])
def test_an_address_that_is_none_is_refused(
    exchange: Exchange, boss: Partner, field: str, value: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        details.save(exchange, boss.actor, "address", "office", SOMEWHERE | {field: value})
    assert set(refusal.value.problems) == {field}


def test_it_is_to_be_confirmed_every_six_months(exchange: Exchange, boss: Partner, clock: Clock) -> None:
    assert not organizations.confirmation_due(exchange, boss.actor)
    clock.forward(days=183)
    assert organizations.own(exchange, boss.actor).due
    organizations.confirm(exchange, boss.actor)
    assert not organizations.confirmation_due(exchange, boss.actor)


def test_a_subsidiary_is_sealed_masked_and_counts_once_verified(exchange: Exchange, boss: Partner) -> None:
    organizations.add_subsidiary(exchange, boss.actor, "Sample Chairs", "00-1888777")
    number = organizations.own(exchange, boss.actor).numbers[1]
    assert (number.name, number.verified, number.shown[-4:]) == ("Sample Chairs", False, "8777")
    assert len(on_screen.employers(exchange, boss.actor)) == 1
    with transaction(exchange.engine) as session:
        row = session.exec(select(Subsidiary)).one()
        assert b"001888777" not in row.fein_sealed
        row.verified_at = exchange.clock()
    assert ("001888777", "Sample Chairs") in on_screen.employers(exchange, boss.actor)
    for name, fein in (("Again", "001888777"), ("", "001888776"), ("Short", "12")):
        with pytest.raises(errors.FieldsRefusedError):
            organizations.add_subsidiary(exchange, boss.actor, name, fein)


def test_a_subsidiary_is_taken_off_by_its_own_organization_only(
    exchange: Exchange, boss: Partner, other_employer: Partner
) -> None:
    organizations.add_subsidiary(exchange, boss.actor, "Sample Chairs", "001888777")
    number = organizations.own(exchange, boss.actor).numbers[1]
    stranger = make_colleague(other_employer, "boss-9", administrator=True)
    with pytest.raises(errors.RecordNotFoundError):
        organizations.remove_subsidiary(exchange, stranger.actor, number.id)
    organizations.remove_subsidiary(exchange, boss.actor, number.id)
    assert len(organizations.own(exchange, boss.actor).numbers) == 1


def test_nobody_shuts_themselves_out_unasked(exchange: Exchange, boss: Partner) -> None:
    session, token = open_session(exchange, boss.actor, "test"), boss.token()
    with pytest.raises(errors.FieldsRefusedError, match="shut out"):
        organizations.restrict(exchange, boss.actor, "192.0.2.0/24")
    organizations.restrict(exchange, boss.actor, "192.0.2.0/24 127.0.0.0/8")
    assert visit(exchange, session, "127.0.0.1")
    organizations.restrict(exchange, boss.actor, "192.0.2.0/24", even_if_out=True)
    with pytest.raises(errors.NotSignedInError):
        visit(exchange, session, "127.0.0.1")
    assert actor_of_token(exchange, token, "192.0.2.9")


def test_notices_go_to_the_contact_for_their_program(exchange: Exchange, boss: Partner) -> None:
    details.save(exchange, boss.actor, "contact", "files", SOMEBODY)
    transfer_id = hand_in(exchange, boss.actor).transfer.id
    with transaction(exchange.engine) as session:
        mail.notify(session, exchange, boss.organization.id, "transfer.waiting", transfer_id)
    mail.send_waiting(exchange)
    (sent,) = exchange.settings.mail_folder.glob("*.eml")
    assert "To: pat@example.org" in sent.read_text()


def test_every_event_that_is_told_has_its_words() -> None:
    assert set(HISTORY) == set(organizations.TOLD)


def test_numbers_are_masked(exchange: Exchange, boss: Partner) -> None:
    assert feins.masked(boss.fein) == f"••-•••{boss.fein[-4:]}"
    with reading(exchange.engine) as session:
        assert clients.hashes_of(session, boss.organization) == [boss.organization.fein_hash]
