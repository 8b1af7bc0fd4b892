"""SIGKILL at any instruction while messages are sent, answered and recalled: none is lost, none is twice."""

import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from exchange import journal
from exchange.database import reading
from exchange.messages import acts, drafts, posting
from exchange.messages.posting import Fate, Posted, Posting
from exchange.messages.reading import opened
from exchange.models.messages import DraftState, Message, MessageDraft, MessageKind, MessageState, ThreadSide
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.acceptance.sizes import SEEDS, seed_of, sized
from tests.conftest import Clock
from tests.support.children import die_at, fork, outcome
from tests.support.correspondence import fields_to, inbox, settle
from tests.support.files import hand_in
from tests.support.partners import Partner

KILLS = sized(4, 300)
SIGKILL = -9
QUESTION, BY_FILE, SLIP, ANSWER = "question", "by file", "slip", "answer"


@dataclass(frozen=True)
class Day:
    """What a program of an employer and one of a state do; `told` gets a line for all that was acknowledged.

    Each message has a key, so that the day can be begun anew by a program that was cut off.
    """

    exchange: Exchange
    employer: Partner
    state: Partner
    name: str
    told: Path

    def work(self) -> None:
        """The whole day."""
        question = self._post(QUESTION, "with a file")
        if BY_FILE not in self.acknowledged:
            self._hand_over()
        settle(self.exchange)
        slip = self._post(SLIP)
        if slip.fate is Fate.SENT and slip.message_id:
            acts.recall(self.exchange, self.employer.actor, slip.message_id)
        self._tell("recalled")
        went = posting.became(self.exchange, self.employer.actor, question.id)
        assert went.fate is Fate.SENT
        self._answer(went.thread_id)

    @property
    def acknowledged(self) -> list[str]:
        """What was."""
        return self.told.read_text().splitlines() if self.told.exists() else []

    def says(self, what: str) -> str:
        """The body of one of its messages."""
        return f"{self.name}: {what}"

    def _post(self, what: str, file: str = "") -> Posted:
        actor = self.employer.actor
        files = (hand_in(self.exchange, actor, b"x", "a.pdf", "messages").transfer.id,) if file else ()
        asked = Posting(fields_to(self.state, body=self.says(what)), None, files)
        posted = posting.post(self.exchange, actor, asked, self.says(what))
        self._tell(what)
        return posted

    def _hand_over(self) -> None:
        actor, name = self.employer.through(Channel.SFTP), f"{self.name}.pdf"
        said = fields_to(self.state, body=self.says(BY_FILE)) | {"attachments": [name]}  # type: ignore[dict-item]  # a list
        hand_in(self.exchange, actor, b"y", name, "messages")
        hand_in(self.exchange, actor, json.dumps(said).encode(), f"{self.name}.json", "messages")
        self._tell(BY_FILE)

    def _answer(self, thread_id: UUID | None) -> None:
        asked = Posting({"body": self.says(ANSWER)}, thread_id)
        posting.post(self.exchange, self.state.actor, asked, self.says(ANSWER))
        self._tell(ANSWER)

    def _tell(self, what: str) -> None:
        with self.told.open("a") as told:
            told.write(f"{what}\n")


def calls_of(day: Day) -> int:
    """How many calls and returns of functions a day has."""
    count = 0

    def moment(_event: str, _name: str) -> bool:
        nonlocal count
        count += 1
        return False

    assert run(day, moment, lambda: day.told.write_text(str(count))) == 0
    return int(day.told.read_text())


def run(day: Day, moment: object, after: object = lambda: None) -> int:
    """A day in a child that dies at the moment; how it ended."""

    def work() -> None:
        day.exchange.after_fork()
        die_at(moment)  # type: ignore[arg-type]  # one of the two below
        day.work()
        after()  # type: ignore[operator]  # something to call

    return outcome(fork(work))


