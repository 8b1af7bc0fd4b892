"""The sealed word index of each organization: add messages, remove them, find them. See decision 28.

An index is a few segments, each written once. New messages make a new segment, and segments of like size are
joined, so that there are about as many as the number of messages has digits in binary. The caller owns the
transaction.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

import numpy as np
from sqlmodel import Session, select

from exchange.messages import pages
from exchange.messages.pages import PAGE, PagesGoneError, Stored, stored_for
from exchange.messages.segment import MOST, Numbers, Segment, matches, numbers_in
from exchange.messages.words import asked_for
from exchange.models.accounts import Organization
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange

Entry = tuple[int, Collection[str]]
"""The number of a message, and the words in it."""
_MUCH_LARGER = 2
"""A segment that has more than so many times the messages of the one after it is left as it is."""
_MORE = 16
"""How many times as many messages are looked through where the newest were not enough: each look is four
statements, which cost more than the pages."""
_NONE: Numbers = np.zeros(0, np.uint32)


def add(session: Session, exchange: Exchange, organization_id: UUID, entries: Iterable[Entry]) -> None:
    """Add messages to the index of an organization. Those that are in it already stay as they are."""
    _alone(session, organization_id)
    given = dict(entries)
    present = _present(session, exchange, organization_id, given)
    fresh = sorted((number, words) for number, words in given.items() if number not in present)
    for some in chunks(fresh, MOST):
        _add(session, exchange, organization_id, Segment.of(some))


def remove(session: Session, exchange: Exchange, organization_id: UUID, numbers: Collection[int]) -> None:
    """Take messages out of the index of an organization, with the words that only they had."""
    _alone(session, organization_id)
    for segment, present in _holding(session, exchange, organization_id, numbers):
        left = Segment.unpacked(pages.whole(session, exchange, segment)).without(present)
        pages.take_away(session, [segment])
        if len(left.numbers):
            pages.write(session, exchange, organization_id, left)


def find(session: Session, exchange: Exchange, organization_id: UUID, asked: str) -> Numbers:
    """The numbers of all messages that hold a word beginning with each word asked for, newest first."""
    return np.concatenate([_NONE, *found(session, exchange, organization_id, asked)])


def found(
    session: Session, exchange: Exchange, organization_id: UUID, asked: str, below: int | None = None
) -> Iterator[Numbers]:
    """As `find`, some at a time, so that the newest are there before the others are looked for.

    `below`: only messages of lower numbers.
    """
    beginnings = [word.encode() for word in asked_for(asked)]
    while beginnings:
        try:
            for some in _found(session, exchange, stored_for(session, organization_id, below), beginnings):
                fresh = some if below is None else some[some < below]
                if len(fresh):
                    yield fresh
                    below = int(fresh[-1])
        except PagesGoneError:
            continue
        return


def _found(
    session: Session, exchange: Exchange, segments: Sequence[Stored], beginnings: Sequence[bytes]
) -> Iterator[Numbers]:
    """Newest first: of what the segments read so far give, whatever is newer than all that remain hold."""
    held = _NONE
    for group, rest in _groups(segments):
        readings = [(segment, matches(beginnings, PAGE)) for segment in group]
        held = np.sort(np.concatenate([held, *pages.run(session, exchange, readings)]))
        sure = int(np.searchsorted(held, rest[0].last_number, side="right")) if rest else 0
        yield held[sure:][::-1]
        held = held[:sure]


def _groups(
    segments: Sequence[Stored],
) -> Iterator[tuple[Sequence[Stored], Sequence[Stored]]]:
    """Segments to read together, each time more messages, and those that remain."""
    place, room = 0, MOST
    while place < len(segments):
        begin, taken = place, 0
        while place < len(segments) and taken < room:
            taken += segments[place].messages
            place += 1
        yield segments[begin:place], segments[place:]
        room *= _MORE


def _alone(session: Session, organization_id: UUID) -> None:
    """Wait until nobody else changes the index of this organization; rows that refer to it need not wait."""
    session.exec(
        select(Organization.id).where(Organization.id == organization_id).with_for_update(key_share=True)
    ).one()


def _holding(
    session: Session, exchange: Exchange, organization_id: UUID, numbers: Collection[int]
) -> list[tuple[Stored, list[int]]]:
    """The segments with some of these messages, and which."""
    asked = np.sort(np.fromiter(numbers, np.uint32))
    near = [
        segment
        for segment in stored_for(session, organization_id)
        if np.searchsorted(asked, segment.first_number)
        < np.searchsorted(asked, segment.last_number, side="right")
    ]
    if not near:
        return []
    read = pages.run(session, exchange, [(segment, numbers_in(PAGE)) for segment in near])
    both = [(segment, np.intersect1d(asked, present)) for segment, present in zip(near, read, strict=True)]
    return [(segment, present.tolist()) for segment, present in both if len(present)]


def _present(
    session: Session, exchange: Exchange, organization_id: UUID, numbers: Collection[int]
) -> set[int]:
    return {number for _, some in _holding(session, exchange, organization_id, numbers) for number in some}


def _add(session: Session, exchange: Exchange, organization_id: UUID, fresh: Segment) -> None:
    """Write a segment, joined with those before it that are not much larger."""
    joining: list[Stored] = []
    messages = len(fresh.numbers)
    for segment in stored_for(session, organization_id):
        if segment.messages > _MUCH_LARGER * messages or segment.messages + messages > MOST:
            break
        joining.append(segment)
        messages += segment.messages
    old = [Segment.unpacked(pages.whole(session, exchange, segment)) for segment in joining]
    pages.take_away(session, joining)
    pages.write(session, exchange, organization_id, Segment.joined([*old, fresh]) if old else fresh)
