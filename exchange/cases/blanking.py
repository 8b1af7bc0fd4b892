"""A file of locate answers tells nothing of whoever was protected since it was made, like a page.

It is asked whenever somebody opens the file. The record of such a person is then written as it stands where
nothing was found, under the same name, in the same size; what it said is swept with the container it lay in.
"""

from collections.abc import Container, Iterator

from sqlmodel import Session

from exchange import journal
from exchange.cases.custody import requests_in
from exchange.database import reading, transaction
from exchange.locate import whom
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers.answers import seal
from schemas.layouts.locate_response import ASKED, LOCATE_RESPONSE

_RECORD = LOCATE_RESPONSE["answer"]
_KEPT = ASKED | {"record_id", "source", "received_date"}
"""What a record says that tells of no finding."""
_FOUND, _NOTHING = b"F", b"N"


def current(exchange: Exchange, row: Transfer) -> Transfer:
    """An outbound file as it may be given out today, made anew where it tells more than that."""
    if row.layout != LOCATE_RESPONSE.slug or row.blob_id is None:
        return row
    with reading(exchange.engine) as session:
        withheld = _withheld(session, exchange, row)
    if not withheld:
        return row
    with exchange.vault.open(row.blob_id) as reader:
        before = reader.file().read()
    after = b"".join(_blanked(line, withheld) for line in before.splitlines(keepends=True))
    return row if after == before else _replaced(exchange, row, after)


def _withheld(session: Session, exchange: Exchange, row: Transfer) -> set[bytes]:
    """The numbers of the requests in a file about whose people nothing is for the worker who asked."""
    origin = session.get_one(Transfer, row.answers_to)
    assert origin.account_id is not None
    known = whom.known(session, exchange, origin.account_id, requests_in(session, row))
    return {one.row.reference.encode() for one in known if one.withheld}


def _blanked(line: bytes, withheld: Container[bytes]) -> bytes:
    """A line of the file; that of an answer which found somebody who is withheld as one that found nobody."""
    if _cell(line, "reference").strip() not in withheld or _cell(line, "outcome") != _FOUND:
        return line
    return b"".join(_columns(line)) + line[_RECORD.length :]


def _columns(line: bytes) -> Iterator[bytes]:
    for field in _RECORD.fields:
        if field.name == "outcome":
            yield _NOTHING
        else:
            yield line[field.first - 1 : field.last] if field.name in _KEPT else b" " * field.width


def _cell(line: bytes, name: str) -> bytes:
    field = _RECORD[name]
    return line[field.first - 1 : field.last]


def _replaced(exchange: Exchange, row: Transfer, content: bytes) -> Transfer:
    """The file with other bytes, unless somebody else was faster: theirs are the same then."""
    blob = seal(exchange, [content])
    with transaction(exchange.engine) as session:
        now = session.get_one(Transfer, row.id, with_for_update=True)
        if now.blob_id == row.blob_id:
            now.blob_id, now.sha256, now.size = blob.blob_id, blob.sha256, blob.size
            session.add(now)
            journal.append(session, exchange, "locate.blanked", None, None, file=str(row.id))
        return now
