"""An income withholding order as people read it: parts in the order of the standard form, each with its rows.

Pages and paper are both made from this. The order of the parts is that of the form (OMB 0970-0154); the words
are ours. Whatever a state wrote stands here somewhere, except what is blank and amounts of nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from schemas.kinds import Value
from schemas.layouts.income_withholding import AMOUNTS, CHILDREN, ORDER
from schemas.tables import (
    DISPOSITION_REASONS,
    DISPOSITION_STATUSES,
    FREQUENCIES,
    ORDER_ACTIONS,
    STATES,
    YES_OR_NO,
)

Values = Mapping[str, Value]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One part of an order. Without `columns` its rows are terms and texts; with them, rows of a table.

    `total`: the last row of the table is the sum of the others. Texts may have line feeds.
    """

    title: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...] = ()
    total: bool = False


def parts_of(values: Values) -> tuple[Part, ...]:
    """The parts of an order, by the values of its record; parts of which nothing is known are left out."""
    made = (
        *(Part(title, tuple(_told(values, lines))) for title, lines in _BEFORE),
        _amounts(values),
        *(Part(title, tuple(_told(values, lines))) for title, lines in _BETWEEN),
        _children(values),
        *(Part(title, tuple(_told(values, lines))) for title, lines in _AFTER),
    )
    return tuple(part for part in made if part.rows)


def answer_of(values: Values) -> tuple[Row, ...]:
    """What an employer answered, by the values of its acknowledgement: terms and texts."""
    return tuple(_told(values, _ANSWER))


def report_of(values: Values) -> tuple[Row, ...]:
    """What an employer reported without an order, by the values of its record: terms and texts."""
    return tuple(_told(values, (*_REPORTED, *_ANSWER)))


def title_of(values: Values) -> str:
    """What kind of order it is, as a heading."""
    return _capital(ORDER_ACTIONS[str(values["action_code"])])


def money(cents: int) -> str:
    """An amount as people read it."""
    return f"${cents // 100:,}.{cents % 100:02}"


def calendar_day(day: date) -> str:
    """A day as people read it."""
    return f"{day:%B} {day.day}, {day.year}"


def ssn(digits: str) -> str:
    """A Social Security number as people read it."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def fein(digits: str) -> str:
    """An employer identification number as people read it."""
    return f"{digits[:2]}-{digits[2:]}"


def phone(digits: str) -> str:
    """A telephone number as people read it."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def full_name(prefix: str, values: Values) -> str:
    """First name, middle name, last name, suffix."""
    pieces = (values[f"{prefix}_{piece}"] for piece in ("first_name", "middle_name", "last_name", "suffix"))
    return " ".join(str(piece) for piece in pieces if piece)


def _text(value: Value) -> str:
    """Any value that needs no form of its own."""
    return calendar_day(value) if isinstance(value, date) else str(value)


def _address(prefix: str, values: Values) -> str:
    """Up to three lines."""
    zip5, zip4 = values[f"{prefix}_zip"], values[f"{prefix}_zip4"]
    whole_zip = f"{zip5}-{zip4}" if zip5 and zip4 else zip5
    town = " ".join(str(piece) for piece in (values[f"{prefix}_state"], whole_zip) if piece)
    place = ", ".join(str(piece) for piece in (values[f"{prefix}_city"], town) if piece)
    lines = (values[f"{prefix}_address1"], values[f"{prefix}_address2"], place)
    return "\n".join(str(line) for line in lines if line)


def _days(value: Value) -> str:
    """A number of days."""
    days = int(str(value))
    return f"{days} {'day' if days == 1 else 'days'}"


def frequency(letter: Value) -> str:
    """How often, with the letter where we do not know for sure what it means; nothing where it is blank."""
    if not letter:
        return ""
    meaning, doubt, _ = FREQUENCIES.get(str(letter), "not known (").partition(" (")
    return f"{meaning} (code {letter}, meaning not verified)" if doubt else meaning


Say = Callable[[Values], str]


def _of(name: str, form: Callable[[str], str] | None = None) -> Say:
    """One field, in a form of its own where it has one; nothing where it is blank."""

    def say(values: Values) -> str:
        value = values[name]
        if value is None or value == "":
            return ""
        return form(str(value)) if form else _text(value)

    return say


def _coded(name: str, table: Mapping[str, str]) -> Say:
    return _of(name, lambda code: _capital(table[code]))


def _named(prefix: str) -> Say:
    return lambda values: full_name(prefix, values)


def _at(prefix: str) -> Say:
    return lambda values: _address(prefix, values)


def _begins(values: Values) -> str:
    """The day that counts, or the word that stands for the day of receipt; and how soon after it."""
    start, within = values["withholding_start"], values["begin_withholding_within_days"]
    counted = _text(start) if isinstance(start, date) else "the day you receive this order"
    if within:
        return f"No later than the first pay period {_days(within)} after {counted}"
    return f"From {counted} on" if start else ""


def _sends(values: Values) -> str:
    within = values["send_payment_within_days"]
    return f"Within {_days(within)} of the pay date" if within else ""


def _sum_of(name: str) -> Say:
    """An amount, unless it is nothing."""
    return lambda values: money(_cents(values, name)) if _cents(values, name) else ""


def _percent(digits: str) -> str:
    return f"{int(digits)} percent of disposable income"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


Lines = tuple[tuple[str, Say], ...]

