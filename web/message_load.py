"""The figures of the load of a shared inbox: which columns they have, and where their values come from."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import dropwhile
from typing import Final
from urllib.parse import urlencode

from exchange.messages.load import Load, Share
from web.figures import Column, Figure, Kind

_MINUTE: Final = timedelta(minutes=1)
_WAITING: Final = (Column("To answer"), Column("Overdue"), Column("Longest wait", Kind.TIME))
_ANSWERED: Final = (
    Column("Month", Kind.TEXT),
    Column("Half within", Kind.TIME),
    Column("90 of 100 within", Kind.TIME),
    Column("Answers"),
)
_PARTS: Final = {
    "topics": ("By topic", "Topic", "topic", "Conversations that wait for your answer, and those overdue."),
    "offices": ("By office", "Office", "office", "Where they lie. A conversation can be moved on its page."),
    "people": ("By person", "Person", "person", "Whom they are assigned to."),
}
_ANSWERS: Final = (
    "Answers of your organization by month, and the time in which half of them, and 90 of 100, were given. "
    "Nights and weekends count. Times are told to the minute, above an hour to five minutes, above a day to "
    "the hour."
)


def figures_of(found: Load, now: datetime) -> list[Figure]:
    """The figures in the order of the page."""
    shares = {"topics": found.topics, "offices": found.offices, "people": found.people}
    begun = dropwhile(lambda one: not one.answers, found.months)
    months = [(f"{one.begin:%B %Y}", one.median, one.ninety, one.answers) for one in begun]
    answers = Figure("answers", "Answer times", _ANSWERS, _ANSWERED, months, (1, 2))
    return [*(_figure(key, shares[key], now) for key in _PARTS), answers]


def _figure(key: str, shares: Sequence[Share], now: datetime) -> Figure:
    title, first, field, about = _PARTS[key]
    rows = [(_name(one), one.waiting, one.overdue, _minutes(now - one.since)) for one in shares]
    links = [_link(field, one.key) for one in shares]
    return Figure(key, title, about, (Column(first, Kind.TEXT), *_WAITING), rows, (1, 2), links)


def _minutes(time: timedelta) -> timedelta:
    """A time in whole minutes; what has just begun has waited for one."""
    return max(time - time % _MINUTE, _MINUTE)


def _name(one: Share) -> str:
    return f"{one.name} (not there any more)" if one.gone else one.name


def _link(field: str, key: str) -> str:
    """The list of what a row counts; what lies in no office has none."""
    if key:
        return "/messages?" + urlencode({"box": "waiting", field: key})
    return "/messages?box=unassigned" if field == "person" else ""
