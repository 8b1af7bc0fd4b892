"""What the employers' documents share: header, trailer, the columns of a person (4.3; the layout is ours)."""

from schemas.kinds import (
    Amount,
    Code,
    Date8,
    Digits,
    Email,
    Fein,
    Literal,
    MailState,
    Name,
    Number,
    Phone,
    Ssn,
    StateCode,
    Text,
    Time6,
    Zip,
)
from schemas.kinds import (
    Anything as Echo,
)
from schemas.record import Field, Layout, Record, filler
from schemas.structure import Among, Structure, Total
from schemas.tables import PAYMENT_KINDS, RESULTS, TEST_FLAGS

LENGTH = 400
SLOTS = 6
"""States that a result names with their contacts; `state_count` tells how many there are."""

_SLOT = (("state", 2), ("agency", 57), ("contact", 57), ("phone", 10), ("fax", 10), ("email", 48))
SLOT_FIELDS = tuple(tuple(f"{name}{number}" for name, _ in _SLOT) for number in range(1, SLOTS + 1))
"""The names of the fields of each state that a result names."""
_FIRST_SLOT = 413
RESULT_LENGTH = _FIRST_SLOT - 1 + SLOTS * sum(width for _, width in _SLOT)

STRUCTURE = Structure(
    same=("control_number",),
    totals=(Total("total_amount", "payment_amount"),),
    among=(
        Among("sender_fein", "senders", "H008"),
        Among("client_fein", "clients", "H009", withdrawn="H017"),
        Among("test_flag", "test", "H011", {True: "T", False: "P"}),
    ),
)

ONCE = ("client_fein", "test_flag")
"""Reports for one employer are compared with each other; what was a test was never reported."""


def header(mark: str, length: int = LENGTH) -> Record:
    """The first record, known by `mark`."""
    fields = (
        Field("record_id", 1, 3, Literal(value=mark)),
        Field("control_number", 4, 25, Text()),
        Field("sender_fein", 26, 34, Fein(), label="FEIN of the sender"),
        Field("client_fein", 35, 43, Fein(), label="FEIN of the employer"),
        Field("creation_date", 44, 51, Date8(past=True)),
        Field("creation_time", 52, 57, Time6()),
        Field("test_flag", 58, 58, Code(table=TEST_FLAGS)),
        filler(59, length),
    )
    return Record("header", length, fields, title="Header")


def trailer(mark: str) -> Record:
    """The last record, known by `mark`."""
    fields = (
        Field("record_id", 1, 3, Literal(value=mark)),
        Field("control_number", 4, 25, Text()),
        Field("record_count", 26, 32, Number()),
        Field("total_amount", 33, 45, Amount(), label="Total amount"),
        filler(46, LENGTH),
    )
    return Record("trailer", LENGTH, fields, title="Trailer")


def person(*, ssn_optional: bool = False) -> tuple[Field, ...]:
    """Columns 4 to 74: who it is about."""
    return (
        Field("ssn", 4, 12, Ssn(), optional=ssn_optional),
        Field("last_name", 13, 32, Name()),
        Field("first_name", 33, 47, Name()),
        Field("middle_name", 48, 62, Name(), optional=True),
        Field("suffix", 63, 66, Name(), optional=True),
        Field("birth_date", 67, 74, Date8(past=True, sensitive=True), optional=True),
    )


def case() -> tuple[Field, ...]:
    """Columns 75 to 91: the case, where the employer knows it."""
    return (
        Field("case_id", 75, 89, Text(sensitive=True), optional=True),
        Field("issuing_state", 90, 91, StateCode(), optional=True),
    )


def payment() -> tuple[Field, ...]:
    """Columns 92 to 146: what is to be paid."""
    return (
        Field("payment_kind", 92, 92, Code(table=PAYMENT_KINDS)),
        Field("payment_description", 93, 127, Text(), optional=True),
        Field("payment_date", 128, 135, Date8(), label="Expected payment date"),
        Field("payment_amount", 136, 146, Amount(), optional=True),
    )


