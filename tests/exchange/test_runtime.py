"""An installation is opened from its settings, makes what it lacks, and says when it cannot serve."""

import os
import shutil

import pytest
from sqlalchemy.exc import OperationalError

from exchange import health
from exchange.database import open_engine
from exchange.errors import StoreUnavailableError
from exchange.runtime import Exchange, open_exchange, utc_now
from exchange.settings import Settings
from tests.support.files import hand_in
from tests.support.partners import Partner


def test_the_first_start_makes_keyring_store_and_receipt_key(sqlite_settings: Settings) -> None:
    open_exchange(sqlite_settings).dispose()
    for place in (sqlite_settings.keyring, sqlite_settings.receipt_key):
        assert place.stat().st_mode & 0o077 == 0
    assert sqlite_settings.store.is_dir()


def test_a_second_opening_finds_what_the_first_one_left(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    again = open_exchange(exchange.settings)
    assert again.receipts.key.thumbprint() == exchange.receipts.key.thumbprint()
    assert [again.vault.held(blob_id) for blob_id in again.vault.ids()] == [view.size]
    again.dispose()


def test_a_process_names_itself_where_it_holds_a_lease(exchange: Exchange) -> None:
    assert exchange.owner.endswith(f":{os.getpid()}")


def test_moments_carry_their_offset(sqlite_settings: Settings) -> None:
    assert utc_now().utcoffset() is not None


def test_an_installation_is_well_while_database_and_store_answer(each_exchange: Exchange) -> None:
    health.check(each_exchange)
    shutil.rmtree(each_exchange.settings.store)
    with pytest.raises(StoreUnavailableError):
        health.check(each_exchange)


def test_a_database_that_is_away_is_told(sqlite_settings: Settings) -> None:
    exchange = open_exchange(
        sqlite_settings.model_copy(update={"database_url": "sqlite:////nowhere/portal.db"})
    )
    with pytest.raises(OperationalError):
        health.check(exchange)
    assert open_engine("postgresql://127.0.0.1:1/x").dialect.driver == "psycopg"
