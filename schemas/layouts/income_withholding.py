"""Income withholding orders: what a state sends to employers, and what it hears about it (6.1-6.4, 6.7).

A file is a header, batches (one an employer) and a trailer. Columns 1 to 184 of an order are stated by a
source; those behind them are computed from the order and lengths that a state's interface uses. Which fields
are required beyond the first 184 columns is our own choice.
"""

from dataclasses import replace

from schemas.kinds import (
    Amount,
    Anything,
    Blank,
    CaseNumber,
    Code,
    Date8,
    DateOrWord,
    Digits,
    Email,
    Fein,
    Kind,
    Letter,
    Literal,
    MailState,
    Name,
    Number,
    Phone,
    Ssn,
    Text,
    Time6,
    Titled,
    Zip,
)
from schemas.orders import AmountWhen, ExplainedAmount, Listed, SumOf
from schemas.record import Envelope, Evidence, Field, Layout, Record, filler
from schemas.structure import Across, AsHeader, Structure
from schemas.tables import FREQUENCIES, ORDER_ACTIONS, YES_OR_NO

HEADER_LENGTH, TRAILER_LENGTH, ORDER_LENGTH = 80, 63, 2242
RESULT_LENGTH = ORDER_LENGTH + 32 + 32 + 1
CHILDREN = 6
DETAIL_MARK = "DTL"

BIRTH = Date8(past=True, sensitive=True)
FREQUENCY = Letter(known=FREQUENCIES)
PERSON = Text(sensitive=True)
UNUSED = Blank(named=True)


def seen(name: str, first: int, last: int, kind: Kind, *, optional: bool = False) -> Field:
    """A field whose columns a source states."""
    return Field(name, first, last, kind, optional, evidence=Evidence.VERIFIED, source="S11")


def computed(name: str, first: int, last: int, kind: Kind, *, optional: bool = False) -> Field:
    """A field whose order and length a source states; its columns follow from that."""
    return Field(name, first, last, kind, optional, evidence=Evidence.LENGTHS, source="S20")


