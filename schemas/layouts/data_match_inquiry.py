"""Data-match inquiry file, method 2: the people an institution looks for among its accounts (3.3)."""

from schemas.kinds import Anything, Code, Literal, Name, Number, Ssn, YearMonth
from schemas.record import Evidence, Field, Layout, Record, filler
from schemas.structure import Structure
from schemas.tables import FILE_INDICATORS

SEEN, LENGTHS, INFERRED = Evidence.VERIFIED, Evidence.LENGTHS, Evidence.INFERRED
TYPES, FIELDS = "S25", "S20"

HEADER = Record(
    "header",
    99,
    (
        Field("record_type", 1, 1, Literal(value="D"), evidence=SEEN, source=TYPES),
        Field("year_month", 2, 7, YearMonth(), evidence=LENGTHS, source=FIELDS),
        Field("match_indicator", 8, 8, Code(table=FILE_INDICATORS), evidence=LENGTHS, source=FIELDS),
        filler(9, 99, INFERRED),
    ),
    title="Header",
)

INQUIRY = Record(
    "inquiry",
    99,
    (
        Field("record_type", 1, 1, Literal(value="I"), evidence=SEEN, source=TYPES),
        Field("ssn", 2, 10, Ssn(), evidence=LENGTHS, source=FIELDS),
        Field("last_name", 11, 30, Name(), evidence=LENGTHS, source=FIELDS),
        Field("first_name", 31, 46, Name(), optional=True, evidence=LENGTHS, source=FIELDS),
        Field(
            "case_passback", 47, 61, Anything(sensitive=True), optional=True, evidence=LENGTHS, source=FIELDS
        ),
        Field("fips_passback", 62, 66, Anything(), optional=True, evidence=LENGTHS, source=FIELDS),
        filler(67, 99, INFERRED),
    ),
    title="Person to look for",
    unique=("ssn", "case_passback", "fips_passback"),
)

TRAILER = Record(
    "trailer",
    99,
    (
        Field("record_type", 1, 1, Literal(value="T"), evidence=SEEN, source=TYPES),
        Field("record_count", 2, 11, Number(), evidence=LENGTHS, source=FIELDS),
        filler(12, 99, INFERRED),
    ),
    title="Trailer",
)

DATA_MATCH_INQUIRY = Layout(
    slug="data-match-inquiry",
    title="Data match inquiry file",
    summary="The people of a quarter that a financial institution looks for among its accounts (method 2).",
    header=HEADER,
    details=(INQUIRY,),
    trailer=TRAILER,
    structure=Structure(empty=True),
    short_lines=True,
    source="S25 for the record types and the length; S20 for fields and lengths",
)
