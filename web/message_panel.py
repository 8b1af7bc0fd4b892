"""What the page of a thread shows of the agency's side: with whom it is, where it lies, by when it is due."""

from dataclasses import dataclass
from uuid import UUID

from exchange.messages.desk import Choices, Named
from exchange.messages.reading import ThreadView
from roles.policy import Actor

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Panel:
    """The choices of the forms beside a thread, with what holds now; ids are strings, empty for none.

    `mine`: whoever looks has it. `may_take`: nobody with access has.
    """

    people: Options
    offices: Options
    assigned_to: str
    office: str
    due_on: str
    waits: bool
    mine: bool
    may_take: bool


def panel_of(actor: Actor, thread: ThreadView, choices: Choices) -> Panel:
    """The panel beside a thread. What is chosen now stands among the choices though it is there no more."""
    line, assigned = thread.line, thread.assigned_to
    gone = assigned is not None and assigned not in {one for one, _ in choices.people}
    return Panel(
        people=_options("Nobody", choices.people, assigned, f"{line.assigned_to} (no access any more)"),
        offices=_options("No office", choices.offices, thread.office_id, f"{line.office} (closed)"),
        assigned_to=str(assigned or ""),
        office=str(thread.office_id or ""),
        due_on=line.due_on.isoformat() if line.due_on else "",
        waits=line.waiting_since is not None,
        mine=assigned == actor.account_id,
        may_take=assigned is None or gone,
    )


def filters_of(choices: Choices, office: str, person: str) -> tuple[Options, Options]:
    """The offices and people to show an inbox by; what an address asks for stands among them."""
    return (
        _with([("", "Every office"), *_shown(choices.offices)], office, "A closed office"),
        _with([("", "Everybody"), *_shown(choices.people)], person, "Somebody without access"),
    )


def _options(none: str, there: list[Named], now: UUID | None, called: str) -> Options:
    return _with([("", none), *_shown(there)], str(now or ""), called)


def _with(options: Options, now: str, called: str) -> Options:
    return options if now in {key for key, _ in options} else [*options, (now, called)]


def _shown(named: list[Named]) -> Options:
    return [(str(one), name) for one, name in named]
