"""The guide as five tables in a ZIP, which people edit in a spreadsheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.guide.checks import Path
from schemas.guide.documents import Guide, Version
from schemas.guide.files import archive, tables
from schemas.guide.files.faults import Fault, GuideFileError, Wrong, checked
from schemas.guide.files.tables import ANSWERS, CONTACTS, JURISDICTIONS, QUESTIONS, TABLES, VERSIONS, Row

_RENAMED = {("versions", "slug"): "version", ("categories", "code"): "category",
            ("categories", "title"): "category_title", ("categories", "words"): "category_words"}  # fmt: skip
"""Members whose column has another name, by the list they are in."""


def to_csv(guide: Guide) -> bytes:
    """A ZIP of the tables. Of a guide that fits together, as `schemas.guide.checks.misfits` tells."""
    rows = {
        QUESTIONS: (one.model_dump(mode="json") for one in guide.questions),
        VERSIONS: (row for one in guide.versions for row in _placed(one)),
        JURISDICTIONS: (part.facts.model_dump(mode="json") for part in guide.parts),
        ANSWERS: _answers(guide),
        CONTACTS: _contacts(guide),
    }
    return archive.packed({name: tables.written(name, rows[name]) for name in TABLES})


def _placed(version: Version) -> Iterator[dict[str, Any]]:
    """A row for each question that is asked; one without for a category, or a version, that asks none."""
    own = {"version": version.slug, **version.model_dump(mode="json", exclude={"slug", "categories"})}
    if not version.categories:
        yield own
    for category in version.categories:
        named = {
            "category": category.code,
            "category_title": category.title,
            "category_words": category.words,
        }
        for place in category.places or (None,):
            yield own | named | (place.model_dump() if place else {})


def _answers(guide: Guide) -> Iterator[dict[str, Any]]:
    titles = {one.slug: one.title for one in guide.questions}
    for part in guide.parts:
        own = {"jurisdiction": part.facts.locator_code, "jurisdiction_name": part.facts.name}
        for one in part.answers:
            yield own | {"question_title": titles.get(one.question)} | one.model_dump(mode="json")


def _contacts(guide: Guide) -> Iterator[dict[str, Any]]:
    for part in guide.parts:
        own = {"jurisdiction": part.facts.locator_code, "jurisdiction_name": part.facts.name}
        for one in part.contacts:
            yield own | one.model_dump(mode="json")


def from_csv(content: bytes) -> Guide:
    """The guide of a ZIP that `to_csv` wrote, whatever was edited since. Raises `GuideFileError`."""
    read: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for name, data in archive.unpacked(content, TABLES).items():
        try:
            read[name] = tables.read(name, data)
        except GuideFileError as error:
            faults += error.faults
    if faults:
        raise GuideFileError(faults)
    gathered = _Gathered()
    _gather(gathered, read)
    try:
        guide = checked(lambda: Guide.model_validate(gathered.told), gathered.located)
    except GuideFileError as error:
        raise GuideFileError([*gathered.faults, *error.faults]) from None
    if gathered.faults:
        raise GuideFileError(gathered.faults)
    return guide


@dataclass
class _Gathered:
    """A guide on the way from its rows: what it says, and where each thing stands."""

    told: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"questions": [], "versions": [], "parts": []}
    )
    rows: dict[Path, tuple[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def located(self, wrong: list[Wrong]) -> list[Fault]:
        """The rows and columns of what is wrong."""
        return [self._located(path, expected) for path, expected in wrong]

    def _located(self, path: Path, expected: str) -> Fault:
        known = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in self.rows), ())
        file, line = self.rows.get(known, (JURISDICTIONS, 1))
        names = [step for step in path if isinstance(step, str)]
        column = next((name for name in reversed(names) if name in TABLES[file]), "")
        column = _RENAMED.get((names[-2], names[-1]), column) if len(names) > 1 else column
        return Fault(file, line, column, expected)


def _gather(gathered: _Gathered, read: Mapping[str, list[Row]]) -> None:
    for row in read[QUESTIONS]:
        gathered.rows["questions", len(gathered.told["questions"])] = (QUESTIONS, row.line)
        gathered.told["questions"].append(dict(row.values))
    _gather_versions(gathered, read[VERSIONS])
    at: dict[str, int] = {}
    for index, row in enumerate(read[JURISDICTIONS]):
        at.setdefault(row.values["locator_code"], index)
        gathered.rows["parts", index] = (JURISDICTIONS, row.line)
        gathered.told["parts"].append({"facts": dict(row.values), "answers": [], "contacts": []})
    for file, member in ((ANSWERS, "answers"), (CONTACTS, "contacts")):
        for row in read[file]:
            _gather_said(gathered, at, (file, member), row)


def _gather_said(gathered: _Gathered, at: Mapping[str, int], where: tuple[str, str], row: Row) -> None:
    """One answer or contact, to the jurisdiction that its row names."""
    file, member = where
    index = at.get(row.values["jurisdiction"])
    if index is None:
        fault = Fault(file, row.line, "jurisdiction", f"a locator code that stands in {JURISDICTIONS}")
        gathered.faults.append(fault)
        return
    own = gathered.told["parts"][index][member]
    gathered.rows["parts", index, member, len(own)] = (file, row.line)
    own.append({name: value for name, value in row.values.items() if name != "jurisdiction"})


def _gather_versions(gathered: _Gathered, rows: list[Row]) -> None:
    """Rows of one version follow each other, and in it the rows of one category."""
    made = gathered.told["versions"]
    for row in rows:
        slug, code = row.values["version"], row.values.get("category")
        if not made or made[-1]["slug"] != slug:
            gathered.rows["versions", len(made)] = (VERSIONS, row.line)
            made.append({"slug": slug, **_of(row, ("kind", "label", "effective")), "categories": []})
        version = made[-1]
        _agree(gathered, row, version, {name: name for name in ("kind", "label", "effective")})
        if code is not None:
            _gather_place(gathered, row, version["categories"], ("versions", len(made) - 1, "categories"))


def _gather_place(gathered: _Gathered, row: Row, categories: list[dict[str, Any]], path: Path) -> None:
    if not categories or categories[-1]["code"] != row.values["category"]:
        gathered.rows[*path, len(categories)] = (VERSIONS, row.line)
        title, words = row.values["category_title"], row.values["category_words"]
        categories.append({"code": row.values["category"], "title": title, "words": words, "places": []})
    category = categories[-1]
    _agree(gathered, row, category, {"category_title": "title", "category_words": "words"})
    if "question" in row.values:
        place = (*path, len(categories) - 1, "places", len(category["places"]))
        gathered.rows[place] = (VERSIONS, row.line)
        category["places"].append(_of(row, ("question", "number")))


def _of(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row.values[name] for name in names if name in row.values}


def _agree(gathered: _Gathered, row: Row, said: Mapping[str, Any], columns: Mapping[str, str]) -> None:
    """What rows of one version, or category, repeat is the same in all of them."""
    for column, member in columns.items():
        if row.values.get(column) != said.get(member):
            fault = Fault(VERSIONS, row.line, column, f"the same as in the rows above: {said.get(member)}")
            gathered.faults.append(fault)
