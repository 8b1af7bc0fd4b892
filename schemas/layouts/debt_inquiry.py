"""Debt inquiry: does this person owe support? Asked by employers and insurers (4.3, 4.4; ours, P)."""

from schemas.kinds import Literal
from schemas.layouts import employer
from schemas.record import Field, Layout, Record, filler
from schemas.structure import AnyOf

DETAIL = Record(
    "detail",
    employer.LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="DID")),
        *employer.person(ssn_optional=True),
        filler(75, 91),
        *employer.payment(),
        filler(147, 174),
        *employer.address(),
        filler(268, 382),
        *employer.reference(),
    ),
    title="Person to ask about",
    unique=("ssn", "last_name", "first_name", "birth_date", "payment_kind", "payment_date", "payment_amount"),
    across=(AnyOf("ssn", "X004", instead=("last_name", "first_name", "birth_date")),),
)

DEBT_INQUIRY = Layout(
    slug="debt-inquiry",
    title="Debt inquiry",
    summary="People an employer or insurer is about to pay: who of them owes support, and to which state.",
    header=employer.header("DIH"),
    details=(DETAIL,),
    trailer=employer.trailer("DIT"),
    structure=employer.STRUCTURE,
    twin=True,
    source="domain specification 4.3 (our own layout)",
)

DEBT_INQUIRY_RESULT = employer.result(
    slug="debt-inquiry-result",
    title="Debt inquiry result",
    summary="The answer to a debt inquiry: for each person a match or none, and the states to contact.",
    mark="DR",
    detail=DETAIL,
)
