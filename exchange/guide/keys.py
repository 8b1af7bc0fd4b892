"""Which entry of the guide a document is: the name that rows, drafts, stamps and pages share."""

from typing import NamedTuple

from roles.guide import EntrySort
from schemas.guide.documents import Answer, Contact, Facts

Said = Answer | Contact | Facts
_DOCUMENTS: dict[EntrySort, type[Said]] = {
    EntrySort.ANSWER: Answer,
    EntrySort.CONTACT: Contact,
    EntrySort.FACTS: Facts,
}
FACTS = "facts"
"""The slug of the one entry that says what a jurisdiction is."""


class Key(NamedTuple):
    """Which entry: of which jurisdiction (its locator code), of which sort, under which slug."""

    code: str
    sort: EntrySort
    slug: str


def key_of(code: str, said: Said) -> Key:
    """The entry that a document belongs to."""
    match said:
        case Answer():
            return Key(code, EntrySort.ANSWER, said.question)
        case Contact():
            return Key(code, EntrySort.CONTACT, said.slug)
        case Facts():
            return Key(code, EntrySort.FACTS, FACTS)


def document(sort: str, body: str) -> Said:
    """What stands in a body."""
    return _DOCUMENTS[EntrySort(sort)].model_validate_json(body)
