"""An installation with OCSS, an employer and a small registry."""

import pytest

from exchange.registry.population import Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_partner


@pytest.fixture
def ocss(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.OCSS_STAFF)


@pytest.fixture
def people(each_exchange: Exchange, ocss: Partner) -> Population:
    return seed(each_exchange, 200, 7)


@pytest.fixture
def sender(each_exchange: Exchange, people: Population) -> Partner:
    return make_partner(each_exchange, Role.EMPLOYER)
