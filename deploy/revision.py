"""Which revision a database stands at, told without Alembic: every process asks, few migrate."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_REVISES = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)
VERSIONS = Path(__file__).parent / "migrations" / "versions"


@cache
def newest() -> str:
    """The newest revision of this release: the one that no other revises, whatever their files are called."""
    texts = [file.read_text() for file in VERSIONS.glob("[0-9]*_*.py")]
    revised = {found for text in texts for found in _REVISES.findall(text)}
    last: str
    (last,) = {found for text in texts for found in _REVISION.findall(text)} - revised
    return last


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest revision; False as well when there is no database yet."""
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file and not Path(file).exists():
        return False  # asking would make an empty one
    if not inspect(engine).has_table("alembic_version"):
        return False
    with engine.connect() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found == newest()
