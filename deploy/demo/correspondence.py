"""A little correspondence, so that no mailbox is empty: written and answered the real way.

What has a file waits for the worker to scan it, like everything else that is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from deploy.demo.history import acting
from exchange.accounts import acting as representing
from exchange.accounts.directory import account
from exchange.messages import attachments, drafts, sending
from exchange.runtime import Exchange
from exchange.transfers import intake
from roles.policy import Actor, Channel


@dataclass(frozen=True)
class Letter:
    """What one person writes; `file`: the name and the words of what is attached."""

    username: str
    body: str
    file: tuple[str, str] | None = None


@dataclass(frozen=True)
class Exchanged:
    """A conversation: to whose organization it goes, about what, and what was written, in order.

    `client`: for whose organization its first writer wrote.
    """

    to: str
    topic: str
    subject: str
    letters: Sequence[Letter]
    classification: str = "none"
    client: str = ""


EXCHANGED = (
    Exchanged(
        "kai.sunflower",
        "withholding",
        "Two orders for one employee: which comes first?",
        (
            Letter(
                "erin.payne",
                "Good morning,\n\nwe hold two orders from you for the same person, tracking numbers 31-0004 "
                "and 31-0017. Together they are more than the limit allows. Do we divide by percentage, or "
                "does the older one come first?\n\nErin Payne, payroll",
            ),
            Letter(
                "kai.sunflower",
                "Divide by percentage: current support first, then arrears, each in the share that it has of "
                "the total. The worksheet on page 3 of the order does the sum.",
            ),
            Letter(
                "erin.payne",
                "Thank you. This is what we will withhold from the next pay period; tell us if it is wrong.",
                (
                    "withholding-worksheet.csv",
                    "order,share,amount\n31-0004,0.62,310.00\n31-0017,0.38,190.00\n",
                ),
            ),
        ),
        classification="pii",
    ),
    Exchanged(
        "erin.payne",
        "technical",
        "The portal rests on Sunday from 06:00 to 08:00 UTC",
        (
            Letter(
                "olive.staffer",
                "Files that you send meanwhile by SFTP are taken in afterwards; nothing is lost. "
                "You need not answer.",
                ("what-changes.txt", "Read layouts on a page, correct rows, and write messages.\n"),
            ),
        ),
    ),
    Exchanged(
        "olive.staffer",
        "agreement",
        "Beginning to exchange files next quarter",
        (
            Letter(
                "tala.rivers",
                "Our council has signed. What else do you need from us before the first file?",
            ),
        ),
    ),
    Exchanged(
        "kai.sunflower",
        "payment",
        "A payment of March that was returned",
        (
            Letter(
                "pia.larkspur",
                "The disbursement unit returned our payment of March 13 without a reason. We have sent it "
                "again with the same identifier; did it arrive?",
            ),
        ),
        classification="pii",
        client="cole.quayle",
    ),
    Exchanged(
        "olive.staffer",
        "data-match",
        "Accounts that were closed within the quarter",
        (
            Letter("fay.prairie", "Do we report an account that was closed before the quarter ended?"),
            Letter("olive.staffer", "Yes, once, with the balance on the day it was closed."),
        ),
    ),
)
"""Conversations of the demonstration; all of it is invented."""


def write_messages(exchange: Exchange) -> None:
    """Write and answer everything, in the names of the demonstration's accounts."""
    for one in EXCHANGED:
        first, *others = one.letters
        thread_id = _send(exchange, _writer(exchange, first, one.client), first, _addressed(exchange, one))
        for letter in others:
            _send(exchange, _writer(exchange, letter), letter, {}, thread_id)


def _addressed(exchange: Exchange, one: Exchanged) -> dict[str, str]:
    return {
        "to": str(account(exchange, one.to).organization_id),
        "topic": one.topic,
        "classification": one.classification,
        "subject": one.subject,
    }


def _writer(exchange: Exchange, letter: Letter, client: str = "") -> Actor:
    actor = acting(exchange, letter.username, Channel.WEB)
    if not client:
        return actor
    chosen = representing.chosen(exchange, actor, account(exchange, client).organization_id)
    return replace(actor, client=chosen)


def _send(
    exchange: Exchange, actor: Actor, letter: Letter, fields: dict[str, str], thread_id: UUID | None = None
) -> UUID | None:
    draft_id = drafts.start(exchange, actor, {**fields, "body": letter.body}, thread_id)
    if letter.file:
        name, words = letter.file
        neutral = attachments.neutral(name, 1)
        with intake.begin(exchange, actor, attachments.PROGRAM, neutral) as arriving:
            arriving.write(words.encode())
            attachments.attach(exchange, actor, draft_id, arriving.finish().transfer.id, name)
    return sending.send(exchange, actor, draft_id).thread_id
