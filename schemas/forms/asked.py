"""Questions that stand alone: each with the rule its answer keeps and what to do when it does not."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.forms.form import Answers, Problem, Question, typed
from schemas.kinds import RefusedValueError, Ssn

_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRY_CODES = frozenset(_COUNTRIES.split())
"""ISO 3166-1, alpha-2."""
_NO_FEIN = frozenset(
    {"07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"}
)
"""Prefixes of nine digits that the IRS has not given out; 00 is none either, and is left for examples."""
_ROUTING_WEIGHTS = (3, 7, 1) * 3
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{3,63}")
_TRIBE = re.compile(r"90[A-Z0-9]{3}")

Clean = Callable[[str], str | None]
"""The one spelling of an answer; None for one that is wrong."""


@dataclass(frozen=True)
class Asked:
    """A question, the rule of its answer, and what to do when the answer breaks it."""

    question: Question
    clean: Clean
    message: str

    @property
    def name(self) -> str:
        """What the answer is kept under."""
        return self.question.name


def parse_asked(asked: Iterable[Asked], submitted: Mapping[str, str]) -> Answers:
    """The answers in their one spelling, and all that is wrong with them, question by question."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for one in asked:
        text, message = typed(one.question, submitted)
        message = message or _missing(one.question, text)
        cleaned = one.clean(text) if text and not message else ""
        if cleaned is None or len(cleaned) > one.question.width:
            message = one.message if cleaned is None else _too_long(one.question)
        if message:
            problems.append(Problem(one.name, message))
        values[one.name] = cleaned or ""
    return Answers(values, tuple(problems))


def _missing(question: Question, text: str) -> str:
    if text or question.optional:
        return ""
    return f"{'Choose' if question.kind in ('choice', 'radio') else 'Fill in'}: {question.label}"


def _too_long(question: Question) -> str:
    return f"{question.label} must be {question.width} characters or fewer"


def plain(text: str) -> str | None:
    """One line of any script, spaces made single."""
    return " ".join(text.split()) if text.isprintable() else None


def one_of(choices: Iterable[str]) -> Clean:
    """One of a closed list, however it was capitalized."""
    allowed = frozenset(choices)
    return lambda text: next((spelled for spelled in (text, text.upper()) if spelled in allowed), None)


def fein(text: str) -> str | None:
    """Nine digits whose first two the IRS gives out; 00 stands for examples."""
    digits = _digits(text)
    return digits if len(digits) == 9 and digits[:2] not in _NO_FEIN else None


def feins(text: str) -> str | None:
    """FEINs, one a line or with commas between; each once."""
    found = [fein(each) for each in re.split(r"[\n,;]+", text) if each.strip()]
    return None if None in found else "\n".join(dict.fromkeys(each for each in found if each))


def naic(text: str) -> str | None:
    """The five digits of the National Association of Insurance Commissioners."""
    digits = _digits(text)
    return digits if len(digits) == 5 else None


def routing(text: str) -> str | None:
    """An ABA routing number: nine digits, the last of which is the check digit."""
    digits = _digits(text)
    if len(digits) != 9 or not int(digits):
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_ROUTING_WEIGHTS, digits, strict=True))
    return None if total % 10 else digits


def tribe_code(text: str) -> str | None:
    """A tribe's locator code: 90 and the three characters of the Bureau of Indian Affairs (DCL-07-02)."""
    code = "".join(text.upper().split())
    return code if _TRIBE.fullmatch(code) else None


def email(text: str) -> str | None:
    """A mail address, in small letters."""
    address = text.strip().lower()
    return address if len(address) <= 254 and ".." not in address and _EMAIL.fullmatch(address) else None


def telephone(text: str) -> str | None:
    """Ten digits, with or without the country's 1."""
    digits = _digits(text.removeprefix("+"))
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if len(digits) == 10 else None


def zip_code(text: str) -> str | None:
    """Five or nine digits."""
    digits = _digits(text)
    return digits if len(digits) in (5, 9) else None


def written_zip(digits: str) -> str:
    """A ZIP code as it is written: a hyphen stands after the fifth of nine digits."""
    return digits if len(digits) == 5 else f"{digits[:5]}-{digits[5:]}"


def ssn(text: str) -> str | None:
    """Nine digits; whether they may be a person's depends on the installation, see `possible_ssn`."""
    digits = _digits(text)
    return digits if len(digits) == 9 else None


def possible_ssn(digits: str, *, synthetic: bool) -> bool:
    """Whether nine digits may be a person's: an issuable number, or (synthetic) one never issued."""
    try:
        Ssn(synthetic=synthetic).parse(digits)
    except RefusedValueError:
        return False
    return True


def past_date(text: str) -> str | None:
    """A day of the calendar after 1900, as CCYYMMDD; whether it has been is for whoever knows today."""
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return text if day.year > 1900 else None


def username(text: str) -> str | None:
    """Four characters or more of small letters, digits and . _ @ -."""
    name = text.lower()
    return name if _USERNAME.fullmatch(name) else None


def _digits(text: str) -> str:
    """The digits; anything but spaces and signs between them makes it none."""
    plain_digits = re.sub(r"[\s().-]", "", text)
    return plain_digits if plain_digits.isascii() and plain_digits.isdigit() else ""
