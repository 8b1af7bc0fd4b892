"""Locate, as data: what it may be used for, which sources there are, and who may ask which of them.

Codes and contents of sources are domain.md 8.5 (V unless marked there); the purposes are M, and which source
serves which purpose, how long a request lives and when it may be repeated are ours (P): the official chart is
not known to us. Nothing here may be presented as official.
"""

from dataclasses import dataclass
from enum import StrEnum

from roles.organizations import OrganizationKind
from schemas.locate.answers import FactField


class Purpose(StrEnum):
    """Why somebody is looked for."""

    PATERNITY = "paternity"
    SUPPORT = "support"
    CUSTODY = "custody"
    KIDNAPPING = "kidnapping"
    FOSTER_CARE = "foster_care"


@dataclass(frozen=True)
class PurposeOfUse:
    """How a purpose is offered. `tax`: federal tax information may serve it (26 U.S.C. 6103(l)(6); P)."""

    title: str
    about: str
    tax: bool


PURPOSES: dict[Purpose, PurposeOfUse] = {
    Purpose.PATERNITY: PurposeOfUse("Establish paternity", "To find out who a child's father is.", tax=True),
    Purpose.SUPPORT: PurposeOfUse(
        "Establish, change or enforce support", "To get an order, to change it, or to have it kept.", tax=True
    ),
    Purpose.CUSTODY: PurposeOfUse(
        "Custody or visitation", "For a court that decides where a child lives or whom it sees.", tax=False
    ),
    Purpose.KIDNAPPING: PurposeOfUse("Parental kidnapping", "A parent has taken a child away.", tax=False),
    Purpose.FOSTER_CARE: PurposeOfUse(
        "Foster care or adoption", "To find the relatives of a child in care.", tax=False
    ),
}
"""In the order that pages show them."""

OPEN_DAYS = 60
"""Days after which a request that still waits for a source ends (ours, P)."""
REPEAT_DAYS = 85
"""Days before the same person is asked for again in the same case (8.10: about every 85 to 90)."""
TRAINING_DAYS = 365
"""Days that a worker's training counts (13.3)."""
ANSWER_YEARS = 2
"""Years that what sources answered is kept at most (13.3)."""

_ASKING = frozenset({OrganizationKind.STATE, OrganizationKind.TRIBE})
_TAX = frozenset({FactField.TAX_ADDRESS, FactField.TAX_INCOME})
_WHERE = frozenset({FactField.NAME, FactField.ADDRESS})
_WORK = frozenset({FactField.NAME, FactField.EMPLOYER, FactField.EMPLOYER_ADDRESS, FactField.EMPLOYMENT})
CASE_REGISTRY = "FCR"
"""The Federal Case Registry, which this portal answers itself; 8.5 knows no code for it (ours, P)."""


@dataclass(frozen=True)
class Source:
    """Who is asked. `gives`: the fields it may answer with; whatever else it sends is dropped.

    `tax`: federal tax information. `address_of`: whose an address from it always is; empty where the answer
    says so. `answers_within`: days after which a source that kept silent is said to be silent.
    `again_within`: days after which it is asked again while a request is open, for what has changed since (a
    proactive match, 8.7 and 8.8); 0 where it is not.
    """

    code: str
    title: str
    about: str
    gives: frozenset[FactField]
    tax: bool = False
    address_of: str = ""
    answers_within: int = 7
    again_within: int = 0
    asked_by: frozenset[OrganizationKind] = _ASKING

    def serves(self, purpose: Purpose) -> bool:
        """Whether it may be asked for this purpose."""
        return PURPOSES[purpose].tax or not self.tax


