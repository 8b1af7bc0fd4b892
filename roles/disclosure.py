"""Who sees what of people who are located. What no rule names nobody sees.

A table of field by source by viewer by purpose. That tax data carry a label and need a flag of their own,
that an employer's address is never shown as a person's, and that a result is for the worker who asked and the
supervisor is V (domain.md 8.6, 8.10, 13.3); which field serves which purpose is ours (P).
"""

from dataclasses import dataclass
from enum import StrEnum

from roles.locate import Purpose, Source
from schemas.locate.answers import NOTHING, FactField, Outcome, SourceAnswer


class Viewer(StrEnum):
    """Somebody before an answer: who asked, who looks after that worker's queries, or anybody else."""

    ASKER = "asker"
    MANAGER = "manager"
    NOBODY = "nobody"


class Showing(StrEnum):
    """How much of a value is shown."""

    WHOLE = "whole"
    LAST_FOUR = "last_four"


@dataclass(frozen=True)
class Rule:
    """These fields of these sources (none: of all) are shown so, to these viewers, for these purposes."""

    fields: frozenset[FactField]
    viewers: frozenset[Viewer]
    purposes: frozenset[Purpose]
    sources: frozenset[str] = frozenset()
    showing: Showing = Showing.WHOLE
    tax: bool = False


_BOTH = frozenset({Viewer.ASKER, Viewer.MANAGER})
_EVERY = frozenset(Purpose)
_COLLECTING = frozenset({Purpose.PATERNITY, Purpose.SUPPORT})
_F = FactField

RULES: tuple[Rule, ...] = (
    Rule(
        frozenset({_F.NAME, _F.ADDRESS, _F.EMPLOYER, _F.EMPLOYER_ADDRESS, _F.EMPLOYMENT, _F.DEATH_DATE}),
        _BOTH,
        _EVERY,
    ),
    Rule(frozenset({_F.BIRTH_DATE, _F.MILITARY, _F.CONFINEMENT, _F.CASES}), _BOTH, _EVERY),
    Rule(frozenset({_F.SSN}), _BOTH, _COLLECTING, showing=Showing.LAST_FOUR),
    Rule(frozenset({_F.WAGE, _F.MILITARY_PAY, _F.BENEFIT, _F.HEALTH_COVER}), _BOTH, _COLLECTING),
    Rule(frozenset({_F.TAX_ADDRESS, _F.TAX_INCOME}), _BOTH, _COLLECTING, frozenset({"C01"}), tax=True),
)
"""A field that no rule names for a source, viewer and purpose is not shown."""

TAX_LABEL = "Federal tax information"
FIELDS: dict[FactField, str] = {
    _F.NAME: "Name as the source has it",
    _F.ADDRESS: "Address",
    _F.EMPLOYER: "Employer",
    _F.EMPLOYER_ADDRESS: "Address of the employer",
    _F.EMPLOYMENT: "Employment",
    _F.WAGE: "Wages",
    _F.HEALTH_COVER: "Health cover",
    _F.MILITARY: "Service",
    _F.MILITARY_PAY: "Pay",
    _F.BENEFIT: "Benefit",
    _F.CONFINEMENT: "Confinement",
    _F.CASES: "Cases of other states",
    _F.SSN: "Social Security number",
    _F.BIRTH_DATE: "Birth date",
    _F.DEATH_DATE: "Date of death",
    _F.TAX_ADDRESS: "Address of the tax return",
    _F.TAX_INCOME: "Income of the tax return",
}
"""What each is called, in the order that pages show them."""


@dataclass(frozen=True)
class Shown:
    """One value as it may be shown. `label`: what must stand beside it wherever it stands."""

    field: FactField
    value: str
    label: str = ""


@dataclass(frozen=True)
class Standing:
    """Who looks: as what, for which purpose, and whether cleared for tax information.

    `withheld`: the person is protected, or is the viewer: then there is nothing, whatever was answered.
    """

    viewer: Viewer
    purpose: Purpose
    tax: bool
    withheld: bool


def normalised(source: Source, answer: SourceAnswer) -> SourceAnswer:
    """An answer with the fields that its source gives, an employer's address as what it is.

    An address of which nobody says whose it is counts as an employer's: it is never taken for a person's.
    """
    facts = dict(answer.facts)
    whose = source.address_of or answer.address_of
    if whose != "person" and FactField.ADDRESS in facts:
        facts[FactField.EMPLOYER_ADDRESS] = facts.pop(FactField.ADDRESS)
    kept = {field: value for field, value in facts.items() if field in source.gives}
    if answer.outcome is Outcome.FOUND and not kept:
        return NOTHING.model_copy(update={"number": answer.number})
    return answer.model_copy(update={"facts": kept, "address_of": ""})


def disclosed(source: Source, answer: SourceAnswer, standing: Standing) -> tuple[Outcome, tuple[Shown, ...]]:
    """What may be shown of an answer. Where nothing of it may be, nothing was found."""
    if answer.outcome is not Outcome.FOUND:
        return answer.outcome, ()
    if standing.withheld:
        return Outcome.NOTHING, ()
    shown = tuple(
        _shown(source, rule, field, answer.facts[field])
        for field in FIELDS
        if field in answer.facts and (rule := _rule(source, field, standing)) is not None
    )
    return (Outcome.FOUND, shown) if shown else (Outcome.NOTHING, ())


def _rule(source: Source, field: FactField, standing: Standing) -> Rule | None:
    for rule in RULES:
        applies = field in rule.fields and (not rule.sources or source.code in rule.sources)
        allowed = standing.viewer in rule.viewers and standing.purpose in rule.purposes
        if applies and allowed and (standing.tax or not (rule.tax or source.tax)):
            return rule
    return None


def _shown(source: Source, rule: Rule, field: FactField, value: str) -> Shown:
    told = f"***-**-{value[-4:]}" if rule.showing is Showing.LAST_FOUR else value
    return Shown(field, told, TAX_LABEL if rule.tax or source.tax else "")
