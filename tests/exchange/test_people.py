"""Administrators look after the people of their own organization, and after nobody else."""

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlmodel import select

from exchange import errors, journal
from exchange.accounts import activation, credentials, enrolment, lapse, own, people, sessions, sign_in
from exchange.accounts.people_form import Asked
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.models.accounts import Account, ApiToken, SSHKey, WebSession
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor
from tests.conftest import Clock
from tests.exchange.test_enrolment import KEY
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.registering import mails
from tests.support.signing_in import SFTP, WEB, enter

Act = Callable[[Exchange, Actor, UUID], None]
ACTS: list[Act] = [
    people.suspend,
    people.reactivate,
    people.remove,
    people.make_administrator,
    people.unmake_administrator,
    people.send_code_again,
    people.invite_again,
]
SOMEBODY = Asked("casey.new", "Casey New", "casey@example.org", "employer", administrator=False)


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def worker(boss: Partner) -> Partner:
    return make_colleague(boss, "worker-1")


def events(exchange: Exchange, kind: str) -> list[JournalEvent]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(JournalEvent).where(JournalEvent.kind == kind)))


def letters(exchange: Exchange) -> list[tuple[str, str]]:
    with reading(exchange.engine) as session:
        found = session.exec(select(Letter)).all()
    return [(one.event, exchange.vault.cells.open("letter.recipient", one.recipient_sealed)) for one in found]


def row(exchange: Exchange, partner: Partner) -> Account:
    with reading(exchange.engine) as session:
        return session.get_one(Account, partner.account.id)


def test_everybody_of_the_organization_is_listed_and_nobody_else(
    exchange: Exchange, boss: Partner, worker: Partner, other_employer: Partner
) -> None:
    found = {one.username: one for one in people.people(exchange, boss.actor)}
    assert set(found) == {boss.account.username, worker.account.username}
    assert found["worker-1"].factors == ("Authenticator app",)
    assert not found["worker-1"].administrator


def test_whoever_is_no_administrator_does_nothing_of_it(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    with pytest.raises(errors.NotPermittedError):
        people.people(exchange, worker.actor)
    with pytest.raises(errors.NotPermittedError):
        people.invite(exchange, worker.actor, SOMEBODY)
    for act in ACTS:
        with pytest.raises(errors.NotPermittedError):
            act(exchange, worker.actor, boss.account.id)


def test_an_invitation_makes_an_account_that_waits_for_its_code(exchange: Exchange, boss: Partner) -> None:
    made = people.invite(exchange, boss.actor, SOMEBODY)
    person = people.person(exchange, boss.actor, made)
    assert (person.status, person.role, person.administrator) == ("invited", Role.EMPLOYER, False)
    assert letters(exchange) == [("activation", "casey@example.org")]
    assert events(exchange, "account.invited")[0].account_id == boss.account.id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "ocss_administrator"),
        ("role", "insurer"),
        ("role", ""),
        ("username", "employer-1"),
        ("username", "EMPLOYER-1"),
        ("username", "a b"),
        ("username", "x" * 65),
        ("name", ""),
        ("email", "nobody"),
        ("email", "a@example.org, b@example.org"),
    ],
)
def test_what_cannot_be_granted_or_used_is_refused_by_field(
    exchange: Exchange, boss: Partner, field: str, value: str
) -> None:
    asked = Asked(**{**vars(SOMEBODY), field: value})
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        people.invite(exchange, boss.actor, asked)
    assert set(refusal.value.problems) == {field}
    assert len(people.people(exchange, boss.actor)) == 1


def test_ocss_makes_neither_administrators_nor_their_role_alone(exchange: Exchange) -> None:
    head = make_partner(exchange, Role.OCSS_ADMINISTRATOR, administrator=True)
    staff = make_colleague(head, "staff-1", Role.OCSS_STAFF)
    asked = Asked("new.staff", "New Staff", "new@example.org", "ocss_staff", administrator=False)
    assert people.roles_to_give(head.actor) == [Role.OCSS_STAFF]
    with pytest.raises(errors.FieldsRefusedError):
        people.invite(exchange, head.actor, Asked(**{**vars(asked), "role": "ocss_administrator"}))
    with pytest.raises(errors.SecondPersonError):
        people.invite(exchange, head.actor, Asked(**{**vars(asked), "administrator": True}))
    with pytest.raises(errors.SecondPersonError):
        people.make_administrator(exchange, head.actor, staff.account.id)
    assert people.invite(exchange, head.actor, asked)


