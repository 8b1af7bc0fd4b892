"""Who is told by mail of a message, how often, and that the mail says nothing of it."""

import pytest

from exchange import digests, mail
from exchange.accounts import details
from exchange.database import transaction
from exchange.messages import desk
from exchange.models.messages import TopicReader
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.exchange.test_details import SOMEBODY
from tests.exchange.test_digests import to_hour
from tests.exchange.test_mail import in_folder
from tests.support.correspondence import BODY, SUBJECT, answer, write
from tests.support.partners import Partner, make_colleague, make_partner


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


def addresses(exchange: Exchange) -> list[str]:
    mail.send_waiting(exchange)
    return [str(one["To"]) for one in in_folder(exchange)]


def test_the_mail_has_a_link_and_no_word_of_the_message(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    write(exchange, employer.actor, state)
    assert addresses(exchange) == [state.organization.notices_to]
    text = in_folder(exchange)[0].as_string()
    assert "/messages" in text
    for secret in (SUBJECT, BODY, employer.organization.name, employer.account.name):
        assert secret not in text


def test_the_contact_for_the_topic_is_told(exchange: Exchange, boss: Partner, state: Partner) -> None:
    details.save(exchange, boss.actor, "contact", "lump_sum", SOMEBODY)
    write(exchange, state.actor, boss, topic="lump-sum")
    assert addresses(exchange) == [SOMEBODY["email"]]


def test_who_receives_the_topic_is_told_and_then_who_wrote(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    worker = make_colleague(state, "worker")
    with transaction(exchange.engine) as session:
        session.get_one(type(worker.account), worker.account.id).email = "worker@state.example.org"
        session.get_one(type(employer.account), employer.account.id).email = "clerk@employer.example.org"
        session.add(
            TopicReader(organization_id=state.organization.id, topic="general", account_id=worker.account.id)
        )
    thread_id, _ = write(exchange, employer.actor, state)
    answer(exchange, worker.actor, thread_id)
    assert sorted(addresses(exchange)) == ["clerk@employer.example.org", "worker@state.example.org"]


def test_whom_a_thread_is_given_to_is_told(exchange: Exchange, employer: Partner, state: Partner) -> None:
    worker = make_colleague(state, "worker")
    with transaction(exchange.engine) as session:
        session.get_one(type(worker.account), worker.account.id).email = "worker@state.example.org"
    thread_id, _ = write(exchange, employer.actor, state)
    desk.take(exchange, state.actor, thread_id)
    desk.assign(exchange, state.actor, thread_id, worker.account.id)
    assert sorted(addresses(exchange)) == [state.organization.notices_to, "worker@state.example.org"]


def test_one_mail_in_a_quarter_of_an_hour(each_exchange: Exchange, clock: Clock) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    thread_id, _ = write(each_exchange, employer.actor, state)
    assert len(addresses(each_exchange)) == 1
    for _ in range(3):
        answer(each_exchange, employer.actor, thread_id)
    clock.forward(minutes=10)
    assert len(addresses(each_exchange)) == 1
    clock.forward(minutes=6)
    assert len(addresses(each_exchange)) == 2
    assert "(3 in all)" in in_folder(each_exchange)[1].get_content()


def test_a_digest_counts_messages(exchange: Exchange, boss: Partner, state: Partner, clock: Clock) -> None:
    digests.choose(exchange, boss.actor, "daily")
    to_hour(clock, 12, weekday=1)
    write(exchange, state.actor, boss, topic="withholding")
    assert addresses(exchange) == []
    assert digests.send(exchange) == 1
    assert "Messages: 1\n" in in_folder(exchange)[0].get_content()
