"""Field, Record, Layout: what a document says about its columns, as values that check themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from schemas.kinds import Anything, Blank, Kind, Literal, RefusedValueError, Value
from schemas.structure import PLAIN, Across, Once, Structure


class LayoutMistakeError(Exception):
    """A layout contradicts itself: the program may not start with it."""


class Evidence(StrEnum):
    """How sure a position is (domain specification, 0.1)."""

    VERIFIED = "V"
    LENGTHS = "L"
    INFERRED = "I"
    MEMORY = "M"
    PROPOSAL = "P"

    @property
    def words(self) -> str:
        """For people who read the layout."""
        return _EVIDENCE_WORDS[self]


_EVIDENCE_WORDS = {
    Evidence.VERIFIED: "stated by a source",
    Evidence.LENGTHS: "order and length verified, start computed",
    Evidence.INFERRED: "inferred",
    Evidence.MEMORY: "from memory, not verified",
    Evidence.PROPOSAL: "our own choice",
}

_LABELS = {
    "ssn": "Social Security number",
    "zip": "ZIP code",
    "zip4": "ZIP+4",
    "ein": "EIN",
    "ccpa": "CCPA",
    "fein": "FEIN",
    "tin": "TIN",
    "fips": "FIPS",
    "id": "ID",
}


class Form(StrEnum):
    """How records travel: lines of fixed width, or rows of a table."""

    FIXED = "fixed"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Field:
    """One column of a record: `first` to `last` as the document prints them, 1-based and inclusive."""

    name: str
    first: int
    last: int
    kind: Kind
    optional: bool = False
    label: str = ""
    evidence: Evidence = Evidence.PROPOSAL
    source: str = ""

    @property
    def width(self) -> int:
        """Characters."""
        return self.last - self.first + 1

    @property
    def title(self) -> str:
        """What people call it."""
        words = " ".join(_LABELS.get(word, word) for word in self.name.split("_"))
        return self.label or words[0].upper() + words[1:]

    @property
    def required(self) -> bool:
        """A blank here is a finding."""
        return not self.optional and not self.kind.takes_blank

    @property
    def is_filler(self) -> bool:
        """It never says anything, and has no name."""
        return isinstance(self.kind, Blank) and not self.kind.named

    def parse(self, text: str) -> Value:
        """The value of this column; None when blank and optional. Raises RefusedValueError."""
        if not self.kind.takes_blank and not text.strip(" "):
            if self.optional:
                return None
            raise RefusedValueError("V001")
        return self.kind.parse(text)

    def render(self, value: Value) -> str:
        """The column's text. Raises LayoutMistakeError when the value does not fit."""
        fixed = isinstance(self.kind, Literal)
        text = " " * self.width if value is None and not fixed else self.kind.render(value, self.width)
        if len(text) != self.width:
            raise LayoutMistakeError(f"{self.name} takes {self.width} characters")
        return text


