"""What is told of the answers to a request: of each source the newest, and how often it said something else.

Where nothing of a person may be shown, there is nothing that could have been corrected either: versions of an
answer that tell the viewer the same nothing are one. The same is looked up, opened and asked for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.locate.standing import Standing
from exchange.locate.whom import Known
from exchange.models.base import as_utc
from exchange.models.locate import LocateAnswer, Use
from exchange.models.registry import CUSTODIAL, OWES
from roles import disclosure
from roles.disclosure import Shown, Viewer, disclosed
from roles.locate import SOURCES, Purpose
from roles.policy import Actor
from schemas.locate.answers import Outcome

_PARTS = {OWES: "owes support", CUSTODIAL: "custodial party", None: "child"}


@dataclass(frozen=True)
class Told:
    """What one source has said: `received_at` is when it first said so, `corrected` how often before."""

    outcome: Outcome
    shown: tuple[Shown, ...]
    received_at: datetime
    corrected: int
    use: Use


@dataclass(frozen=True)
class Looks:
    """Who looks at a request, and as what."""

    actor: Actor
    standing: Standing
    viewer: Viewer


_Version = tuple[LocateAnswer, tuple[Outcome, tuple[Shown, ...]]]


def case_told(state: str, number: str, part: str | None) -> str:
    """A case as it is told of somebody; children have no part in what debts are matched with."""
    return f"{state} {number} ({_PARTS[part]})"


def told(looks: Looks, known: Known) -> dict[UUID, Told]:
    """By question, for those that were answered."""
    purpose = Purpose(known.row.purpose)
    seen = disclosure.Standing(looks.viewer, purpose, looks.standing.tax, known.withheld)
    versions: dict[UUID, list[_Version]] = {}
    for one in known.said:
        shown = disclosed(SOURCES[one.source], one.answer, seen)
        versions.setdefault(one.row.query_id, []).append((one.row, shown))
    return {query_id: _newest(found) for query_id, found in versions.items()}


def _newest(versions: Sequence[_Version]) -> Told:
    """What was said last, since when it stands so, and how often it was something else before."""
    newest, said = versions[-1]
    since, corrected, before = newest.received_at, 0, None
    for one, tells in versions:
        if tells != before:
            since, corrected, before = one.received_at, corrected + (before is not None), tells
    outcome, shown = said
    return Told(outcome, shown, as_utc(since), corrected, Use(newest.use))
