"""The answer to files about people: each record echoed with its result, and a notice to each state owed.

The rules are in `exchange.registry.matching`, the layouts in `schemas` (domain.md 4.4).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
from exchange.transfers.validation import Accepted, retraced
from exchange.transfers.windows import Together, ahead, windows
from roles.purposes import NOTICES
from schemas.catalog import LAYOUTS
from schemas.checking import Block, RecordBlock
from schemas.kinds import Value
from schemas.record import Layout, Record

NOTICE = LAYOUTS["lump-sum-notice"]


def answer_people(exchange: Exchange, row: Transfer, notice: Layout = NOTICE) -> tuple[Document, ...]:
    """Match every accepted record; returns the result file and a notice for each state that is owed.

    `notice` is the layout that states are told in.
    """
    with retraced(exchange, row) as accepted, sealing(exchange) as writer:
        result = ResultFile(LAYOUTS[f"{accepted.layout.slug}-result"], writer)
        with _notices(exchange, row, accepted, notice) as notices:
            for some in ahead(_matched(exchange, accepted.blocks), row.size):
                result.begin(accepted.summary.header)
                for block, matches in some:
                    _write(result, block, matches)
                _notify(notices, _employer(exchange, row, accepted, notice["detail"]), some)
            result.end()
            told = notices.finish("notice", lambda state: _notice_name(row, state))
        answer = (f"{row.filename}.res", writer.finish(), result.records, result.layout.slug)
        return Document(row.organization_id, RESULT, *answer), *told


Answered = tuple[Block, Matches]


def _matched(exchange: Exchange, blocks: Iterable[Block]) -> Iterator[list[Answered]]:
    """Each block with the matches of its details; the registry is asked for many blocks at once."""
    for some in windows(blocks):
        details = [block.records["detail"] for block in some if "detail" in block.records]
        matches = iter(_match(exchange, details))
        yield [(block, next(matches) if "detail" in block.records else Matches()) for block in some]


def _match(exchange: Exchange, details: Sequence[RecordBlock]) -> list[Matches]:
    """The matches of the accepted records of each block, by their place in it.

    A debt inquiry may come without SSN; whoever is asked about by name alone is for review, never "no match".
    """
    people = Together.of(details)
    ssns = people.column("ssn")
    with reading(exchange.engine) as session:
        found = matching.match(session, exchange.vault.cells, ssns, people.column("last_name"))
    by_name = {index for index, ssn in enumerate(ssns) if not ssn}
    review = people.by_block(dict.fromkeys(found.review | by_name))
    return [Matches(*each) for each in zip(people.by_block(found.owed), map(set, review), strict=True)]


def _write(result: ResultFile, block: Block, matches: Matches) -> None:
    rows = block.records.get("detail")
    if rows is None:
        result.write_strange(block.strange.lines)
    else:
        result.write(rows, matches, block.findings, block.strange.lines)


def _notify(notices: StateFiles, employer: dict[str, bytes], some: Sequence[Answered]) -> None:
    """Write each matched record into the notice of each state owed, with that state's own case number."""
    matched = [(block.records["detail"], matches.owed) for block, matches in some if matches.owed]
    if not matched:
        return
    record = matched[0][0].record
    cells = np.concatenate([rows.cells[sorted(owed)] for rows, owed in matched])
    for state, told in _by_state(owed[place] for _, owed in matched for place in sorted(owed)).items():
        places, numbers = (np.array(column) for column in zip(*told, strict=True))
        columns: dict[str, ArrayLike] = {**employer, "case_id": numbers, "issuing_state": state.encode()}
        notices.write(state, echo(notices.layout["detail"], record, cells[places], columns))


def _by_state(owed: Iterable[Mapping[str, str]]) -> dict[str, list[tuple[int, bytes]]]:
    """For each state whom it is owed by, counted from 0, and its case number."""
    by_state: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for place, cases in enumerate(owed):
        for state, case in cases.items():
            by_state[state].append((place, case.encode()))
    return by_state


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
