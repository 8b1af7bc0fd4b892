"""The case registry's input file: cases, people of cases, and requests to locate them (8.1 to 8.3).

The columns of case and person records are computed from orders and lengths that sources state. That header
and trailer are marked FA and FX, and that all records have 640 characters, is from memory (M). In which order
the fields of a header stand, which fields are required, and that a tribe leaves the state blank, is our own
choice (P).
"""

from schemas.kinds import (
    Anything,
    Blank,
    CaseNumber,
    Code,
    Date8,
    Digits,
    Kind,
    Literal,
    Name,
    Number,
    RegistryCase,
    Ssn,
    StateCode,
    Text,
)
from schemas.record import Evidence, Field, Layout, Record, filler
from schemas.structure import Across, Among, BlankWhen, NeedsWhen, Structure, Unlike
from schemas.tables import (
    CASE_ACTIONS,
    CASE_TYPES,
    FAMILY_VIOLENCE,
    LOCATE_SOURCES,
    LOCATE_SOURCES_OR_ALL,
    LOCATE_TYPES,
    ONLY_YES,
    PARTICIPANT_TYPES,
    PERSON_ACTIONS,
    SEXES,
    YES_OR_NO,
)

LENGTH = 640
SOURCES, OTHER_NAMES = 8, 4
CASE_MARK, PERSON_MARK = "FC", "FP"
ADD, CHANGE, DELETE, LOCATE, TERMINATE = PERSON_ACTIONS
PERSON = Text(sensitive=True)
_BIRTH = Date8(past=True, sensitive=True)
_S20, _S29 = "S20", "S29"


def mark(text: str, evidence: Evidence) -> Field:
    """What a record begins with."""
    return Field("record_id", 1, 2, Literal(value=text), evidence=evidence, source=_S29)


def stated(name: str, first: int, last: int, kind: Kind, *, optional: bool = False, label: str = "") -> Field:
    """A field whose columns a source states."""
    return Field(name, first, last, kind, optional, label, Evidence.VERIFIED, _S29)


def computed(
    name: str, first: int, last: int, kind: Kind, *, optional: bool = True, label: str = ""
) -> Field:
    """A field whose order and length a source states; its columns follow from that."""
    return Field(name, first, last, kind, optional, label, Evidence.LENGTHS, _S29)


def header(text: str, length: int, evidence: Evidence = Evidence.MEMORY) -> Record:
    """The header of a file of the case registry, by the lengths of 8.1."""
    fields = (
        mark(text, evidence),
        Field("state", 3, 4, StateCode(), optional=True, evidence=Evidence.LENGTHS, source=_S20),
        Field("version", 5, 9, Text(), optional=True, evidence=Evidence.LENGTHS, source=_S20),
        Field("creation_date", 10, 17, Date8(past=True), evidence=Evidence.LENGTHS, source=_S20),
        Field("batch_number", 18, 23, Digits(), evidence=Evidence.LENGTHS, source=_S20),
        filler(24, length),
    )
    return Record("header", length, fields, title="Header")


def trailer(text: str, length: int, evidence: Evidence = Evidence.MEMORY) -> Record:
    """The trailer of a file of the case registry."""
    fields = (
        mark(text, evidence),
        Field("record_count", 3, 10, Number(), evidence=Evidence.LENGTHS, source=_S20),
        filler(11, length),
    )
    return Record("trailer", length, fields, title="Trailer")


_CASE_RULES: tuple[Across, ...] = (
    NeedsWhen("case_type", "X001", when="action_type", values=(ADD,)),
    NeedsWhen("order_indicator", "X001", when="action_type", values=(ADD,)),
    BlankWhen("previous_case_id", "X006", when="action_type", values=(ADD, DELETE)),
    Unlike("previous_case_id", "X022", other="case_id"),
)

CASE = Record(
    "case",
    LENGTH,
    (
        mark(CASE_MARK, Evidence.VERIFIED),
        stated("action_type", 3, 3, Code(table=CASE_ACTIONS)),
        stated("case_id", 4, 18, RegistryCase(), label="Case ID"),
        stated("case_type", 19, 19, Code(table=CASE_TYPES), optional=True),
        stated("order_indicator", 20, 20, Code(table=YES_OR_NO), optional=True),
        computed("county", 21, 23, Digits(), label="FIPS county code"),
        filler(24, 25, Evidence.LENGTHS, _S29),
        computed("user_field", 26, 40, Anything(sensitive=True)),
        computed("previous_case_id", 41, 55, RegistryCase(), label="Previous case ID"),
        filler(56, LENGTH),
    ),
    title="Case",
    unique=("case_id", "action_type"),
    across=_CASE_RULES,
)


