"""In a demonstration nobody spoils an account that the next visitor takes; elsewhere there is none such."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from exchange.accounts import (
    console,
    credentials,
    enrolment,
    keys,
    organizations,
    oversight,
    own,
    people,
    recovery,
)
from exchange.errors import SharedAccountError
from exchange.runtime import Exchange
from roles.oversight import TwoPersonAct
from roles.permissions import Role
from tests.exchange.test_enrolment import KEY
from tests.support.partners import PASSWORD, Partner, make_colleague, make_partner
from tests.support.signing_in import WEB

PHRASE = "seven wise walruses at sea"
RESET = TwoPersonAct.RESET_SECOND_FACTOR
Act = Callable[[Exchange, Partner, Partner], object]


def on(exchange: Exchange, demonstration: bool, *usernames: str) -> Exchange:
    """The same installation, as a demonstration with these shared accounts."""
    more = {"demonstration": demonstration, "shared_accounts": usernames}
    return replace(exchange, settings=exchange.settings.model_copy(update=more))


def take_back(exchange: Exchange, one: Partner) -> None:
    (key,) = keys.keys(exchange, one.actor)
    keys.revoke_key(exchange, one.actor, key.id)


ACTS: dict[str, Act] = {
    "close": lambda x, one, _boss: own.inactivate(x, one.actor),
    "password": lambda x, one, _boss: credentials.change_password(x, one.actor, WEB, PASSWORD, PHRASE),
    "app": lambda x, one, _boss: credentials.offer_app(x, one.actor),
    "address": lambda x, one, _boss: own.ask_address(x, one.actor, "new@example.org"),
    "suspend": lambda x, one, boss: people.suspend(x, boss.actor, one.account.id),
    "remove": lambda x, one, boss: people.remove(x, boss.actor, one.account.id),
    "name": lambda x, one, boss: people.correct(x, boss.actor, one.account.id, "Another Name", ""),
    "unmake": lambda x, one, boss: people.unmake_administrator(x, boss.actor, one.account.id),
    "reset": lambda x, one, boss: oversight.ask(x, boss.actor, RESET, one.account.id, "Why not"),
    "key": lambda x, one, _boss: take_back(x, one),
    "networks": lambda x, _one, boss: organizations.restrict(x, boss.actor, "192.0.2.0/24", even_if_out=True),
}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def one(exchange: Exchange, boss: Partner) -> Partner:
    made = make_colleague(boss, "worker-1", administrator=True)
    enrolment.add_ssh_key(exchange, made.account.id, KEY, "demonstration")
    return made


@pytest.mark.parametrize("name", ACTS)
def test_a_shared_account_stays_as_it_is_in_a_demonstration_only(
    exchange: Exchange, boss: Partner, one: Partner, name: str
) -> None:
    with pytest.raises(SharedAccountError, match="every visitor of the demonstration"):
        ACTS[name](on(exchange, True, "worker-1"), one, boss)
    assert one.actor
    ACTS[name](on(exchange, False, "worker-1"), one, boss)


@pytest.mark.parametrize("name", ACTS)
def test_an_account_of_a_visitors_own_can_be_tried_with(
    exchange: Exchange, boss: Partner, one: Partner, name: str
) -> None:
    ACTS[name](on(exchange, True, "somebody.else"), one, boss)


def test_a_forgotten_password_of_a_shared_account_is_not_replaced(exchange: Exchange, one: Partner) -> None:
    with pytest.raises(SharedAccountError):
        recovery.reset(on(exchange, True, "worker-1"), "Worker-1", ("any", one.code()), PHRASE, WEB)


def test_an_organization_with_a_shared_account_is_not_suspended(
    exchange: Exchange, one: Partner, other_employer: Partner
) -> None:
    head, shown = make_partner(exchange, Role.OCSS_ADMINISTRATOR), on(exchange, True, "worker-1")
    with pytest.raises(SharedAccountError):
        console.suspend(shown, head.actor, one.organization.id)
    console.suspend(shown, head.actor, other_employer.organization.id)
