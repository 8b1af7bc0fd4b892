"""Which revision a database stands at, told without Alembic: every process asks, few migrate."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The newest revision of this release: a revision's file is called `NNNN_topic.py`, in their order."""
    return max(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*_*.py"))


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
