"""What keepers of the reference guide are told: entries with what differs, and the words for their states."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten

from exchange.guide.drafts import Draft
from exchange.guide.keys import Said
from exchange.guide.standing import FACTS_TITLE, Keeping, Line, Tally
from exchange.models.guide import DraftStatus
from roles.guide import EntrySort
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.differences import Difference, differences
from schemas.guide.documents import Answer, Contact, Facts, Question

SORTS: Mapping[EntrySort, str] = {
    EntrySort.ANSWER: "answers",
    EntrySort.CONTACT: "contacts",
    EntrySort.FACTS: "facts",
}
"""What a sort of entries is called in an address."""
BY_WORD = {word: sort for sort, word in SORTS.items()}
_SHORT = 240
"""Characters of an entry in a list."""
DRAFTED, WAITS = ("Draft", "warn"), ("Waits for a second person", "wait")
GIVEN_BACK, OVERTAKEN, REMOVES = ("Given back", "bad"), ("Overtaken", "bad"), ("Draft: taken out", "warn")


@dataclass(frozen=True)
class Shown:
    """An entry as a preview shows it. `change`: new, changed or removed; empty for one that stays."""

    line: Line
    rows: tuple[Difference, ...]
    change: str


def shown(line: Line) -> Shown:
    """An entry with its draft worked in."""
    if line.draft is None:
        return Shown(line, differences(line.said, line.said, line.question), "")
    after = line.draft.said
    change = "changed" if line.said and after else "new" if after else "removed"
    return Shown(line, differences(line.said, after, line.question), change)


def tag_of(draft: Draft) -> tuple[str, str]:
    """How the state of a draft is shown."""
    if draft.overtaken:
        return OVERTAKEN
    if draft.status is DraftStatus.WAITING:
        return WAITS
    if draft.refusal:
        return GIVEN_BACK
    return DRAFTED if draft.said is not None else REMOVES


def address(line_key: tuple[str, EntrySort, str]) -> str:
    """Where an entry is edited."""
    code, sort, slug = line_key
    return f"/guide/keep/{code}/{SORTS[sort]}/{slug}"


def title_of(said: Said | None, question: Question | None) -> str:
    """What an entry is called."""
    if question is not None:
        return question.title
    if isinstance(said, Contact):
        known = CONTACT_TYPES.get(said.type)
        return f"{known.title}: {said.name}" if known else said.name
    return FACTS_TITLE


def figures(found: Keeping) -> list[tuple[str, int, str, str]]:
    """What stands above a part: words, number, tone, and where on the page it is told in full."""
    drafts = sum(one.status is DraftStatus.DRAFT for one in found.desk.drafts)
    failing = len(found.failing)
    return [
        ("draft" if drafts == 1 else "drafts", drafts, "yellow", "publish"),
        ("waiting for a second person", len(found.desk.drafts) - drafts, "yellow", "waiting"),
        ("not answered", found.unanswered, "", "questions"),
        ("due for review", len(found.due), "yellow", "due"),
        ("link that fails" if failing == 1 else "links that fail", failing, "red", "failing"),
    ]


def in_all(tallies: list[Tally]) -> list[tuple[int, str]]:
    """What waits for a keeper in all parts together: number and words; nothing where nothing does."""
    drafts = sum(one.drafts for one in tallies)
    counted = (
        (drafts, "draft" if drafts == 1 else "drafts"),
        (sum(one.waiting for one in tallies), "waiting for a second person"),
        (sum(one.due for one in tallies), "due for review"),
        (sum(one.failing for one in tallies), "with a link that fails"),
    )
    return [(number, words) for number, words in counted if number]


def short(line: Line) -> str:
    """What an entry says, in a line or two: enough to see whether it is still right."""
    match line.said:
        case None:
            return ""
        case Facts() as one:
            told = [one.agency, one.capital, one.time_zone]
        case Contact() as one:
            told = [one.title, *one.lines, one.city, one.phone, one.email]
        case Answer() as one:
            value = {"yes": "Yes", "no": "No"}.get(one.value, one.value)
            told = [value or one.comment or one.url]
    return shorten(", ".join(filter(None, told)), _SHORT, placeholder=" …")
