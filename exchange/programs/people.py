"""The answer to files about people: each record echoed with its result, and a notice to each state owed.

The rules are in `exchange.registry.matching`, the layouts in `schemas` (domain.md 4.4).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike
from sqlmodel import select

from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.organizations import Contact
from exchange.models.transfers import Transfer
from exchange.programs.echo import echo
from exchange.programs.results import ResultFile
from exchange.programs.states import StateFiles
from exchange.registry import matching
from exchange.registry.matching import Matches
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, sealing
from exchange.transfers.asked import Stretch
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.validation import Accepted, people_of, retraced
from exchange.transfers.windows import ahead, windows
from roles.purposes import NOTICES
from schemas.catalog import LAYOUTS
from schemas.checking import Block
from schemas.kinds import Value
from schemas.record import Layout, Record

NOTICE = LAYOUTS["lump-sum-notice"]
PART = 4
"""Of a window: only notices gain from writing for many records at once, and three are held at a time."""


def answer_people(
    exchange: Exchange, row: Transfer, first: FirstPass | None, notice: Layout = NOTICE
) -> tuple[Document, ...]:
    """Match every accepted record; returns the result file and a notice for each state that is owed.

    `notice` is the layout that states are told in.
    """
    asked = people_of(exchange, row, first)
    with retraced(exchange, row, first) as accepted, sealing(exchange) as writer:
        result = ResultFile(LAYOUTS[f"{accepted.layout.slug}-result"], writer)
        with _notices(exchange, row, accepted, notice) as notices:
            employer = cache(lambda: _employer(exchange, row, accepted, notice["detail"]))
            found = ahead(map(partial(_match, exchange), asked.stretches()), row.size)
            matches = chain.from_iterable(found)
            for some in ahead(windows(accepted.blocks, PART), row.size):
                result.begin(accepted.summary.header)
                answered = [_answered(*each) for each in zip(some, matches, strict=False)]
                for block, of_block in answered:
                    _write(result, block, of_block)
                _notify(notices, employer, answered)
            result.end()
            told = notices.finish("notice", lambda state: _notice_name(row, state))
        answer = (f"{row.filename}.res", writer.finish(), result.records, result.layout.slug)
        return Document(row.organization_id, RESULT, *answer), *told


Answered = tuple[Block, Matches]


def _match(exchange: Exchange, stretch: Stretch) -> list[Matches]:
    """The matches of each block of a stretch.

    A debt inquiry may come without SSN; whoever is asked about by name alone is for review, never "no match".
    """
    ssns = stretch.ssns
    with reading(exchange.engine) as session:
        found = matching.match(session, exchange.vault.cells, ssns, stretch.names)
    found = replace(found, review=np.union1d(found.review, np.flatnonzero(ssns == b"")))
    return list(found.by_block(some.accepted for some in stretch.blocks))


def _answered(block: Block, matches: Matches) -> Answered:
    """A block with the matches of those of its records that are accepted still."""
    rows = block.records.get("detail")
    return block, matches.only(rows.accepted) if rows is not None else matches


def _write(result: ResultFile, block: Block, matches: Matches) -> None:
    rows = block.records.get("detail")
    if rows is None:
        result.write_strange(block.strange.lines)
    else:
        result.write(rows, matches, block.findings, block.strange.lines)


def _notify(notices: StateFiles, employer: Callable[[], dict[str, bytes]], some: Sequence[Answered]) -> None:
    """Write each matched record into the notice of each state owed, with that state's own case number."""
    matched = [(block.records["detail"], matches.owed) for block, matches in some if len(matches.owed)]
    if not matched:
        return
    record = matched[0][0].record
    states = np.concatenate([owed.states for _, owed in matched])
    by_state = np.argsort(states, kind="stable")
    cases = np.concatenate([owed.cases for _, owed in matched])[by_state]
    cells = np.concatenate([rows.cells[owed.places] for rows, owed in matched])[by_state]
    columns: dict[str, ArrayLike] = {**employer(), "case_id": cases, "issuing_state": states[by_state]}
    told = echo(notices.layout["detail"], record, cells, columns)
    names, firsts = np.unique(states[by_state], return_index=True)
    for state, records in zip(names.tolist(), np.split(told, firsts[1:]), strict=True):
        notices.write(state.decode(), records)


def _employer(exchange: Exchange, row: Transfer, accepted: Accepted, detail: Record) -> dict[str, bytes]:
    """The columns of a notice that tell who reports, and whom to ask there."""
    header = accepted.summary.header
    with reading(exchange.engine) as session:
        said = {"employer_name": session.get_one(Organization, row.organization_id).name}
        mine = select(Contact).where(Contact.organization_id == row.organization_id)
        contact = session.exec(mine.where(Contact.purpose == NOTICES[row.program])).first()
        if contact is not None:
            said |= {"contact_name": contact.name, "contact_phone": contact.telephone}
    feins = {field: str(header[field]).encode() for field in ("sender_fein", "client_fein")}
    return feins | {
        name: text.upper().encode("ascii", "replace")[: detail[name].width] for name, text in said.items()
    }


def _notices(exchange: Exchange, row: Transfer, accepted: Accepted, layout: Layout) -> StateFiles:
    def number(state: str) -> str:
        return f"N{row.id.hex[:19].upper()}{state}"

    def header(state: str) -> dict[str, Value]:
        at = as_utc(exchange.clock())
        made: dict[str, Value] = {"creation_date": at.date(), "creation_time": at.time()}
        flag = accepted.summary.header["test_flag"]
        return {"control_number": number(state), "state": state, "test_flag": flag, **made}

    def trailer(state: str, count: int) -> dict[str, Value]:
        return {"control_number": number(state), "record_count": count}

    return StateFiles(exchange, layout, header, trailer)


def _notice_name(row: Transfer, state: str) -> str:
    return f"{row.program}-notice-{state}-{as_utc(row.created_at):%Y%m%d}-{row.id.hex[:8]}.txt"
