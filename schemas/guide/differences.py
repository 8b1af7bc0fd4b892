"""What differs between two states of an entry, row by row."""

from dataclasses import dataclass

from schemas.guide.asked import rows_of
from schemas.guide.documents import Answer, Contact, Facts, Question
from schemas.guide.wording import Change, Piece
from schemas.guide.wording import differences as worded


@dataclass(frozen=True)
class Difference:
    """One row of an entry: what it is called, its words before and after, and whether any differ."""

    label: str
    pieces: tuple[Piece, ...]

    @property
    def differs(self) -> bool:
        """Whether anything of it changed."""
        return any(piece.change is not Change.SAME for piece in self.pieces)


def differences(
    before: Answer | Contact | Facts | None,
    after: Answer | Contact | Facts | None,
    question: Question | None = None,
) -> tuple[Difference, ...]:
    """Every row that either has, in the order of the form; None: the entry is not there."""
    old = _by_label(rows_of(before, question) if before else [])
    new = _by_label(rows_of(after, question) if after else [])
    labels = list(dict.fromkeys([*new, *old]))
    return tuple(Difference(label, worded(old.get(label, ""), new.get(label, ""))) for label in labels)


def _by_label(rows: list[tuple[str, str]]) -> dict[str, str]:
    """Rows of the same name become one of several lines."""
    found: dict[str, str] = {}
    for label, text in rows:
        found[label] = f"{found[label]}\n{text}" if label in found else text
    return found
