"""What goes out after a data match: the answer to the institution, the matches to the states (3.10; ours)."""

from schemas.kinds import Anything, Code, Date8, Digits, Fein, Literal, Number, StateCode, Text, YearMonth
from schemas.record import Evidence, Field, Layout, Record, filler
from schemas.structure import Structure
from schemas.tables import LINE_RESULTS

L = Evidence.LENGTHS
_ANSWER_LENGTH = 80

_ANSWER_HEADER = Record(
    "header",
    _ANSWER_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="MRH")),
        Field("institution_tin", 4, 12, Fein(), label="Institution TIN"),
        Field("year_month", 13, 18, YearMonth()),
        Field("creation_date", 19, 26, Date8()),
        filler(27, _ANSWER_LENGTH),
    ),
    title="Institution",
)

_ANSWER_DETAIL = Record(
    "detail",
    _ANSWER_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="MRD")),
        Field("line", 4, 12, Number(), label="Line of your file"),
        Field("account_number", 13, 32, Anything(sensitive=True), optional=True),
        Field("result_code", 33, 33, Code(table=LINE_RESULTS), label="Result"),
        *(Field(f"error{k}", 30 + 4 * k, 33 + 4 * k, Text(), optional=True) for k in (1, 2, 3)),
        Field("state_count", 46, 47, Digits(), label="Number of states it was handed to"),
        filler(48, _ANSWER_LENGTH),
    ),
    title="Account",
)

_ANSWER_TRAILER = Record(
    "trailer",
    _ANSWER_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="MRT")),
        Field("record_count", 4, 12, Number()),
        Field("accepted_count", 13, 21, Number()),
        Field("error_count", 22, 30, Number()),
        filler(31, _ANSWER_LENGTH),
    ),
    title="Trailer",
)

DATA_MATCH_RESULT = Layout(
    slug="data-match-result",
    title="Data match result",
    summary="The answer to a data match file: each account, accepted or not, and to how many states it went.",
    header=_ANSWER_HEADER,
    details=(_ANSWER_DETAIL,),
    trailer=_ANSWER_TRAILER,
    structure=Structure(many=True, empty=True),
    source="our own layout",
)


def _row(*columns: tuple[str, int, bool]) -> tuple[Field, ...]:
    """Fields one after the other: name, length, whether sensitive. Kept as the institution wrote them."""
    fields, first = [Field("record_id", 1, 3, Literal(value="MSD"))], 4
    for name, width, sensitive in columns:
        kind = Anything(sensitive=sensitive)
        fields.append(Field(name, first, first + width - 1, kind, optional=True, evidence=L, source="S20"))
        first += width
    return tuple(fields)


_STATE_FIELDS = _row(
    ("case_id", 15, True),
    ("institution_tin", 9, True),
    ("account_number", 20, True),
    ("year_month", 6, False),
    ("ssn", 9, True),
    ("name", 40, True),
    ("street", 40, True),
    ("city", 30, False),
    ("state", 2, False),
    ("zip", 5, False),
    ("zip4", 4, False),
    ("zip3", 3, False),
    ("foreign_indicator", 1, False),
    ("name_match_flag", 1, False),
    ("balance", 9, True),
    ("account_type", 2, False),
    ("trust_indicator", 1, False),
    ("balance_indicator", 1, False),
    ("birth_date", 8, True),
    ("payee_indicator", 1, False),
    ("account_title", 100, True),
    ("primary_ssn", 9, True),
    ("second_name", 40, True),
    ("second_ssn", 9, True),
    ("account_status", 1, False),
    ("institution_name", 40, False),
    ("institution_street", 40, False),
    ("institution_city", 29, False),
    ("institution_state", 2, False),
    ("institution_zip", 9, False),
    ("institution_second_name", 40, False),
    ("transmitter_tin", 9, True),
    ("transmitter_name", 71, False),
    ("transmitter_street", 40, False),
    ("transmitter_city", 29, False),
    ("transmitter_state", 2, False),
    ("transmitter_zip", 9, False),
)
_STATE_LENGTH = _STATE_FIELDS[-1].last

_STATE_HEADER = Record(
    "header",
    _STATE_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="MSH")),
        Field("state", 4, 5, StateCode()),
        Field("year_month", 6, 11, YearMonth()),
        Field("creation_date", 12, 19, Date8()),
        filler(20, _STATE_LENGTH),
    ),
    title="Header",
)

_STATE_TRAILER = Record(
    "trailer",
    _STATE_LENGTH,
    (
        Field("record_id", 1, 3, Literal(value="MST")),
        Field("record_count", 4, 12, Number()),
        filler(13, _STATE_LENGTH),
    ),
    title="Trailer",
)

DATA_MATCH_STATE = Layout(
    slug="data-match-state",
    title="Data matches for a state",
    summary="Accounts of people who owe support in a state, as financial institutions reported them.",
    header=_STATE_HEADER,
    details=(Record("detail", _STATE_LENGTH, _STATE_FIELDS, title="Matched account"),),
    trailer=_STATE_TRAILER,
    structure=Structure(empty=True),
    source="field lengths S20; positions are ours",
)