def test_a_new_code_can_be_sent_to_the_invited_only(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    made = people.invite(exchange, boss.actor, SOMEBODY)
    people.send_code_again(exchange, boss.actor, made)
    assert len(letters(exchange)) == 2
    with pytest.raises(errors.NotNowError):
        people.send_code_again(exchange, boss.actor, worker.account.id)


def test_a_suspended_person_is_out_at_once_at_every_door_and_can_come_back(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    session, token = sessions.open_session(exchange, worker.actor, "test"), worker.token()
    people.suspend(exchange, boss.actor, worker.account.id)
    with pytest.raises(errors.NotSignedInError):
        sessions.visit(exchange, session, "127.0.0.1")
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, "127.0.0.1")
    with pytest.raises(errors.SignInRefusedError):
        enter(exchange, worker)
    assert [one.subject_id for one in events(exchange, "account.refused")] == [worker.account.id] * 2
    people.reactivate(exchange, boss.actor, worker.account.id)
    assert actor_of_token(exchange, token, "127.0.0.1").account_id == worker.account.id
    with pytest.raises(errors.NotSignedInError):
        sessions.visit(exchange, session, "127.0.0.1")
    address = "worker-1@example.org"
    assert letters(exchange) == [("account-suspended", address), ("account-reactivated", address)]


def test_nothing_lets_a_removed_person_in_again(exchange: Exchange, boss: Partner, worker: Partner) -> None:
    sessions.open_session(exchange, worker.actor, "test")
    token = worker.token()
    people.remove(exchange, boss.actor, worker.account.id)
    gone = row(exchange, worker)
    assert (gone.status, gone.password_hash, gone.totp_sealed) == ("removed", None, None)
    with reading(exchange.engine) as session:
        assert session.exec(select(WebSession)).all() == []
        assert all(one.revoked_at for kind in (SSHKey, ApiToken) for one in session.exec(select(kind)).all())
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, "127.0.0.1")
    for act in ACTS:
        with pytest.raises(errors.RecordNotFoundError):
            act(exchange, boss.actor, worker.account.id)
    assert events(exchange, "account.removed")[0].account_id == boss.account.id
    assert journal.verify(exchange) is None


def test_administrators_are_made_and_unmade(exchange: Exchange, boss: Partner, worker: Partner) -> None:
    people.make_administrator(exchange, boss.actor, worker.account.id)
    assert worker.actor.administrator
    people.unmake_administrator(exchange, worker.actor, boss.account.id)
    assert not boss.actor.administrator
    told = ["administrator-made", "administrator-ended"]
    assert [event for event, _ in letters(exchange)] == told
    assert [len(events(exchange, one.replace("-", "."))) for one in told] == [1, 1]


@pytest.mark.parametrize("act", ACTS)
def test_nobody_does_it_to_themselves(exchange: Exchange, boss: Partner, act: Act) -> None:
    with pytest.raises(errors.NotOneselfError):
        act(exchange, boss.actor, boss.account.id)


@pytest.mark.parametrize("act", ACTS)
def test_somebody_of_another_organization_looks_like_nobody(
    exchange: Exchange, boss: Partner, other_employer: Partner, act: Act
) -> None:
    said = set()
    for account_id in (other_employer.account.id, uuid4()):
        with pytest.raises(errors.RecordNotFoundError) as refusal:
            act(exchange, boss.actor, account_id)
        said.add(str(refusal.value))
    assert len(said) == 1
    assert row(exchange, other_employer).status == "active"


def test_the_last_administrator_is_told_so(exchange: Exchange, boss: Partner, worker: Partner) -> None:
    with transaction(exchange.engine) as session:
        people.refuse_last(session, row(exchange, worker))
        with pytest.raises(errors.LastAdministratorError):
            people.refuse_last(session, row(exchange, boss))


