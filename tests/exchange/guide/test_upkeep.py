"""Keepers keep their own part and no other; what is not published is not seen, and nothing is forgotten."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import event, text

from exchange.accounts.registration_rows import note_facts
from exchange.database import transaction
from exchange.errors import (
    FieldsRefusedError,
    NotNowError,
    NotPermittedError,
    RecordNotFoundError,
    RequestInvalidError,
    SecondPersonError,
)
from exchange.guide import drafts, editing, editions, keepers, loading, standing, upkeep
from exchange.guide.keys import Key
from exchange.models.guide import DraftStatus, GuideDraft
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from roles.guide import EntrySort, audience_of, sees
from roles.permissions import Role
from schemas.guide.documents import Answer, Audience, Facts, Guide, JurisdictionKind, Part
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import Partner, make_colleague, make_partner

AGE = Key("20000", EntrySort.ANSWER, "age-of-majority")
NEW_AGE = Answer(question="age-of-majority", value="21")


def age_in(edition: editions.Edition, code: str = "20000") -> str:
    return next(one.value for one in edition.parts[code].answers if one.question == "age-of-majority")


def guide(exchange: Exchange) -> Exchange:
    loading.load(exchange, small_guide())
    return exchange


@pytest.fixture
def loaded(exchange: Exchange) -> Exchange:
    return guide(exchange)


@pytest.fixture
def kansas(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS", administrator=True)


def test_a_guide_is_loaded_and_read_again_as_it_was(each_exchange: Exchange) -> None:
    given = small_guide()
    first = loading.load(each_exchange, given)
    assert (first.written, first.taken_out, first.same) == (12, 0, 0)
    assert editions.published(each_exchange).guide == given
    assert loading.load(each_exchange, given).same == 12
    assert editions.published(each_exchange).number == 1
    again = Guide.model_validate_json(editions.published(each_exchange).guide.canonical())
    assert again.canonical() == given.canonical()


def test_any_moment_of_the_past_comes_back_exactly(exchange: Exchange, clock: Clock) -> None:
    said = [
        small_guide(),
        small_guide(state("48000", "Texas", "18")),
        Guide(questions=(), versions=(), parts=()),
    ]
    moments = []
    for one in [*said, said[0]]:
        loading.load(exchange, one)
        moments.append(clock())
        clock.forward(days=30)
    for moment, then in zip(moments, [*said, said[0]], strict=True):
        assert editions.at(exchange, moment).guide == then
    assert editions.published(exchange).guide == said[0]


def test_what_does_not_fit_together_is_not_loaded(loaded: Exchange) -> None:
    wrong = state("20000", "Kansas", "eighteen")
    given = small_guide().model_copy(update={"parts": (wrong,)})
    with pytest.raises(RequestInvalidError, match="20000: answer age-of-majority: Enter a number"):
        loading.load(loaded, given)
    assert editions.published(loaded).guide == small_guide()


def test_a_draft_is_seen_by_its_keepers_only_until_it_is_published(loaded: Exchange, kansas: Partner) -> None:
    draft = upkeep.save(loaded, kansas.actor, "20000", NEW_AGE, "new law")
    nebraska = make_partner(loaded, Role.STATE, 2, jurisdiction="NE")
    assert age_in(editions.published(loaded)) == "18"
    assert [one.said for one in drafts.desk(loaded, kansas.actor, "20000").drafts] == [NEW_AGE]
    for stranger in (nebraska, make_partner(loaded, Role.EMPLOYER)):
        with pytest.raises(NotPermittedError):
            drafts.desk(loaded, stranger.actor, "20000")
        with pytest.raises(NotPermittedError):
            upkeep.save(loaded, stranger.actor, "20000", NEW_AGE)
        with pytest.raises(NotPermittedError):
            upkeep.discard(loaded, stranger.actor, draft)
        with pytest.raises(NotPermittedError):
            upkeep.publish(loaded, stranger.actor, "20000", [draft])
    assert upkeep.publish(loaded, kansas.actor, "20000", [draft])
    assert age_in(editions.published(loaded)) == "21"
    assert age_in(editions.published(loaded), "31000") == "19"
    assert drafts.desk(loaded, kansas.actor, "20000").drafts == []


def test_what_is_published_while_the_guide_is_read_is_read_by_the_next_who_asks(
    each_exchange: Exchange,
) -> None:
    keeper = make_partner(guide(each_exchange), Role.STATE, jurisdiction="KS").actor
    given = (each_exchange, keeper, "20000", [upkeep.save(each_exchange, keeper, "20000", NEW_AGE)])
    publishing: list[Thread] = []

    def publish(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "guide_revision.body" in statement and not publishing:
            publishing.append(Thread(target=upkeep.publish, args=given))
            publishing[0].start()
            publishing[0].join(20)

    event.listen(each_exchange.engine, "after_cursor_execute", publish)
    assert age_in(editions.published(each_exchange)) == "18"
    assert len(publishing) == 1
    assert age_in(editions.published(each_exchange)) == "21"


def test_every_revision_stands_in_the_history(loaded: Exchange, kansas: Partner, clock: Clock) -> None:
    clock.forward(days=1)
    upkeep.publish(
        loaded, kansas.actor, "20000", [upkeep.save(loaded, kansas.actor, "20000", NEW_AGE, "new law")]
    )
    clock.forward(days=1)
    upkeep.publish(loaded, kansas.actor, "20000", [upkeep.withdraw(loaded, kansas.actor, AGE)])
    newest, second, first = drafts.history(loaded, AGE, kansas.actor)
    assert (newest.said, second.said, second.note) == (None, NEW_AGE, "new law")
    assert (second.who, first.who) == (kansas.account.name, "")
    assert (first.until, second.until, newest.until) == (second.published_at, newest.published_at, None)
    assert [one.who for one in drafts.history(loaded, AGE, None)] == ["", "", ""]
    revived = drafts.revision(loaded, AGE, 1)
    assert revived is not None
    upkeep.publish(loaded, kansas.actor, "20000", [upkeep.save(loaded, kansas.actor, "20000", revived)])
    assert age_in(editions.published(loaded)) == "18"
    assert len(drafts.history(loaded, AGE, None)) == 4


def test_a_second_person_approves_where_the_jurisdiction_wants_it(
    loaded: Exchange, kansas: Partner, clock: Clock
) -> None:
    colleague = make_colleague(kansas, "kay-2")
    with pytest.raises(NotPermittedError):
        upkeep.ask_second_person(loaded, colleague.actor, "20000", wanted=True)
    upkeep.ask_second_person(loaded, kansas.actor, "20000", wanted=True)
    draft = upkeep.save(loaded, kansas.actor, "20000", NEW_AGE)
    assert not upkeep.publish(loaded, kansas.actor, "20000", [draft])
    assert age_in(editions.published(loaded)) == "18"
    with pytest.raises(SecondPersonError):
        upkeep.approve(loaded, kansas.actor, draft)
    with pytest.raises(NotNowError, match="waits for a second person"):
        upkeep.save(loaded, colleague.actor, "20000", NEW_AGE)
    (opened,) = drafts.desk(loaded, colleague.actor, "20000").drafts
    upkeep.refuse(loaded, colleague.actor, draft, "Cite the law")
    (standing,) = drafts.desk(loaded, kansas.actor, "20000").drafts
    assert (standing.status, standing.refusal) == (DraftStatus.DRAFT, "Cite the law")
    clock.forward(minutes=1)
    upkeep.save(loaded, kansas.actor, "20000", NEW_AGE)
    upkeep.publish(loaded, kansas.actor, "20000", [draft])
    with pytest.raises(NotNowError, match="written anew"):
        upkeep.approve(loaded, colleague.actor, draft, opened.changed_at.isoformat())
    (again,) = drafts.desk(loaded, colleague.actor, "20000").drafts
    upkeep.approve(loaded, colleague.actor, draft, again.changed_at.isoformat())
    assert age_in(editions.published(loaded)) == "21"
    assert drafts.history(loaded, AGE, kansas.actor)[0].approved_by == colleague.account.name


def test_an_edition_in_between_is_not_written_over(loaded: Exchange, kansas: Partner) -> None:
    draft = upkeep.save(loaded, kansas.actor, "20000", NEW_AGE)
    loading.load(loaded, small_guide().model_copy(update={"parts": (state("20000", "Kansas", "19"),)}))
    with pytest.raises(NotNowError, match="somebody published this entry"):
        upkeep.publish(loaded, kansas.actor, "20000", [draft])
    assert age_in(editions.published(loaded)) == "19"


def test_a_draft_of_a_question_that_is_asked_no_more_is_not_published(
    loaded: Exchange, kansas: Partner
) -> None:
    secret = Answer(question="family-violence", value="By a judge.")
    draft = upkeep.save(loaded, kansas.actor, "20000", secret)
    loading.load(loaded, without("family-violence"))
    assert drafts.desk(loaded, kansas.actor, "20000").drafts == []
    (tally,) = standing.tallies(loaded, kansas.actor)
    assert tally.waits == 0
    with pytest.raises(NotNowError):
        upkeep.publish(loaded, kansas.actor, "20000", [draft])
    loading.load(loaded, small_guide())
    assert [one.overtaken for one in drafts.desk(loaded, kansas.actor, "20000").drafts] == [True]


def test_a_new_draft_of_a_question_that_is_asked_no_more_is_not_published(
    loaded: Exchange, kansas: Partner
) -> None:
    bare = state("20000", "Kansas", "18").model_copy(update={"answers": ()})
    loading.load(loaded, small_guide().model_copy(update={"parts": (bare,)}))
    secret = Answer(question="family-violence", value="By a judge.")
    draft = upkeep.save(loaded, kansas.actor, "20000", secret)
    loading.load(loaded, without("family-violence"))
    with pytest.raises(NotNowError, match="fits its question or its jurisdiction no more"):
        upkeep.publish(loaded, kansas.actor, "20000", [draft])
    stray = editions.Edition(1, loaded.clock(), without("family-violence", answered=True), {})
    assert [one.question for one in stray.read_by(Audience.PUBLIC).parts["20000"].answers] == [AGE.slug]


def test_a_part_that_left_the_guide_is_on_no_desk(loaded: Exchange, kansas: Partner) -> None:
    loading.load(loaded, Guide(questions=(), versions=(), parts=()))
    with pytest.raises(RecordNotFoundError):
        drafts.desk(loaded, kansas.actor, "20000")


def test_whoever_publishes_waits_for_whoever_saves_and_holds_no_draft_meanwhile(
    postgres_settings: Settings, clock: Clock
) -> None:
    exchange = open_exchange(postgres_settings, clock)
    loading.load(exchange, small_guide())
    keeper = make_partner(exchange, Role.STATE, jurisdiction="KS")
    draft = upkeep.save(exchange, keeper.actor, "20000", NEW_AGE)
    publisher = Thread(target=upkeep.publish, args=(exchange, keeper.actor, "20000", [draft]))
    with transaction(exchange.engine) as session:
        keepers.lock_entry(session, exchange, keeper.actor, "20000", EntrySort.ANSWER)
        publisher.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while session.connection().execute(waiting).scalar_one() == 0:
            assert publisher.is_alive()
        session.get_one(GuideDraft, draft, with_for_update={"nowait": True})
    publisher.join(20)
    assert age_in(editions.published(exchange)) == "21"
    exchange.dispose()


def without(slug: str, *, answered: bool = False) -> Guide:
    """The small guide, which does not ask a question any more."""

    def answers(part: Part) -> tuple[Answer, ...]:
        return tuple(one for one in part.answers if answered or one.question != slug)

    given = small_guide()
    version = given.versions[0].model_copy(update={"categories": ()})
    parts = tuple(one.model_copy(update={"answers": answers(one)}) for one in given.parts)
    questions = tuple(one for one in given.questions if one.slug != slug)
    return Guide(questions=questions, versions=(version,), parts=parts)


def test_what_is_wrong_is_not_kept(loaded: Exchange, kansas: Partner) -> None:
    with pytest.raises(FieldsRefusedError, match="Enter a number"):
        upkeep.save(loaded, kansas.actor, "20000", NEW_AGE.model_copy(update={"value": "grown"}))
    with pytest.raises(FieldsRefusedError, match="not within the jurisdiction"):
        upkeep.save(loaded, kansas.actor, "20000", contact("31001", "office-1", "office"))
    with pytest.raises(RecordNotFoundError):
        upkeep.save(loaded, kansas.actor, "20000", Answer(question="legal-aid", value="Yes"))
    facts = Facts(locator_code="20000", kind=JurisdictionKind.STATE, name="Kanzas")
    with pytest.raises(NotPermittedError):
        upkeep.save(loaded, kansas.actor, "20000", facts)
    assert drafts.desk(loaded, kansas.actor, "20000").drafts == []


def test_ocss_keeps_countries_and_an_authority_its_own_contacts_only(loaded: Exchange) -> None:
    ocss = make_partner(loaded, Role.OCSS_STAFF)
    berlin = make_partner(loaded, Role.INTERNATIONAL)
    with transaction(loaded.engine) as session:
        note_facts(session, loaded, berlin.organization.id, {"country": "DE"})
    assert [one.code for one in standing.tallies(loaded, berlin.actor)] == ["80DE"]
    authority = contact("80DE", "central-authority", "central-authority")
    upkeep.publish(loaded, berlin.actor, "80DE", [upkeep.save(loaded, berlin.actor, "80DE", authority)])
    assert editions.published(loaded).parts["80DE"].contacts == (authority,)
    answer = Answer(question="legal-aid", value="No.")
    with pytest.raises(NotPermittedError):
        upkeep.save(loaded, berlin.actor, "80DE", answer)
    upkeep.publish(loaded, ocss.actor, "80DE", [upkeep.save(loaded, ocss.actor, "80DE", answer)])
    with pytest.raises(NotPermittedError):
        upkeep.save(loaded, ocss.actor, "20000", NEW_AGE)
    assert editions.published(loaded).parts["80DE"].answers == (answer,)


def test_confirming_changes_nothing_but_the_day_it_was_looked_at(
    loaded: Exchange, kansas: Partner, clock: Clock
) -> None:
    before = editions.published(loaded)
    clock.forward(days=400)
    upkeep.confirm(loaded, kansas.actor, [AGE])
    after = editions.published(loaded)
    assert after.guide == before.guide
    assert after.stamps[AGE].reviewed_at > before.stamps[AGE].reviewed_at
    assert after.stamps[AGE].published_at == before.stamps[AGE].published_at
    assert after.edition_of("20000") > after.edition_of("31000") == before.edition_of("31000")


def test_on_a_past_day_nothing_was_looked_at_that_was_looked_at_later(
    loaded: Exchange, kansas: Partner, clock: Clock
) -> None:
    then = clock()
    clock.forward(days=400)
    upkeep.confirm(loaded, kansas.actor, [AGE])
    stamp = editions.at(loaded, then).stamps[AGE]
    assert stamp.reviewed_at == stamp.published_at
    assert editions.at(loaded, clock()).stamps[AGE].reviewed_at > then


def test_a_clock_that_goes_back_leaves_one_revision_at_every_moment(
    loaded: Exchange, kansas: Partner, clock: Clock
) -> None:
    began = clock()
    clock.forward(minutes=10)
    for age in ("20", "21", "22"):
        said = NEW_AGE.model_copy(update={"value": age})
        upkeep.publish(loaded, kansas.actor, "20000", [upkeep.save(loaded, kansas.actor, "20000", said)])
        clock.forward(minutes=-4)
    found = drafts.history(loaded, AGE, None)
    assert all(one.until is None or one.published_at <= one.until for one in found)
    assert age_in(editions.at(loaded, began)) == "18"
    assert age_in(editions.at(loaded, began + timedelta(minutes=11))) == "22"


def test_nobody_takes_out_or_brings_back_what_somebody_else_has_rewritten(
    loaded: Exchange, kansas: Partner, clock: Clock
) -> None:
    seen = editing.entry(loaded, kansas.actor, AGE).seen
    clock.forward(minutes=1)
    draft = upkeep.save(loaded, make_colleague(kansas, "kay-2").actor, "20000", NEW_AGE)
    with pytest.raises(NotNowError, match="look at it again"):
        upkeep.withdraw(loaded, kansas.actor, AGE, seen=seen)
    with pytest.raises(NotNowError, match="look at it again"):
        editing.revert(loaded, kansas.actor, AGE, 1, seen)
    assert drafts.draft(loaded, kansas.actor, draft).said == NEW_AGE
    now = editing.entry(loaded, kansas.actor, AGE).seen
    assert editing.revert(loaded, kansas.actor, AGE, 1, now) == draft


def test_two_who_add_an_office_of_one_name_at_once_add_two(postgres_settings: Settings, clock: Clock) -> None:
    exchange = guide(open_exchange(postgres_settings, clock))
    keeper = make_partner(exchange, Role.STATE, jurisdiction="KS").actor
    key = Key("20000", EntrySort.CONTACT, editing.NEW)
    typed = {"type": "office", "country": "US", "name": "Topeka"}
    adding = [Thread(target=editing.save, args=(exchange, keeper, key, typed)) for _ in range(2)]
    with transaction(exchange.engine) as session:
        keepers.lock_entry(session, exchange, keeper, "20000", EntrySort.CONTACT)
        for one in adding:
            one.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while session.connection().execute(waiting).scalar_one() < len(adding):
            assert all(one.is_alive() for one in adding)
    for one in adding:
        one.join(20)
    slugs = [one.key.slug for one in drafts.desk(exchange, keeper, "20000").drafts]
    assert sorted(slugs) == ["office", "office-2"]
    exchange.dispose()


def test_who_reads_what_is_a_table(exchange: Exchange) -> None:
    worker, employer = make_partner(exchange, Role.TRIBE), make_partner(exchange, Role.EMPLOYER)
    assert audience_of(worker.actor) is Audience.WORKERS
    assert audience_of(employer.actor) is audience_of(None) is Audience.PUBLIC
    assert sees(Audience.WORKERS, Audience.PUBLIC)
    assert not sees(Audience.PUBLIC, Audience.WORKERS)


def test_what_is_no_name_of_an_entry_names_none(each_exchange: Exchange) -> None:
    with pytest.raises(RecordNotFoundError):
        drafts.history(guide(each_exchange), Key("20000", EntrySort.ANSWER, "age\0"), None)
