"""A state, employers that it sends orders to, and the files that go between them."""

import pytest

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_partner


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    make_partner(exchange, Role.OCSS_STAFF)
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


@pytest.fixture
def firm(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER)