def test_two_administrators_who_end_each_other_do_not_both_go(each_exchange: Exchange) -> None:
    one = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    two = make_colleague(one, "boss-2", administrator=True)
    actors, ready, ended = (one.actor, two.actor), threading.Barrier(2), []

    def end(actor: Actor, other: Partner) -> None:
        ready.wait()
        try:
            people.remove(each_exchange, actor, other.account.id)
            ended.append(other)
        except errors.PortalError:
            return

    threads = [threading.Thread(target=end, args=pair) for pair in zip(actors, (two, one), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ended) == 1


def test_a_row_changed_by_hand_is_not_made_good_by_an_act(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    with transaction(exchange.engine) as session:
        session.get_one(Account, worker.account.id).administrator = True
    with pytest.raises(errors.IdentityDamagedError):
        people.suspend(exchange, boss.actor, worker.account.id)
    assert len(events(exchange, "identity.damaged")) == 1


def test_a_key_of_somebody_removed_is_noticed(exchange: Exchange, boss: Partner, worker: Partner) -> None:
    blob = enrolment.add_ssh_key(exchange, worker.account.id, KEY, "laptop").blob
    assert sign_in.key_is_known(exchange, "worker-1", blob, SFTP)
    people.remove(exchange, boss.actor, worker.account.id)
    assert not sign_in.key_is_known(exchange, "worker-1", blob, SFTP)
    assert '"at":"key"' in events(exchange, "account.refused")[0].facts


def closed(exchange: Exchange, partner: Partner) -> None:
    own.inactivate(exchange, partner.actor)


def test_whoever_closed_the_account_is_invited_again_and_begins_anew(
    exchange: Exchange, boss: Partner, worker: Partner, clock: Clock
) -> None:
    token = worker.token()
    clock.forward(days=400)
    closed(exchange, worker)
    people.invite_again(exchange, boss.actor, worker.account.id)
    again = row(exchange, worker)
    assert (again.status, again.password_hash, again.totp_sealed) == ("invited", None, None)
    ticket = activation.begin(exchange, worker.account.username, code_in(mailed(exchange)[-1]), WEB)
    activation.choose_password(exchange, ticket, "seven wise walruses at sea")
    secret = activation.offered(exchange, ticket).secret
    entered = activation.complete(exchange, ticket, pyotp.TOTP(secret).at(exchange.clock()), WEB)
    assert entered.actor.account_id == worker.account.id
    assert lapse.sweep(exchange) == 0
    assert row(exchange, worker).status == "active"
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, "127.0.0.1")
    (noted,) = events(exchange, "account.invited")
    assert (noted.account_id, noted.subject_id) == (boss.account.id, worker.account.id)


def test_an_administrator_who_is_invited_again_is_none_any_more(exchange: Exchange, boss: Partner) -> None:
    other = make_colleague(boss, "boss-2", administrator=True)
    closed(exchange, other)
    people.invite_again(exchange, boss.actor, other.account.id)
    assert not row(exchange, other).administrator


def test_nobody_of_ocss_comes_back_as_its_administrator_by_one_persons_word(exchange: Exchange) -> None:
    ada = make_partner(exchange, Role.OCSS_ADMINISTRATOR, administrator=True)
    otto = make_colleague(ada, "otto-2", administrator=True)
    closed(exchange, otto)
    people.invite_again(exchange, ada.actor, otto.account.id)
    assert (row(exchange, otto).role, row(exchange, otto).administrator) == ("ocss_staff", False)


def test_for_whom_a_state_vouches_needs_no_code(exchange: Exchange) -> None:
    head = make_partner(exchange, Role.STATE, administrator=True)
    worker = make_colleague(head, "worker-1")
    with transaction(exchange.engine) as session:
        credentials.change(session, exchange, worker.account, password_hash=None, subject_hash=b"subject")
    closed(exchange, worker)
    people.invite_again(exchange, head.actor, worker.account.id)
    assert worker.actor
    assert "account-reactivated" in [event for event, _ in letters(exchange)]


def test_whom_no_letter_reaches_or_who_is_not_closed_is_not_invited_again(
    exchange: Exchange, boss: Partner, worker: Partner
) -> None:
    with pytest.raises(errors.NotNowError, match="active"):
        people.invite_again(exchange, boss.actor, worker.account.id)
    closed(exchange, worker)
    with transaction(exchange.engine) as session:
        session.get_one(Account, worker.account.id).email = None
    with pytest.raises(errors.NotNowError, match="email address"):
        people.invite_again(exchange, boss.actor, worker.account.id)
    assert row(exchange, worker).status == "inactive"


def test_a_name_is_corrected_and_the_address_of_somebody_who_never_came(exchange: Exchange) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, 8, administrator=True)
    asked = Asked("casey.new", "Casey Nwe", "wrong@example.org", "employer", administrator=False)
    casey = people.invite(exchange, boss.actor, asked)
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        people.correct(exchange, boss.actor, casey, "", "right")
    assert set(refusal.value.problems) == {"name", "email"}
    people.correct(exchange, boss.actor, casey, "Casey New", "right@example.org")
    assert people.person(exchange, boss.actor, casey).name == "Casey New"
    (first,), (second,) = (mails(exchange, f"{which}@example.org") for which in ("wrong", "right"))
    with pytest.raises(errors.SignInRefusedError):
        activation.check(exchange, "casey.new", code_in(first), WEB)
    assert activation.check(exchange, "casey.new", code_in(second), WEB).id == casey


def test_nobody_sends_the_letters_of_somebody_elsewhere_who_was_in(exchange: Exchange) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, 8, administrator=True)
    worker = make_colleague(boss, "worker-1")
    people.correct(exchange, boss.actor, worker.account.id, "Robin Right", "mine@example.org")
    shown = people.person(exchange, boss.actor, worker.account.id)
    assert (shown.name, shown.email) == ("Robin Right", "worker-1@example.org")
    with pytest.raises(errors.NotOneselfError):
        people.correct(exchange, boss.actor, boss.account.id, "Boss", "mine@example.org")
