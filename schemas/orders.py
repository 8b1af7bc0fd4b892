"""Rules between the fields of one order: amounts that add up, amounts that want a word, letters we know.

What the domain specification only infers (6.4, evidence I and M) is a remark and refuses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from schemas.kinds import Mask
from schemas.kinds.base import all_of, any_of, blank, number_of, one_of, same
from schemas.structure import Across, Columns, NeedsWhen, has_text


def no_amount(columns: Columns, name: str) -> Mask:
    """Where a field holds zeros, or nothing."""
    cells = columns.cells(name)
    return all_of(same(cells, "0")) | blank(cells)


@dataclass(frozen=True)
class AmountWhen(NeedsWhen):
    """The amount in `field` must be above zero where `when` has one of `values`."""

    def broken(self, columns: Columns) -> Mask:
        """Nothing where something is needed."""
        return has_text(columns.cells(self.when), self.values) & no_amount(columns, self.field)


@dataclass(frozen=True)
class SumOf(Across):
    """`field` is the sum of `parts`, all of them amounts."""

    parts: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All of them."""
        return (self.field, *self.parts)

    @property
    def summary(self) -> str:
        """How many they are."""
        return f"the sum of the {len(self.parts)} amounts"

    def broken(self, columns: Columns) -> Mask:
        """Another sum."""
        real = sum(number_of(columns.cells(name)) for name in self.parts)
        wrong: Mask = np.not_equal(number_of(columns.cells(self.field)), real)
        return wrong


@dataclass(frozen=True)
class ExplainedAmount(Across):
    """`field` must be filled where the amount in `amount` is above zero."""

    amount: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Both."""
        return (self.field, self.amount)

    @property
    def summary(self) -> str:
        """When it is to be filled."""
        return "filled where the amount is above zero"

    def broken(self, columns: Columns) -> Mask:
        """An amount without a word."""
        return blank(columns.cells(self.field)) & ~no_amount(columns, self.amount)

    def words(self, columns: Columns, row: int) -> str:
        """That there is an amount."""
        del columns, row
        return "the amount, which is above zero"


@dataclass(frozen=True)
class Listed(Across):
    """The letter in `field` is one of a list (or blank)."""

    letters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def broken(self, columns: Columns) -> Mask:
        """Another letter."""
        return any_of(~one_of(columns.cells(self.field), " " + "".join(self.letters)))

    def words(self, columns: Columns, row: int) -> str:
        """The list."""
        del columns, row
        return ", ".join(f"{letter} {meaning}" for letter, meaning in self.letters.items())
