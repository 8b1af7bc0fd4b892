"""The multistate employer registration as data: its questions, and the rules between their answers.

Order and items follow domain.md 5 (OMB 0970-0166). Which parts an address or a contact has is our own choice.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from schemas.forms import asked
from schemas.forms.asked import Asked, parse_asked
from schemas.forms.form import Answers, Problem, Question
from schemas.forms.registration import ADDRESS, CONTACT
from schemas.tables import STATES

OMB: Final = "0970-0166"
FEWEST_STATES = 2
MOST_MEMBERS = 1_000
AHEAD = timedelta(days=365)
"""How far ahead a registration may begin to hold."""
TICKED = "state-"
"""Before the code of a state in the name of its box."""
_ONE_LINE = "Use letters, digits and signs of one line only"
_DAY = "Enter a date of the calendar, such as 3 27 2027"
LEGAL_NAME: Final = Asked(
    Question(
        "legal_name",
        "Legal name",
        "As it belongs to the FEIN.",
        "text",
        False,
        100,
        autocomplete="organization",
    ),
    asked.plain,
    _ONE_LINE,
)
_EFFECTIVE: Final = Asked(
    Question(
        "effective_on",
        "From which day does this hold?",
        "Month, day and year. Today or later, a year ahead at most.",
        "date",
        False,
        8,
    ),
    asked.past_date,
    _DAY,
)
_DESIGNATED: Final = Asked(
    Question(
        "designated",
        "Designated state",
        "All new hires are reported to this one. At least one employee must work there.",
        "choice",
        False,
        2,
        choices=tuple(STATES.items()),
    ),
    asked.one_of(STATES),
    "Choose a state of the list",
)
IDENTITY: Final = (LEGAL_NAME, *ADDRESS)
_CONTACT = {one.name: one for one in CONTACT}
_EMAIL = replace(_CONTACT["email"], question=replace(_CONTACT["email"].question, hint=""))
PERSON: Final = (*(_CONTACT[name] for name in ("name", "title", "telephone", "fax")), _EMAIL)
WHOLE: Final = (*IDENTITY, _EFFECTIVE, _DESIGNATED, *PERSON)
"""All that is asked of who registers, beside the number, the states and who else belongs to it."""
ENDING: Final = (*IDENTITY, _EFFECTIVE, *PERSON)
"""What is asked of who is no multistate employer any more: items 1 to 4 and 7 of the form of 2022."""

TERMS: Final = (
    "We report every new hire to the designated state, wherever the person works, and to no other state.",
    "We do not mix the designation with reporting to each state.",
    "Our reports are electronic.",
    "What we say here is true and current; when it changes, we change it here.",
)
"""What whoever registers agrees to."""


@dataclass(frozen=True)
class Member:
    """A subsidiary, or a processor's client: its FEIN, name, and the states where it has employees."""

    fein: str
    name: str
    states: tuple[str, ...]

    @property
    def line(self) -> str:
        """As it is typed and kept: one line."""
        return f"{self.fein}, {self.name}, {' '.join(self.states)}"


@dataclass(frozen=True)
class MemberWords:
    """What is listed beside the number itself: subsidiaries, or the clients of a processor."""

    title: str
    hint: str
    optional: bool
    fewest_states: int


_LINE = "One on each line: FEIN, name, states. For example: 00 1888777, Sample Chairs, KS MO. "
SUBSIDIARIES: Final = MemberWords(
    "Subsidiaries", f"{_LINE}Lines copied out of a spreadsheet will do.", optional=True, fewest_states=1
)
CLIENTS: Final = MemberWords(
    "Clients that this covers",
    f"{_LINE}Each has agreed that you act for it, and has employees in two or more states.",
    optional=False,
    fewest_states=FEWEST_STATES,
)