_BEFORE: Final[tuple[tuple[str, Lines], ...]] = (
    (
        "This order",
        (
            ("Kind", _coded("action_code", ORDER_ACTIONS)),
            ("Date", _of("document_date")),
            ("From", _of("issuing_state_name")),
            ("County, city, district or tribe", _of("issuing_jurisdiction_name")),
            ("Issued by", _of("issuing_tribunal_name")),
            ("Case ID", _of("case_id")),
            ("Order ID", _of("order_identifier")),
            ("Document tracking number", _of("document_tracking_number")),
            ("Signed by", _of("government_official_name")),
            ("Title of who signed", _of("issuing_official_title")),
            ("Document image", _of("document_image_text")),
        ),
    ),
    (
        "Employer",
        (
            ("Name", _of("employer_name")),
            ("Address", _at("employer")),
            ("FEIN", _of("ein", fein)),
        ),
    ),
    (
        "Employee",
        (
            ("Name", _named("employee")),
            ("Social Security number", _of("employee_ssn", ssn)),
            ("Date of birth", _of("employee_birth_date")),
            ("Support is owed to", _named("obligee")),
            ("Give the employee a copy", _coded("send_copy_to_employee", YES_OR_NO)),
        ),
    ),
)
_BETWEEN: Final[tuple[tuple[str, Lines], ...]] = (
    (
        "What to withhold",
        (
            ("When paid weekly", _sum_of("weekly_deduction")),
            ("When paid every two weeks", _sum_of("biweekly_deduction")),
            ("When paid twice a month", _sum_of("semimonthly_deduction")),
            ("When paid monthly", _sum_of("monthly_deduction")),
            ("From a lump sum", _sum_of("lump_sum_amount")),
        ),
    ),
    (
        "When to begin",
        (
            ("State whose law applies", _of("applied_in_state_name")),
            ("Begin withholding", _begins),
            ("Send each payment", _sends),
        ),
    ),
    (
        "Where to send payments",
        (
            ("Remittance ID (quote it each time)", _of("remittance_identifier")),
            ("Pay to", _of("payee_name")),
            ("Address", _at("payee")),
            ("Locator code of the payee", _of("payee_remittance_fips")),
        ),
    ),
    (
        "Limits",
        (
            ("Withhold no more than", _of("ccpa_percent_limit", _percent)),
            ("More than 12 weeks past due", _coded("arrears_over_12_weeks", YES_OR_NO)),
            ("What the state says about limits", _of("payee_withholding_limit_text")),
        ),
    ),
    (
        "Whom the employer may ask",
        (
            ("Name", _of("employer_contact_name")),
            ("Telephone", _of("employer_contact_phone", phone)),
            ("Fax", _of("employer_contact_fax", phone)),
            ("E-mail", _of("employer_contact_email")),
            ("Address", _at("employer_contact")),
        ),
    ),
    (
        "Whom the employee may ask",
        (
            ("Name", _of("employee_contact_name")),
            ("Telephone", _of("employee_contact_phone", phone)),
            ("Fax", _of("employee_contact_fax", phone)),
            ("E-mail", _of("employee_contact_email")),
        ),
    ),
)
_AFTER: Final[tuple[tuple[str, Lines], ...]] = (
    (
        "What the law says",
        (
            ("If income is not withheld", _of("penalty_text")),
            ("No discrimination", _of("antidiscrimination_text")),
        ),
    ),
)

_REPORTED: Final[Lines] = (
    ("Name", _named("employee")),
    ("Social Security number", _of("employee_ssn", ssn)),
    ("Case ID", _of("case_id")),
    ("FEIN of the employer", _of("ein", fein)),
)
_ANSWER: Final[Lines] = (
    ("What the employer says", _coded("disposition_status", DISPOSITION_STATUSES)),
    ("Reason", _coded("disposition_reason", DISPOSITION_REASONS)),
    ("Right FEIN", _of("corrected_fein", fein)),
    ("State of the other order", _coded("other_order_state", STATES)),
    ("Last day of work", _of("termination_date")),
    ("Last known address", _at("last_known")),
    ("Last known telephone", _of("last_known_phone", phone)),
    ("Day of the last payment", _of("final_payment_date")),
    ("Amount of the last payment", _sum_of("final_payment_amount")),
    ("New employer", _of("new_employer_name")),
    ("Address of the new employer", _at("new_employer")),
    ("Day of the lump sum", _of("lump_sum_payment_date")),
    ("Amount of the lump sum", _sum_of("lump_sum_amount")),
    ("Kind of lump sum", _of("lump_sum_type")),
)


def _told(values: Values, lines: Lines) -> Iterator[Row]:
    """The lines of which something is known."""
    for label, say in lines:
        if text := say(values):
            yield label, text


def _amounts(values: Values) -> Part:
    """What is owed, and the total."""
    owed = [
        (_obligation(name, values), money(_cents(values, name)), _often(name, values))
        for name in AMOUNTS
        if _cents(values, name)
    ]
    total = ("Total", money(_cents(values, "total_amount")), _often("total_amount", values))
    columns = ("What for", "Amount", "How often")
    return Part("Amounts", (*owed, total), columns, total=True)


def _cents(values: Values, name: str) -> int:
    return int(str(values[name] or 0))


def _often(name: str, values: Values) -> str:
    return frequency(values[name.replace("_amount", "_frequency")])


def _obligation(name: str, values: Values) -> str:
    """What an amount is for; the other obligation has words of its own."""
    title = ORDER[name].title.removesuffix(" amount")
    described = values["other_obligation_description"] if name.startswith("other") else None
    return f"{title}: {described}" if described else title


def _children(values: Values) -> Part:
    """Names and days of birth."""
    rows = []
    for number in range(1, CHILDREN + 1):
        born = values[f"child_{number}_birth_date"]
        name = full_name(f"child_{number}", values)
        if name or born:
            rows.append((name, _text(born) if born else ""))
    return Part("Children", tuple(rows), ("Name", "Date of birth"))
