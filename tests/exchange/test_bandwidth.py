"""How fast an organization's connections may be: set by administrators, else as the settings say."""

import pytest

from exchange import bandwidth
from exchange.errors import FieldsRefusedError, NotPermittedError, RecordNotFoundError
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_colleague, make_partner


def test_an_organization_has_a_limit_of_its_own_or_the_usual_one(
    exchange: Exchange, employer: Partner
) -> None:
    head, where = make_partner(exchange, Role.OCSS_ADMINISTRATOR), employer.organization.id
    for typed, expected in (("250", 250_000), ("0", 0), ("  ", exchange.settings.sftp_bandwidth), ("", 0)):
        bandwidth.limit(exchange, head.actor, where, typed)
        assert bandwidth.allowed(exchange, where) == expected
    assert bandwidth.own_limit(exchange, where) is None


@pytest.mark.parametrize("typed", ["9", "-5", "1.5", "10000001", "ten", "٢٥٠"])
def test_what_is_no_speed_is_refused(exchange: Exchange, employer: Partner, typed: str) -> None:
    head = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    with pytest.raises(FieldsRefusedError):
        bandwidth.limit(exchange, head.actor, employer.organization.id, typed)


def test_only_administrators_limit_and_only_what_is_there(exchange: Exchange, employer: Partner) -> None:
    head = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    with pytest.raises(RecordNotFoundError):
        bandwidth.limit(exchange, head.actor, head.account.id, "100")
    for other in (make_colleague(head, "olive-3", Role.OCSS_STAFF), employer):
        with pytest.raises(NotPermittedError):
            bandwidth.limit(exchange, other.actor, employer.organization.id, "100")
