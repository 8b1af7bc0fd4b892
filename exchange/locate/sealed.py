"""What of a request and its answers is sealed, and the hashes by which it is found again."""

import json
from dataclasses import dataclass
from uuid import UUID

from exchange.models.locate import LocateAnswer, LocateRequest
from exchange.runtime import Exchange
from schemas.locate.answers import SourceAnswer
from schemas.locate.query import Subject

CASE = "locate.case"
SAME = "locate.same"
NOTE = "locate.note"
STAMP = "locate.stamp"
_SUBJECT = "locate.subject"
_ANSWER = "locate.answer"
_SIZE = 2_048
"""Bytes that every answer is padded to, so that neither finding nothing nor protection has a size."""
_KEY_LETTERS = 16


def seal(exchange: Exchange, purpose: str, text: str) -> bytes:
    """A sealed cell."""
    return exchange.vault.cells.seal(purpose, text)


def opened(exchange: Exchange, purpose: str, cell: bytes) -> str:
    """What stands in a sealed cell."""
    return exchange.vault.cells.open(purpose, cell)


def hashed(exchange: Exchange, purpose: str, text: str) -> bytes:
    """What a value is found by: equal where letters differ in case only."""
    return exchange.vault.cells.keyed_hash(purpose, text.upper())


@dataclass(frozen=True)
class Person:
    """Whom a request is about, and what of it the worker had typed: other than the whole after a search."""

    whole: Subject
    typed: Subject


def seal_person(exchange: Exchange, person: Person) -> bytes:
    """The person of a request, in a cell of one size whether or not a search had found more."""
    held = {"whole": person.whole.as_dict(), "typed": person.typed.as_dict()}
    return seal(exchange, _SUBJECT, _padded(json.dumps(held, sort_keys=True)))


def person_of(exchange: Exchange, row: LocateRequest) -> Person:
    """Whom a request is about; requests of before a release that told them apart hold the whole alone."""
    held = json.loads(opened(exchange, _SUBJECT, row.subject_sealed))
    whole = Subject.of(held.get("whole", held))
    return Person(whole, Subject.of(held["typed"]) if "typed" in held else whole)


def subject_of(exchange: Exchange, row: LocateRequest) -> Subject:
    """Whom sources are asked about; what may be shown of it is for `whom` to say."""
    return person_of(exchange, row).whole


def seal_answer(exchange: Exchange, query_id: UUID, answer: SourceAnswer) -> bytes:
    """An answer, bound to its question, in a cell whose size depends on nothing but very long answers."""
    return seal(exchange, f"{_ANSWER}:{query_id}", _padded(answer.model_dump_json()))


def _padded(text: str) -> str:
    return text + " " * (-len(text.encode()) % _SIZE)


def answer_of(exchange: Exchange, row: LocateAnswer) -> SourceAnswer:
    """What a source answered, as it was kept."""
    return SourceAnswer.model_validate_json(opened(exchange, f"{_ANSWER}:{row.query_id}", row.sealed))


def digest_of(exchange: Exchange, answer: SourceAnswer) -> bytes:
    """Tells whether two answers are the same, and nothing else without the keyring."""
    return exchange.vault.cells.keyed_hash(_ANSWER, answer.model_dump_json())


def person_key(row: LocateRequest) -> str:
    """What the journal calls the person: of the number's hash, else of what makes it the same person."""
    return key_of(row.person_hash or row.same_hash)


def key_of(person_hash: bytes) -> str:
    """What the journal calls whoever has this hash."""
    return person_hash.hex()[:_KEY_LETTERS]
