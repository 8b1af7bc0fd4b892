"""The reference guide as the API tells it: models of `web.api_models_guide`, made of one reader's edition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from exchange.errors import RecordNotFoundError, RequestInvalidError
from exchange.guide.drafts import Revision
from exchange.guide.finding import Hit
from exchange.guide.keys import Key, Said
from exchange.guide.memory import Edition
from roles.guide import EntrySort
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import (
    Answer,
    Audience,
    Contact,
    Facts,
    JurisdictionKind,
    Part,
    Question,
    Version,
)
from web import api_models_guide as models

_OF_FACTS = ("abbreviation", "fips", "agency", "region", "capital", "time_zone", "currency", "convention")
_SHOWN = (*_OF_FACTS, "latitude", "longitude", "web", "synthetic")
_OF_CONTACT = ("slug", "type", "contact_class", "title", "city", "region", "postal", "country", "phone")
_ORDER = {slug: place for place, slug in enumerate(CONTACT_TYPES)}
_REST = ("extension", "fax", "email", "web", "comments", "valid_from", "valid_to", "synthetic")


@dataclass(frozen=True)
class Telling:
    """The guide as one reader has it: nothing else is in `edition`.

    `base`: what addresses of pages begin with. `day`: on which contacts have to count.
    """

    edition: Edition
    base: str
    day: date

    def part(self, code: str) -> Part:
        """All of a jurisdiction. Raises `RecordNotFoundError`."""
        try:
            return self.edition.parts[code]
        except KeyError:
            raise RecordNotFoundError from None

    def question(self, slug: str) -> Question:
        """Raises `RecordNotFoundError`, also for a question that this reader does not read."""
        try:
            return self.edition.questions[slug]
        except KeyError:
            raise RecordNotFoundError from None


def page_of(base: str, code: str, anchor: str = "") -> str:
    """The address of a jurisdiction's page, or of an entry on it."""
    return f"{base}/guide/{code}#{anchor}" if anchor else f"{base}/guide/{code}"


def named(telling: Telling, facts: Facts, anchor: str = "") -> models.Named:
    """Whose it is."""
    return models.Named(**_name(telling, facts, anchor))


def jurisdiction(telling: Telling, facts: Facts) -> models.Jurisdiction:
    """A jurisdiction in a list."""
    return models.Jurisdiction(**_facts(telling, facts))


def whole_part(telling: Telling, code: str, on: date | None, numbering: str) -> models.JurisdictionPart:
    """All that the guide says of a jurisdiction, in the order of a version. Raises `RecordNotFoundError`."""
    part = telling.part(code)
    version = _version(telling, part.facts.kind, numbering)
    return models.JurisdictionPart(
        **_facts(telling, part.facts),
        sovereignty=part.facts.sovereignty,
        places=list(part.facts.places),
        on=on,
        version=version.slug if version else None,
        answers=list(_answers(telling, part, version)),
        contacts=[contact(telling, part.facts, one) for one in _in_order(part) if is_meant(telling, one)],
    )


def question(telling: Telling, one: Question) -> models.GuideQuestion:
    """A question with its number in every version that has it."""
    return models.GuideQuestion(
        **one.model_dump(exclude={"audience", "words"}),
        restricted=one.audience is not Audience.PUBLIC,
        numbers=[
            models.Placed(version=version.slug, category=code, category_title=title, number=number)
            for version in telling.edition.guide.versions
            for slug, (code, title, number) in _numbers(version).items()
            if slug == one.slug
        ],
        url=f"{telling.base}/guide/topics/{one.slug}",
    )


def version(one: Version) -> models.GuideVersion:
    """An edition of a questionnaire, without its questions."""
    return models.GuideVersion(slug=one.slug, kind=one.kind, label=one.label, effective=one.effective)


def answer_there(telling: Telling, part: Part, slug: str) -> models.AnswerThere | None:
    """What a jurisdiction answers to a question; None where it does not."""
    found = next((one for one in part.answers if one.question == slug), None)
    if found is None:
        return None
    return models.AnswerThere(**_name(telling, part.facts, slug), **_said(telling, part.facts, found))


def is_meant(telling: Telling, one: Contact, kind: str = "") -> bool:
    """Whether a contact counts on the day and is of the type that is asked for."""
    return one.counts_on(telling.day) and kind in {"", one.type}


def compared(telling: Telling, parts: list[Part], slugs: list[str]) -> Iterator[models.Compared]:
    """Each of these questions with the answer of each jurisdiction."""
    for slug in slugs:
        answers = [answer_there(telling, part, slug) for part in parts]
        yield models.Compared(question=question(telling, telling.question(slug)), answers=answers)


def asked_of(telling: Telling, kinds: set[JurisdictionKind]) -> list[str]:
    """The questions that jurisdictions of these kinds are asked, as their versions have them."""
    slugs: dict[str, None] = {}
    for kind in sorted(kinds):
        newest = _version(telling, kind, "")
        slugs |= dict.fromkeys(_numbers(newest) if newest else ())
    return list(slugs)


