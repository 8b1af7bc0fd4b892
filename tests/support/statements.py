"""Statements compiled once a worker: each test has a database of its own, and compiled them all anew for it.

What is shared is SQLAlchemy's own: the dialect that has met a database of its kind, and its cache of compiled
statements, which is keyed by the dialect. Connections, transactions and listeners stay with each engine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Dialect, Engine, create_engine, event

from exchange import database


@contextmanager
def compiled_once() -> Iterator[None]:
    """Have the engines that are opened within share their dialect and compiled statements by kind."""
    known: dict[str, tuple[Dialect, dict[Any, Any]]] = {}

    def create(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        if engine.dialect.name in known:
            engine.dialect, statements = known[engine.dialect.name]
            engine.update_execution_options(compiled_cache=statements)
        else:
            event.listen(engine, "engine_connect", _keep, once=True)
        return engine

    def _keep(connection: Connection) -> None:
        known.setdefault(connection.dialect.name, (connection.dialect, {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", create)
        yield
