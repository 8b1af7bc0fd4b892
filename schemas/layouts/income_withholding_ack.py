"""Acknowledgements of income withholding orders: what employers answer, and what they hear of it (6.5-6.7).

All columns but the first six are computed from the order and lengths that a state's reader uses.
"""

from dataclasses import replace

from schemas.dispositions import ALLOWED, NEEDED
from schemas.kinds import (
    Amount,
    CaseNumber,
    Code,
    Date8,
    Digits,
    Fein,
    Literal,
    MailState,
    Name,
    Phone,
    Ssn,
    StateCode,
    Text,
    Zip,
)
from schemas.layouts.income_withholding import (
    OF_BATCH,
    OF_EMPLOYER,
    PERSON,
    UNUSED,
    computed,
    header,
    loosely,
    seen,
    trailer,
)
from schemas.record import Envelope, Layout, Record
from schemas.structure import Structure
from schemas.tables import DISPOSITION_REASONS, DISPOSITION_STATUSES, ORDER_ACTIONS

LENGTH = 548

ACKNOWLEDGEMENT = Record(
    "detail",
    LENGTH,
    (
        seen("document_code", 1, 3, Literal(value="ACK")),
        seen("action_code", 4, 6, Code(table=ORDER_ACTIONS), optional=True),
        computed("case_id", 7, 21, CaseNumber(), optional=True),
        computed("ein", 22, 30, Fein(), optional=True),
        computed("employee_last_name", 31, 50, Name(), optional=True),
        computed("employee_first_name", 51, 65, Name(), optional=True),
        computed("employee_middle_name", 66, 80, Name(), optional=True),
        computed("employee_suffix", 81, 84, Name(), optional=True),
        computed("employee_ssn", 85, 93, Ssn(), optional=True),
        computed("document_tracking_number", 94, 123, PERSON, optional=True),
        computed("order_identifier", 124, 153, PERSON, optional=True),
        computed("disposition_status", 154, 155, Code(table=DISPOSITION_STATUSES)),
        computed("disposition_reason", 156, 158, Code(table=DISPOSITION_REASONS), optional=True),
        computed("termination_date", 159, 166, Date8(), optional=True),
        computed("last_known_address1", 167, 191, PERSON, optional=True),
        computed("last_known_address2", 192, 216, PERSON, optional=True),
        computed("last_known_city", 217, 238, PERSON, optional=True),
        computed("last_known_state", 239, 240, MailState(), optional=True),
        computed("last_known_zip", 241, 245, Zip(), optional=True),
        computed("last_known_zip4", 246, 249, Digits(), optional=True),
        computed("final_payment_date", 250, 257, Date8(), optional=True),
        computed("final_payment_amount", 258, 268, Amount(), optional=True),
        computed("new_employer_name", 269, 325, Text(), optional=True),
        computed("new_employer_address1", 326, 350, Text(), optional=True),
        computed("new_employer_address2", 351, 375, Text(), optional=True),
        computed("new_employer_city", 376, 397, Text(), optional=True),
        computed("new_employer_state", 398, 399, MailState(), optional=True),
        computed("new_employer_zip", 400, 404, Zip(), optional=True),
        computed("new_employer_zip4", 405, 408, Digits(), optional=True),
        computed("lump_sum_payment_date", 409, 416, Date8(), optional=True),
        computed("lump_sum_amount", 417, 427, Amount(), optional=True),
        computed("lump_sum_type", 428, 462, Text(), optional=True),
        computed("last_known_phone", 463, 472, Phone(), optional=True),
        computed("first_error_field_name", 473, 504, UNUSED, optional=True),
        computed("second_error_field_name", 505, 536, UNUSED, optional=True),
        computed("multiple_error_indicator", 537, 537, UNUSED, optional=True),
        computed("corrected_fein", 538, 546, Fein(), optional=True),
        computed("other_order_state", 547, 548, StateCode(), optional=True),
    ),
    title="Acknowledgement",
    unique=(
        "document_tracking_number",
        "case_id",
        "employee_ssn",
        "disposition_status",
        "disposition_reason",
        "action_code",
        "termination_date",
        "lump_sum_payment_date",
        "lump_sum_amount",
    ),
    across=(*ALLOWED, *NEEDED),
)
_ANSWERED = Record(
    "detail",
    LENGTH,
    loosely(ACKNOWLEDGEMENT.fields),
    title="Acknowledgement, and the first fields that have an error",
)

_BATCHES = Structure(many=True, same=("control_number",))
SOURCE = "S20 (order and lengths, codes), S11 (document codes); which fields are required: ours"

INCOME_WITHHOLDING_ACK = Layout(
    slug="income-withholding-ack",
    title="Acknowledgements of income withholding orders",
    summary="What an employer answers to orders, and what it reports of its employees on its own initiative.",
    header=header("BHA", OF_BATCH),
    details=(ACKNOWLEDGEMENT,),
    trailer=trailer("BTA"),
    structure=_BATCHES,
    twin=True,
    source=SOURCE,
    outer=Envelope(header("FHA", OF_EMPLOYER), trailer("FTA")),
)

INCOME_WITHHOLDING_ACK_RESULT = Layout(
    slug="income-withholding-ack-result",
    title="Acknowledgements of income withholding orders, result",
    summary="What became of an employer's acknowledgements: the first fields that have an error in each.",
    header=header("BHK", OF_BATCH, result=True),
    details=(_ANSWERED,),
    trailer=trailer("BTK", result=True),
    structure=replace(_BATCHES, empty=True),
    source=SOURCE,
    outer=Envelope(header("FHK", OF_EMPLOYER, result=True), trailer("FTK", result=True)),
)
