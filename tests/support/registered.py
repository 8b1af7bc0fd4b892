"""People of a case registry that a test makes up, found like any others."""

from exchange.database import transaction
from exchange.models.registry import Person
from exchange.registry import keys
from exchange.registry.searching import filling
from exchange.registry.searching.facts import Facts, FullName
from exchange.runtime import Exchange


def facts(number: int, last: str, first: str, birth_date: str = "19800412", **more: object) -> Facts:
    """Somebody whose SSN is made of the number."""
    name = FullName(last, first, str(more.pop("middle", "")))
    return Facts(f"9{number // 10_000:02d}45{number % 10_000:04d}", name, birth_date, **more)  # type: ignore[arg-type]  # as the test says


def register(exchange: Exchange, *people: Facts) -> None:
    """Store them, numbered from 0, and let them be found."""
    cells = exchange.vault.cells
    hashes = keys.ssn_hashes(cells, [each.ssn.encode() for each in people])
    with transaction(exchange.engine) as session:
        for number, (each, hashed) in enumerate(zip(people, hashes, strict=True)):
            sealed = cells.seal(keys.PERSON, each.cell)
            session.add(Person(id=number, ssn_hash=hashed, name_hash=b"", sealed=sealed))
    filling.fill(exchange)