@dataclass(frozen=True)
class Record:
    """One kind of line. Its first field is the mark (a Literal) it is known by.

    `when`: among records with the same mark, this one is meant where the group's header has one of these
    values in this field. `unique`: two details of a group that agree in these fields are one too many.
    """

    name: str
    length: int
    fields: tuple[Field, ...]
    title: str = ""
    when: tuple[str, frozenset[str]] | None = None
    unique: tuple[str, ...] = ()
    across: tuple[Across, ...] = ()

    def __post_init__(self) -> None:
        expected = 1
        for field in self.fields:
            if field.first != expected or field.last < field.first:
                raise LayoutMistakeError(f"{self.name}.{field.name}: begins at {field.first}, not {expected}")
            expected = field.last + 1
        if expected != self.length + 1:
            raise LayoutMistakeError(f"{self.name}: columns end at {expected - 1}, not {self.length}")
        self._check_names()

    def _check_names(self) -> None:
        names = [field.name for field in self.fields if not field.is_filler]
        if len(set(names)) != len(names):
            raise LayoutMistakeError(f"{self.name}: two fields have one name")
        first = self.fields[0]
        if not isinstance(first.kind, Literal) or len(first.kind.value) != first.width:
            raise LayoutMistakeError(f"{self.name}: does not begin with its mark")
        for name in (*self.unique, *(name for rule in self.across for name in rule.fields)):
            if name not in names:
                raise LayoutMistakeError(f"{self.name}: a rule speaks of {name}, which is not there")

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Its fields, filler left out."""
        return {field.name: field for field in self.fields if not field.is_filler}

    @property
    def mark(self) -> str:
        """The text at its beginning."""
        kind = self.fields[0].kind
        assert isinstance(kind, Literal)
        return kind.value

    @cached_property
    def shortest(self) -> int:
        """Up to its last required column, where trailing spaces may be left out."""
        return max(field.last for field in self.fields if field.required)

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def field_at(self, column: int) -> Field:
        """The field that holds a column (1-based)."""
        return next(field for field in self.fields if field.first <= column <= field.last)

    def render(self, values: Mapping[str, Value]) -> bytes:
        """One line without its end; fields not given are blank. Raises KeyError for an unknown name."""
        for name in values:
            if name not in self:
                raise KeyError(name)
        text = "".join(field.render(values.get(field.name)) for field in self.fields)
        return text.encode("ascii")

    def parse(self, line: bytes) -> dict[str, Value]:
        """The values of a line that is known to be good. Raises RefusedValueError for one that is not."""
        text = line.decode("latin-1").ljust(self.length)
        return {
            field.name: field.parse(text[field.first - 1 : field.last])
            for field in self.fields
            if not field.is_filler
        }


@dataclass(frozen=True)
class Envelope:
    """What stands around all groups of a file, which are its batches then: a header and a trailer of its own.

    `count`: the trailer's field with the number of batches. `same`: fields that header and trailer must agree
    in. `unlike`: the field of a batch's header that no two batches may say the same in.
    """

    header: Record
    trailer: Record
    count: str = "batch_count"
    same: tuple[str, ...] = ("control_number",)
    unlike: str = "control_number"


@dataclass(frozen=True)
class Layout:
    """One document: its records, how they follow each other, and what refuses the whole file.

    `short_lines`: trailing spaces may be left out. `twin`: may come as CSV or XLSX, one row a detail.
    `fatal`: the families of findings that refuse the file; any finding on a header or trailer does, too.
    `outer`: where the file nests, what stands around its batches; a record of no known type refuses it then.
    `once`: by what a record of an earlier file is known again.
    """

    slug: str
    title: str
    summary: str
    header: Record
    details: tuple[Record, ...]
    trailer: Record
    structure: Structure = PLAIN
    short_lines: bool = False
    twin: bool = False
    fatal: frozenset[str] = frozenset("FH")
    version: str = "1"
    source: str = ""
    outer: Envelope | None = None
    once: Once | None = None

    def __post_init__(self) -> None:
        if len({len(record.mark) for record in self.records}) != 1:
            raise LayoutMistakeError(f"{self.slug}: the marks of its records differ in length")
        if self.header.mark == self.trailer.mark:
            raise LayoutMistakeError(f"{self.slug}: header and trailer have one mark")
        self._check_structure()

    def _check_structure(self) -> None:
        if self.outer is not None:
            self._must_have(self.outer.trailer, self.outer.count)
            self._must_have(self.header, self.outer.unlike)
            for name in self.outer.same:
                self._must_have(self.outer.header, name)
                self._must_have(self.outer.trailer, name)
        for name in (rule.field for rule in self.structure.among):
            self._must_have(self.header, name)
        for name in self.once.header if self.once else ():
            self._must_have(self.header, name)
        for name in self.once.detail if self.once else ():
            self._must_have(self.details[0], name)
        for same in self.structure.same:
            self._must_have(self.header, same)
            self._must_have(self.trailer, same)
        for total in self.structure.totals:
            self._must_have(self.trailer, total.trailer)
            for detail in self.details:
                self._must_have(detail, total.detail)

    def _must_have(self, record: Record, name: str) -> None:
        if name not in record:
            raise LayoutMistakeError(f"{self.slug}: no field {record.name}.{name} for a rule")

    @property
    def records(self) -> tuple[Record, ...]:
        """All kinds of lines, in the order of the file."""
        inner = (self.header, *self.details, self.trailer)
        return inner if self.outer is None else (self.outer.header, *inner, self.outer.trailer)

    @property
    def first(self) -> Record:
        """What the file begins with."""
        return self.records[0]

    @cached_property
    def length(self) -> int:
        """Of its longest record."""
        return max(record.length for record in self.records)

    def __getitem__(self, name: str) -> Record:
        return next(record for record in self.records if record.name == name)

    def detail_for(self, header: Mapping[str, Value]) -> Record:
        """Which detail record a group with this header has; the first, when its header does not say."""
        for record in self.details:
            if record.when is not None and header.get(record.when[0]) in record.when[1]:
                return record
        return self.details[0]


def filler(first: int, last: int, evidence: Evidence = Evidence.PROPOSAL, source: str = "") -> Field:
    """Columns that must hold spaces."""
    return Field("filler", first, last, Blank(), optional=True, evidence=evidence, source=source)


def unknown(name: str, first: int, last: int, evidence: Evidence, source: str = "") -> Field:
    """Columns whose meaning nobody has told us: kept as they come."""
    return Field(name, first, last, Anything(), optional=True, evidence=evidence, source=source)
