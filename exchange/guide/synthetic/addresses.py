"""Whom one writes to in a jurisdiction of the synthetic guide: a contact of each type, and offices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exchange.guide.synthetic.drawing import draw, filled, names_of, number, slug_of
from exchange.guide.synthetic.places import WEB, Subject
from exchange.guide.synthetic.tables import table
from schemas.guide.contacts import ContactType, types_of
from schemas.guide.documents import Contact, JurisdictionKind

_FIRST_PHONE = 100
"""555-0100 to 555-0199 belong to nobody."""


@dataclass(frozen=True)
class Desk:
    """One contact to be: `index` among those of its jurisdiction, `own` what only it is called."""

    subject: Subject
    kind: ContactType
    index: int
    slug: str
    city: str
    locator_code: str
    own: Mapping[str, str]

    @property
    def row(self) -> Mapping[str, Any]:
        """What the tables have for it."""
        found: Mapping[str, Any] = table("contacts")[self.subject.facts.kind.value][self.kind.slug]
        return found

    def of_kind(self, pool: str) -> Any:
        """A pool of the tables that each kind of jurisdiction has."""
        return table("contacts")[pool][self.subject.facts.kind.value]


def contacts(subject: Subject, before: int = 0) -> tuple[Contact, ...]:
    """One of each type of its kind, or as many as it has offices; by slug, as so many editions `before`."""
    return tuple(sorted((_contact(desk, before) for desk in _desks(subject)), key=lambda one: one.slug))


def _desks(subject: Subject) -> Iterator[Desk]:
    index = 0
    for kind in types_of(subject.facts.kind):
        for slug, city, code, own in _places(subject, kind):
            yield Desk(subject, kind, index, slug, city, code, own)
            index += 1


def _places(subject: Subject, kind: ContactType) -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """Slug, city, locator code and words of its own: one at the seat, or one for each desk or body."""
    facts = subject.facts
    if kind.slug == "ocss-desk":
        for desk, title, slug in table("contacts")["desks"]["rows"]:
            yield slug, facts.capital, facts.locator_code, {"desk": desk, "title": title, "desk_slug": slug}
    elif kind.many and facts.kind is not JurisdictionKind.TRIBE:
        for name, city, code in subject.bodies:
            short = slug_of(name)
            yield f"{kind.slug}-{short}", city, code, {"part": name, "part_slug": short}
    else:
        yield kind.slug, facts.capital, facts.locator_code, {}


def _contact(desk: Desk, before: int) -> Contact:
    subject, row = desk.subject, desk.row
    names = names_of(subject.facts.locator_code, desk.slug, before)
    words = {"person": draw(table("contacts")["people"]["names"], *names), **subject.words, **desk.own}
    texts = {name: filled(row[name], words, row, *names) for name in ("name", "title", "mail")}
    return Contact(
        slug=desk.slug,
        contact_class=desk.kind.contact_class,
        type=desk.kind.slug,
        locator_code=desk.locator_code,
        name=texts["name"],
        title=texts["title"],
        lines=_lines(desk, names),
        city=desk.city,
        region=subject.region,
        postal=subject.postal,
        country=subject.country,
        **_lines_to(desk, names),
        email=texts["mail"],
        hours=tuple(draw(desk.of_kind("hours"), *names)),
        languages=_languages(desk),
        comments=filled(draw(row["say"], *names), words, row, *names),
        valid_from=row.get("from"),
        synthetic=True,
    )


def _lines(desk: Desk, names: tuple[str, ...]) -> tuple[str, ...]:
    if desk.row.get("box"):
        return (f"P.O. Box {1000 + number(9000, *names)}",)
    street = f"{10 + number(990, *names, 'house')} {draw(desk.of_kind('streets'), *names)}"
    room = f"Suite {1 + number(40, *names, 'room') * 10}"
    return (street, room) if number(3, *names, "suite") == 0 else (street,)


def _lines_to(desk: Desk, names: tuple[str, ...]) -> dict[str, Any]:
    """Telephone for all; fax, extension and a page of their own for some."""
    index = desk.index
    return {
        "phone": _phone(desk, index),
        "fax": _phone(desk, 99 - index) if index % 3 else "",
        "extension": str(100 + number(900, *names, "extension")) if index % 4 == 0 else "",
        "web": f"{WEB}/{desk.subject.key.lower()}/{desk.slug}" if index % 2 else "",
    }


def _phone(desk: Desk, index: int) -> str:
    separator = " " if desk.subject.area.startswith("+") else "-"
    return f"{desk.subject.area}{separator}555-0{_FIRST_PHONE + index % 100}"


def _languages(desk: Desk) -> tuple[str, ...]:
    spoken = [*desk.subject.facts.languages, "English"] if desk.row.get("speaks") else []
    return tuple(dict.fromkeys(spoken))
