"""Data-match file: the accounts an institution found (method 2) or keeps (method 1); A, B, T (3.4-3.9).

The record length is not known; 420 is the default, and trailing spaces may be left out. Another length makes
another layout: `data_match(450)`.
"""

from schemas.kinds import (
    Anything,
    Code,
    Date8,
    Digits,
    Fein,
    Literal,
    MailState,
    SignedDollars,
    Ssn,
    StateCode,
    Text,
    WholeDollars,
    YearMonth,
    Zip,
)
from schemas.record import Evidence, Field, Layout, Record, filler, unknown
from schemas.structure import Among, AsHeader, NeedsWhen, OnlyWhenHeader, Structure, ZeroWhen
from schemas.tables import (
    ACCOUNT_STATUSES,
    ACCOUNT_TYPES,
    BALANCE_INDICATORS,
    FILE_INDICATORS,
    NAME_MATCHES,
    PAYEES,
    TRUST_FUNDS,
    UPDATES,
    YES,
    YES_NO,
)

SEEN, INFERRED, MEMORY, OURS = Evidence.VERIFIED, Evidence.INFERRED, Evidence.MEMORY, Evidence.PROPOSAL
DEFAULT_LENGTH = 420
SHORTEST = 400

_PERSON = Text(sensitive=True)


def _institution(length: int) -> Record:
    fields = (
        Field("record_type", 1, 1, Literal(value="A"), evidence=SEEN),
        filler(2, 3, SEEN),
        Field("media_sequence", 4, 6, Digits(), optional=True, evidence=SEEN),
        Field("institution_tin", 7, 15, Fein(), label="Institution TIN", evidence=SEEN),
        Field("name_control", 16, 19, Text(), optional=True, evidence=SEEN),
        Field("year_month", 20, 25, YearMonth(), evidence=SEEN),
        filler(26, 31, SEEN),
        Field("test_indicator", 32, 32, Code(table={"T": "test"}), optional=True, evidence=SEEN),
        Field("service_bureau", 33, 33, Code(table=YES), optional=True, evidence=SEEN),
        filler(34, 41, SEEN),
        Field("media_indicator", 42, 43, Literal(value="LS"), optional=True, evidence=SEEN),
        filler(44, 48, SEEN),
        Field("foreign_corporation", 49, 49, Code(table=YES), optional=True, evidence=SEEN),
        Field("institution_name", 50, 89, Text(), evidence=SEEN),
        Field("second_name", 90, 129, Text(), optional=True, evidence=SEEN),
        Field("transfer_agent", 130, 130, Code(table=YES_NO), optional=True, evidence=SEEN),
        Field("street", 131, 170, Text(), evidence=SEEN),
        Field("city", 171, 199, Text(), evidence=SEEN),
        Field("state", 200, 201, MailState(), evidence=SEEN),
        Field("zip", 202, 210, Zip(), evidence=SEEN),
        Field("transmitter_tin", 211, 219, Fein(), label="Transmitter TIN", evidence=SEEN),
        Field("transmitter_name", 220, 290, Text(), optional=True, evidence=SEEN),
        Field("transmitter_street", 291, 330, Text(), optional=True, evidence=SEEN),
        Field("transmitter_city", 331, 359, Text(), optional=True, evidence=SEEN),
        Field("transmitter_state", 360, 361, MailState(), optional=True, evidence=INFERRED),
        Field(
            "transmitter_zip", 362, 370, Zip(), optional=True, label="Transmitter ZIP code", evidence=INFERRED
        ),
        Field("match_file_indicator", 371, 371, Code(table=FILE_INDICATORS), evidence=SEEN),
        filler(372, length, INFERRED),
    )
    return Record("institution", length, fields, title="Institution (A)")


def _account_head(*, ssn: str, name: str) -> tuple[Field, ...]:
    """Columns 1 to 321, which both methods share."""
    return (
        Field("record_type", 1, 1, Literal(value="B"), evidence=SEEN),
        Field("year_month", 2, 7, YearMonth(), evidence=SEEN),
        Field("name_control", 8, 11, _PERSON, optional=True, evidence=SEEN),
        filler(12, 14, SEEN),
        Field("ssn", 15, 23, Ssn(), label=ssn, evidence=SEEN),
        Field("account_number", 24, 43, _PERSON, evidence=SEEN),
        filler(44, 60, SEEN),
        Field(
            "account_title",
            61,
            160,
            _PERSON,
            optional=True,
            label="Legal title of the account",
            evidence=SEEN,
        ),
        Field("foreign_indicator", 161, 161, Code(table=YES), optional=True, evidence=SEEN),
        Field("name", 162, 201, _PERSON, label=name, evidence=SEEN),
        Field("second_name", 202, 241, _PERSON, optional=True, label="Secondary holder name", evidence=SEEN),
        Field("street", 242, 281, _PERSON, optional=True, evidence=SEEN),
        Field("city", 282, 310, Text(), optional=True, evidence=SEEN),
        Field("state", 311, 312, MailState(), optional=True, evidence=SEEN),
        Field("zip", 313, 321, Zip(), optional=True, evidence=SEEN),
    )


