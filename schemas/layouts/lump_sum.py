"""Lump sum: what employers report, what they get back, and the notice to the states (4.3, 4.4; ours, P)."""

from schemas.kinds import Code, Date8, Fein, Literal, Number, StateCode, Text, Time6
from schemas.layouts import employer
from schemas.record import Field, Layout, Record, filler
from schemas.structure import Once, Structure
from schemas.tables import PAYMENT_KINDS, TEST_FLAGS

DETAIL = Record(
    "detail",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="LSD")),
        *employer.person(),
        *employer.case(),
        *employer.payment(),
        filler(147, 382),
        *employer.reference(),
    ),
    title="Payment",
    unique=("ssn", "case_id", "issuing_state", "payment_kind", "payment_date", "payment_amount"),
)

LUMP_SUM = Layout(
    slug="lump-sum",
    title="Lump sum report",
    summary="Bonuses and other single payments an employer is about to make, to hold against support debts.",
    header=employer.header("LSH"),
    details=(DETAIL,),
    trailer=employer.trailer("LST"),
    structure=employer.STRUCTURE,
    twin=True,
    source="domain specification 4.3 (our own layout)",
    once=Once(employer.ONCE, ("ssn", "last_name", "payment_kind", "payment_date", "payment_amount")),
)

LUMP_SUM_RESULT = employer.result(
    slug="lump-sum-result",
    title="Lump sum result",
    summary="The answer to a lump sum report: for each payment a match or none, and the states to contact.",
    mark="LR",
    detail=DETAIL,
)

_NOTICE_HEADER = Record(
    "header",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="LNH")),
        Field("control_number", 4, 25, Text()),
        Field("state", 26, 27, StateCode()),
        Field("creation_date", 28, 35, Date8()),
        Field("creation_time", 36, 41, Time6()),
        Field("test_flag", 42, 42, Code(table=TEST_FLAGS)),
        filler(43, employer.LENGTH),
    ),
    title="Header",
)

_NOTICE_DETAIL = Record(
    "detail",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="LND")),
        *employer.person(),
        *employer.case(),
        *employer.payment(),
        Field("sender_fein", 147, 155, Fein(), label="FEIN of the sender"),
        Field("client_fein", 156, 164, Fein(), label="FEIN of the employer"),
        Field("employer_name", 165, 221, Text()),
        Field("contact_name", 222, 278, Text(sensitive=True), optional=True),
        Field("contact_phone", 279, 288, Text(sensitive=True), optional=True),
        filler(289, 382),
        *employer.reference(),
    ),
    title="Payment to a person who owes support",
)

_NOTICE_TRAILER = Record(
    "trailer",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="LNT")),
        Field("control_number", 4, 25, Text()),
        Field("record_count", 26, 32, Number()),
        filler(33, employer.LENGTH),
    ),
    title="Trailer",
)

LUMP_SUM_NOTICE = Layout(
    slug="lump-sum-notice",
    title="Lump sum notice to a state",
    summary="Payments that employers are about to make to people who owe support in a state.",
    header=_NOTICE_HEADER,
    details=(_NOTICE_DETAIL,),
    trailer=_NOTICE_TRAILER,
    structure=Structure(same=("control_number",), empty=True),
    source="our own layout",
)

__all__ = ["DETAIL", "LUMP_SUM", "LUMP_SUM_NOTICE", "LUMP_SUM_RESULT", "PAYMENT_KINDS"]
