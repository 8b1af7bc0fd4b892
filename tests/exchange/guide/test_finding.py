"""The one box: what it understands, what it never tells, and that nothing typed into it harms."""

import csv
from pathlib import Path

import pytest

from exchange.guide.finding import Hit, Index
from exchange.guide.finding.folding import LONGEST_QUERY, folded, pieces, shortened, sound, stem, words
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Audience, Contact, Document, Guide, JurisdictionKind, Part, Question
from tests.exchange.guide.test_lookups import LOOKUPS, Found, right
from tests.support.whole_guide import whole_guide

pytestmark = pytest.mark.xdist_group("whole guide")  # one process makes it and its index
PUBLIC, WORKERS = Audience.PUBLIC, Audience.WORKERS
KEPT = ("00000", "13000", "20000", "31000", "54000", "80DE", "80IL", "90830")


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.of(whole_guide())


@pytest.fixture(scope="module")
def small() -> Guide:
    guide = whole_guide()
    parts = tuple(part for part in guide.parts if part.facts.locator_code in KEPT)
    return guide.model_copy(update={"parts": parts})


def own_lookups() -> list[tuple[str, str, frozenset[str]]]:
    with Path(__file__).with_name("finding_own.csv").open(encoding="utf-8") as table:
        rows = list(csv.reader(table, delimiter=";"))[1:]
    return [(query, code, frozenset(what.split("/")) - {""}) for query, code, what in rows]


def is_meant(hit: Hit, code: str, what: frozenset[str]) -> bool:
    place = not code or code in {hit.locator_code, hit.office}
    return place and (not what or bool(what & {hit.question, hit.contact_type})) and not hit.suggestion


def first(index: Index, query: str, audience: Audience = PUBLIC) -> Hit:
    return index.search(query, audience)[0]


def test_our_own_lookups_find_what_they_mean_among_the_first_three(index: Index) -> None:
    missed = [
        query
        for query, code, what in own_lookups()
        if not any(is_meant(hit, code, what) for hit in index.search(query, PUBLIC)[:3])
    ]
    assert missed == []


def test_the_lookups_of_somebody_else_find_what_they_mean_among_the_first_three(index: Index) -> None:
    """What only workers read is asked by a worker, everything else by the public."""
    guide = whole_guide()
    hidden = {one.slug for one in (*guide.questions, *CONTACT_TYPES.values()) if one.audience is WORKERS}
    wrong = []
    for one in LOOKUPS:
        asker = WORKERS if one.slugs and one.slugs <= hidden else PUBLIC
        hits = [hit for hit in index.search(one.query, asker) if not hit.suggestion]
        if not right([Found(hit.locator_code, hit.question, hit.contact_type) for hit in hits], one):
            wrong.append(one.query)
    assert len(wrong) <= len(LOOKUPS) // 20, wrong


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Kansas", "20000"),
        ("Kanzas", "20000"),
        ("Arkansaw", "05000"),
        ("Virginia", "51000"),
        ("west virgina", "54000"),
        ("Washington", "53000"),
        ("Washington DC", "11000"),
        ("Georgia", "13000"),
        ("Topeka", "20000"),
        ("Türkei", "80TR"),
        ("Tuerkei", "80TR"),
        ("KANSAS!!", "20000"),
        ("in", "18000"),
        ("new  hamp", "33000"),
        ("2000003", "20000"),
        ("GBR", "80GB"),
        ("Nwe York", "36000"),
        ("Neada", "32000"),
        ("Coorado", "08000"),
        ("Gum", "66000"),
        ("new me", "35000"),
        ("newyork", "36000"),
        ("kan sas", "20000"),
        ("Kane County", "17000"),
    ],
)
def test_the_jurisdiction_that_is_meant_comes_first(index: Index, query: str, code: str) -> None:
    hit = first(index, query)
    assert (hit.locator_code, hit.question, hit.contact) == (code, None, None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("OR age of majority", "41000"),
        ("age of majority IN", "18000"),
        ("age of majority in Kansas or so", "20000"),
        ("tell me the age of majority", None),
        ("AGE OF MAJORITY IN KANSAS", "20000"),
        ("edad de la mayoría de edad", None),
    ],
)
def test_words_of_a_sentence_are_codes_only_in_capitals(index: Index, query: str, code: str | None) -> None:
    hit = first(index, query)
    assert (hit.locator_code, hit.question) == (code, "age-of-majority")


