"""Five thousand labelled pairs, made independently of any matcher, half of them the same person.

Each pair is what a caseworker asks and what the registry holds. A pair's `kinds` say how the two sides of
one person differ, mostly in one to three ways, or how two people are near and what was slipped besides. The
registry writes capitals; a caseworker writes as people do, or in capitals, or in small letters, and leaves
the sex out in a tenth. A pair that no caseworker could decide is left out, by the rules of
`labelled.judging`: of SSN, first name, last name and birth date at most one may be lost, and the others
must show through; and whoever is another person must have a fact that contradicts. Two people of one name
and one birth date are left out too: only their SSNs could tell, and a spouse's SSN looks the same.

Difficulties, and in how many of the 2,500 pairs of one person and of the 2,500 of two each occurs:

    nickname                 282     27  Robert as Bob, Lupe as Guadalupe, Aleksandr as Sasha
    other_spelling           198     13  Catherine as Kathryn, Meyer as Maier, Mohammed as Muhammad
    accents                  165      7  one side with its accents, the other without, or ü as ue
    middle_name_first        138      0  goes by the middle name
    initial                   59      0  J for James
    maiden_name              148      0  under the maiden name, which the other side lists among other names
    new_last_name             50      0  another last name that the other side does not know
    half_of_last_name        136      5  one of two last names, or of a hyphenated one
    last_names_turned         78      0  two last names in the other order
    half_of_first_name        73      1  one part of a double first name
    joined                    66      3  Mary Ann as Maryann, Smith-Jones as Smith Jones
    particle                  80      0  de la Cruz as Delacruz or Cruz, Al-Rashid as Rashid
    apostrophe                34      1  O'Brien as OBrien or O Brien
    cut_off                   54      0  a name cut off at ten letters by an older system
    spelled_by_ear           114     21  letters as another ear writes them: Volkov as Volkow
    neighbouring_key         208     46  the key beside the one meant
    letter_dropped           202     46  a letter left out
    letter_doubled           119     16  a letter typed twice
    letters_turned           185     22  two letters in the wrong order
    read_wrongly              74     18  letters that look alike on a scanned page: m for rn
    first_and_last_turned     88     22  first and last name in each other's place
    suffix                    74     10  Jr, Sr, II or III on one side only
    other_sex                 62      0  F for M or M for F
    day_and_month_turned     155      9  12 April as 4 December
    year_digits_turned        99     11  1978 as 1987
    day_digits_turned         95      7  the 12th as the 21st
    day_off_by_one           108     21  the day before or after
    year_off_by_one          125     21  the same day of the year before or after
    date_misread             117     15  one digit of the date for one that looks like it
    decade_misread            41      0  1980 as 1930
    only_the_year             45      0  1 January, or any other day, of the right year
    date_unknown              39      0  asked without a birth date
    ssn_missing              793    431  asked without an SSN
    ssn_digit_wrong          259      0  one digit of the SSN wrong
    ssn_digits_turned        206      0  two digits of the SSN in the wrong order
    ssn_of_spouse             75      0  asked with the SSN of the husband or wife
    middle_missing           493    530  one side does not know the middle name
    middle_initial           436    415  one side has only the initial of the middle name

How two people are near; each pair of two people has one of these:

    frequent_name              0    358  Maria Garcia and Maria Garcia, born in one year
    siblings                   0    279  the same last name, one to nine years apart
    twins                      0    251  the same last name and birth date, SSNs one or two apart
    father_and_son             0    266  the same name, a generation apart
    first_name_and_date        0    225  the same first name and birth date, another last name and SSN
    near_names                 0    190  names a letter, a sound or a nickname apart; other date and SSN
    ssn_a_slip_apart           0    181  SSNs a digit or a turn apart, nothing else in common
    parent_and_child           0    133  the same last name, a generation apart
    born_the_same_day          0    155  the same last name and birth date by chance
    spouses                    0    125  asked with the SSN of the husband or wife, who is the one registered
    ssn_of_a_stranger          0    103  an SSN from the wrong line: another person's
    namesakes                  0    108  the same first and last name, nothing else in common
    turned_names               0     64  the first name of one is the last name of the other
    earlier_name_of_another    0     62  the name that the registered woman bore before she married
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from deploy.bench.labelled import dates, naming, numbers, relatives, slips
from deploy.bench.labelled.dressing import asked_look, middle_names, registered_look
from deploy.bench.labelled.facts import GIVEN_LENGTH, LAST_LENGTH, Facts, Pair
from deploy.bench.labelled.judging import altered, are_others, is_recognizable
from deploy.bench.labelled.naming import Change, slipping
from deploy.bench.labelled.stock import Stock

SEED = 20_260_401
_TRIES = 60
"""People tried for one choice of difficulties before other difficulties are chosen."""
_ON_THE_REGISTERED_SIDE = 0.25
_ALSO_SLIPPED = 0.25
"""How often somebody else was typed with a slip besides."""
_SSN_UNKNOWN = 0.3


@dataclass(frozen=True)
class Difficulty:
    """One way in which two sides of one person differ; `harm` is what each altered fact loses (`judging`)."""

    kind: str
    weight: int
    change: Change
    harm: int = 1


DIFFICULTIES = (
    Difficulty("nickname", 14, slipping(slips.nickname, 1)),
    Difficulty("other_spelling", 10, slipping(slips.heard_alike)),
    Difficulty("accents", 7, naming.accents),
    Difficulty("middle_name_first", 6, naming.middle_first),
    Difficulty("initial", 5, naming.initial, 2),
    Difficulty("maiden_name", 7, naming.earlier_name),
    Difficulty("new_last_name", 5, naming.new_name, 2),
    Difficulty("half_of_last_name", 7, naming.half_last),
    Difficulty("last_names_turned", 4, naming.halves_turned),
    Difficulty("half_of_first_name", 4, naming.half_first),
    Difficulty("joined", 4, naming.joined),
    Difficulty("particle", 4, naming.particle),
    Difficulty("apostrophe", 3, naming.apostrophe),
    Difficulty("cut_off", 3, naming.cut),
    Difficulty("spelled_by_ear", 6, slipping(slips.spelled_by_ear)),
    Difficulty("neighbouring_key", 10, slipping(slips.neighbouring_key)),
    Difficulty("letter_dropped", 9, slipping(slips.letter_dropped)),
    Difficulty("letter_doubled", 5, slipping(slips.letter_doubled)),
    Difficulty("letters_turned", 8, slipping(slips.letters_turned)),
    Difficulty("read_wrongly", 4, slipping(slips.read_wrongly)),
    Difficulty("first_and_last_turned", 6, naming.turned),
    Difficulty("suffix", 4, naming.suffix, 0),
    Difficulty("other_sex", 2, naming.other_sex),
    Difficulty("day_and_month_turned", 8, dates.dating(dates.day_and_month_turned)),
    Difficulty("year_digits_turned", 5, dates.dating(dates.year_digits_turned)),
    Difficulty("day_digits_turned", 4, dates.dating(dates.day_digits_turned)),
    Difficulty("day_off_by_one", 5, dates.dating(dates.day_off_by_one)),
    Difficulty("year_off_by_one", 6, dates.dating(dates.year_off_by_one)),
    Difficulty("date_misread", 6, dates.dating(dates.digit_misread)),
    Difficulty("decade_misread", 3, dates.dating(dates.decade_misread), 2),
    Difficulty("only_the_year", 4, dates.dating(dates.only_the_year), 2),
    Difficulty("date_unknown", 3, dates.dating(dates.unknown), 2),
)
NUMBERS = (
    Difficulty("ssn_missing", 32, numbers.missing, 2),
    Difficulty("ssn_digit_wrong", 9, numbers.misread),
    Difficulty("ssn_digits_turned", 8, numbers.mistyped),
    Difficulty("ssn_of_spouse", 5, numbers.of_the_spouse, 2),
)
_SSN_RIGHT = 46
_HOW_MANY = {0: 10, 1: 42, 2: 36, 3: 12}
_OF_ONE_PERSON = {"maiden_name", "middle_name_first", "other_sex"}
_SLIPS = tuple(each for each in DIFFICULTIES if each.harm < 2 and each.kind not in _OF_ONE_PERSON)
"""What is typed or heard wrongly of anybody."""


@dataclass(frozen=True)
class Nearness:
    """One way in which two people are near; `ssn_known` where nobody could tell without both SSNs."""

    kind: str
    weight: int
    near: relatives.Near
    ssn_known: bool = False


NEAR = (
    Nearness("frequent_name", 15, relatives.frequent_name),
    Nearness("siblings", 13, relatives.siblings),
    Nearness("twins", 10, relatives.twins),
    Nearness("father_and_son", 10, relatives.father_and_son),
    Nearness("first_name_and_date", 9, relatives.first_name_and_date, ssn_known=True),
    Nearness("near_names", 8, relatives.near_names, ssn_known=True),
    Nearness("ssn_a_slip_apart", 8, relatives.ssn_a_slip_apart, ssn_known=True),
    Nearness("parent_and_child", 6, relatives.parent_and_child),
    Nearness("born_the_same_day", 6, relatives.born_the_same_day),
    Nearness("spouses", 5, relatives.spouses, ssn_known=True),
    Nearness("ssn_of_a_stranger", 4, relatives.ssn_of_a_stranger, ssn_known=True),
    Nearness("namesakes", 4, relatives.namesakes, ssn_known=True),
    Nearness("turned_names", 3, relatives.turned_names, ssn_known=True),
    Nearness("earlier_name_of_another", 3, relatives.earlier_name_of_another, ssn_known=True),
)


def pairs(count: int = 5_000, seed: int = SEED) -> list[Pair]:
    """`count` pairs, same people and others by turns; the same for ever, and fewer are the first of more."""
    stock = Stock(random.Random(seed), set())  # noqa: S311 -- to be repeated, not to be secret
    return list(islice(_endless(stock), count))


def _endless(stock: Stock) -> Iterator[Pair]:
    while True:
        yield _until(_same, stock)
        yield _until(_others, stock)


def _until(make: Callable[[Stock], Pair | None], stock: Stock) -> Pair:
    while (pair := make(stock)) is None:
        pass
    return pair


def _same(stock: Stock) -> Pair | None:
    """One person with some difficulties; None where they suit nobody or leave too little."""
    chosen = _chosen(stock)
    for _ in range(_TRIES if chosen else 0):
        if pair := _seen(stock.person(), chosen, stock):
            return pair
    return None


def _chosen(stock: Stock) -> list[Difficulty]:
    """Difficulties in the order of the tables, the one of the SSN last."""
    chance = stock.random
    count = chance.choices(list(_HOW_MANY), list(_HOW_MANY.values()))[0]
    drawn = chance.choices(DIFFICULTIES, [each.weight for each in DIFFICULTIES], k=count)
    weights = [_SSN_RIGHT, *(each.weight for each in NUMBERS)]
    number = chance.choices((None, *NUMBERS), weights)[0]
    return [each for each in DIFFICULTIES if each in drawn] + ([number] if number else [])


def _seen(person: Facts, chosen: list[Difficulty], stock: Stock) -> Pair | None:
    asked = registered = person
    damage: dict[str, int] = {}
    for each in chosen:
        on_record = each not in NUMBERS and stock.random.random() < _ON_THE_REGISTERED_SIDE
        before = registered if on_record else asked
        after = each.change(before, stock)
        if after is None or not _fits(after):
            return None
        for fact in altered(before, after):
            damage[fact] = damage.get(fact, 0) + each.harm
        asked, registered = (asked, after) if on_record else (after, registered)
    kinds = tuple(each.kind for each in chosen)
    if not is_recognizable(damage, "ssn_of_spouse" in kinds) or not registered.birth_date:
        return None
    if "middle_name_first" not in kinds:
        asked, registered, more = middle_names(asked, registered, stock)
        kinds += more
    pair = _dressed(asked, registered, True, kinds, stock)
    return None if _is_identical(pair) else pair


def _is_identical(pair: Pair) -> bool:
    """Whether nothing but capitals tells the sides apart: one difficulty can undo another."""
    one, other = (
        (facts.ssn, facts.first.upper(), facts.middle.upper(), facts.last.upper(), facts.birth_date)
        for facts in (pair.asked, pair.registered)
    )
    return one == other and pair.asked.sex in {"", pair.registered.sex}


def _fits(facts: Facts) -> bool:
    """Whether the names fit the case registry's columns."""
    return max(len(facts.first), len(facts.middle)) <= GIVEN_LENGTH and len(facts.last) <= LAST_LENGTH


