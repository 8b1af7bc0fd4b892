"""Whoever copies the database without its keyring learns no word of what anybody wrote."""

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, text

from exchange.messages import drafts, indexing, notes, search, sending, templates
from exchange.messages.search import SearchQuery
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import attached, fields_to, settle, write
from tests.support.partners import make_partner

WORD = "zanzibar"
"""Stands in everything that is written here, and nowhere else."""


@pytest.fixture
def written(each_exchange: Exchange) -> Exchange:
    """An installation with the word in a subject, messages, a note, a draft, a template and the index."""
    employer = make_partner(each_exchange, Role.EMPLOYER)
    state = make_partner(each_exchange, Role.STATE, administrator=True)
    drafts.start(each_exchange, employer.actor, fields_to(state, body=f"{WORD} in a draft"))
    thread_id, _ = write(
        each_exchange, employer.actor, state, subject=f"{WORD} in a subject", body=f"{WORD} in a body"
    )
    notes.add(each_exchange, state.actor, thread_id, f"{WORD} in a note")
    templates.save(each_exchange, state.actor, {"title": WORD, "subject": WORD, "body": WORD, "topic": ""})
    going = drafts.start(each_exchange, employer.actor, fields_to(state))
    attached(each_exchange, employer.actor, going, WORD.encode(), "neutral.txt")
    sending.send(each_exchange, employer.actor, going)
    settle(each_exchange)
    indexing.index_waiting(each_exchange)
    assert len(search.search(each_exchange, state.actor, SearchQuery(WORD)).items) == 1
    return each_exchange


def cells(exchange: Exchange) -> Iterator[bytes]:
    """Everything in every table, as bytes."""
    with exchange.engine.connect() as connection:
        for table in inspect(exchange.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # our own names
                yield from (
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )


def test_no_word_stands_in_the_database_or_the_store(written: Exchange) -> None:
    assert not [one for one in cells(written) if WORD.encode() in one.lower()]
    files = [file for file in written.settings.home.rglob("*") if file.is_file()]
    assert len(files) > 3
    assert not [file.name for file in files if WORD.encode() in file.read_bytes().lower()]
