"""What the case registry says of each case (FD) and each person (FS) of a file (8.4).

Fields and their lengths are stated by a source; the marks FB and FZ are from memory (M). The columns, the
codes of errors and their messages are ours (P): the official list is not known to us.
"""

from dataclasses import replace

from schemas.kinds import Anything, Code, Digits, Kind, Literal
from schemas.layouts.case_registry import CASE, LENGTH, PERSON_RECORD, header, trailer
from schemas.record import Evidence, Field, Layout, Record, filler
from schemas.structure import Structure
from schemas.tables import REGISTRY_ANSWERS, SSN_VALIDITIES, YES_OR_NO

ERRORS = 5
CODE_WIDTH, MESSAGE_WIDTH = 5, 50
_Column = tuple[str, int, Kind, str]


def _echoed(record: Record, mark: str) -> tuple[Field, ...]:
    """The columns of an input record as they come back: whatever was sent, also where it was wrong."""
    kept = (
        field
        if field.is_filler
        else replace(field, kind=Anything(sensitive=field.kind.sensitive), optional=True)
        for field in record.fields[1:]
    )
    return (replace(record.fields[0], kind=Literal(value=mark)), *kept)


def _behind(first: int, columns: tuple[_Column, ...]) -> tuple[Field, ...]:
    """Fields one after the other, lengths stated by a source, from column `first` on."""
    fields = []
    for name, width, kind, label in columns:
        last = first + width - 1
        fields.append(Field(name, first, last, kind, True, label, Evidence.LENGTHS, "S20"))
        first = last + 1
    return tuple(fields)


_ANSWER: tuple[_Column, ...] = (
    ("batch_number", 6, Digits(), ""),
    ("acknowledgement_code", 5, Code(table=REGISTRY_ANSWERS), ""),
    *(
        column
        for number in range(1, ERRORS + 1)
        for column in (
            (f"error_{number}", CODE_WIDTH, Anything(), f"Error code {number}"),
            (f"message_{number}", MESSAGE_WIDTH, Anything(), f"Message {number}"),
        )
    ),
)
_SECRET = Anything(sensitive=True)
_OF_PERSON: tuple[_Column, ...] = (
    ("ssn_validity", 1, Code(table=SSN_VALIDITIES), "SSN validity"),
    ("provided_ssn", 9, _SECRET, "Provided or corrected SSN"),
    *((f"multiple_ssn_{number}", 9, _SECRET, f"Multiple SSN {number}") for number in (1, 2, 3)),
    ("birth_date_indicator", 1, Code(table=YES_OR_NO), "SSA birth date indicator"),
    ("death_date", 8, _SECRET, "Date of death"),
    ("residence_zip", 5, _SECRET, "SSA ZIP of the last residence"),
    ("payment_zip", 5, _SECRET, "SSA ZIP of the lump-sum payment"),
    ("residence_city", 15, _SECRET, "City"),
    ("residence_state", 2, _SECRET, "State"),
    ("primary_ssn", 9, _SECRET, "FCR primary SSN"),
    ("primary_first_name", 16, _SECRET, "FCR primary first name"),
    ("primary_middle_name", 16, _SECRET, "FCR primary middle name"),
    ("primary_last_name", 30, _SECRET, "FCR primary last name"),
    ("additional_ssn_1_validity", 1, Anything(), "Additional SSN 1 validity"),
    ("additional_ssn_2_validity", 1, Anything(), "Additional SSN 2 validity"),
)
_PERSON_ACK = (*_echoed(PERSON_RECORD, "FS"), *_behind(LENGTH + 1, (*_ANSWER, *_OF_PERSON)))
ACK_LENGTH = _PERSON_ACK[-1].last
_CASE_ACK = (*_echoed(CASE, "FD"), *_behind(LENGTH + 1, _ANSWER))

CASE_REGISTRY_ACK = Layout(
    slug="case-registry-ack",
    title="Case registry acknowledgements",
    summary="What became of each case and each person of a file, in its order, and whether numbers agree.",
    header=header("FB", ACK_LENGTH),
    details=(
        Record(
            "case",
            ACK_LENGTH,
            (*_CASE_ACK, filler(_CASE_ACK[-1].last + 1, ACK_LENGTH)),
            title="Acknowledgement of a case",
        ),
        Record("person", ACK_LENGTH, _PERSON_ACK, title="Acknowledgement of a person"),
    ),
    trailer=trailer("FZ", ACK_LENGTH),
    structure=Structure(empty=True),
    source="S20 (fields and lengths of 8.4); columns, codes of errors and messages are ours",
)
