"""A state vouches for its people; nothing that only claims to come from it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlmodel import select

from exchange.accounts import openid, sign_on
from exchange.accounts.identity import mark
from exchange.accounts.sign_in import Attempt
from exchange.accounts.sign_on import Answer, NewProvider
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, RequestInvalidError, SignOnFailedError
from exchange.models.accounts import SUSPENDED, Account, Organization
from exchange.models.journal import JournalEvent
from exchange.models.sign_on import SignOnProvider
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor, Channel
from tests.conftest import Clock
from tests.support.openid import Lie, LyingProvider
from tests.support.partners import Partner, make_partner

HERE = Attempt(Channel.WEB, "127.0.0.1")
CLIENT = "portal"


@dataclass
class State:
    """A state whose sign-on is a provider that can be told to lie."""

    exchange: Exchange
    partner: Partner
    provider: LyingProvider

    def begun(self) -> sign_on.Begun:
        begun = sign_on.begin(self.exchange, "KS", "/files")
        assert begun is not None
        self.provider.nonce = asked(begun)["nonce"]
        return begun

    def come_back(self, lie: Lie | None = None, **changed: Any) -> tuple[Actor, str]:
        begun = self.begun()
        self.provider.lie = lie or Lie()
        answer = {"state": begun.token, "code": "c", "issuer": None} | changed
        return sign_on.complete(self.exchange, Answer(**answer), begun.token, HERE)


def asked(begun: sign_on.Begun) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.address).query).items()}


@pytest.fixture
def state(exchange: Exchange) -> Iterator[State]:
    with LyingProvider(CLIENT).running() as provider:
        partner = make_partner(exchange, Role.STATE, jurisdiction="KS")
        told = NewProvider(partner.organization.id, provider.issuer, CLIENT, "groups", "exchange", "chief")
        sign_on.add_provider(exchange, told)
        yield State(exchange, partner, provider)


def events(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        return [event.kind for event in session.exec(select(JournalEvent)).all()]


def test_a_worker_comes_in_and_is_the_same_person_next_time(state: State) -> None:
    first, then = state.come_back()
    again, _ = state.come_back()
    assert (first.role, first.organization_id, then) == (Role.STATE, state.partner.organization.id, "/files")
    assert (first.name, first.administrator) == ("Casey Worker", False)
    assert again.account_id == first.account_id
    assert events(state.exchange)[-1] == "account.signed_in"


def test_the_browser_is_sent_with_everything_that_the_standards_ask_for(state: State) -> None:
    sent = asked(state.begun())
    assert (sent["response_type"], sent["client_id"], sent["code_challenge_method"]) == (
        "code",
        CLIENT,
        "S256",
    )
    assert sent["redirect_uri"].endswith("/sign-on/return")
    assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_a_dangerous_act_asks_the_state_to_see_the_person_anew(state: State) -> None:
    actor, _ = state.come_back()
    assert sign_on.state_of(state.exchange, actor) == "KS"
    assert sign_on.state_of(state.exchange, state.partner.actor) is None
    again = sign_on.begin(state.exchange, "KS", "/account/tokens", anew=True)
    assert again is not None
    assert asked(again)["prompt"] == "login"
    assert "prompt" not in asked(state.begun())


def test_the_role_is_what_the_claim_says_today(state: State) -> None:
    assert state.come_back(Lie({"groups": ["exchange", "chief"]}))[0].administrator
    assert state.come_back(Lie({"groups": "chief"}))[0].administrator
    assert not state.come_back()[0].administrator
    assert events(state.exchange).count("account.changed") == 1


@pytest.mark.parametrize("groups", [[], None, ["exchanges"], "", {"exchange": True}, ["ocss_administrator"]])
def test_somebody_without_a_role_is_told_whom_to_ask(state: State, groups: object) -> None:
    with pytest.raises(SignOnFailedError, match="administrator for access"):
        state.come_back(Lie({"groups": groups}))
    assert events(state.exchange)[-1] == "account.refused"


OTHER = RSAKey.generate_key(2048, auto_kid=True)
LIES = {
    "another audience": Lie({"aud": "another portal"}),
    "several audiences": Lie({"aud": [CLIENT, "another portal"], "azp": "another portal"}),
    "another issuer": Lie({"iss": "https://evil.example.org"}),
    "another nonce": Lie({"nonce": "replayed"}),
    "no nonce": Lie({"nonce": None}),
    "no subject": Lie({"sub": None}),
    "expired": Lie({"exp": 1_700_000_000}),
    "no expiry": Lie({"exp": None}),
    "another key": Lie(signs_with=OTHER),
    "no token": Lie(token=""),
    "rubbish": Lie(token="a.b.c"),
    "no signature": Lie(token="eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYXNleSJ9."),
    "a shared secret": Lie(token=jwt.encode({"alg": "HS256"}, {"sub": "casey"}, OctKey.generate_key(256))),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_does_not_hold_lets_nobody_in(state: State, lie: Lie) -> None:
    with pytest.raises(SignOnFailedError):
        state.come_back(lie)
    with reading(state.exchange.engine) as session:
        assert len(session.exec(select(Account)).all()) == 1


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://evil.example.org"}, {"token_endpoint": "http://10.0.0.1/token"}, {"jwks_uri": None}],
)
def test_a_provider_that_is_not_who_it_should_be_is_not_followed(state: State, about: dict[str, Any]) -> None:
    state.provider.lie = Lie(about=about)
    with pytest.raises(SignOnFailedError):
        sign_on.begin(state.exchange, "KS", "")
    assert state.provider.asked == ["/.well-known/openid-configuration"]


def test_an_answer_of_another_issuer_is_refused_before_its_code_is_used(state: State) -> None:
    with pytest.raises(SignOnFailedError):
        state.come_back(issuer="https://evil.example.org")
    assert "/token" not in state.provider.asked


def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(state: State) -> None:
    begun = state.begun()
    for token, cookie in ((begun.token, "another browser"), (begun.token, begun.token), ("", "")):
        with pytest.raises(SignOnFailedError, match="Begin again"):
            sign_on.complete(state.exchange, Answer(token, "c"), cookie, HERE)


def test_an_answer_that_comes_late_is_refused(state: State, clock: Clock) -> None:
    begun = state.begun()
    clock.forward(minutes=11)
    with pytest.raises(SignOnFailedError, match="Begin again"):
        sign_on.complete(state.exchange, Answer(begun.token, "c"), begun.token, HERE)


def test_two_factors_are_demanded_where_the_state_promised_them(state: State) -> None:
    organization = state.partner.organization.id
    told = NewProvider(organization, state.provider.issuer, CLIENT, "groups", "exchange", acr="aal2")
    sign_on.add_provider(state.exchange, told)
    assert asked(state.begun())["acr_values"] == "aal2"
    with pytest.raises(SignOnFailedError):
        state.come_back(Lie({"acr": "aal1"}))
    assert state.come_back(Lie({"acr": "aal2"}))[0].role is Role.STATE


@pytest.mark.parametrize("table", [Account, Organization])
def test_who_was_suspended_here_stays_out(state: State, table: type[Account | Organization]) -> None:
    actor, _ = state.come_back()
    identifier = actor.account_id if table is Account else actor.organization_id
    suspend(state.exchange, table, identifier)
    begun = sign_on.begin(state.exchange, "KS", "")
    if table is Organization:
        assert begun is None
        return
    with pytest.raises(SignOnFailedError, match="closed"):
        state.come_back()


def suspend(exchange: Exchange, table: type[Account | Organization], identifier: object) -> None:
    with transaction(exchange.engine) as session:
        row = session.get_one(table, identifier)
        row.status = SUSPENDED
        row.authenticator = mark(exchange, row)


def test_a_provider_changed_in_the_database_is_noticed(state: State) -> None:
    with transaction(state.exchange.engine) as session:
        session.exec(select(SignOnProvider)).one().worker_value = "everybody"
    with pytest.raises(IdentityDamagedError):
        sign_on.begin(state.exchange, "KS", "")
    assert events(state.exchange)[-1] == "identity.damaged"


def test_only_states_that_are_connected_are_offered(state: State) -> None:
    assert [one.jurisdiction for one in sign_on.offered(state.exchange)] == ["KS"]
    assert sign_on.begin(state.exchange, "NE", "") is None


@pytest.mark.parametrize("issuer", ["http://idp.example.org", "ftp://127.0.0.1", "idp.example.org", ""])
def test_a_provider_must_be_reached_by_https(exchange: Exchange, issuer: str) -> None:
    with pytest.raises(RequestInvalidError):
        openid.refuse_unsafe(issuer)
