"""The words that pages use for locate: where a source stands, how long ago that was, what a request is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.locate.desk import AGREEMENT, TRAINING
from exchange.locate.viewing import Line, Result
from exchange.models.locate import QueryStatus, Use
from roles.disclosure import FIELDS, TAX_LABEL
from roles.locate import PURPOSES, Source
from schemas.locate.answers import Outcome
from schemas.locate.query import WHOLE, Subject
from web.templating import moment

Tag = tuple[str, str]
"""Words and tone."""

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SINCE = "%Y%m%d%H%M%S%f"
"""How a page notes when it was made."""
USES: dict[Use, Tag] = {
    Use.USED: ("You used this", "good"),
    Use.DISCARDED: ("Not this person", "plain"),
}
LAPSING = {
    AGREEMENT: "The locate agreement of your agency ends on {day}. Your director renews it with OCSS.",
    TRAINING: "Your yearly training counts until {day}. An administrator records it when it is done.",
}
COVER = (
    "Use this paper for the case that it names and for nothing else; then lock it away or shred it.",
    "Hand it to nobody who is not assigned to the case, and do not leave it at a printer.",
    "That it was printed, by whom and why, is kept for the auditor.",
)
"""What the first page of a print says."""
COVER_TAX = (
    "It holds federal tax information. Whoever discloses or inspects that without authority commits a crime "
    "(26 U.S.C. 7213, 7213A). Keep it apart from other papers, and note where it is kept."
)


@dataclass(frozen=True)
class Told:
    """Where one source stands, in words: a tag and a sentence."""

    tag: Tag
    text: str


def told(result: Result, now: datetime | None) -> Told:
    """Where a source stands: how long ago, or (without `now`, for paper) at which moment."""
    if (
        result.status is QueryStatus.ANSWERED
        and result.outcome is not None
        and result.received_at is not None
    ):
        return Told(
            _OUTCOMES[result.outcome], f"Answered {_when(result.received_at, now)}.{_corrected(result)}"
        )
    if result.status is QueryStatus.SILENT:
        return Told(("No answer", "plain"), "It did not answer while the request was open.")
    if result.down is not None:
        since = f"Cannot be reached since {moment(result.down)}."
        return Told(("Cannot be reached", "warn"), f"{since} It is asked again by itself.")
    if result.sent_at is None:
        return Told(("About to be asked", "wait"), _usually(result.source))
    return _waiting(result.source, result.sent_at, now)


_OUTCOMES: dict[Outcome, Tag] = {
    Outcome.FOUND: ("Found", "good"),
    Outcome.NOTHING: ("Nothing found", "plain"),
    Outcome.UNABLE: ("Could not search", "warn"),
}


def _waiting(source: Source, sent_at: datetime, now: datetime | None) -> Told:
    asked = f"Asked {_when(sent_at, now)}."
    if now is not None and now - sent_at > timedelta(days=source.answers_within):
        return Told(
            ("Silent", "warn"), f"{asked} {_usually(source)} You need do nothing: it may still answer."
        )
    return Told(("Asked", "wait"), f"{asked} {_usually(source)}")


def _usually(source: Source) -> str:
    days = source.answers_within
    return f"It usually answers within {'a day' if days == 1 else f'{days} days'}."


def _corrected(result: Result) -> str:
    if not result.corrected:
        return ""
    times = "once" if result.corrected == 1 else f"{result.corrected} times"
    return f" The source has corrected itself {times}: this is what it says now."


def _when(then: datetime, now: datetime | None) -> str:
    return ago(then, now) if now else moment(then)


def ago(then: datetime, now: datetime) -> str:
    """How long ago, as people say it."""
    past = now - then
    if past < _MINUTE:
        return "just now"
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if past >= unit:
            return _counted(past // unit, name) + " ago"
    raise AssertionError


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def state(line: Line) -> Tag:
    """Where a request stands, in a list."""
    if line.closed_at is not None:
        return ("Ended", "plain")
    if line.answered == line.asked:
        return ("All have answered", "good")
    return (f"{line.answered} of {line.asked} answered", "wait" if line.answered else "plain")


def lapsing(ends: Sequence[tuple[str, date]]) -> list[str]:
    """What ends soon."""
    return [LAPSING[what].format(day=f"{day:%B} {day.day}, {day.year}") for what, day in ends]


def purpose(line: Line) -> str:
    """What a request is for."""
    return PURPOSES[line.purpose].title


def field(result_field: str) -> str:
    """What a value is called."""
    return {one.value: title for one, title in FIELDS.items()}[result_field]


def known(subject: Subject) -> list[tuple[str, str]]:
    """What is known of the person beside the number, as the form asks it."""
    facts = subject.as_dict()
    born = facts.get("birth_date", "")
    facts |= {"birth_date": f"{born[4:6]}/{born[6:]}/{born[:4]}"} if born else {}
    asked = (one.question for one in WHOLE if not one.question.sensitive)
    return [
        (one.label, dict(one.choices).get(facts[one.name], facts[one.name]))
        for one in asked
        if one.name in facts
    ]


def is_new(result: Result, since: str) -> bool:
    """Whether it came since the worker looked, or while the page was open: `since` is when it was made."""
    while_open = bool(since and result.received_at and f"{result.received_at:{SINCE}}" > since)
    return result.new or while_open


def has_tax(results: Sequence[Result]) -> bool:
    """Whether any value carries the label of federal tax information."""
    return any(value.label == TAX_LABEL for result in results for value in result.shown)


def parts(results: Sequence[Result]) -> list[tuple[str, str, list[Result]]]:
    """Results as a page shows them: heading, id, and the sources; what was found comes first."""
    groups: dict[str, list[Result]] = {"found": [], "waiting": [], "nothing": []}
    for one in results:
        answered = one.status is QueryStatus.ANSWERED
        kind = "found" if one.outcome is Outcome.FOUND else "nothing" if answered else "waiting"
        groups[kind].append(one)
    titles = (
        ("found", "What sources found"),
        ("waiting", "Still waiting"),
        ("nothing", "Answered, nothing found"),
    )
    return [(title, kind, groups[kind]) for kind, title in titles if groups[kind]]
