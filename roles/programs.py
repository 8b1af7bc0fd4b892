"""The programs files are exchanged under: who sends, who receives, which layouts, how long they are kept."""

from dataclasses import dataclass

from roles.permissions import ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True)
class Program:
    """One program. `layouts` are slugs of `schemas.catalog`; an empty tuple takes any file.

    `answers` are the layouts of what the portal itself sends under it. `receive` is what a role needs to find
    the program in its outbox without being a sender.
    `retention_days` counts from the hand-over.
    """

    slug: str
    title: str
    summary: str
    send: Permission
    receive: Permission | None
    layouts: tuple[str, ...]
    retention_days: int
    answers: tuple[str, ...] = ()


_PROGRAMS = (
    Program(
        "data-match",
        "Financial data match",
        "Quarterly inquiry files out, matched accounts in, matches on to the states.",
        Permission.DATA_MATCH_SEND,
        Permission.DATA_MATCH_RECEIVE,
        ("data-match",),
        60,
        ("data-match-inquiry", "data-match-result", "data-match-state"),
    ),
    Program(
        "debt-inquiry",
        "Debt inquiry",
        "Ask whether people about to be paid owe past-due support.",
        Permission.DEBT_INQUIRY_SEND,
        Permission.DEBT_INQUIRY_RECEIVE,
        ("debt-inquiry",),
        60,
        ("debt-inquiry-result",),
    ),
    Program(
        "files",
        "File exchange with OCSS",
        "Send and receive any document under your agreement with OCSS.",
        Permission.FILES_SEND,
        Permission.TRANSFER_READ,
        (),
        60,
    ),
    Program(
        "lump-sum",
        "Lump-sum reports",
        "Report bonuses, severance and other lump sums before they are paid.",
        Permission.LUMP_SUM_SEND,
        Permission.LUMP_SUM_RECEIVE,
        ("lump-sum",),
        60,
        ("lump-sum-result", "lump-sum-notice"),
    ),
    Program(
        "termination",
        "Terminations",
        "Report people who left or never worked there; the states that are owed support are told.",
        Permission.TERMINATION_SEND,
        Permission.TERMINATION_RECEIVE,
        ("termination",),
        60,
        ("termination-result", "termination-notice"),
    ),
)

PROGRAMS: dict[str, Program] = {program.slug: program for program in _PROGRAMS}


def sendable(role: Role) -> tuple[Program, ...]:
    """The programs a role may hand files over to, by slug."""
    return tuple(program for program in _PROGRAMS if program.send in ROLE_PERMISSIONS[role])


def receivable(role: Role) -> tuple[Program, ...]:
    """The programs whose files may come to a role: those it sends to (answers) and those it receives."""
    held = ROLE_PERMISSIONS[role]
    return tuple(p for p in _PROGRAMS if p.send in held or (p.receive is not None and p.receive in held))