_F = FactField
_NEW_HIRES = 7
"""Days between two looks for what employers have reported since (ours, P)."""
_SOURCES = (
    Source(
        CASE_REGISTRY,
        "Federal Case Registry",
        "Child support cases of other states",
        frozenset({_F.CASES}),
        answers_within=1,
        again_within=1,
    ),
    Source(
        "A01",
        "Department of Defense",
        "Service, pay, medical entitlement, address",
        _WHERE | {_F.MILITARY, _F.MILITARY_PAY, _F.HEALTH_COVER, _F.BIRTH_DATE, _F.DEATH_DATE},
        address_of="person",
    ),
    Source("A02", "FBI", "Whether it employs the person", _WORK, address_of="employer"),
    Source("A03", "NSA", "Whether it employs the person", _WORK | {_F.DEATH_DATE}, address_of="employer"),
    Source("B01", "State employment agencies", "Wages, claims, addresses", _WHERE | _WORK | {_F.WAGE}),
    Source(
        "C01", "IRS", "Address and income of a tax return", _TAX | {_F.NAME}, tax=True, address_of="person"
    ),
    Source("C02", "IRS, to find a number", "Social Security number", frozenset({_F.SSN}), tax=True),
    Source("D01", "National Personnel Records Center", "Employed or separated", frozenset({_F.EMPLOYMENT})),
    Source(
        "E01",
        "Social Security Administration: employers",
        "Employer of the last wage report",
        _WORK,
        address_of="employer",
    ),
    Source("E02", "Social Security Administration: numbers", "Social Security number", frozenset({_F.SSN})),
    Source(
        "E03",
        "Social Security Administration: benefits",
        "Benefit, address, date of death",
        _WHERE | {_F.BENEFIT, _F.DEATH_DATE},
        address_of="person",
    ),
    Source(
        "E07",
        "Social Security Administration: prisoners",
        "Facility and release",
        frozenset({_F.NAME, _F.CONFINEMENT}),
    ),
    Source(
        "F01",
        "Veterans Affairs",
        "Benefits and address",
        _WHERE | {_F.BENEFIT, _F.DEATH_DATE},
        address_of="person",
    ),
    Source("G01", "Selective Service", "Address at registration", _WHERE, address_of="person"),
    Source(
        "H97",
        "New hires",
        "Employer, and the person's own address",
        _WHERE | _WORK,
        address_of="person",
        answers_within=1,
        again_within=_NEW_HIRES,
    ),
    Source(
        "H98",
        "Quarterly wages",
        "Employer and wages; its address is the employer's",
        _WORK | {_F.WAGE},
        address_of="employer",
        answers_within=1,
        again_within=_NEW_HIRES,
    ),
    Source(
        "H99",
        "Unemployment insurance and other new-hire data",
        "Employer or address, as the answer says",
        _WHERE | _WORK,
        answers_within=1,
        again_within=_NEW_HIRES,
    ),
)

SOURCES: dict[str, Source] = {source.code: source for source in _SOURCES}
"""By code, in the order that pages show them."""
ALL = "ALL"


def offered(kind: OrganizationKind, purpose: Purpose | None, *, tax: bool) -> tuple[Source, ...]:
    """The sources that somebody of such an organization may ask; `tax`: cleared for tax information."""
    return tuple(
        source
        for source in _SOURCES
        if kind in source.asked_by and (tax or not source.tax) and (purpose is None or source.serves(purpose))
    )


class Alarm(StrEnum):
    """What a manager and OCSS are told of; thresholds beside (ours, P)."""

    MANY_WITHOUT_RESULT = "many_without_result"
    SAME_NAME = "same_name"
    OUT_OF_HOURS = "out_of_hours"
    MANY_IN_A_DAY = "many_in_a_day"
    MANY_FOR_ONE_CASE = "many_for_one_case"


ALARMS: dict[Alarm, str] = {
    Alarm.MANY_WITHOUT_RESULT: "Many searches that no request followed",
    Alarm.SAME_NAME: "The person has the same last name as the worker",
    Alarm.OUT_OF_HOURS: "Asked at night or on a day off",
    Alarm.MANY_IN_A_DAY: "Far more requests in a day than usual",
    Alarm.MANY_FOR_ONE_CASE: "Many different people for one case number",
}
WORKING_HOURS = (6, 20)
"""Local hours between which a worker usually asks; before and after is out of hours (ours, P)."""
SAMPLED_ONE_IN = 10
"""Of the requests of an agency, how many its manager reviews (ours, P)."""
SEARCHES_A_DAY, REQUESTS_A_DAY, PEOPLE_OF_A_CASE = 20, 60, 8