@pytest.mark.parametrize(
    ("query", "code", "about"),
    [
        ("D1", None, "age-of-majority"),
        ("AEI 1", None, "aei-remedies"),
        ("SLS KY", "21000", "employer-lump-sum"),
        ("NMSN HI", "15000", "medical-support"),
        ("ageofmajority kansas", "20000", "age-of-majority"),
        ("where do I send payments for texas", "48000", "payment-address"),
        ("Vaterschaftstest Ohio", "39000", "paternity-genetic-presumption"),
        ("office hours wichita", "20000", "office"),
    ],
)
def test_questions_and_purposes_are_found_by_codes_and_other_words(
    index: Index, query: str, code: str | None, about: str
) -> None:
    hit = first(index, query)
    assert (hit.locator_code, hit.question or hit.contact_type) == (code, about)


def test_two_states_are_answered_side_by_side(index: Index) -> None:
    hits = index.search("Kanzas vs Nebraska rate of interest", PUBLIC)[:2]
    assert [(hit.locator_code, hit.question) for hit in hits] == [
        ("20000", "interest-rate"),
        ("31000", "interest-rate"),
    ]


def test_a_hit_says_why_it_was_found(index: Index) -> None:
    assert first(index, "Bavaria").why == ("Bavaria is a part of Germany",)
    assert first(index, "Kanzas").why == ("Kanzas → Kansas",)
    assert first(index, "80DE").why == ("80DE is the locator code of Germany",)
    assert first(index, "Volljährigkeit in Kansas").why == ("Volljährigkeit → age of majority",)
    assert first(index, "Kansas").why == ()


def test_a_question_shows_its_answer_and_a_contact_its_name_and_city(index: Index, small: Guide) -> None:
    kansas = next(part for part in small.parts if part.facts.locator_code == "20000")
    answer = next(one for one in kansas.answers if one.question == "age-of-majority")
    payments = next(one for one in kansas.contacts if one.type == "payments")
    assert first(index, "Kansas age of majority").snippet.startswith(answer.value)
    hit = first(index, "Kansas state disbursement unit")
    assert (hit.contact, hit.contact_type) == (payments.slug, "payments")
    assert payments.name in hit.snippet
    assert payments.city in hit.snippet


def test_a_topic_alone_is_found_across_all_jurisdictions(index: Index) -> None:
    hit = first(index, "statute of limitations")
    assert (hit.locator_code, hit.name, hit.kind) == (None, None, JurisdictionKind.STATE)
    assert hit.question is not None
    assert hit.question.startswith("limitation")


@pytest.mark.parametrize("kind", list(JurisdictionKind))
def test_a_kind_leaves_out_all_others(index: Index, kind: JurisdictionKind) -> None:
    questions = {one.slug: one.kind for one in whole_guide().questions}
    for query in ("DE", "age of majority", "central authority", "Kanzas", "zzzzqqq"):
        for hit in index.search(query, PUBLIC, kind):
            assert hit.kind in {kind, None}
            assert hit.question is None or questions[hit.question] is kind
            assert hit.contact_type is None or kind in CONTACT_TYPES[hit.contact_type].kinds


def garbled(one: Document, text: str) -> Document:
    """A document with other words in its place."""
    if isinstance(one, Question):
        return one.model_copy(
            update={"title": text, "text": text, "words": (text, "Kansas majority payments")}
        )
    return one.model_copy(update={"name": text, "city": text, "postal": "66612"})


