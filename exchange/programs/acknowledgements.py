"""Acknowledgements of orders: each goes to the state whose order it answers, or that it is for.

The employer gets the result: its batches counted, and each record that has an error. Each state gets one file
with exactly what was accepted for it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np

from exchange.database import reading
from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.orders import records
from exchange.orders.answering import Answers
from exchange.orders.matching import Match, Matching
from exchange.orders.parties import Issuer
from exchange.orders.records import Origin
from exchange.programs.nested import NestedFiles, Texts, Written, control_number
from exchange.programs.nested_result import NestedResult
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, Outcome, ocss
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.validation import Checking, accepted_only
from schemas.checking import Block, Group, RecordBlock
from schemas.layouts.income_withholding_ack import INCOME_WITHHOLDING_ACK, INCOME_WITHHOLDING_ACK_RESULT

KIND = "acknowledgements"
_NUMBERS = ("ein", "primary_ein")


def process(exchange: Exchange, row: Transfer, _first: FirstPass | None) -> Outcome:
    """The result for the employer, a file for each state, and what becomes of the orders."""
    with (
        accepted_only(exchange, row) as checking,
        NestedFiles(exchange, INCOME_WITHHOLDING_ACK) as files,
    ):
        matching = checking.own
        assert isinstance(matching, Matching), "acknowledgements are checked for what they answer"
        telling = _Telling(exchange, row, checking, files, as_utc(exchange.clock()))
        result = NestedResult(exchange, INCOME_WITHHOLDING_ACK_RESULT, checking)
        try:
            for block in checking.blocks:
                result.write(block, matching.failed)
                telling.tell(block, matching)
            sealed = result.finish(matching.failed)
        except BaseException:
            result.discard()
            raise
        answer = (f"{row.filename}.res", sealed, result.records, INCOME_WITHHOLDING_ACK_RESULT.slug)
        documents = (Document(row.organization_id, RESULT, *answer), *telling.documents())
    return Outcome(documents, telling.answers.write, checking.own_found)


@dataclass
class _Telling:
    """The acknowledgements of one file on their way to the states."""

    exchange: Exchange
    row: Transfer
    checking: Checking
    files: NestedFiles
    now: datetime
    answers: Answers = field(default_factory=Answers)
    issuers: dict[str, Issuer] = field(default_factory=dict)

    def tell(self, block: Block, matching: Matching) -> None:
        """Write what a block says into the files of the states."""
        rows = block.records.get("detail")
        if rows is None:
            return
        by_batch: dict[tuple[int, str], list[int]] = defaultdict(list)
        for place, match in sorted(matching.matched.items()):
            by_batch[int(rows.group[place]), match.issuer.key].append(place)
            self.issuers[match.issuer.key] = match.issuer
        for (index, key), places in by_batch.items():
            group, issuer = self.checking.summary.groups[index], self.issuers[key]
            file = self.files.file(key, partial(self._header, issuer))
            file.begin(index, partial(self._batch, issuer, group, index))
            file.write(rows.cells[places])
            self._keep(rows, group, places, [matching.matched[place] for place in places])

    def documents(self) -> Iterator[Document]:
        """The files of the states, sealed; what is for a state without an organization here, OCSS keeps."""
        with reading(self.exchange.engine) as session:
            keeper = ocss(session)
        for key, written in self.files.finish().items():
            yield self._document(self.issuers[key].organization_id or keeper, key, written)

    def _header(self, issuer: Issuer) -> Texts:
        said = self.checking.summary.file.texts
        numbers = {name: said.get(name, "") for name in _NUMBERS}
        return self._made(issuer, 0) | numbers

    def _batch(self, issuer: Issuer, group: Group, index: int) -> Texts:
        return self._made(issuer, index + 1) | {name: group.texts.get(name, "") for name in _NUMBERS}

    def _made(self, issuer: Issuer, batch: int) -> dict[str, str]:
        number = control_number(self.row.id, issuer.key, batch)
        made = {"creation_date": f"{self.now:%Y%m%d}", "creation_time": f"{self.now:%H%M%S}"}
        return {"control_number": number, "state_fips": issuer.fips, **made}

    def _keep(self, rows: RecordBlock, group: Group, places: Sequence[int], matches: Sequence[Match]) -> None:
        cells, lines = self.exchange.vault.cells, rows.lines[np.array(places)].tolist()
        of_file = self.checking.summary.file.texts.get("control_number", "")
        origin = Origin(of_file.strip(), group.texts["control_number"].strip(), group.texts["ein"].strip())
        for line, match, texts in zip(lines, matches, records.texts_of(rows, places), strict=True):
            identifier, said = (
                records.row_id(self.row.id, line),
                dict(zip(rows.record.by_name, texts, strict=True)),
            )
            disposition, reason = said["disposition_status"], said["disposition_reason"]
            sealed = records.sealed(cells, records.answer_purpose(identifier), origin, texts)
            whose = (match.employer_id, match.issuer.organization_id, match.issuer.fips)
            what = (disposition, reason, sealed, self.now)
            self.answers.rows.append(
                (identifier, match.order_id, self.row.id, line, self.row.account_id, *whose, *what)
            )
            if match.order_id is not None:
                self.answers.settle(match.order_id, disposition)

    def _document(self, recipient_id: UUID, key: str, written: Written) -> Document:
        name = f"{self.row.program}-{KIND}-{key}-{self.now:%Y%m%d}-{self.row.id.hex[:8]}.txt"
        kind, slug = f"{KIND}-{key.lower()}", INCOME_WITHHOLDING_ACK.slug
        return Document(recipient_id, kind, name, written.blob, written.records, slug, written.id)