def _other_name(number: int) -> tuple[Field, ...]:
    first = 265 + 62 * (number - 1)
    name = f"additional_{number}"
    return (
        computed(f"{name}_first_name", first, first + 15, Name(), label=f"Additional first name {number}"),
        computed(
            f"{name}_middle_name", first + 16, first + 31, Name(), label=f"Additional middle name {number}"
        ),
        computed(f"{name}_last_name", first + 32, first + 61, Name(), label=f"Additional last name {number}"),
    )


def _source(number: int) -> Field:
    table = LOCATE_SOURCES_OR_ALL if number == 1 else LOCATE_SOURCES
    first = 529 + 3 * (number - 1)
    return computed(f"locate_source_{number}", first, first + 2, Code(table=table))


_PERSON_RULES: tuple[Across, ...] = (
    NeedsWhen("participant_type", "X001", when="action_type", values=(ADD,)),
    NeedsWhen("last_name", "X001", when="action_type", values=(ADD,)),
    NeedsWhen("locate_request_type", "X001", when="action_type", values=(LOCATE,)),
    BlankWhen("new_member_id", "X006", when="action_type", values=(ADD, DELETE, LOCATE, TERMINATE)),
    *(
        BlankWhen(f"locate_source_{number}", "X006", when="locate_source_1", values=("ALL",))
        for number in range(2, SOURCES + 1)
    ),
)

PERSON_RECORD = Record(
    "person",
    LENGTH,
    (
        mark(PERSON_MARK, Evidence.VERIFIED),
        stated("action_type", 3, 3, Code(table=PERSON_ACTIONS)),
        computed("case_id", 4, 18, RegistryCase(), optional=False, label="Case ID"),
        filler(19, 20, Evidence.LENGTHS, _S29),
        computed("user_field", 21, 35, Anything(sensitive=True)),
        computed("county", 36, 38, Digits(), label="FIPS county code"),
        filler(39, 40, Evidence.LENGTHS, _S29),
        computed("locate_request_type", 41, 42, Code(table=LOCATE_TYPES)),
        computed("bundle_results", 43, 43, Blank(named=True)),
        computed("participant_type", 44, 45, Code(table=PARTICIPANT_TYPES)),
        computed("family_violence", 46, 47, Code(table=FAMILY_VIOLENCE, sensitive=True)),
        computed("member_id", 48, 62, CaseNumber(), label="Member ID"),
        computed("sex", 63, 63, Code(table=SEXES)),
        computed("birth_date", 64, 71, _BIRTH),
        computed("ssn", 72, 80, Ssn()),
        computed("previous_ssn", 81, 89, Ssn(), label="Previous Social Security number"),
        computed("first_name", 90, 105, Name()),
        computed("middle_name", 106, 121, Name()),
        computed("last_name", 122, 151, Name()),
        computed("birth_city", 152, 167, PERSON, label="City of birth"),
        computed("birth_place", 168, 171, PERSON, label="State or country of birth"),
        computed("father_first_name", 172, 187, Name(), label="Father's first name"),
        computed("father_middle_initial", 188, 188, Name(), label="Father's middle initial"),
        computed("father_last_name", 189, 204, Name(), label="Father's last name"),
        computed("mother_first_name", 205, 220, Name(), label="Mother's first name"),
        computed("mother_middle_initial", 221, 221, Name(), label="Mother's middle initial"),
        computed("mother_maiden_name", 222, 237, Name(), label="Mother's maiden name"),
        computed("irs_u_ssn", 238, 246, Ssn(), label="IRS-U SSN"),
        computed("additional_ssn_1", 247, 255, Ssn(), label="Additional SSN 1"),
        computed("additional_ssn_2", 256, 264, Ssn(), label="Additional SSN 2"),
        *(field for number in range(OTHER_NAMES) for field in _other_name(number + 1)),
        computed("new_member_id", 513, 527, CaseNumber(), label="New member ID"),
        computed("irs_1099", 528, 528, Code(table=ONLY_YES), label="IRS 1099 request"),
        *(_source(number + 1) for number in range(SOURCES)),
        filler(553, LENGTH),
    ),
    title="Person or locate request",
    unique=("case_id", "action_type", "participant_type", "member_id", "ssn", "last_name", "first_name"),
    across=_PERSON_RULES,
)

CASE_REGISTRY = Layout(
    slug="case-registry",
    title="Case registry and locate requests",
    summary="Cases of a state or tribe, the people of these cases, and requests to locate them.",
    header=header("FA", LENGTH),
    details=(CASE, PERSON_RECORD),
    trailer=trailer("FX", LENGTH),
    structure=Structure(among=(Among("state", "jurisdictions", "H022"),)),
    short_lines=True,
    source="S29 (columns of records computed), S20 (lengths of header and trailer); FA, FX and 640: memory",
)
