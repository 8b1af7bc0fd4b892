"""Invented people, places and money for sample files: the same seed gives the same for ever, on any machine.

No name is taken from anywhere, no Social Security number was ever issued (areas 980 to 999, which no registry
of ours seeds), every telephone number is one of 555-01xx (domain specification, 0.3).
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.columns import Numbers, Texts


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STARTS: Final = _words(
    """
    ABER ALT BAIN BELL BOL BRAY BURN CAM CHAD COR CRAY DAW DEL DRAY EAST EL FEN FLET GAR GOR GRAY HAD HARG
    HART HEN HOL ING KEL KIR LAM LED LOR MAR MEL MID NEW NOR ORM PAL PAR RAD REN ROS SAN SED SHER SOM STAM
    TAL TER THUR TREV VAN WAD WEN WIN YAT
    """
)
_ENDS: Final = _words(
    "AY BOURNE BRIDGE COTE CROFT DON EVAN FELL GROVE INGTON LAND LIN LOCK MONT NER ROCK RICK SEN SWORTH WELL"
)
_RARE: Final = ("O'BRANE", "MC TALLY", "DE SOLLA", "ST. VERE", "LO", "ANDE-MARR", "XI", "D'ELMO")

LAST_NAMES: Final = tuple(start + end for start, end in product(_STARTS, _ENDS)) + _RARE * 8
FIRST_NAMES: Final = _words(
    """
    ABEL ADELE AISHA ALMA AMIR ANSEL ANYA ARI ASTRID BENNO BRIA CALEB CARMEN CELIA CHIARA CLIVE DALIA DARIO
    DELIA DMITRI EDITH ELIAS ELKE EMRE ENZO ERIN FABIO FERN FINN FREYA GALEN GITA GUS HALIMA HEIDI HELGA
    HIRO IGOR ILSE IRENE ISAAC IVY JAMAL JANA JARED JOAN JORGE JULES KAMAL KATYA KEITH KIRA LEIF LEO LILA
    LINUS LOIS LUIS MAEVE MARCO MARTA MAX MEI MILES MINA MYRA NASH NELL NILS NINA ODA OLGA OSCAR OWEN PAOLO
    PAULA PEDRO PIA RAMON RANIA REX ROLF RUTH SAMIR SASHA SELMA SIMON SOFIA STEN SUSI TAMAR TESS TOM ULLA
    VASCO VITO WANDA WERNER XENIA YANN YOLA YUKI ZELDA
    """
)
SUFFIXES: Final = ("JR", "SR", "II", "III")
PLACES: Final = tuple(
    tuple(place.split("|"))
    for place in _words(
        """
        TOPEKA|KS|666 WICHITA|KS|672 OMAHA|NE|681 DENVER|CO|802 TULSA|OK|741 AUSTIN|TX|787 DALLAS|TX|752
        PHOENIX|AZ|850 TUCSON|AZ|857 FRESNO|CA|937 OAKLAND|CA|946 PORTLAND|OR|972 SALEM|OR|973
        TACOMA|WA|984 BOISE|ID|837 HELENA|MT|596 CASPER|WY|826 FARGO|ND|581 PIERRE|SD|575 DULUTH|MN|558
        MADISON|WI|537 PEORIA|IL|616 CHICAGO|IL|606 GARY|IN|464 TOLEDO|OH|436 DAYTON|OH|454 LANSING|MI|489
        FLINT|MI|485 MEMPHIS|TN|381 MOBILE|AL|366 JACKSON|MS|392 MONROE|LA|712 TAMPA|FL|336 MIAMI|FL|331
        MACON|GA|312 AUGUSTA|GA|309 RALEIGH|NC|276 DURHAM|NC|277 AIKEN|SC|298 NORFOLK|VA|235 ROANOKE|VA|240
        DOVER|DE|199 NEWARK|NJ|071 CAMDEN|NJ|081 ALBANY|NY|122 BUFFALO|NY|142 ERIE|PA|165 READING|PA|196
        BOSTON|MA|021 HARTFORD|CT|061 CONCORD|NH|033 BANGOR|ME|044 BARRE|VT|056 HONOLULU|HI|968
        JUNEAU|AK|998 PONCE|PR|007
        """
    )
)
"""City, state, and how its ZIP codes begin."""
STREETS: Final = tuple(
    f"{name} {kind}"
    for name, kind in product(
        _words("MAIN OAK ELM MAPLE CEDAR PARK LAKE HILL RIVER SUNSET MILL PINE"),
        _words("STREET AVENUE ROAD LANE"),
    )
)
AREA_CODES: Final = _words("785 402 303 918 512 602 503 208 312 614 813 919")

_GROUPS, _SERIALS, _FIRST_AREA, _AREAS = 49, 9999, 980, 20
STRANGERS: Final = _AREAS * _GROUPS * _SERIALS
"""How many different strangers there are."""
_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Dice:
    """Numbers that look random and depend only on seed, purpose and place: SplitMix64, counted through."""

    seed: int

    def numbers(self, purpose: str, places: Numbers) -> npt.NDArray[np.uint64]:
        """One 64-bit number for each place."""
        start = (self.seed * 0x9E3779B97F4A7C15 + int.from_bytes(purpose.encode()[:8], "little")) & _MASK
        state = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))

    def below(self, purpose: str, places: Numbers, limit: int) -> Numbers:
        """One number from 0 up to (not including) `limit` for each place."""
        return (self.numbers(purpose, places) % np.uint64(limit)).astype(np.int64)

    def chance(self, purpose: str, places: Numbers, percent: int) -> npt.NDArray[np.bool_]:
        """True in so many cases out of a hundred."""
        return np.less(self.below(purpose, places, 100), percent)

    def pick(self, purpose: str, places: Numbers, words: Texts) -> Texts:
        """One of the words for each place."""
        return words[self.below(purpose, places, len(words))]

    def shuffled(self, places: Numbers, size: int) -> Numbers:
        """Each place below `size` as another one, no two alike; the same for each call."""
        step = _coprime(int(size * 0.6180339887) | 1, size)
        return (places * step + self.seed % size) % size


def _coprime(step: int, size: int) -> int:
    while np.gcd(step, size) != 1:
        step += 1
    return step


def digits(numbers: Numbers, width: int) -> Texts:
    """Numbers as text of so many digits."""
    text = np.empty((len(numbers), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        numbers, digit = np.divmod(numbers, 10)
        text[:, place] = digit + ord("0")
    return text.view(f"S{width}").ravel()


def stranger_ssns(dice: Dice, places: Numbers) -> Texts:
    """Social Security numbers of people that no registry of ours holds; no two alike below STRANGERS."""
    number = dice.shuffled(places % STRANGERS, STRANGERS)
    number, serial = np.divmod(number, _SERIALS)
    area, group = np.divmod(number, _GROUPS)
    return digits((area + _FIRST_AREA) * 1_000_000 + (group + 1) * 10_000 + serial + 1, 9)


def days(first: str, number: int) -> Texts:
    """So many days from a first one (CCYY-MM-DD), as CCYYMMDD."""
    start = np.datetime64(first, "D")
    text = np.datetime_as_string(np.arange(start, start + np.timedelta64(number, "D")))
    return np.strings.replace(text.astype("S10"), b"-", b"").astype("S8")