def ticked(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The states whose boxes were ticked, in the order of the list."""
    return tuple(state for state in STATES if fields.get(f"{TICKED}{state}") == "yes")


def as_fields(values: Mapping[str, str]) -> dict[str, str]:
    """Kept answers as the fields of the form, to be filled in again; what was kept `as_typed` stays so."""
    day = values.get("effective_on", "")
    parts = {"month": day[4:6].lstrip("0"), "day": day[6:].lstrip("0"), "year": day[:4]} if day else {}
    boxes = {f"{TICKED}{state}": "yes" for state in values.get("states", "").split()}
    return {**values, **boxes, **{f"effective_on-{name}": text for name, text in parts.items()}}


def as_typed(fields: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields of the form, right or wrong, to be gone on with later."""
    names = {part for one in WHOLE for part in one.question.parts}
    names |= {"members", *(f"{TICKED}{state}" for state in STATES)}
    return {name: text for name, text in fields.items() if name in names and text}


def members_of(values: Mapping[str, str]) -> tuple[Member, ...]:
    """Those whom kept answers list."""
    return tuple(
        Member(fein, name, tuple(states.split()))
        for fein, name, states in (_split(line) for line in values.get("members", "").splitlines())
    )


def parse(
    submitted: Mapping[str, str], today: date, own_fein: str, words: MemberWords = SUBSIDIARIES
) -> Answers:
    """The answers in their one spelling, and all that is wrong with them and between them."""
    found = parse_asked(WHOLE, submitted)
    states = ticked(submitted)
    members, unreadable = _members(submitted.get("members", ""), own_fein, words)
    problems = [
        *found.problems,
        *_day_problems(found.values["effective_on"], today),
        *_state_problems(states, found.values["designated"]),
        *([unreadable] if unreadable else _member_problems(members, states, found.values, words)),
    ]
    lines = "\n".join(one.line for one in members)
    return Answers({**found.values, "states": " ".join(states), "members": lines}, tuple(problems))


def parse_ending(submitted: Mapping[str, str], today: date) -> Answers:
    """As `parse`, for who is no multistate employer any more."""
    found = parse_asked(ENDING, submitted)
    wrong = [*found.problems, *_day_problems(found.values["effective_on"], today)]
    if submitted.get("sure") != "yes":
        wrong.append(Problem("sure", "Tick that there are employees in one state only, or in none"))
    return Answers(found.values, tuple(wrong))


def day_of(values: Mapping[str, str]) -> date:
    """The day from which kept answers hold."""
    text = values["effective_on"]
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _day_problems(text: str, today: date) -> Iterable[Problem]:
    if not text:
        return
    day = day_of({"effective_on": text})
    if day < today:
        yield Problem("effective_on", "Enter today or a later day: nothing is registered for days gone by")
    elif day > today + AHEAD:
        yield Problem("effective_on", "Enter a day within a year from now")


def _state_problems(states: tuple[str, ...], designated: str) -> Iterable[Problem]:
    if len(states) < FEWEST_STATES:
        yield Problem("states", "Tick at least two states: with employees in one state only, report there")
    elif designated and designated not in states:
        yield Problem("designated", "Choose one of the states you ticked: an employee must work there")


def _members(text: str, own_fein: str, words: MemberWords) -> tuple[list[Member], Problem | None]:
    """Those that were listed, until the first line that cannot be read."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_MEMBERS:
        return [], Problem("members", f"List {MOST_MEMBERS:,} at most; ask OCSS to take more")
    found: list[Member] = []
    for number, line in enumerate(lines, 1):
        one, wrong = _member(line, words)
        wrong = wrong or _taken(one, own_fein, found)
        if wrong:
            return found, Problem("members", f"Line {number}: {wrong}")
        found.append(one)
    return found, None


def _member(line: str, words: MemberWords) -> tuple[Member, str]:
    fein, name, typed = _split(line)
    states = tuple(dict.fromkeys(typed.upper().split()))
    one = Member(asked.fein(fein) or "", asked.plain(name) or "", states)
    unknown = next((state for state in states if state not in STATES), None)
    if not one.fein:
        return one, "begin with a FEIN of nine digits, then a comma"
    if not one.name or len(one.name) > LEGAL_NAME.question.width:
        return one, "give the name after the FEIN, 100 characters at most"
    if unknown:
        return one, f"{unknown[:20]} is no state; write two letters each, such as KS MO"
    if len(states) < words.fewest_states:
        few = "at least one state" if words.fewest_states == 1 else "at least two states"
        return one, f"give {few} where it has employees"
    return one, ""


def _split(line: str) -> tuple[str, str, str]:
    """FEIN, name and states of a line; a name may have commas, and states may stand between commas."""
    fein, *rest = (part.strip() for part in re.split(r"[,;\t]", line))
    states = rest.pop().split() if len(rest) > 1 and _two_letters_each(rest[-1]) else []
    while len(rest) > 1 and all(word.upper() in STATES for word in rest[-1].split()):
        states[:0] = rest.pop().split()
    return fein, ", ".join(part for part in rest if part), " ".join(states)


def _two_letters_each(part: str) -> bool:
    """Whether states are meant, be they known or not."""
    return all(len(word) == 2 and word.isalpha() for word in part.split())


def _taken(one: Member, own_fein: str, before: list[Member]) -> str:
    if one.fein == own_fein:
        return "this is the number that is registered itself; list only others"
    return "this FEIN stands on an earlier line" if one.fein in {each.fein for each in before} else ""


def _member_problems(
    members: list[Member], states: tuple[str, ...], values: Mapping[str, str], words: MemberWords
) -> Iterable[Problem]:
    if not members and not words.optional:
        yield Problem("members", "List the clients that this covers, one on each line")
    for number, one in enumerate(members, 1):
        missing = [state for state in one.states if state not in states]
        if missing:
            yield Problem("members", f"Line {number}: tick {', '.join(missing)} in the list of states, too")
            return
        if words is CLIENTS and values["designated"] and values["designated"] not in one.states:
            yield Problem(
                "designated", f"An employee of each client must work there; of line {number} none does"
            )
            return
