"""The table that the score is added up from: what agrees or differs, how many points, and the words for it.

Points are about three for each doubling of the odds that two records are of one person, after Fellegi and
Sunter (1969): a birth date is shared by one in eighteen thousand, fourteen doublings; a last name by one in a
thousand. A slip counts less by how seldom people make it. The SSN counts less than so: it is what is
mixed up as a whole, with a spouse's or a twin's.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.registry.searching.dates import Dates
from exchange.registry.searching.digits import Numbers


class Fact(StrEnum):
    """What is compared, as reasons name it."""

    SSN = "SSN"
    LAST_NAME = "last name"
    FIRST_NAME = "first name"
    BOTH_NAMES = "first and last name"
    MIDDLE_NAME = "middle name"
    SUFFIX = "suffix"
    BIRTH_DATE = "birth date"
    SEX = "sex"
    NAME_USED = "name"
    TWINS = "all together"


class Agreement(StrEnum):
    """How two names stand to each other; the first that holds."""

    SAME = "same"
    PARTICLES = "without particles"
    PART = "one part"
    NICKNAME = "nickname"
    KINDRED = "kindred nickname"
    INITIAL = "initial"
    ONE_LETTER = "one letter"
    SOUND = "sound"
    WITHIN = "begins or ends"
    TWO_LETTERS = "two letters"
    SIMILAR = "similar"
    SWAPPED = "swapped"
    MIDDLE = "middle name used"
    FURTHER = "further name"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Weight:
    """A line of the table: `told` names both values, `plain` tells no stored value."""

    points: int
    plain: str
    told: str = ""


LISTED = 58
"""Points from which somebody is a candidate."""
SURE = 88
"""Points from which next to nothing differs."""
HIGHEST = 100

WEIGHTS: dict[tuple[Fact, StrEnum], Weight] = {
    (Fact.SSN, Numbers.SAME): Weight(60, "the same"),
    (Fact.SSN, Numbers.SWAPPED): Weight(32, "two digits swapped"),
    (Fact.SSN, Numbers.ONE_DIGIT): Weight(30, "one digit differs"),
    (Fact.SSN, Numbers.DIFFERENT): Weight(-20, "different"),
    (Fact.LAST_NAME, Agreement.SAME): Weight(28, "the same"),
    (Fact.LAST_NAME, Agreement.PARTICLES): Weight(26, "the same without particles", "{stored}, for {asked}"),
    (Fact.LAST_NAME, Agreement.PART): Weight(22, "one part of a double name", "{stored}, for {asked}"),
    (Fact.LAST_NAME, Agreement.ONE_LETTER): Weight(21, "one letter differs", "{stored}, for {asked}"),
    (Fact.LAST_NAME, Agreement.SOUND): Weight(21, "sounds alike", "{stored} sounds like {asked}"),
    (Fact.LAST_NAME, Agreement.WITHIN): Weight(
        14, "one begins or ends with the other", "{stored}, for {asked}"
    ),
    (Fact.LAST_NAME, Agreement.TWO_LETTERS): Weight(14, "two letters differ", "{stored}, for {asked}"),
    (Fact.LAST_NAME, Agreement.SIMILAR): Weight(8, "similar", "{stored} is similar to {asked}"),
    (Fact.LAST_NAME, Agreement.INITIAL): Weight(6, "the initial agrees"),
    (Fact.LAST_NAME, Agreement.DIFFERENT): Weight(-20, "different"),
    (Fact.FIRST_NAME, Agreement.SAME): Weight(22, "the same"),
    (Fact.FIRST_NAME, Agreement.PART): Weight(18, "one part of a double name", "{stored}, for {asked}"),
    (Fact.FIRST_NAME, Agreement.NICKNAME): Weight(18, "a nickname", "{asked} and {stored} are the same name"),
    (Fact.FIRST_NAME, Agreement.KINDRED): Weight(
        14, "nicknames of one name", "{asked} and {stored} are nicknames of one name"
    ),
    (Fact.FIRST_NAME, Agreement.ONE_LETTER): Weight(17, "one letter differs", "{stored}, for {asked}"),
    (Fact.FIRST_NAME, Agreement.SOUND): Weight(16, "sounds alike", "{stored} sounds like {asked}"),
    (Fact.FIRST_NAME, Agreement.INITIAL): Weight(10, "the initial agrees", "{stored}, for {asked}"),
    (Fact.FIRST_NAME, Agreement.MIDDLE): Weight(12, "the middle name is used", "{stored}, for {asked}"),
    (Fact.FIRST_NAME, Agreement.WITHIN): Weight(
        12, "one begins or ends with the other", "{stored}, for {asked}"
    ),
    (Fact.FIRST_NAME, Agreement.TWO_LETTERS): Weight(8, "two letters differ", "{stored}, for {asked}"),
    (Fact.FIRST_NAME, Agreement.SIMILAR): Weight(6, "similar", "{stored} is similar to {asked}"),
    (Fact.FIRST_NAME, Agreement.DIFFERENT): Weight(-18, "different"),
    (Fact.BOTH_NAMES, Agreement.SWAPPED): Weight(-6, "in each other's place"),
    (Fact.MIDDLE_NAME, Agreement.SAME): Weight(6, "the same"),
    (Fact.MIDDLE_NAME, Agreement.INITIAL): Weight(3, "the initial agrees"),
    (Fact.MIDDLE_NAME, Agreement.SIMILAR): Weight(3, "similar", "{stored}, for {asked}"),
    (Fact.MIDDLE_NAME, Agreement.DIFFERENT): Weight(-5, "different"),
    (Fact.SUFFIX, Agreement.SAME): Weight(2, "the same"),
    (Fact.SUFFIX, Agreement.DIFFERENT): Weight(-12, "different", "{stored}, not {asked}"),
    (Fact.BIRTH_DATE, Dates.SAME): Weight(40, "the same"),
    (Fact.BIRTH_DATE, Dates.SWAPPED): Weight(32, "day and month swapped"),
    (Fact.BIRTH_DATE, Dates.DIGITS_SWAPPED): Weight(30, "two digits swapped"),
    (Fact.BIRTH_DATE, Dates.ONE_DIGIT): Weight(29, "one digit differs"),
    (Fact.BIRTH_DATE, Dates.ONE_DAY): Weight(30, "one day off"),
    (Fact.BIRTH_DATE, Dates.SAME_YEAR_ASKED): Weight(20, "the same year"),
    (Fact.BIRTH_DATE, Dates.NEXT_YEAR_ASKED): Weight(10, "within a year"),
    (Fact.BIRTH_DATE, Dates.OTHER_YEAR): Weight(16, "the same day and month of another year"),
    (Fact.BIRTH_DATE, Dates.SAME_MONTH): Weight(14, "the same month and year, another day"),
    (Fact.BIRTH_DATE, Dates.WITHIN_A_YEAR): Weight(2, "within a year"),
    (Fact.BIRTH_DATE, Dates.DIFFERENT): Weight(-30, "different"),
    (Fact.SEX, Agreement.SAME): Weight(1, "the same"),
    (Fact.SEX, Agreement.DIFFERENT): Weight(-12, "different"),
    (Fact.TWINS, Agreement.DIFFERENT): Weight(-28, "as twins have it, whose SSNs are close"),
    (Fact.NAME_USED, Agreement.FURTHER): Weight(-2, "found by a further name", "{stored}, for {asked}"),
}
