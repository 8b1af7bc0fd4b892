"""Income withholding orders: each batch of a state's file goes on to its employer (domain.md 6).

Every employer, or who acts for it, gets one file of what was accepted, in batches as the state wrote it.
The state gets the result: its batches counted, and each order that has an error.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np

from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.orders import arrivals
from exchange.orders.arrivals import Batch
from exchange.orders.receipting import ORDERS
from exchange.orders.records import Origin
from exchange.orders.routing import Named, Routing, named_in
from exchange.programs.nested import NestedFiles, Texts, Written, control_number
from exchange.programs.nested_result import NestedResult
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, Outcome
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.validation import Checking, accepted_only
from exchange.transfers.windows import READ_AHEAD
from schemas.checking import Block, Group, RecordBlock
from schemas.columns import Numbers
from schemas.layouts.income_withholding import INCOME_WITHHOLDING, INCOME_WITHHOLDING_RESULT

_FAILED = "EIN"
_MARK = INCOME_WITHHOLDING.header.mark.encode()


def process(exchange: Exchange, row: Transfer, _first: FirstPass | None) -> Outcome:
    """The result for the state, a file for each who gets orders, and the rows of all orders."""
    with (
        accepted_only(exchange, row) as checking,
        NestedFiles(exchange, INCOME_WITHHOLDING) as files,
    ):
        routing = checking.own
        assert isinstance(routing, Routing), "orders are checked for where they go"
        sending = _Sending(exchange, row, checking, routing, files)
        result = NestedResult(exchange, INCOME_WITHHOLDING_RESULT, checking)
        try:
            for block in checking.blocks:
                failed = dict.fromkeys(routing.failed, _FAILED)
                result.write(block, failed)
                sending.send(block)
            sealed = result.finish(dict.fromkeys(routing.failed, _FAILED))
        except BaseException:
            result.discard()
            raise
        answer = (f"{row.filename}.res", sealed, result.records, INCOME_WITHHOLDING_RESULT.slug)
        documents = (Document(row.organization_id, RESULT, *answer), *sending.documents())
    return Outcome(documents, partial(arrivals.write, rows=sending.rows), checking.own_found)


@dataclass
class _Sending:
    """The orders of one file on their way; `rows` are for the table."""

    exchange: Exchange
    row: Transfer
    checking: Checking
    routing: Routing
    files: NestedFiles
    rows: list[arrivals.Row] = field(default_factory=list)
    last: Mapping[UUID, int] = field(init=False)
    now: datetime = field(init=False)
    code: str = ""

    def __post_init__(self) -> None:
        self.now = as_utc(self.exchange.clock())
        self.last = _last_batches(self.exchange, self.row, self.routing)

    def send(self, block: Block) -> None:
        """Write a block's orders into the files of those who get them."""
        rows = block.records.get("detail")
        if rows is None:
            return
        groups = self.checking.summary.groups
        for index, places in _by_batch(rows, np.flatnonzero(rows.accepted)):
            self._send(index, groups[index], rows, places)
        for index, places in _by_batch(rows, self.routing.undeliverable):
            batch = Batch(self._origin(groups[index]), self.routing.code_of(groups[index]))
            self._keep(batch, rows, places)
        self._close(int(rows.group[-1]))

    def documents(self) -> Iterator[Document]:
        """The files of those who get orders, sealed."""
        for key, written in self.files.finish().items():
            yield self._document(UUID(key), written)

    def _send(self, index: int, group: Group, rows: RecordBlock, places: Numbers) -> None:
        route = self.routing.route(named_in(group))
        assert route is not None, "orders without an employer are not accepted"
        key = str(route.recipient_id)
        file = self.files.file(key, lambda: self._header(key))
        file.begin(index, lambda: group.texts)
        file.write(rows.cells[places])
        code = self.routing.code_of(group)
        self._keep(Batch(self._origin(group), code, route.employer_id, file.id), rows, places)

    def _keep(self, batch: Batch, rows: RecordBlock, places: Numbers) -> None:
        self.rows.extend(arrivals.rows_of(self.exchange, self.row, batch, rows, places, self.now))

    def _origin(self, group: Group) -> Origin:
        of_file = self.checking.summary.file.texts["control_number"]
        return Origin(of_file.strip(), group.texts["control_number"].strip(), group.texts["ein"].strip())

    def _header(self, key: str) -> Texts:
        own = {"control_number": control_number(self.row.id, key), "state_fips": self._file_code()}
        return own | {"creation_date": f"{self.now:%Y%m%d}", "creation_time": f"{self.now:%H%M%S}"}

    def _file_code(self) -> str:
        return self.checking.summary.file.texts["state_fips"].strip()

    def _close(self, index: int) -> None:
        """Seal the files of those for whom no batch follows behind this one."""
        done = [recipient for recipient, last in self.last.items() if last < index]
        for recipient in done:
            self.files.close(str(recipient))
        self.last = {recipient: last for recipient, last in self.last.items() if last >= index}

    def _document(self, recipient_id: UUID, written: Written) -> Document:
        name = f"{self.row.program}-orders-{self._file_code()}-{self.now:%Y%m%d}-{self.row.id.hex[:8]}.txt"
        return Document(
            recipient_id, ORDERS, name, written.blob, written.records, INCOME_WITHHOLDING.slug, written.id
        )


def _by_batch(rows: RecordBlock, places: Numbers) -> Iterator[tuple[int, Numbers]]:
    """These places by the batch they stand in."""
    groups = rows.group[places]
    for index in np.unique(groups).tolist():
        yield index, places[groups == index]


def _last_batches(exchange: Exchange, row: Transfer, routing: Routing) -> dict[UUID, int]:
    """By who gets orders, the index of the last batch for them; asks for all routes at once."""
    batches = list(_named(exchange, row))
    routing.look_up(batches)
    last = {}
    for index, named in enumerate(batches):
        route = routing.route(named)
        if route is not None:
            last[route.recipient_id] = index
    return last


def _named(exchange: Exchange, row: Transfer) -> Iterator[Named]:
    """EIN and primary EIN of each batch of a file that was accepted."""
    header = INCOME_WITHHOLDING.header
    ein, primary = header["ein"], header["primary_ein"]
    reader = exchange.vault.open(row.blob_id or "")
    try:
        for line in io.BufferedReader(reader.file(), READ_AHEAD):
            if line.startswith(_MARK):
                text = line.decode("ascii")
                yield text[ein.first - 1 : ein.last].strip(), text[primary.first - 1 : primary.last].strip()
    finally:
        reader.close()