def _others(stock: Stock) -> Pair | None:
    """Two people who are near; None where a caseworker could not tell them apart, slipped or not."""
    near = stock.random.choices(NEAR, [each.weight for each in NEAR])[0]
    asked, registered = near.near(stock)
    kinds = [near.kind]
    if not near.ssn_known and stock.random.random() < _SSN_UNKNOWN:
        asked, kinds = replace(asked, ssn=""), [*kinds, "ssn_missing"]
    asked, registered, more = middle_names(asked, registered, stock)
    told = are_others(asked, registered, near.kind == "frequent_name")
    if told and stock.random.random() < _ALSO_SLIPPED:
        slip = stock.random.choices(_SLIPS, [each.weight for each in _SLIPS])[0]
        if slipped := slip.change(asked, stock):
            asked, kinds = slipped, [*kinds, slip.kind]
            told = are_others(asked, registered, near.kind == "frequent_name")
    if not told or not _fits(asked) or not _fits(registered):
        return None
    return _dressed(asked, registered, False, (*kinds, *more), stock)


def _dressed(asked: Facts, registered: Facts, same: bool, kinds: tuple[str, ...], stock: Stock) -> Pair:
    if "maiden_name" not in kinds and stock.random.random() < 0.8:
        asked = replace(asked, other_names=())
    on_record, asked_keeps = _accents(kinds, stock)
    spelled_out = "accents" in kinds and stock.random.random() < 0.3
    return Pair(
        asked_look(asked, asked_keeps, spelled_out, stock),
        registered_look(registered, on_record, spelled_out),
        same,
        kinds,
    )


def _accents(kinds: tuple[str, ...], stock: Stock) -> tuple[bool, bool]:
    """Whether the registered and the asked side keep their accents: one of them, or mostly none."""
    if "accents" not in kinds:
        return False, False
    on_record = stock.random.random() < _ON_THE_REGISTERED_SIDE
    return on_record, not on_record
