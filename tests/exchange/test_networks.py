"""Networks an organization's people may come from are asked about at every door."""

import pytest

from exchange import errors
from exchange.accounts import enrolment, networks, sign_in
from exchange.accounts.identity import mark
from exchange.accounts.sessions import open_session, visit
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tokens import actor_of_token
from exchange.database import transaction
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.exchange.test_enrolment import KEY
from tests.support.partners import Partner
from tests.support.signing_in import enter

INSIDE, OUTSIDE = "192.0.2.7", "198.51.100.7"


def restrict(exchange: Exchange, partner: Partner, allowed: str | None) -> None:
    with transaction(exchange.engine) as session:
        row = session.get_one(Organization, partner.organization.id)
        row.source_networks = allowed
        row.authenticator = mark(exchange, row)


@pytest.mark.parametrize(
    ("allowed", "source", "admitted"),
    [
        (None, "anything", True),
        ("192.0.2.0/24", INSIDE, True),
        ("192.0.2.0/24", OUTSIDE, False),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
        ("192.0.2.0/24", "", False),
        ("192.0.2.0/24", "localhost", False),
        ("192.0.2.0/24 2001:db8::/48", "2001:db8::1", True),
        ("192.0.2.0/24 2001:db8::/48", "2001:db8:1::1", False),
        ("2001:db8::/48", "fe80::1%eth0", False),
    ],
)
def test_who_is_admitted(allowed: str | None, source: str, admitted: bool) -> None:
    assert networks.admit(allowed, source) is admitted


def test_what_is_typed_is_kept_in_one_spelling() -> None:
    assert networks.parse(" 192.0.2.0/24\n2001:db8::/48, 192.0.2.0/24 ") == "192.0.2.0/24 2001:db8::/48"
    assert networks.parse("203.0.113.9") == "203.0.113.9/32"
    assert networks.parse(" \n") is None


@pytest.mark.parametrize("typed", ["192.0.2.1/24", "0.0.0.0/0", "::/0", "office", "10.0.0.0/7", "1.2.3.4/33"])
def test_what_is_no_network_or_no_restriction_is_refused(typed: str) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        networks.parse(typed)
    assert set(refusal.value.problems) == {"networks"}
    with pytest.raises(errors.FieldsRefusedError, match="at most"):
        networks.parse("\n".join(f"192.0.2.{number}" for number in range(networks.MOST + 1)))


def test_every_door_is_shut_from_outside(exchange: Exchange, employer: Partner) -> None:
    session, token = open_session(exchange, employer.actor, "test"), employer.token()
    blob = enrolment.add_ssh_key(exchange, employer.account.id, KEY, "laptop").blob
    name = employer.account.username
    restrict(exchange, employer, "192.0.2.0/24")
    assert visit(exchange, session, INSIDE)
    assert actor_of_token(exchange, token, INSIDE)
    assert sign_in.key_is_known(exchange, name, blob, Attempt(Channel.SFTP, INSIDE))
    with pytest.raises(errors.NotSignedInError):
        visit(exchange, session, OUTSIDE)
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, OUTSIDE)
    assert not sign_in.key_is_known(exchange, name, blob, Attempt(Channel.SFTP, OUTSIDE))
    with pytest.raises(errors.SignInRefusedError):
        enter(exchange, employer, attempt=Attempt(Channel.WEB, OUTSIDE))


def test_networks_changed_by_hand_are_noticed(exchange: Exchange, employer: Partner) -> None:
    restrict(exchange, employer, "192.0.2.0/24")
    with transaction(exchange.engine) as session:
        session.get_one(Organization, employer.organization.id).source_networks = None
    with pytest.raises(errors.IdentityDamagedError):
        assert employer.actor