def address() -> tuple[Field, ...]:
    """Columns 175 to 267: where the person was last known to live."""
    return (
        Field("address1", 175, 199, Text(sensitive=True), optional=True, label="Last known address"),
        Field("address2", 200, 224, Text(sensitive=True), optional=True, label="Address, second line"),
        Field("city", 225, 246, Text(), optional=True),
        Field("state", 247, 248, MailState(), optional=True),
        Field("zip", 249, 257, Zip(), optional=True),
        Field("phone", 258, 267, Phone(), optional=True),
    )


def reference() -> tuple[Field, ...]:
    """Columns 383 to 400: the sender's own mark."""
    return (Field("reference", 383, 397, Text(), optional=True, label="Your reference"), filler(398, LENGTH))


def result(*, slug: str, title: str, summary: str, mark: str, detail: Record) -> Layout:
    """The answer to a document of these details; its records begin with `mark` and H, D or T (4.4)."""
    return Layout(
        slug=slug,
        title=title,
        summary=summary,
        header=header(f"{mark}H", RESULT_LENGTH),
        details=(_result_detail(f"{mark}D", detail),),
        trailer=_result_trailer(f"{mark}T"),
        structure=Structure(same=("control_number",), empty=True),
        source="domain specification 4.4 (our own layout)",
    )


def _result_detail(mark: str, detail: Record) -> Record:
    """The answer to one detail: its columns up to 397 again, then the result and the states (4.4)."""
    echoed = tuple(field for field in detail.fields[1:] if field.last < LENGTH - 2)
    loose = tuple(
        Field(
            field.name,
            field.first,
            field.last,
            Echo(sensitive=field.kind.sensitive),
            optional=True,
            label=field.label,
        )
        for field in echoed
        if not field.is_filler
    )
    fields = (
        Field("record_id", 1, 3, Literal(value=mark)),
        *_with_gaps(loose, 4, LENGTH - 3),
        Field("result_code", 398, 398, Code(table=RESULTS), label="Result"),
        *(Field(f"error{k}", 395 + 4 * k, 398 + 4 * k, Text(), optional=True) for k in (1, 2, 3)),
        Field("state_count", 411, 412, Digits(), label="Number of states"),
        *(field for k in range(1, SLOTS + 1) for field in _slot(k)),
    )
    return Record("detail", RESULT_LENGTH, fields, title="Result")


def _with_gaps(fields: tuple[Field, ...], first: int, last: int) -> tuple[Field, ...]:
    """The fields, and filler wherever no field stands."""
    whole: list[Field] = []
    for field in fields:
        if field.first > first:
            whole.append(filler(first, field.first - 1))
        whole.append(field)
        first = field.last + 1
    return (*whole, filler(first, last)) if first <= last else tuple(whole)


def _slot(number: int) -> tuple[Field, ...]:
    first = _FIRST_SLOT + (number - 1) * sum(width for _, width in _SLOT)
    kinds = {"state": StateCode(), "phone": Phone(), "fax": Phone(), "email": Email()}
    fields = []
    for named, (name, width) in zip(SLOT_FIELDS[number - 1], _SLOT, strict=True):
        kind = kinds.get(name, Text())
        fields.append(Field(named, first, first + width - 1, kind, optional=True))
        first += width
    return tuple(fields)


def _result_trailer(mark: str) -> Record:
    """The last record of a result: how many of each."""
    counts = ("record_count", "matched_count", "unmatched_count", "error_count")
    fields = (
        Field("record_id", 1, 3, Literal(value=mark)),
        Field("control_number", 4, 25, Text()),
        *(Field(name, 26 + 7 * k, 32 + 7 * k, Number()) for k, name in enumerate(counts)),
        filler(54, RESULT_LENGTH),
    )
    return Record("trailer", RESULT_LENGTH, fields, title="Trailer")
