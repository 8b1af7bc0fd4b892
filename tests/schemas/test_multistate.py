"""The rules of the multistate registration (domain.md 5), and that what was said is told again."""

from datetime import date, timedelta

import pytest

from schemas.forms.multistate import (
    AHEAD,
    CLIENTS,
    ENDING,
    MOST_MEMBERS,
    SUBSIDIARIES,
    MemberWords,
    as_fields,
    day_of,
    members_of,
    parse,
    parse_ending,
)

TODAY = date(2026, 11, 22)
OWN = "001000017"
GOOD = {
    "legal_name": "Sample Works, Inc.",
    "street": "1 Sample Street",
    "city": "Topeka",
    "state": "KS",
    "zip": "66601",
    "effective_on-month": "12",
    "effective_on-day": "1",
    "effective_on-year": "2026",
    "designated": "KS",
    "state-KS": "yes",
    "state-MO": "yes",
    "name": "Pat Payroll",
    "email": "pat@example.org",
}


def wrong(more: dict[str, str], words: MemberWords = SUBSIDIARIES) -> dict[str, str]:
    found = parse(GOOD | more, TODAY, OWN, words)
    return {problem.field: problem.message for problem in found.problems}


def on(day: date) -> dict[str, str]:
    parts = {"month": day.month, "day": day.day, "year": day.year}
    return {f"effective_on-{name}": str(number) for name, number in parts.items()}


def test_good_answers_come_back_as_they_were_said() -> None:
    listed = "00-1888777, Sample, Chairs & Co, ks\n00 1888778\tTables\tKS\tMO\n\n001888779; X, LP; MO, ks MO"
    found = parse(GOOD | {"members": listed}, TODAY, OWN)
    assert found.problems == ()
    assert [(one.fein, one.name, one.states) for one in members_of(found.values)] == [
        ("001888777", "Sample, Chairs & Co", ("KS",)),
        ("001888778", "Tables", ("KS", "MO")),
        ("001888779", "X, LP", ("MO", "KS")),
    ]
    assert day_of(found.values) == date(2026, 12, 1)
    again = parse(as_fields(found.values), TODAY, OWN)
    assert again == found


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"state-MO": ""}, "states", "at least two"),
        ({"state-MO": "", "state-KS": ""}, "states", "at least two"),
        ({"designated": "NY"}, "designated", "states you ticked"),
        ({"designated": ""}, "designated", "Choose"),
        ({"designated": "XX"}, "designated", "Choose a state"),
        ({"legal_name": ""}, "legal_name", "Fill in"),
        ({"members": f"{OWN}, Ourselves, KS"}, "members", "Line 1: this is the number"),
        ({"members": "001888777, A, KS\n001888777, B, MO"}, "members", "Line 2: this FEIN"),
        ({"members": "12345, A, KS"}, "members", "nine digits"),
        ({"members": "001888777, , KS"}, "members", "the name"),
        ({"members": "001888777, A"}, "members", "at least one state"),
        ({"members": "001888777, A, KS QQ"}, "members", "QQ is no state"),
        ({"members": "001888777, A, KS NY"}, "members", "Line 1: tick NY"),
        ({"members": "001888777, A, KS\n" * (MOST_MEMBERS + 1)}, "members", "1,000 at most"),
        (on(TODAY - timedelta(days=1)), "effective_on", "days gone by"),
        (on(TODAY + AHEAD + timedelta(days=1)), "effective_on", "within a year"),
        ({"effective_on-month": "2", "effective_on-day": "30"}, "effective_on", "date of the calendar"),
    ],
)  # fmt: skip
def test_each_rule_refuses_and_says_what_to_do(more: dict[str, str], field: str, words: str) -> None:
    found = wrong(more)
    assert set(found) == {field}
    assert words in found[field]


@pytest.mark.parametrize("day", [TODAY, TODAY + AHEAD], ids=["today", "a year ahead"])
def test_the_first_and_the_last_day_will_do(day: date) -> None:
    assert wrong(on(day)) == {}


def test_a_processor_lists_clients_that_are_multistate_and_share_the_designated_state() -> None:
    assert "List the clients" in wrong({}, CLIENTS)["members"]
    assert "at least two states" in wrong({"members": "001888777, A, KS"}, CLIENTS)["members"]
    elsewhere = {"members": "001888777, A, KS MO\n001888778, B, MO NY", "state-NY": "yes"}
    assert "line 2" in wrong(elsewhere, CLIENTS)["designated"]
    assert wrong(elsewhere | {"designated": "MO"}, CLIENTS) == {}


def test_who_ends_it_is_asked_items_one_to_four_and_seven_only() -> None:
    assert [one.name for one in ENDING] == [
        "legal_name", "street", "street2", "city", "state", "zip", "effective_on",
        "name", "title", "telephone", "fax", "email",
    ]  # fmt: skip
    typed = {name: text for name, text in GOOD.items() if not name.startswith("state-")}
    assert [one.field for one in parse_ending(typed, TODAY).problems] == ["sure"]
    ended = parse_ending(typed | {"sure": "yes"}, TODAY)
    assert (ended.problems, "designated" in ended.values) == ((), False)
    late = parse_ending(typed | on(TODAY - timedelta(days=1)), TODAY)
    assert {one.field for one in late.problems} == {"effective_on", "sure"}
