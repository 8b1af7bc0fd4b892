"""Employer changes: where an employer takes orders, notices and questions from now on (ours, P)."""

from schemas.kinds import (
    Code,
    Date8,
    Email,
    Fein,
    Literal,
    MailState,
    Number,
    Phone,
    StateCode,
    Text,
    Time6,
    Zip,
)
from schemas.record import Field, Layout, Record, filler
from schemas.structure import NeedsWhen, Structure
from schemas.tables import EMPLOYER_DETAILS, EMPLOYER_PURPOSES, TEST_FLAGS

ADDRESS, CONTACT = "A", "C"
_LENGTH = 500

_HEADER = Record(
    "header",
    _LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="ECH")),
        Field("control_number", 4, 25, Text()),
        Field("state", 26, 27, StateCode()),
        Field("creation_date", 28, 35, Date8()),
        Field("creation_time", 36, 41, Time6()),
        Field("test_flag", 42, 42, Code(table=TEST_FLAGS)),
        filler(43, _LENGTH),
    ),
    title="Header",
)

_DETAIL = Record(
    "detail",
    _LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="ECD")),
        Field("detail", 4, 4, Code(table=EMPLOYER_DETAILS), label="What changed"),
        Field("purpose", 5, 5, Code(table=EMPLOYER_PURPOSES), label="What it is for"),
        Field("changed_on", 6, 13, Date8(), label="Day of the change"),
        Field("employer_fein", 14, 22, Fein(), optional=True, label="FEIN of the employer"),
        Field("employer_name", 23, 79, Text(), label="Name of the employer"),
        Field("street", 80, 179, Text(), optional=True),
        Field("city", 180, 229, Text(), optional=True),
        Field("address_state", 230, 231, MailState(), optional=True, label="State"),
        Field("zip", 232, 240, Zip(), optional=True),
        Field("contact_name", 241, 300, Text(), optional=True, label="Name of the contact"),
        Field("contact_title", 301, 360, Text(), optional=True, label="Position"),
        Field("telephone", 361, 370, Phone(), optional=True),
        Field("fax", 371, 380, Phone(), optional=True),
        Field("email", 381, 480, Email(), optional=True, label="Email address"),
        filler(481, _LENGTH),
    ),
    title="Address or contact that counts now",
    across=(
        NeedsWhen("street", "X001", when="detail", values=(ADDRESS,)),
        NeedsWhen("contact_name", "X001", when="detail", values=(CONTACT,)),
    ),
)

_TRAILER = Record(
    "trailer",
    _LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="ECT")),
        Field("control_number", 4, 25, Text()),
        Field("record_count", 26, 32, Number()),
        filler(33, _LENGTH),
    ),
    title="Trailer",
)

EMPLOYER_CHANGE = Layout(
    slug="employer-change",
    title="Employer changes for a state",
    summary="Addresses and contacts that employers changed, for the states that have to do with them.",
    header=_HEADER,
    details=(_DETAIL,),
    trailer=_TRAILER,
    structure=Structure(same=("control_number",), empty=True),
    source="our own layout",
)
