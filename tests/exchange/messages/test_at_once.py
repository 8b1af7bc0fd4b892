"""Many write, read and recall in one mailbox at the same moment: each is done, and none waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from exchange import errors, journal
from exchange.messages import acts, live
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import inbox, read, write
from tests.support.partners import Partner, make_partner

EACH = 12


def test_nobody_stands_in_anybodys_way(each_exchange: Exchange) -> None:
    employers = [make_partner(each_exchange, Role.EMPLOYER, number) for number in (1, 2)]
    state = make_partner(each_exchange, Role.STATE)

    def send(employer: Partner) -> None:
        for number in range(EACH):
            _, message_id = write(each_exchange, employer.actor, state)
            if number % 3 == 0:
                with suppress(errors.RecallTooLateError):
                    acts.recall(each_exchange, employer.actor, message_id)

    def look(_: int) -> None:
        for _again in range(EACH):
            for line in inbox(each_exchange, state.actor, box="unread"):
                read(each_exchange, state.actor, line.id)

    with ThreadPoolExecutor(4) as people:
        done = [people.submit(send, one) for one in employers] + [people.submit(look, n) for n in range(2)]
    assert [one.exception() for one in done] == [None] * 4
    assert len(inbox(each_exchange, state.actor, box="all")) == 2 * EACH
    assert live.pulses(each_exchange, [state.organization.id])[state.organization.id] >= 2 * EACH
    assert journal.verify(each_exchange) is None