def found(base: str, hit: Hit) -> models.GuideFound:
    """One thing that a search found."""
    return models.GuideFound(
        locator_code=hit.locator_code,
        name=hit.name or hit.title,
        kind=hit.kind,
        url=_page_of_hit(base, hit),
        title=hit.title,
        snippet=hit.snippet,
        why=list(hit.why),
        question=hit.question,
        contact_type=hit.contact_type,
        contact=hit.contact,
        office=hit.office,
        suggestion=hit.suggestion,
    )


def revision(one: Revision) -> models.GuideRevision:
    """What an entry said for a time."""
    said = one.said.model_dump(mode="json") if one.said else None
    return models.GuideRevision(
        number=one.number,
        published_at=one.published_at,
        until=one.until,
        said=said,
        who=one.who,
        approved_by=one.approved_by,
        note=one.note,
    )


def _page_of_hit(base: str, hit: Hit) -> str:
    if hit.locator_code:
        return page_of(base, hit.locator_code, hit.contact or hit.question or "")
    if hit.question:
        return f"{base}/guide/topics/{hit.question}"
    return f"{base}/guide/contacts/{hit.contact_type}"


def _name(telling: Telling, facts: Facts, anchor: str = "") -> dict[str, Any]:
    address = page_of(telling.base, facts.locator_code, anchor)
    return {"locator_code": facts.locator_code, "name": facts.name, "kind": facts.kind, "url": address}


def _facts(telling: Telling, facts: Facts) -> dict[str, Any]:
    shown = {name: getattr(facts, name) for name in _SHOWN}
    lists = {"other_names": list(facts.other_names), "languages": list(facts.languages)}
    return _name(telling, facts) | shown | lists


def _version(telling: Telling, kind: JurisdictionKind, wanted: str) -> Version | None:
    """The version that was asked for, or the newest in effect. Raises `RequestInvalidError`."""
    own = [one for one in telling.edition.guide.versions if one.kind is kind]
    if wanted:
        chosen = [one for one in own if one.slug == wanted]
        if not chosen:
            raise RequestInvalidError(what=f"version is one of {', '.join(one.slug for one in own)}")
        return chosen[0]
    in_effect = [one for one in own if one.effective <= telling.day]
    return max(in_effect or own, key=lambda one: one.effective, default=None)


def _numbers(version: Version) -> dict[str, tuple[str, str, str]]:
    """By question: the category's code and title, and the number, in the order of the pages."""
    return {
        place.question: (category.code, category.title, place.number)
        for category in version.categories
        for place in category.places
    }


def _answers(telling: Telling, part: Part, version: Version | None) -> Iterator[models.GuideAnswer]:
    numbers = _numbers(version) if version else {}
    places = {slug: place for place, slug in enumerate(numbers)}
    in_order = sorted(part.answers, key=lambda one: (places.get(one.question, len(places)), one.question))
    for one in in_order:
        category, title, number = numbers.get(one.question, (None, None, None))
        asked = telling.question(one.question)
        yield models.GuideAnswer(
            **_said(telling, part.facts, one),
            question=one.question,
            category=category,
            category_title=title,
            number=number,
            title=asked.title,
            text=asked.text,
            answer_type=asked.answer_type,
            hague=asked.hague,
            restricted=asked.audience is not Audience.PUBLIC,
            url=page_of(telling.base, part.facts.locator_code, one.question),
        )


def _said(telling: Telling, facts: Facts, one: Answer) -> dict[str, Any]:
    attached = [
        models.LawText(
            id=file.id,
            name=file.name,
            size=file.size,
            sha256=file.sha256,
            url=f"{telling.base}/api/v1/guide/texts/{file.id}",
        )
        for file in one.attachments
    ]
    return {
        "value": one.value,
        "comment": one.comment,
        "source": one.url,
        "attachments": attached,
        "synthetic": one.synthetic,
        **_age(telling, Key(facts.locator_code, EntrySort.ANSWER, one.question)),
    }


def _in_order(part: Part) -> list[Contact]:
    return sorted(part.contacts, key=lambda one: (_ORDER[one.type], one.slug))


def contact(telling: Telling, facts: Facts, one: Contact) -> models.GuideContact:
    """Whom to write to, with the age of what is told."""
    told = CONTACT_TYPES[one.type]
    return models.GuideContact(
        **{name: getattr(one, name) for name in (*_OF_CONTACT, *_REST)},
        **_age(telling, Key(facts.locator_code, EntrySort.CONTACT, one.slug)),
        locator_code=one.locator_code,
        jurisdiction=facts.locator_code,
        name=one.name,
        kind=facts.kind,
        url=page_of(telling.base, facts.locator_code, one.slug),
        type_title=told.title,
        restricted=told.audience is not Audience.PUBLIC,
        lines=list(one.lines),
        time_zone=facts.time_zone,
        hours=list(one.hours),
        languages=list(one.languages),
    )


def _age(telling: Telling, key: Key) -> dict[str, Any]:
    stamp = telling.edition.stamps[key]
    return {"published_at": stamp.published_at, "reviewed_at": stamp.reviewed_at}


def title_of(telling: Telling, said: Said) -> str:
    """What an entry is called; its slug where this reader's guide does not tell."""
    match said:
        case Answer():
            asked = telling.edition.questions.get(said.question)
            return asked.title if asked else said.question
        case Contact():
            return CONTACT_TYPES[said.type].title
        case Facts():
            return said.name
