"""Contacts as address records (`address_record`), both ways.

The record carries a contact's name, title, two lines, city, region, ZIP, telephone and fax of the United
States, cut to its columns, in capitals and without accents. It has no room for e-mail, web, hours, languages,
comments, days of validity and telephones abroad. So records change the contacts of a guide: what a record
does not carry, or carries as it stands already, is left as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from schemas.guide.checks import belongs_to
from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import Contact, Facts, Guide, Part
from schemas.guide.files.address_record import CLASS_CODES, FIELDS, LENGTH, OFFICE
from schemas.guide.files.document import MOST_BYTES
from schemas.guide.files.faults import Fault, GuideFileError, checked, expected_of
from schemas.kinds import RefusedValueError
from schemas.tables import STATES

_NAME = "addresses.txt"
_TEXTS = ("name", "title", "street", "street2", "city", "region")
_AMERICAN = re.compile(r"(\d{3})-?(\d{3})-?(\d{4})")
_WIDTHS = {field.name: field.width for field in FIELDS}
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "\u0131": "i"}
)

Values = Mapping[str, str]
"""What the fields of one record say; a blank one is left out."""


@dataclass(frozen=True)
class _Record:
    line: int
    values: Values

    @property
    def locator_code(self) -> str:
        return "".join(self.values.get(name, "") for name in ("state", "local", "sub_local"))


def to_addresses(guide: Guide, day: date) -> bytes:
    """A record for each contact, with the day on it, in lines of 246 characters."""
    lines = (_rendered(_carried(part.facts, one), day) for part in guide.parts for one in part.contacts)
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def from_addresses(content: bytes, guide: Guide, name: str = _NAME) -> Guide:
    """The guide with the contacts that records add or change. Raises `GuideFileError`."""
    if len(content) > MOST_BYTES:
        raise GuideFileError([Fault(name, 1, "", f"a file of at most {MOST_BYTES:,} bytes")])
    faults: list[Fault] = []
    records = list(_records(name, content, faults))
    parts = {part.facts.locator_code: _Contacts(part) for part in guide.parts}
    for record in records:
        _take(name, parts, record, faults)
    if faults:
        raise GuideFileError(faults)
    changed = tuple(parts[part.facts.locator_code].part() for part in guide.parts)
    told = guide.model_copy(update={"parts": changed})
    return checked(lambda: told, lambda wrong: [Fault(name, 1, "", expected) for _, expected in wrong])


def _carried(facts: Facts, contact: Contact) -> Values:
    """What the record carries of a contact, without action and day."""
    kind = CONTACT_TYPES[contact.type]
    code, lines = contact.locator_code, (*contact.lines, "", "")
    area, phone = _american(contact.phone)
    fax_area, fax = _american(contact.fax)
    region = STATES.get(contact.region, facts.name if contact.country != "US" else contact.region)
    told = {
        "class": OFFICE if kind.slug == "office" else CLASS_CODES[contact.contact_class],
        "type": kind.code,
        "state": code[:2],
        "local": code[2:5],
        "sub_local": code[5:],
        "postal": contact.postal if re.fullmatch(r"\d{5}(\d{4})?", contact.postal) else "",
        "area": area,
        "phone": phone,
        "extension": contact.extension,
        "fax_area": fax_area,
        "fax": fax,
    }
    texts = zip(_TEXTS, (contact.name, contact.title, *lines[:2], contact.city, region), strict=True)
    told |= {name: _capitals(text, _WIDTHS[name]) for name, text in texts}
    return {name: value for name, value in told.items() if value}


def _american(phone: str) -> tuple[str, str]:
    found = _AMERICAN.fullmatch(phone)
    return (found[1], found[2] + found[3]) if found else ("", "")


def _capitals(text: str, width: int) -> str:
    """In capitals, without accents, cut to the column; what has no such letter becomes a question mark."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return letters.upper().encode("ascii", "replace").decode()[:width].strip()


def _rendered(values: Values, day: date) -> str:
    stamped = {**values, "action": "C", "day": f"{day:%Y%m%d}"}
    return "".join(stamped.get(field.name, "").ljust(field.width) for field in FIELDS)


def _records(name: str, content: bytes, faults: list[Fault]) -> Iterator[_Record]:
    for number, raw in enumerate(content.decode("latin-1").split("\n"), 1):
        line = raw.removesuffix("\r")
        if not line:
            continue
        if len(line) > LENGTH or not line.isascii():
            faults.append(Fault(name, number, "", f"{LENGTH} characters of ASCII"))
            continue
        values = dict(_values(name, number, line.ljust(LENGTH), faults))
        yield _Record(number, values)


