"""The four who write to each other in these tests."""

import pytest

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_colleague, make_partner


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE)


@pytest.fixture
def tribe(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.TRIBE)


@pytest.fixture
def head(state: Partner) -> Partner:
    """Who looks after the state agency."""
    return make_colleague(state, "head", administrator=True)