def with_other_secrets(guide: Guide) -> Guide:
    """The same guide, but all that is for workers only has other words."""
    secret = {one.slug for one in guide.questions if one.audience is WORKERS}
    questions = tuple(garbled(one, "Quorl zibbet") if one.slug in secret else one for one in guide.questions)
    parts = tuple(_with_other_secrets(part, secret) for part in guide.parts)
    return guide.model_copy(update={"questions": questions, "parts": parts})


def _with_other_secrets(part: Part, secret: set[str]) -> Part:
    answers = tuple(
        one.model_copy(update={"value": "Quorl"}) if one.question in secret else one for one in part.answers
    )
    return part.model_copy(update={"answers": answers, "contacts": tuple(map(_other, part.contacts))})


def _other(contact: Contact) -> Document:
    hidden = CONTACT_TYPES[contact.type].audience is WORKERS
    return garbled(contact, "Kansas Quorl") if hidden else contact


def test_what_is_for_workers_changes_nothing_for_the_public(small: Guide) -> None:
    before, after = Index.of(small), Index.of(with_other_secrets(small))
    queries = [query for query, _, _ in own_lookups()][::3]
    for query in (*queries, "quorl", "zibbet", "66612", "CSENet functions", "director kansas", "violence"):
        assert before.search(query, PUBLIC) == after.search(query, PUBLIC), query
    assert any(hit.question == "csenet-functions" for hit in before.search("csenet functions", WORKERS))
    assert first(after, "quorl", WORKERS).suggestion is False
    assert all(hit.suggestion for hit in after.search("quorl zibbet", PUBLIC))


def test_answers_are_the_same_each_time_and_do_not_depend_on_what_was_asked_before(small: Guide) -> None:
    one, other = Index.of(small), Index.of(small)
    queries = [query for query, _, _ in own_lookups()][::9]
    forward = {query: one.search(query, PUBLIC) for query in queries}
    assert {query: other.search(query, PUBLIC) for query in reversed(queries)} == forward


def test_nothing_found_suggests_the_nearest_names(index: Index) -> None:
    hits = index.search("xyzzyplugh", PUBLIC)
    assert len(hits) == 5
    assert all(hit.suggestion and hit.locator_code for hit in hits)


@pytest.mark.parametrize("query", ["", "  ", "?!", "\0", "'", "\ud7ff", "."])
def test_a_query_without_words_finds_nothing(index: Index, query: str) -> None:
    assert [hit for hit in index.search(query, PUBLIC) if not hit.suggestion] == []


def test_a_long_query_is_read_up_to_its_two_hundredth_character(index: Index) -> None:
    assert shortened("a" * 300) == "a" * LONGEST_QUERY
    assert shortened("ab " * 100) == ("ab " * 66).strip()
    assert index.search("Kansas " + "zz " * 100_000, PUBLIC)[0].locator_code == "20000"
    assert index.search("zz " * 100 + "Kansas", PUBLIC)[0].locator_code != "20000"


def test_no_more_hits_than_asked_for(index: Index) -> None:
    assert len(index.search("paternity", PUBLIC, limit=2)) == 2
    assert index.search("paternity", PUBLIC, limit=0) == []


def test_text_is_folded_into_words() -> None:
    assert pieces("N.Y., W.Va. & D.C.") == ["NY", "W", "Va", "DC"]
    assert words("l'âge de la majorité, Hawai'i's A2.1") == [
        "l",
        "age",
        "de",
        "la",
        "majorite",
        "hawaii",
        "a2.1",
    ]
    assert folded("Straße") == "strasse"
    assert folded("Łódź") == "lodz"
    assert sound("kanzas") == sound("kansas")
    assert sound("filadelfia") == sound("philadelphia")
    assert [stem(word) for word in ("payments", "countries", "process")] == ["payment", "country", "process"]
