"""The multistate registry: who may register which number, what counts when, and what agencies see of it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from exchange import errors
from exchange.accounts import acting, clients, console, organizations
from exchange.accounts.clients import Relation
from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.models.multistate import RegistryStatus
from exchange.multistate import agencies, registrations
from exchange.multistate.agencies import Concern, Wanted
from exchange.multistate.rows import Registration
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission, Role, holders
from roles.policy import Actor
from tests.conftest import Clock
from tests.schemas.test_multistate import GOOD, on
from tests.support.partners import Partner, make_colleague, make_partner

ACTIVE, CHANGED, CANCELLED = RegistryStatus.ACTIVE, RegistryStatus.CHANGED, RegistryStatus.CANCELLED
SUBMITTED = RegistryStatus.SUBMITTED
TO_MISSOURI = {"designated": "MO"}
TO_OHIO = {"designated": "OH", "state-OH": "yes", "state-KS": ""}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def processor(exchange: Exchange) -> Partner:
    kind = OrganizationKind.PROCESSOR
    return make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)


@pytest.fixture
def kansas(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def today(exchange: Exchange) -> date:
    return exchange.clock().date()


def typed(exchange: Exchange, in_days: int = 0, **more: str) -> dict[str, str]:
    """Good answers that hold from today, or later; `state-XX` is written as `state_XX`."""
    named = {name.replace("state_", "state-"): text for name, text in more.items()}
    return GOOD | on(today(exchange) + timedelta(days=in_days)) | named


def prepare(exchange: Exchange, actor: Actor, fields: dict[str, str], number: str = "") -> Registration:
    own = str(actor.client.id if actor.client else actor.organization_id)
    made = registrations.begin(exchange, actor, number or own, fields, later=False)
    return registrations.one(exchange, actor, made)


def register(exchange: Exchange, actor: Actor, in_days: int = 0, **more: str) -> Registration:
    made = prepare(exchange, actor, typed(exchange, in_days, **more)).id
    registrations.hand_in(exchange, actor, made, agreed=True)
    return registrations.one(exchange, actor, made)


def change(exchange: Exchange, actor: Actor, which: Registration, fields: dict[str, str]) -> Registration:
    registrations.amend(exchange, actor, which.id, fields, later=False)
    registrations.hand_in(exchange, actor, which.id, agreed=True)
    return registrations.one(exchange, actor, which.id)


def end(exchange: Exchange, actor: Actor, which: Registration, in_days: int = 0) -> Registration:
    registrations.cancel(exchange, actor, which.id, typed(exchange, in_days, sure="yes"))
    return registrations.one(exchange, actor, which.id)


def refused(act: object, *given: object, **named: object) -> dict[str, str]:
    assert callable(act)
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        act(*given, **named)
    return refusal.value.problems


def events(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        told = select(JournalEvent.kind).where(JournalEvent.kind.startswith("multistate."))  # type: ignore[attr-defined]  # a column
        return [kind.partition(".")[2] for kind in session.exec(told.order_by("position"))]


def let_act(exchange: Exchange, agent: Partner, client: Partner) -> Relation:
    clients.ask(exchange, agent.actor, client.fein)
    (asked,) = clients.relations(exchange, client.actor).asked_of_us
    clients.agree(exchange, client.actor, asked.id)
    return clients.relations(exchange, client.actor).agents[0]


def for_client(exchange: Exchange, agent: Partner, client: Partner) -> Actor:
    return replace(agent.actor, client=acting.chosen(exchange, agent.actor, client.organization.id))


def names(found: tuple[str, list[agencies.Found]]) -> list[str]:
    return [one.legal_name for one in found[1]]


def test_from_the_first_draft_to_the_end_every_version_is_kept(each_exchange: Exchange) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    draft = prepare(each_exchange, boss.actor, typed(each_exchange))
    assert (draft.status, draft.versions, draft.values) == (RegistryStatus.DRAFT, [], {})
    registered = register(each_exchange, boss.actor)
    assert (registered.id, registered.status, registered.prepared) == (draft.id, ACTIVE, None)
    changed = change(each_exchange, boss.actor, registered, typed(each_exchange, legal_name="Sample Two"))
    assert (changed.status, changed.legal_name) == (CHANGED, "Sample Two")
    ended = end(each_exchange, boss.actor, changed)
    assert [(one.number, one.status) for one in ended.versions] == [
        (3, CANCELLED),
        (2, CHANGED),
        (1, SUBMITTED),
    ]
    assert [one.values["legal_name"] for one in ended.versions] == [
        "Sample Works, Inc.",
        "Sample Two",
        "Sample Works, Inc.",
    ]
    assert {(one.who, one.organization) for one in ended.versions} == {
        (boss.account.name, boss.organization.name)
    }
    assert boss.fein not in str(ended)
    assert events(each_exchange) == ["begun", "submitted", "activated", "changed", "cancelled"]
    told = {one.kind for one in organizations.own(each_exchange, boss.actor).history}
    assert {"multistate.submitted", "multistate.changed", "multistate.cancelled"} <= told


def test_what_holds_later_waits_for_its_day_and_then_counts(
    exchange: Exchange, boss: Partner, clock: Clock
) -> None:
    made = register(exchange, boss.actor, in_days=3)
    assert (made.status, registrations.sweep(exchange)) == (SUBMITTED, 0)
    clock.forward(days=3)
    assert [registrations.sweep(exchange) for _ in range(2)] == [1, 0]
    assert registrations.one(exchange, boss.actor, made.id).status is ACTIVE
    assert events(exchange)[-1] == "activated"


def test_a_number_that_is_registered_asks_to_change_that(exchange: Exchange, boss: Partner) -> None:
    made = register(exchange, boss.actor)
    again = refused(prepare, exchange, boss.actor, typed(exchange))
    assert "Change that registration" in again["number"]
    end(exchange, boss.actor, made, in_days=2)
    early = prepare(exchange, boss.actor, typed(exchange, 1))
    assert (
        "holds until"
        in refused(registrations.hand_in, exchange, boss.actor, early.id, agreed=True)["effective_on"]
    )
    assert register(exchange, boss.actor, in_days=2).status is SUBMITTED


def test_only_ones_own_and_verified_numbers_are_registered(
    exchange: Exchange, boss: Partner, other_employer: Partner
) -> None:
    staff = make_partner(exchange, Role.OCSS_STAFF)
    organizations.add_subsidiary(exchange, boss.actor, "Sample Holding", "001888777")
    further = organizations.own(exchange, boss.actor).numbers[1].id
    for wrong in (str(further), str(other_employer.organization.id), str(uuid4()), "x", ""):
        problems = refused(prepare, exchange, boss.actor, typed(exchange, legal_name=""), wrong or "?")
        assert set(problems) == {"number", "legal_name"}
    console.verify_subsidiary(exchange, staff.actor, further)
    assert [one.name for one in registrations.desk(exchange, boss.actor).numbers][1:] == ["Sample Holding"]
    parent = prepare(exchange, boss.actor, typed(exchange), str(further))
    registrations.hand_in(exchange, boss.actor, parent.id, agreed=True)
    listed = typed(exchange, members="001888777, Sample Holding, KS")
    assert "registered this number by itself" in refused(prepare, exchange, boss.actor, listed)["members"]
    own = typed(exchange, members=f"{boss.fein}, Ourselves, KS")
    assert "is registered itself" in refused(prepare, exchange, boss.actor, own)["members"]


def test_what_is_begun_is_kept_for_later_as_it_is_and_counts_for_nothing(
    exchange: Exchange, boss: Partner, kansas: Partner
) -> None:
    half = {"legal_name": "Half", "zip": "nonsense", "members": "?", "state-KS": "yes", "evil": "x"}
    draft = registrations.begin(exchange, boss.actor, str(boss.organization.id), half, later=True)
    kept = registrations.one(exchange, boss.actor, draft).prepared
    assert kept == {name: text for name, text in half.items() if name != "evil"}
    assert {"zip", "members", "designated"} < set(
        refused(registrations.hand_in, exchange, boss.actor, draft, agreed=True)
    )
    assert "agreed" in refused(registrations.hand_in, exchange, boss.actor, draft, agreed=False)
    for act in (registrations.cancel,):
        with pytest.raises(errors.NotNowError):
            act(exchange, boss.actor, draft, typed(exchange, sure="yes"))
    assert names(agencies.search(exchange, kansas.actor, Wanted())) == []
    with pytest.raises(errors.RecordNotFoundError):
        agencies.look(exchange, kansas.actor, draft)
    registrations.discard(exchange, boss.actor, draft)
    assert registrations.desk(exchange, boss.actor).registrations == []


def test_a_change_counts_when_it_is_handed_in_and_not_before(exchange: Exchange, boss: Partner) -> None:
    made = register(exchange, boss.actor)
    with pytest.raises(errors.NotNowError):
        registrations.hand_in(exchange, boss.actor, made.id, agreed=True)
    registrations.amend(exchange, boss.actor, made.id, typed(exchange, **TO_MISSOURI), later=False)
    waiting = registrations.one(exchange, boss.actor, made.id)
    assert (waiting.status, waiting.values["designated"], waiting.prepared is None) == (ACTIVE, "KS", False)
    registrations.discard(exchange, boss.actor, made.id)
    assert registrations.one(exchange, boss.actor, made.id) == made


def test_a_form_that_lay_too_long_is_asked_for_its_day_again(
    exchange: Exchange, boss: Partner, clock: Clock
) -> None:
    draft = prepare(exchange, boss.actor, typed(exchange))
    clock.forward(days=1)
    problems = refused(registrations.hand_in, exchange, boss.actor, draft.id, agreed=True)
    assert set(problems) == {"effective_on"}


def test_nothing_follows_on_a_cancelled_one(exchange: Exchange, boss: Partner) -> None:
    ended = end(exchange, boss.actor, register(exchange, boss.actor))
    assert ended.values["designated"] == "KS"
    with pytest.raises(errors.NotNowError, match="register anew"):
        registrations.amend(exchange, boss.actor, ended.id, typed(exchange), later=False)
    with pytest.raises(errors.NotNowError):
        end(exchange, boss.actor, ended)
    unsure = refused(
        registrations.cancel, exchange, boss.actor, register(exchange, boss.actor).id, typed(exchange)
    )
    assert set(unsure) == {"sure"}


def test_states_see_who_reports_to_them_who_employs_there_and_who_left(
    each_exchange: Exchange, clock: Clock
) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    kansas, ohio = (
        make_partner(each_exchange, Role.STATE, n, jurisdiction=s) for n, s in ((1, "KS"), (2, "OH"))
    )
    staff = make_partner(each_exchange, Role.OCSS_STAFF)

    def seen(agency: Partner) -> list[str]:
        ways = [
            way for way in Concern if agencies.search(each_exchange, agency.actor, Wanted(concern=way))[1]
        ]
        return [way.value for way in ways]

    made = register(each_exchange, boss.actor)
    assert (seen(kansas), seen(ohio), seen(staff)) == (["reporting"], [], ["reporting", "employing"])
    change(each_exchange, boss.actor, made, typed(each_exchange, 5, **TO_OHIO))
    assert (seen(kansas), seen(ohio)) == (["reporting", "left"], ["coming"])
    clock.forward(days=5)
    assert (seen(kansas), seen(ohio)) == (["left"], ["reporting"])
    (hit,) = agencies.search(each_exchange, kansas.actor, Wanted())[1]
    assert (hit.designated, hit.fein) == ("", f"••-•••{boss.fein[-4:]}")
    told = agencies.look(each_exchange, kansas.actor, made.id).registration
    assert [one.number for one in told.versions] == [1]
    assert [
        one.number for one in agencies.look(each_exchange, ohio.actor, made.id).registration.versions
    ] == [2]
    end(each_exchange, boss.actor, made)
    assert (seen(kansas), seen(ohio)) == (["left"], [])  # it ended on its first day in Ohio: it never held
    assert len(agencies.look(each_exchange, staff.actor, made.id).registration.versions) == 3


def test_a_registration_is_found_by_name_reference_number_and_subsidiary(
    exchange: Exchange, boss: Partner, kansas: Partner
) -> None:
    made = register(exchange, boss.actor, members="001888777, Sample Chairs, MO")
    dashed = f"{boss.fein[:2]}-{boss.fein[2:]}"
    for wanted in ("works", made.reference.lower(), dashed, "001888777", " sample  WORKS "):
        assert names(agencies.search(exchange, kansas.actor, Wanted(wanted))) == ["Sample Works, Inc."]
    for wanted in ("sam%works", "001888778", "MS-2222-2222"):
        assert names(agencies.search(exchange, kansas.actor, Wanted(wanted))) == []
    change(exchange, boss.actor, made, typed(exchange))
    assert names(agencies.search(exchange, kansas.actor, Wanted("001888777"))) == []
    with reading(exchange.engine) as session:
        noted = session.exec(
            select(JournalEvent.facts).where(JournalEvent.kind == "multistate.searched")
        ).all()
    assert noted[0] == '{"by":"name","concern":"any","found":1}'
    assert "888777" not in "".join(noted)


def test_states_and_ocss_look_employers_register_and_nobody_else(
    exchange: Exchange, boss: Partner, kansas: Partner, other_employer: Partner
) -> None:
    assert set(holders(Permission.MULTISTATE_READ)) == {Role.STATE, Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR}
    assert set(holders(Permission.MULTISTATE_MANAGE)) == {Role.EMPLOYER, Role.FEDERAL_AGENCY}
    made = register(exchange, boss.actor)
    for stranger in (kansas.actor, make_partner(exchange, Role.INSURER).actor):
        with pytest.raises(errors.NotPermittedError):
            registrations.desk(exchange, stranger)
        with pytest.raises(errors.NotPermittedError):
            registrations.begin(exchange, stranger, "", {}, later=True)
    with pytest.raises(errors.NotPermittedError):
        agencies.search(exchange, boss.actor, Wanted())
    with pytest.raises(errors.RecordNotFoundError):
        registrations.one(exchange, other_employer.actor, made.id)
    with pytest.raises(errors.RecordNotFoundError):
        agencies.look(exchange, make_partner(exchange, Role.STATE, 9, jurisdiction="NY").actor, made.id)
    colleague = make_colleague(boss, "worker-1")
    assert registrations.one(exchange, colleague.actor, made.id) == made


def test_a_processor_registers_for_a_client_until_the_client_ends_it(
    exchange: Exchange, boss: Partner, processor: Partner
) -> None:
    relation = let_act(exchange, processor, boss)
    agent = for_client(exchange, processor, boss)
    made = register(exchange, agent)
    assert registrations.desk(exchange, boss.actor).registrations == [made]
    assert made.versions[0].organization == processor.organization.name
    assert registrations.desk(exchange, processor.actor).registrations == []
    with reading(exchange.engine) as session:
        assert session.exec(select(Letter.event)).all().count("multistate-changed") == 1
    registrations.amend(exchange, agent, made.id, typed(exchange, **TO_MISSOURI), later=False)
    clients.withdraw(exchange, boss.actor, relation.id)
    for act in (registrations.desk, registrations.one, registrations.hand_in, registrations.discard):
        given = [] if act is registrations.desk else [made.id]
        with pytest.raises(errors.RepresentationEndedError):
            act(exchange, agent, *given, **({"agreed": True} if act is registrations.hand_in else {}))  # type: ignore[operator]  # each has its own
    assert registrations.one(exchange, boss.actor, made.id).values["designated"] == "KS"


def test_a_processor_registers_itself_for_clients_that_agree_and_are_multistate(
    exchange: Exchange, boss: Partner, processor: Partner, kansas: Partner
) -> None:
    line = {"members": f"{boss.fein}, Sample, KS MO"}
    assert "has agreed" in refused(prepare, exchange, processor.actor, typed(exchange, **line))["members"]
    relation = let_act(exchange, processor, boss)
    one_state = {"members": f"{boss.fein}, Sample, KS"}
    assert (
        "two states" in refused(prepare, exchange, processor.actor, typed(exchange, **one_state))["members"]
    )
    assert "List the clients" in refused(prepare, exchange, processor.actor, typed(exchange))["members"]
    made = register(exchange, processor.actor, **line)
    covered = refused(prepare, exchange, boss.actor, typed(exchange))
    assert "processor that acts for you" in covered["number"]
    assert "Sample" in agencies.look(exchange, kansas.actor, made.id).registration.values["members"]
    clients.withdraw(exchange, boss.actor, relation.id)
    assert agencies.look(exchange, kansas.actor, made.id).registration.values["members"] == ""
    own = register(exchange, boss.actor)
    assert own.status is ACTIVE
    let_act(exchange, processor, boss)
    again = refused(change, exchange, processor.actor, made, typed(exchange, **line))
    assert "registered by itself" in again["members"]


def test_a_client_of_nobodys_is_not_to_be_acted_for(
    exchange: Exchange, boss: Partner, processor: Partner
) -> None:
    with pytest.raises(errors.RecordNotFoundError):
        acting.chosen(exchange, processor.actor, boss.organization.id)
    let_act(exchange, processor, boss)
    agent = for_client(exchange, processor, boss)
    make_head = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    console.suspend(exchange, make_head.actor, boss.organization.id)
    with pytest.raises(errors.RepresentationEndedError):
        registrations.desk(exchange, agent)
    with reading(exchange.engine) as session:
        assert session.get_one(Organization, boss.organization.id).status != "active"
