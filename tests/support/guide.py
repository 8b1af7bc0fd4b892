"""A small guide: two states, a tribe, a country and OCSS, with some questions each."""

from datetime import date

from schemas.guide.documents import (
    Answer,
    AnswerType,
    Audience,
    Category,
    Contact,
    ContactClass,
    Facts,
    Guide,
    JurisdictionKind,
    Part,
    Place,
    Question,
    Version,
)

STATE, COUNTRY = JurisdictionKind.STATE, JurisdictionKind.COUNTRY

QUESTIONS = (
    Question(
        slug="age-of-majority",
        kind=STATE,
        title="Age of majority",
        text="At what age does a child come of age?",
        answer_type=AnswerType.NUMBER,
        words=("mayoría de edad",),
    ),
    Question(
        slug="family-violence",
        kind=STATE,
        title="Family violence",
        text="How is an address kept from others?",
        audience=Audience.WORKERS,
    ),
    Question(slug="legal-aid", kind=COUNTRY, title="Legal aid", text="Is legal aid free of charge?"),
)
VERSIONS = (
    Version(
        slug="state-2024",
        kind=STATE,
        label="2024",
        effective=date(2024, 1, 1),
        categories=(
            Category(
                code="GEN",
                title="General",
                places=(
                    Place(question="age-of-majority", number="1"),
                    Place(question="family-violence", number="2"),
                ),
            ),
        ),
    ),
)


def contact(code: str, slug: str = "central-registry", kind: str = "central-registry") -> Contact:
    return Contact(
        slug=slug,
        contact_class=ContactClass.STATE,
        type=kind,
        locator_code=code,
        name="Central Registry",
        lines=("1 Synthetic Avenue",),
        city="Capital City",
        phone="201-555-0101",
        hours=("Mon-Fri 08:00-16:30",),
    )


def state(code: str, name: str, age: str) -> Part:
    return Part(
        facts=Facts(locator_code=code, kind=STATE, name=name, fips=code[:2], time_zone="America/Chicago"),
        answers=(
            Answer(question="age-of-majority", value=age),
            Answer(question="family-violence", value=f"Sealed in {name}."),
        ),
        contacts=(contact(code),),
    )


def small_guide(*more: Part) -> Guide:
    other = (
        Part(facts=Facts(locator_code="00000", kind=JurisdictionKind.FEDERAL, name="OCSS")),
        state("20000", "Kansas", "18"),
        state("31000", "Nebraska", "19"),
        Part(
            facts=Facts(locator_code="80DE", kind=COUNTRY, name="Germany", time_zone="Europe/Berlin"),
            answers=(Answer(question="legal-aid", value="Yes."),),
        ),
        Part(facts=Facts(locator_code="90830", kind=JurisdictionKind.TRIBE, name="Tall River")),
    )
    parts = tuple(sorted((*other, *more), key=lambda part: part.facts.locator_code))
    return Guide(questions=QUESTIONS, versions=VERSIONS, parts=parts)