def killed_after(day: Day, calls: int) -> None:
    left = iter(range(calls))
    run(day, lambda _event, _name: next(left, None) is None)


def test_killed_wherever_it_is_every_message_goes_once_and_both_sides_agree(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock, tmp_path: Path
) -> None:
    dice = random.Random(seed_of(SEEDS[0]))
    day = partial(Day, exchange, employer, state)
    calls = calls_of(day("counted", tmp_path / "counted"))
    discard_all(exchange, employer)
    days = [day(f"day {number}", tmp_path / f"{number}") for number in range(KILLS)]
    figures = Counter[str]()
    for number, one in enumerate(days):
        killed_after(one, int(calls * (number + dice.random()) / KILLS))
        figures.update(one.acknowledged or ["nothing"])
        clock.forward(seconds=61)
        settle(exchange)
        acknowledged = one.acknowledged
        one.work()  # its program begins anew, with the same keys
        settle(exchange)
        check(exchange, one, acknowledged)
    assert_both_sides_agree(exchange, employer, state)
    assert journal.verify(exchange) is None
    assert figures.total()
    sys.stdout.write(f"{calls} calls a day; acknowledged before the kill: {dict(figures)}\n")


def check(exchange: Exchange, day: Day, acknowledged: list[str]) -> None:
    """Each message of the day is there once, the one that was recalled nowhere, and no draft is left over."""
    said = Counter(bodies(exchange, day.state))
    expected = {day.says(what): 1 for what in (QUESTION, ANSWER)}
    assert {body: said[body] for body in expected} == expected
    by_file = said[day.says(BY_FILE)]
    assert by_file == 1 if BY_FILE in acknowledged else by_file in {1, 2}
    assert said[day.says(SLIP)] == 0
    left = drafts.drafts(exchange, day.employer.actor)
    assert [one.fields["body"] for one in left] == [day.says(SLIP)]
    assert not any(one.sending or one.refusal for one in left)
    discard_all(exchange, day.employer)


def discard_all(exchange: Exchange, partner: Partner) -> None:
    for one in drafts.drafts(exchange, partner.actor):
        drafts.discard(exchange, partner.actor, one.id)


def bodies(exchange: Exchange, partner: Partner) -> list[str]:
    """What a mailbox says, unread: its newest threads."""
    with reading(exchange.engine) as session:
        recent = (
            select(Message).where(Message.state == MessageState.SENT).order_by(col(Message.number).desc())
        )
        rows = session.exec(recent.limit(10)).all()
        shown = [row for row in rows if session.get(ThreadSide, (row.thread_id, partner.organization.id))]
    found = [posting.documents.opened(exchange, row.sealed or b"", row.id) for row in shown]
    return [posting.documents.read(one).body for one in found]


def assert_both_sides_agree(exchange: Exchange, employer: Partner, state: Partner) -> None:
    """What each of them is told of a thread is what stands there, and the same."""
    with reading(exchange.engine) as session:
        assert session.exec(select(MessageDraft).where(MessageDraft.state == DraftState.SENDING)).all() == []
        sides = session.exec(select(ThreadSide)).all()
        messages = session.exec(select(Message).where(Message.kind == MessageKind.MESSAGE)).all()
    for side in sides:
        of_it = [one for one in messages if one.thread_id == side.thread_id]
        sent = [one for one in of_it if one.state == MessageState.SENT]
        own = [one for one in of_it if one not in sent and one.organization_id == side.organization_id]
        new = [one for one in sent if one.organization_id != side.organization_id and one.read_at is None]
        # Whoever recalled a message goes on to see that there was one.
        assert (side.messages, side.unread) == (len(sent) + len(own), len(new))
    for line in inbox(exchange, state.actor, box="all", limit=5):
        theirs, ours = (opened(exchange, one.actor, line.id).messages for one in (state, employer))
        assert [(one.id, one.state, one.document) for one in theirs] == [
            (one.id, one.state, one.document) for one in ours
        ]
