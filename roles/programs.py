"""The programs files are exchanged under: who sends, who receives, which layouts, how long they are kept."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from roles.permissions import ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True)
class Sends:
    """Whoever holds the permission hands over these layouts (slugs of `schemas.catalog`); none: any file."""

    by: Permission
    layouts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """One program, and who sends what under it.

    `answers` are the layouts of what the portal itself sends under it. `receive` is what a role needs to find
    the program in its outbox without being a sender.
    `retention_days` counts from the hand-over. `received` says what it is to a role that only receives.
    `page`: where it is used in a browser, for one that is no program of files; `only_page`: and nowhere else.
    """

    slug: str
    title: str
    summary: str
    sends: tuple[Sends, ...]
    receive: Permission | None
    retention_days: int
    answers: tuple[str, ...] = ()
    received: str = ""
    page: str = ""
    only_page: bool = False

    @property
    def layouts(self) -> tuple[str, ...]:
        """What anybody hands over; an empty tuple takes any file."""
        return tuple(slug for one in self.sends for slug in one.layouts)

    def sent_by(self, held: Container[Permission]) -> tuple[Sends, ...]:
        """What somebody with these permissions hands over."""
        return tuple(one for one in self.sends if one.by in held)

    def about(self, role: Role) -> str:
        """What it is for, in the words for this role."""
        sends = bool(self.sent_by(ROLE_PERMISSIONS[role]))
        return self.summary if sends or not self.received else self.received


_PROGRAMS = (
    Program(
        "case-registry",
        "Case registry and locate",
        "Register cases and their people, and ask to locate them; acknowledgements and answers come back.",
        (Sends(Permission.CASE_REGISTRY_SEND, ("case-registry",)),),
        None,
        60,
        ("case-registry-ack", "locate-response"),
    ),
    Program(
        "data-match",
        "Financial data match",
        "Quarterly inquiry files out, matched accounts in, matches on to the states.",
        (Sends(Permission.DATA_MATCH_SEND, ("data-match",)),),
        Permission.DATA_MATCH_RECEIVE,
        60,
        ("data-match-inquiry", "data-match-result", "data-match-state"),
        "Learn where people who owe you support have accounts.",
    ),
    Program(
        "debt-inquiry",
        "Debt inquiry",
        "Ask whether people about to be paid owe past-due support.",
        (Sends(Permission.DEBT_INQUIRY_SEND, ("debt-inquiry",)),),
        Permission.DEBT_INQUIRY_RECEIVE,
        60,
        ("debt-inquiry-result",),
        "Learn which of your cases an insurer or employer asked about before paying.",
    ),
    Program(
        "files",
        "File exchange with OCSS",
        "Send and receive any document under your agreement with OCSS.",
        (Sends(Permission.FILES_SEND),),
        Permission.TRANSFER_READ,
        60,
    ),
    Program(
        "guide-texts",
        "Law texts of the reference guide",
        "Texts of laws that go with the answers of the reference guide.",
        (Sends(Permission.GUIDE_KEEP),),
        None,
        60,
        page="/guide/keep",
        only_page=True,
    ),
    Program(
        "income-withholding",
        "Income withholding orders",
        "Orders from states and tribes to employers, and what employers answer and report.",
        (
            Sends(Permission.INCOME_WITHHOLDING_SEND, ("income-withholding",)),
            Sends(Permission.INCOME_WITHHOLDING_ACKNOWLEDGE, ("income-withholding-ack",)),
        ),
        None,
        60,
        ("income-withholding-result", "income-withholding-ack-result", "employer-change"),
    ),
    Program(
        "lump-sum",
        "Lump-sum reports",
        "Report bonuses, severance and other lump sums before they are paid.",
        (Sends(Permission.LUMP_SUM_SEND, ("lump-sum",)),),
        Permission.LUMP_SUM_RECEIVE,
        60,
        ("lump-sum-result", "lump-sum-notice"),
        "Learn of bonuses, severance and other lump sums before they are paid to people who owe you support.",
    ),
    Program(
        "messages",
        "Messages",
        "Write to OCSS, states and tribes, with documents, and read what they write.",
        (Sends(Permission.MESSAGE_SEND),),
        Permission.MESSAGE_READ,
        60,
        page="/messages",
    ),
    Program(
        "termination",
        "Terminations",
        "Report people who left or never worked there; the states that are owed support are told.",
        (Sends(Permission.TERMINATION_SEND, ("termination",)),),
        Permission.TERMINATION_RECEIVE,
        60,
        ("termination-result", "termination-notice"),
        "Learn who of those who owe you support left an employer or never worked there.",
    ),
)

PROGRAMS: dict[str, Program] = {program.slug: program for program in _PROGRAMS}


def sendable(role: Role) -> tuple[Program, ...]:
    """The programs a role may hand files over to at every door, by slug."""
    held = ROLE_PERMISSIONS[role]
    return tuple(program for program in _PROGRAMS if program.sent_by(held) and not program.only_page)


def receivable(role: Role) -> tuple[Program, ...]:
    """The programs whose files may come to a role: those it sends to (answers) and those it receives."""
    held = ROLE_PERMISSIONS[role]
    there = (program for program in _PROGRAMS if not program.only_page)
    return tuple(p for p in there if p.sent_by(held) or (p.receive is not None and p.receive in held))


BESIDE_FILES = tuple(program.slug for program in _PROGRAMS if program.page)
"""Programs whose files come with something else, which has pages of its own."""


def of_files(programs: Iterable[Program]) -> tuple[Program, ...]:
    """Those whose files are handed over and fetched on the pages of files."""
    return tuple(program for program in programs if not program.page)


def layouts_sent(program: Program, roles: Iterable[Role]) -> tuple[str, ...]:
    """The layouts that people of these roles hand over under a program; none where any file is taken."""
    held = frozenset[Permission]().union(*(ROLE_PERMISSIONS[role] for role in roles))
    return tuple(slug for one in program.sent_by(held) for slug in one.layouts)
