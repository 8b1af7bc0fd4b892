"""Terminations: who left an employer or never worked there, and the notice to the states (4.3; ours, P)."""

from dataclasses import replace

from schemas.kinds import Amount, Code, Date8, Fein, Literal, MailState, Number, StateCode, Text, Time6, Zip
from schemas.layouts import employer
from schemas.record import Field, Layout, Record, filler
from schemas.structure import BlankWhen, NeedsWhen, NeedsWith, Once, Structure, Total, ZeroWhen
from schemas.tables import TERMINATIONS, TEST_FLAGS

NEVER = "N"
"""The code of who never worked for the employer: there is no day to tell, and nothing was paid."""
_LEFT = tuple(code for code in TERMINATIONS if code != NEVER)
_DAYS_AHEAD = 366
"""How far ahead a day may lie: terminations are announced, but a later year is a slip of the hand."""
_NOTICE_LENGTH = 600

_TOLD = (
    "ssn",
    "last_name",
    "termination_code",
    "termination_date",
    "final_payment_date",
    "final_payment_amount",
    "address1",
    "city",
    "state",
    "new_employer_name",
)
"""What states act on: whoever learns more of it later reports again."""


def _reported() -> tuple[Field, ...]:
    """Columns 92 to 382: what became of the employment, and where the person may be found now."""
    return (
        filler(92, 146),
        Field("termination_code", 147, 147, Code(table=TERMINATIONS)),
        Field("termination_date", 148, 155, Date8(ahead=_DAYS_AHEAD), optional=True),
        Field("final_payment_date", 156, 163, Date8(ahead=_DAYS_AHEAD), optional=True),
        Field("final_payment_amount", 164, 174, Amount(), optional=True),
        *employer.address(),
        Field("new_employer_name", 268, 324, Text(), optional=True, label="New employer"),
        Field("new_employer_address", 325, 349, Text(), optional=True, label="New employer's address"),
        Field("new_employer_city", 350, 371, Text(), optional=True, label="New employer's city"),
        Field("new_employer_state", 372, 373, MailState(), optional=True, label="New employer's state"),
        Field("new_employer_zip", 374, 382, Zip(), optional=True, label="New employer's ZIP code"),
    )


DETAIL = Record(
    "detail",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="TRD")),
        *employer.person(),
        *employer.case(),
        *_reported(),
        *employer.reference(),
    ),
    title="Person who left or never worked there",
    unique=("ssn", "case_id", "issuing_state", "termination_code", "termination_date"),
    across=(
        NeedsWhen("termination_date", "X001", when="termination_code", values=_LEFT),
        BlankWhen("termination_date", "X006", when="termination_code", values=(NEVER,)),
        BlankWhen("final_payment_date", "X006", when="termination_code", values=(NEVER,)),
        ZeroWhen("final_payment_amount", "X002", when="termination_code", values=(NEVER,)),
        NeedsWith(
            "final_payment_date",
            "X001",
            other="final_payment_amount",
            when="termination_code",
            values=(NEVER,),
        ),
    ),
)

TERMINATION = Layout(
    slug="termination",
    title="Termination report",
    summary="People who left an employer or never worked there, for the states they owe support in.",
    header=employer.header("TRH"),
    details=(DETAIL,),
    trailer=employer.trailer("TRT"),
    structure=replace(employer.STRUCTURE, totals=(Total("total_amount", "final_payment_amount"),)),
    twin=True,
    source="domain specification 4.3 (our own layout)",
    once=Once(employer.ONCE, _TOLD),
)

TERMINATION_RESULT = employer.result(
    slug="termination-result",
    title="Termination result",
    summary="The answer to a termination report: for each person the states that were told, or none.",
    mark="TA",
    detail=DETAIL,
)

_NOTICE_HEADER = Record(
    "header",
    _NOTICE_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="TNH")),
        Field("control_number", 4, 25, Text()),
        Field("state", 26, 27, StateCode()),
        Field("creation_date", 28, 35, Date8()),
        Field("creation_time", 36, 41, Time6()),
        Field("test_flag", 42, 42, Code(table=TEST_FLAGS)),
        filler(43, _NOTICE_LENGTH),
    ),
    title="Header",
)

_NOTICE_DETAIL = Record(
    "detail",
    _NOTICE_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="TND")),
        *employer.person(),
        *employer.case(),
        *_reported(),
        Field("reference", 383, 397, Text(), optional=True, label="Reference of the sender"),
        Field("sender_fein", 398, 406, Fein(), label="FEIN of the sender"),
        Field("client_fein", 407, 415, Fein(), label="FEIN of the employer"),
        Field("employer_name", 416, 472, Text(), label="Name of the sender"),
        Field("contact_name", 473, 529, Text(sensitive=True), optional=True, label="Whom to ask there"),
        Field("contact_phone", 530, 539, Text(sensitive=True), optional=True, label="Telephone"),
        filler(540, _NOTICE_LENGTH),
    ),
    title="Person who owes support and left, or never worked there",
)

_NOTICE_TRAILER = Record(
    "trailer",
    _NOTICE_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="TNT")),
        Field("control_number", 4, 25, Text()),
        Field("record_count", 26, 32, Number()),
        filler(33, _NOTICE_LENGTH),
    ),
    title="Trailer",
)

TERMINATION_NOTICE = Layout(
    slug="termination-notice",
    title="Termination notice to a state",
    summary="People who owe support in a state and have left an employer, or never worked there.",
    header=_NOTICE_HEADER,
    details=(_NOTICE_DETAIL,),
    trailer=_NOTICE_TRAILER,
    structure=Structure(same=("control_number",), empty=True),
    source="our own layout",
)