def _values(name: str, number: int, line: str, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """What the fields say; what is wrong with them goes to `faults`."""
    for field in FIELDS:
        text = line[field.first - 1 : field.last]
        try:
            if field.parse(text) is not None:
                yield field.name, text.strip()
        except RefusedValueError:
            expected = f"{field.title}: {field.kind.expected(field.width)}"
            faults.append(Fault(name, number, f"{field.first}-{field.last}", expected))


class _Contacts:
    """The contacts of one jurisdiction while records change them."""

    def __init__(self, part: Part) -> None:
        self.whole, self.facts = part, part.facts
        self.contacts = {one.slug: one for one in part.contacts}

    def part(self) -> Part:
        """The part as it is now."""
        return self.whole.model_copy(update={"contacts": tuple(self.contacts.values())})

    def meant(self, kind: ContactType, record: _Record) -> Contact | None:
        """Which contact a record is about: of its type and code, where there may be many of its name.

        Names that the record cuts may be alike: then it is the one that the record says most of.
        """
        same = [
            one
            for one in self.contacts.values()
            if one.type == kind.slug and one.locator_code == record.locator_code
        ]
        if kind.many and (len(same) > 1 or record.values.get("action") == "A"):
            name = record.values["name"]
            same = [one for one in same if _carried(self.facts, one).get("name") == name]
        return max(same, key=lambda one: self._agreeing(one, record), default=None)

    def _agreeing(self, contact: Contact, record: _Record) -> int:
        return len(_carried(self.facts, contact).items() & record.values.items())


def _take(name: str, parts: Mapping[str, _Contacts], record: _Record, faults: list[Fault]) -> None:
    """Put a record into the part it belongs to; what is wrong with it goes to `faults`."""
    code = record.locator_code
    owner = next((parts[own] for own in parts if belongs_to(code, own)), None)
    kinds = [one for one in CONTACT_TYPES.values() if one.code == record.values.get("type")]
    if not kinds or "name" not in record.values:
        return  # told already, by its field
    if owner is None or owner.facts.kind not in kinds[0].kinds:
        expected = "a locator code of the guide, of a jurisdiction that has contacts of this type"
        faults.append(Fault(name, record.line, "7-13", expected))
        return
    try:
        _change(owner, kinds[0], record)
    except ValidationError as error:
        faults.append(Fault(name, record.line, "", expected_of(error.errors()[0])))


def _change(owner: _Contacts, kind: ContactType, record: _Record) -> None:
    before = owner.meant(kind, record)
    after = before or Contact(
        slug=_free_slug(kind, owner.contacts),
        contact_class=kind.contact_class,
        type=kind.slug,
        locator_code=record.locator_code,
        name=record.values["name"],
        country=owner.facts.abbreviation if owner.facts.kind == "country" else "US",
    )
    stands = _carried(owner.facts, after)
    told = {**after.model_dump(), **dict(_news(after, stands, record.values))}
    owner.contacts[after.slug] = Contact.model_validate(told)


def _free_slug(kind: ContactType, taken: Iterable[str]) -> str:
    number = 1
    while (slug := kind.slug if number == 1 else f"{kind.slug}-{number}") in taken:
        number += 1
    return slug


def _news(contact: Contact, stands: Values, said: Values) -> Iterator[tuple[str, object]]:
    """The members of a contact that a record says otherwise than the contact does."""
    for field in ("name", "title", "city", "extension", "postal"):
        if said.get(field) != stands.get(field):
            yield field, said.get(field, "")
    if said.get("region") != stands.get("region") and contact.country == "US":
        named = {state.upper(): usps for usps, state in STATES.items()}
        yield "region", named.get(said.get("region", ""), said.get("region", ""))
    if [said.get(name) for name in ("street", "street2")] != [
        stands.get(name) for name in ("street", "street2")
    ]:
        yield "lines", tuple(said[name] for name in ("street", "street2") if name in said)
    for field, area in (("phone", "area"), ("fax", "fax_area")):
        if (said.get(area), said.get(field)) != (stands.get(area), stands.get(field)):
            yield field, _dialled(said.get(area, ""), said.get(field, ""))


def _dialled(area: str, number: str) -> str:
    return "-".join(part for part in (area, number[:3], number[3:]) if part)