def loosely(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The same columns as they come back in a result: whatever was sent, also where it was wrong."""
    return tuple(
        field
        if isinstance(field.kind, Literal)
        else replace(field, kind=Anything(sensitive=field.kind.sensitive), optional=True)
        for field in fields
    )


Parties = tuple[Field, Field, Field]
OF_STATE: Parties = (
    computed("state_fips", 26, 30, Digits()),
    computed("ein", 31, 39, UNUSED, optional=True),
    computed("primary_ein", 40, 48, UNUSED, optional=True),
)
"""Who stands in the header of a file that a state writes: itself, and no employer."""
OF_BATCH: Parties = (
    computed("state_fips", 26, 30, Digits(), optional=True),
    computed("ein", 31, 39, Fein()),
    computed("primary_ein", 40, 48, Fein(), optional=True),
)
"""Who stands in the header of a batch: one employer."""
OF_EMPLOYER: Parties = (
    computed("state_fips", 26, 30, Digits(), optional=True),
    computed("ein", 31, 39, Fein(), optional=True),
    computed("primary_ein", 40, 48, Fein(), optional=True),
)
"""Who stands in the header of a file that an employer, or somebody for it, writes."""


def header(mark: str, parties: Parties, *, result: bool = False) -> Record:
    """The universal header of a file (its mark begins with F) or batch (B)."""
    fields = (
        seen("control_number", 4, 25, Text()),
        *parties,
        computed("creation_date", 49, 56, Date8(past=True)),
        computed("creation_time", 57, 62, Time6()),
        computed("error_field_name", 63, 80, UNUSED, optional=True),
    )
    whole = (seen("document_code", 1, 3, Literal(value=mark)), *(loosely(fields) if result else fields))
    of_file = mark.startswith("F")
    name, title = ("file_header", "File header") if of_file else ("header", "Batch header")
    return Record(name, HEADER_LENGTH, whole, title=title)


def trailer(mark: str, *, result: bool = False) -> Record:
    """The universal trailer of a file (its mark begins with F) or batch (B)."""
    of_file = mark.startswith("F")
    error = Anything() if result else UNUSED
    fields = (
        seen("document_code", 1, 3, Literal(value=mark)),
        computed("control_number", 4, 25, Anything() if result else Text(), optional=result),
        computed("batch_count", 26, 30, Number(), optional=not of_file),
        computed("record_count", 31, 35, Number(), optional=of_file),
        computed("employer_sent_count", 36, 40, Number(), optional=True),
        computed("state_sent_count", 41, 45, Number(), optional=True),
        computed("error_field_name", 46, 63, error, optional=True),
    )
    name, title = ("file_trailer", "File trailer") if of_file else ("trailer", "Batch trailer")
    return Record(name, TRAILER_LENGTH, fields, title=title)


def _child(number: int) -> tuple[Field, ...]:
    """Name and birth date of one child."""
    first = 1815 + 62 * (number - 1)
    child = f"child_{number}"
    return (
        computed(f"{child}_last_name", first, first + 19, Name(), optional=True),
        computed(f"{child}_first_name", first + 20, first + 34, Name(), optional=True),
        computed(f"{child}_middle_name", first + 35, first + 49, Name(), optional=True),
        computed(f"{child}_suffix", first + 50, first + 53, Name(), optional=True),
        computed(f"{child}_birth_date", first + 54, first + 61, BIRTH, optional=True),
    )


AMOUNTS = (
    "current_support_amount",
    "past_due_support_amount",
    "current_cash_medical_amount",
    "past_due_cash_medical_amount",
    "current_spousal_amount",
    "past_due_spousal_amount",
    "other_obligation_amount",
)
"""The seven whose sum the total should be."""

ACROSS: tuple[Across, ...] = (
    AmountWhen("lump_sum_amount", "X001", when="action_code", values=("LUM",)),
    SumOf("total_amount", "X010", parts=AMOUNTS),
    ExplainedAmount("other_obligation_description", "X011", amount="other_obligation_amount"),
    *(
        Listed(name.replace("_amount", "_frequency"), "X012", FREQUENCIES)
        for name in (*AMOUNTS, "total_amount")
    ),
    AsHeader("ein", "X013", header="ein"),
)

ORDER = Record(
    "detail",
    ORDER_LENGTH,
    (
        seen("document_code", 1, 3, Literal(value=DETAIL_MARK)),
        filler(4, 6, Evidence.VERIFIED, "S11"),
        seen("action_code", 7, 9, Code(table=ORDER_ACTIONS)),
        seen("document_date", 10, 17, Date8()),
        seen("issuing_state_name", 18, 52, Text()),
        seen("issuing_jurisdiction_name", 53, 87, Text(), optional=True),
        seen("case_id", 88, 102, CaseNumber()),
        seen("employer_name", 103, 159, Titled()),
        seen("employer_address1", 160, 184, Text(), optional=True),
        computed("employer_address2", 185, 209, Text(), optional=True),
        computed("employer_city", 210, 231, Text(), optional=True),
        computed("employer_state", 232, 233, MailState(), optional=True),
        computed("employer_zip", 234, 238, Zip(), optional=True),
        computed("employer_zip4", 239, 242, Digits(), optional=True),
        computed("ein", 243, 251, Fein()),
        computed("employee_last_name", 252, 271, Name()),
        computed("employee_first_name", 272, 286, Name()),
        computed("employee_middle_name", 287, 301, Name(), optional=True),
        computed("employee_suffix", 302, 305, Name(), optional=True),
        computed("employee_ssn", 306, 314, Ssn()),
        computed("employee_birth_date", 315, 322, BIRTH, optional=True),
        computed("obligee_last_name", 323, 379, PERSON, optional=True),
        computed("obligee_first_name", 380, 394, PERSON, optional=True),
        computed("obligee_middle_name", 395, 409, PERSON, optional=True),
        computed("obligee_suffix", 410, 413, PERSON, optional=True),
        computed("issuing_tribunal_name", 414, 448, Text(), optional=True),
        computed("current_support_amount", 449, 459, Amount()),
        computed("current_support_frequency", 460, 460, FREQUENCY, optional=True),
        computed("past_due_support_amount", 461, 471, Amount()),
        computed("past_due_support_frequency", 472, 472, FREQUENCY, optional=True),
        computed("current_cash_medical_amount", 473, 483, Amount()),
        computed("current_cash_medical_frequency", 484, 484, FREQUENCY, optional=True),
        computed("past_due_cash_medical_amount", 485, 495, Amount()),
        computed("past_due_cash_medical_frequency", 496, 496, FREQUENCY, optional=True),
        computed("current_spousal_amount", 497, 507, Amount()),
        computed("current_spousal_frequency", 508, 508, FREQUENCY, optional=True),
        computed("past_due_spousal_amount", 509, 519, Amount()),
        computed("past_due_spousal_frequency", 520, 520, FREQUENCY, optional=True),
        computed("other_obligation_amount", 521, 531, Amount()),
        computed("other_obligation_frequency", 532, 532, FREQUENCY, optional=True),
        computed("other_obligation_description", 533, 567, Text(), optional=True),
        computed("total_amount", 568, 578, Amount()),
        computed("total_frequency", 579, 579, FREQUENCY, optional=True),
        computed("arrears_over_12_weeks", 580, 580, Code(table=YES_OR_NO), optional=True),
        computed("weekly_deduction", 581, 591, Amount()),
        computed("biweekly_deduction", 592, 602, Amount()),
        computed("semimonthly_deduction", 603, 613, Amount()),
        computed("monthly_deduction", 614, 624, Amount()),
        computed("applied_in_state_name", 625, 659, Text(), optional=True),
        computed("begin_withholding_within_days", 660, 661, Digits(), optional=True),
        computed("withholding_start", 662, 669, DateOrWord(word="RECEIPT"), optional=True),
        computed("send_payment_within_days", 670, 671, Digits(), optional=True),
        computed("ccpa_percent_limit", 672, 673, Digits(), optional=True),
        computed("payee_name", 674, 730, Text(), optional=True),
        computed("payee_address1", 731, 755, Text(), optional=True),
        computed("payee_address2", 756, 780, Text(), optional=True),
        computed("payee_city", 781, 802, Text(), optional=True),
        computed("payee_state", 803, 804, MailState(), optional=True),
        computed("payee_zip", 805, 809, Zip(), optional=True),
        computed("payee_zip4", 810, 813, Digits(), optional=True),
        computed("payee_remittance_fips", 814, 820, Digits(), optional=True),
        computed("government_official_name", 821, 890, Anything(), optional=True),
        computed("issuing_official_title", 891, 940, Anything(), optional=True),
        computed("send_copy_to_employee", 941, 941, Code(table=YES_OR_NO), optional=True),
        computed("penalty_text", 942, 1101, Anything(), optional=True),
        computed("antidiscrimination_text", 1102, 1261, Anything(), optional=True),
        computed("payee_withholding_limit_text", 1262, 1421, Anything(), optional=True),
        computed("employee_contact_name", 1422, 1478, Anything(), optional=True),
        computed("employee_contact_phone", 1479, 1488, Phone(), optional=True),
        computed("employee_contact_fax", 1489, 1498, Phone(), optional=True),
        computed("employee_contact_email", 1499, 1546, Email(), optional=True),
        computed("document_tracking_number", 1547, 1576, PERSON),
        computed("order_identifier", 1577, 1606, PERSON, optional=True),
        computed("employer_contact_name", 1607, 1663, Anything(), optional=True),
        computed("employer_contact_address1", 1664, 1688, Text(), optional=True),
        computed("employer_contact_address2", 1689, 1713, Text(), optional=True),
        computed("employer_contact_city", 1714, 1735, Text(), optional=True),
        computed("employer_contact_state", 1736, 1737, MailState(), optional=True),
        computed("employer_contact_zip", 1738, 1742, Zip(), optional=True),
        computed("employer_contact_zip4", 1743, 1746, Digits(), optional=True),
        computed("employer_contact_phone", 1747, 1756, Phone(), optional=True),
        computed("employer_contact_fax", 1757, 1766, Phone(), optional=True),
        computed("employer_contact_email", 1767, 1814, Email(), optional=True),
        *(field for number in range(CHILDREN) for field in _child(number + 1)),
        computed("lump_sum_amount", 2187, 2197, Amount()),
        computed("remittance_identifier", 2198, 2217, Text(), optional=True),
        computed("document_image_text", 2218, 2242, Anything(), optional=True),
    ),
    title="Order",
    unique=("document_tracking_number", "case_id", "employee_ssn", "action_code", "document_date"),
    across=ACROSS,
)

_ANSWERED = Record(
    "detail",
    RESULT_LENGTH,
    (
        *loosely(ORDER.fields),
        computed("first_error_field_name", 2243, 2274, Anything(), optional=True),
        computed("second_error_field_name", 2275, 2306, Anything(), optional=True),
        computed("multiple_error_indicator", 2307, 2307, Anything(), optional=True),
    ),
    title="Order, and the first fields that have an error",
)

_BATCHES = Structure(many=True, same=("control_number",))
SOURCE = (
    "S11 (document codes, columns 1 to 184), S20 (order and lengths of the others); which are required: ours"
)

INCOME_WITHHOLDING = Layout(
    slug="income-withholding",
    title="Income withholding orders",
    summary="A state's orders to withhold income, in batches of one employer each.",
    header=header("BHI", OF_BATCH),
    details=(ORDER,),
    trailer=trailer("BTI"),
    structure=_BATCHES,
    source=SOURCE,
    outer=Envelope(header("FHI", OF_STATE), trailer("FTI")),
)

INCOME_WITHHOLDING_RESULT = Layout(
    slug="income-withholding-result",
    title="Income withholding orders, result",
    summary="What became of a state's orders: for each that has an error, the first fields that have one.",
    header=header("BHS", OF_BATCH, result=True),
    details=(_ANSWERED,),
    trailer=trailer("BTS", result=True),
    structure=replace(_BATCHES, empty=True),
    source=SOURCE,
    outer=Envelope(header("FHS", OF_STATE, result=True), trailer("FTS", result=True)),
)
