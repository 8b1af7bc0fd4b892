"""The address record of 246 columns, as a table (domain.md 9.6: lengths verified, positions computed).

It is no layout of `schemas.layouts`: its lines begin with no mark of their own, and nothing stands around
them. What the codes of the first two fields mean is ours but for LOC, RES, SLS, EIW, EMP and TRB, which were
seen.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import ContactClass
from schemas.kinds import Code, Date8, Digits, Text, Zip
from schemas.record import Evidence, Field, LayoutMistakeError

LENGTH: Final = 246
OFFICE: Final = "LOC"
CLASS_CODES: Final[Mapping[ContactClass, str]] = MappingProxyType(
    {
        ContactClass.STATE: "STA",
        ContactClass.TRIBAL: "TRB",
        ContactClass.OCSS: "OGP",
        ContactClass.INTERNATIONAL: "INT",
        ContactClass.EMPLOYER: "EMP",
    }
)
_FIRST = {OFFICE: "local office", **{code: name.value for name, code in CLASS_CODES.items()}}
_SECOND = {one.code: one.title for one in CONTACT_TYPES.values()}
_SEEN = Evidence.LENGTHS


def _field(name: str, first: int, last: int, kind: Text | Code | Digits | Zip | Date8, label: str) -> Field:
    return Field(name, first, last, kind, optional=True, label=label, evidence=_SEEN, source="S20")


FIELDS: Final = (
    Field("class", 1, 3, Code(table=_FIRST), label="Address type 1", evidence=_SEEN, source="S20"),
    Field("type", 4, 6, Code(table=_SECOND), label="Address type 2", evidence=_SEEN, source="S20"),
    Field("state", 7, 8, Digits(), label="State code", evidence=_SEEN, source="S20"),
    Field("local", 9, 11, Text(), label="Local code", evidence=_SEEN, source="S20"),
    _field("sub_local", 12, 13, Digits(), "Sub-local code"),
    Field("name", 14, 48, Text(), label="Department name", evidence=_SEEN, source="S20"),
    _field("title", 49, 83, Text(), "Title"),
    _field("street", 84, 118, Text(), "Street 1"),
    _field("street2", 119, 153, Text(), "Street 2"),
    _field("city", 154, 183, Text(), "City"),
    _field("region", 184, 203, Text(), "State or country"),
    _field("postal", 204, 212, Zip(), "ZIP code"),
    _field("area", 213, 215, Digits(), "Area code"),
    _field("phone", 216, 222, Digits(), "Phone"),
    _field("extension", 223, 227, Text(), "Extension"),
    Field("action", 228, 228, Code(table={"A": "add", "C": "change"}), label="Action code",
          evidence=_SEEN, source="S20"),
    _field("fax_area", 229, 231, Digits(), "Fax area code"),
    _field("fax", 232, 238, Digits(), "Fax number"),
    Field("day", 239, 246, Date8(), label="Record date", evidence=_SEEN, source="S20"),
)  # fmt: skip
"""The columns, one after the other without a gap."""


def check_columns(fields: Iterable[Field]) -> None:
    """Raise `LayoutMistakeError` where there is a gap, an overlap or a wrong total."""
    expected = 1
    for field in fields:
        if field.first != expected:
            raise LayoutMistakeError(f"{field.name}: begins at {field.first}, not {expected}")
        expected = field.last + 1
    if expected != LENGTH + 1:
        raise LayoutMistakeError(f"columns end at {expected - 1}, not {LENGTH}")


check_columns(FIELDS)


def described() -> str:
    """The record for people, a line a field."""
    lines = [f"{'columns':9}{'field':20}rule"]
    for field in FIELDS:
        needed = "" if field.optional else "; required"
        rule = field.kind.expected(field.width)
        lines.append(f"{f'{field.first}-{field.last}':9}{field.title:20}{rule}{needed}")
    return "\n".join(lines)
