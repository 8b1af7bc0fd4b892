"""What sources answered to requests that came by file: one record an answer (FF, 8.6).

Order and lengths of the fields are those of a state's record; which answers fill them is ours. What sources
say here are lines of text: where a column of the state's record cannot hold one, it stays blank, and the line
stands whole in the columns of our own behind them (P). The marks of header and trailer are ours, too, since
those that are known stand in other files already.
"""

from schemas.kinds import Anything, Code, Date8, Kind, Literal
from schemas.layouts.case_registry import header, trailer
from schemas.locate.answers import LONGEST_FACT, FactField
from schemas.record import Evidence, Field, Layout, Record
from schemas.structure import Structure
from schemas.tables import LOCATE_OUTCOMES, LOCATE_SOURCES

_ANY, _SECRET = Anything(), Anything(sensitive=True)
_Column = tuple[str, int, Kind]

_STATED: tuple[_Column, ...] = (
    ("state", 2, _ANY),
    ("station", 2, _ANY),
    ("source", 3, Code(table=LOCATE_SOURCES)),
    ("name_sent_indicator", 1, _ANY),
    ("sent_first_name", 16, _SECRET),
    ("sent_middle_name", 16, _SECRET),
    ("sent_last_name", 20, _SECRET),
    ("sent_second_name", 20, _SECRET),
    ("sent_third_name", 20, _SECRET),
    ("returned_name", 62, _SECRET),
    ("submitted_ssn", 9, _SECRET),
    ("case_id", 10, _SECRET),
    ("request_id", 5, _ANY),
    ("user_field", 7, _SECRET),
    ("local_code", 3, _ANY),
    ("case_type", 1, _ANY),
    ("address_date_format", 1, _ANY),
    ("address_date", 8, _ANY),
    ("response_code", 2, _ANY),
    ("address_format", 1, _ANY),
    ("returned_address", 234, _SECRET),
    ("dod_eligibility", 1, _ANY),
    ("dod_date", 8, _SECRET),
    ("dod_status", 1, _ANY),
    ("dod_service", 4, _ANY),
    ("dod_pay_grade", 4, _ANY),
    ("dod_salary", 6, _SECRET),
    ("dod_birth_date", 8, _SECRET),
    ("submitting_office", 4, _ANY),
    ("sesa_state", 2, _ANY),
    ("sesa_flag", 1, _ANY),
    ("sesa_wage", 6, _SECRET),
    ("irs_name_control", 6, _SECRET),
    ("irs_tax_year", 4, _SECRET),
    ("nprc_status", 1, _ANY),
    ("ssa_federal", 1, _ANY),
    ("ssa_division", 4, _ANY),
    ("mbr_benefit", 6, _SECRET),
    ("mbr_death_date", 8, _SECRET),
    ("va_benefit", 1, _SECRET),
    ("va_death_date", 8, _SECRET),
    ("va_award_date", 8, _SECRET),
    ("va_amount", 6, _SECRET),
    ("va_suspense", 1, _SECRET),
    ("va_incarceration", 1, _SECRET),
    ("va_retirement", 1, _SECRET),
    ("address_indicator", 1, _ANY),
    ("health_insurance", 1, _SECRET),
    ("employment_status", 1, _SECRET),
    ("employment_type", 1, _SECRET),
    ("hire_date", 8, _SECRET),
    ("federal_agency", 9, _ANY),
    ("fein", 9, _ANY),
    ("ssn_match_indicator", 1, _ANY),
    ("other_ssn", 9, _SECRET),
    ("reporting_quarter", 5, _ANY),
    ("ndnh_response", 1, _ANY),
    ("nsa_death_date", 8, _SECRET),
)
"""The state's record, in its order; a date without a length takes eight columns."""
_OURS: tuple[_Column, ...] = (
    ("outcome", 1, Code(table=LOCATE_OUTCOMES)),
    ("received_date", 8, Date8()),
    ("reference", 11, _ANY),
    ("whole_case_id", 15, _SECRET),
    ("whole_user_field", 15, _SECRET),
    ("member_id", 15, _SECRET),
    ("label", 40, _ANY),
    *((f"said_{field.value}", LONGEST_FACT, _SECRET) for field in FactField),
)

_SENT = ("sent_first_name", "sent_middle_name", "sent_last_name", "name_sent_indicator", "submitted_ssn")
_NAMED = (
    "case_id",
    "user_field",
    "local_code",
    "reference",
    "whole_case_id",
    "whole_user_field",
    "member_id",
)
ASKED = frozenset({"state", *_SENT, *_NAMED})
"""What a record repeats of the request, whatever was answered."""


def _fields() -> tuple[Field, ...]:
    fields = [Field("record_id", 1, 2, Literal(value="FF"), evidence=Evidence.MEMORY, source="S20")]
    for columns, evidence in ((_STATED, Evidence.LENGTHS), (_OURS, Evidence.PROPOSAL)):
        for name, width, kind in columns:
            first = fields[-1].last + 1
            source = "S20" if evidence is Evidence.LENGTHS else ""
            fields.append(Field(name, first, first + width - 1, kind, True, evidence=evidence, source=source))
    return tuple(fields)


_FIELDS = _fields()
_LENGTH = _FIELDS[-1].last

LOCATE_RESPONSE = Layout(
    slug="locate-response",
    title="Locate responses",
    summary="What sources answered to requests to locate people that came by file.",
    header=header("FL", _LENGTH, Evidence.PROPOSAL),
    details=(Record("answer", _LENGTH, _FIELDS, title="Answer of a source"),),
    trailer=trailer("FE", _LENGTH, Evidence.PROPOSAL),
    structure=Structure(empty=True),
    source="S20 (order and lengths of 8.6); columns, and those behind them, are ours",
)