_ACROSS = (
    AsHeader("year_month", "X003", header="year_month"),
    ZeroWhen("balance", "X002", when="balance_indicator", values=("0",)),
)


def _account(length: int) -> Record:
    fields = (
        *_account_head(ssn="Social Security number of the primary holder", name="Primary holder name"),
        filler(322, 350, SEEN),
        Field("balance", 351, 357, SignedDollars(), label="Account balance", evidence=SEEN),
        filler(358, 358, SEEN),
        Field("trust_indicator", 359, 359, Code(table=TRUST_FUNDS), evidence=SEEN),
        filler(360, 360, SEEN),
        Field("balance_indicator", 361, 361, Code(table=BALANCE_INDICATORS), evidence=SEEN),
        Field("update_indicator", 362, 362, Code(table=UPDATES), optional=True, evidence=SEEN),
        Field("birth_date", 363, 370, Date8(past=True, sensitive=True), optional=True, evidence=SEEN),
        filler(371, 380, INFERRED),
        unknown("tail", 381, length, MEMORY),
    )
    across = (*_ACROSS, OnlyWhenHeader("update_indicator", "X005", "match_file_indicator", ("U",)))
    method_1 = ("match_file_indicator", frozenset("AU"))
    title = "Account, method 1 (B)"
    return Record("account", length, fields, title, method_1, ("ssn", "account_number"), across)


def _matched_account(length: int) -> Record:
    fields = (
        *_account_head(ssn="Matched Social Security number", name="Matched name"),
        Field("fips_passback", 322, 326, StateCode(), label="State where the account is held", evidence=SEEN),
        Field("state_passback", 327, 349, Anything(sensitive=True), optional=True, evidence=SEEN),
        filler(350, 350, INFERRED),
        Field("balance", 351, 357, WholeDollars(), label="Account balance", evidence=SEEN),
        Field("name_match_flag", 358, 358, Code(table=NAME_MATCHES), evidence=INFERRED),
        Field("trust_indicator", 359, 359, Code(table=TRUST_FUNDS), evidence=SEEN),
        unknown("unknown_360", 360, 360, MEMORY),
        Field("balance_indicator", 361, 361, Code(table=BALANCE_INDICATORS), evidence=SEEN),
        filler(362, 362, INFERRED),
        Field("birth_date", 363, 370, Date8(past=True, sensitive=True), optional=True, evidence=INFERRED),
        Field("payee_indicator", 371, 371, Code(table=PAYEES), evidence=INFERRED),
        Field(
            "primary_ssn", 372, 380, Ssn(), optional=True, label="SSN of the primary owner", evidence=INFERRED
        ),
        Field("second_ssn", 381, 389, Ssn(), optional=True, label="SSN of the second payee", evidence=MEMORY),
        Field("account_type", 390, 391, Code(table=ACCOUNT_TYPES), optional=True, evidence=MEMORY),
        Field("account_status", 392, 392, Code(table=ACCOUNT_STATUSES), optional=True, evidence=MEMORY),
        filler(393, length, INFERRED),
    )
    across = (*_ACROSS, NeedsWhen("primary_ssn", "X001", "payee_indicator", ("1",)))
    method_2 = ("match_file_indicator", frozenset("M"))
    title = "Matched account, method 2 (B)"
    return Record("matched_account", length, fields, title, method_2, ("ssn", "account_number"), across)


def _trailer(length: int) -> Record:
    fields = (
        Field("record_type", 1, 1, Literal(value="T"), evidence=SEEN),
        Field("record_count", 2, 10, Anything(), optional=True, evidence=OURS),
        unknown("rest", 11, length, OURS),
    )
    return Record("trailer", length, fields, title="End of the institution (T)")


def data_match(length: int = DEFAULT_LENGTH) -> Layout:
    """The layout with records of this length (at least 400 characters)."""
    if length < SHORTEST:
        raise ValueError(f"records are at least {SHORTEST} characters long")
    return Layout(
        slug="data-match",
        title="Data match file",
        summary="A financial institution's accounts: those of people in the inquiry file (method 2), or all.",
        header=_institution(length),
        details=(_matched_account(length), _account(length)),
        trailer=_trailer(length),
        structure=Structure(
            many=True,
            empty=True,
            lenient_count=True,
            among=(
                Among("institution_tin", "institutions", "H009", withdrawn="H017"),
                Among("transmitter_tin", "transmitters", "H010"),
                Among("year_month", "months", "H012"),
                Among("match_file_indicator", "methods", "H014"),
                Among("test_indicator", "test", "H011", {True: "T", False: ""}),
            ),
        ),
        short_lines=True,
        source="S24 (A and method 1 B), S28 (A and method 2 B), S20 (codes, lengths)",
    )


DATA_MATCH = data_match()
