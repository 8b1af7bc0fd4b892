"""Who is in the demonstration: invented organizations and people, one account at least for every role.

FEINs begin with 00, which was never given out; addresses are of example.org (domain.md, 0.3).
"""

from dataclasses import dataclass

from roles.organizations import OrganizationKind
from roles.permissions import Role


@dataclass(frozen=True)
class Company:
    """One organization of the demonstration; `key` is what its people's usernames and mail begin with."""

    key: str
    kind: OrganizationKind
    name: str
    fein: str | None = None
    jurisdiction: str | None = None
    match_method: int | None = None


@dataclass(frozen=True)
class Person:
    """One account: who it is, where it belongs (`Company.key`), what it may do there."""

    username: str
    name: str
    company: str
    role: Role
    administrator: bool = True


HOME_STATE = "KS"
"""The state whose agency has an account; the agencies of the other states take notices without one."""

_KIND = OrganizationKind

COMPANIES = (
    Company("ocss", _KIND.OCSS, "Office of Child Support Services (demonstration)"),
    Company("lindenhall", _KIND.EMPLOYER, "Lindenhall Furniture Works", "001000017"),
    Company("cedarquay", _KIND.EMPLOYER, "Cedar Quay Logistics", "001000025"),
    Company("larkpay", _KIND.PROCESSOR, "Larkspur Payroll Services", "006000012"),
    Company("harborview", _KIND.INSURER, "Harborview Mutual Insurance", "002000014"),
    Company(
        "prairie", _KIND.FINANCIAL_INSTITUTION, "First Prairie Credit Union", "003000011", match_method=2
    ),
    Company("sutter", _KIND.FINANCIAL_INSTITUTION, "Bank of Suttermere", "003000029", match_method=2),
    Company("northgate", _KIND.TRANSMITTER, "Northgate Data Services", "004000018", match_method=2),
    Company("benefits", _KIND.FEDERAL_AGENCY, "Federal Benefits Research Bureau", "005000015"),
    Company("tallriver", _KIND.TRIBE, "Tall River Tribal Child Support Program"),
    Company("ruritania", _KIND.INTERNATIONAL, "Central Authority of Ruritania"),
    Company("visits", _KIND.ACCESS_VISITATION, "Plains Access and Visitation Network"),
)
REPRESENTED = (("northgate", "prairie"), ("northgate", "sutter"), ("larkpay", "cedarquay"))
"""Transmitter or processor, and client."""
WANTED = (("larkpay", "lindenhall"),)
"""Who has asked to act for whom, and has no answer yet: processor and client."""

PEOPLE = (
    Person("erin.payne", "Erin Payne", "lindenhall", Role.EMPLOYER),
    Person("eli.sandwell", "Eli Sandwell", "lindenhall", Role.EMPLOYER, administrator=False),
    Person("cole.quayle", "Cole Quayle", "cedarquay", Role.EMPLOYER),
    Person("pia.larkspur", "Pia Larkspur", "larkpay", Role.EMPLOYER),
    Person("ina.harbor", "Ina Harbor", "harborview", Role.INSURER),
    Person("fay.prairie", "Fay Prairie", "prairie", Role.FINANCIAL_INSTITUTION),
    Person("nat.gates", "Nat Gates", "northgate", Role.TRANSMITTER),
    Person("ben.field", "Ben Field", "benefits", Role.FEDERAL_AGENCY),
    Person("kai.sunflower", "Kai Sunflower", HOME_STATE, Role.STATE),
    Person("tala.rivers", "Tala Rivers", "tallriver", Role.TRIBE),
    Person("lena.cloud", "Lena Cloud", "tallriver", Role.TRIBE, administrator=False),
    Person("rudi.strelsau", "Rudi Strelsau", "ruritania", Role.INTERNATIONAL),
    Person("avery.visser", "Avery Visser", "visits", Role.ACCESS_VISITATION),
    Person("olive.staffer", "Olive Staffer", "ocss", Role.OCSS_STAFF, administrator=False),
    Person("ada.mintrator", "Ada Mintrator", "ocss", Role.OCSS_ADMINISTRATOR),
    Person("otto.second", "Otto Second", "ocss", Role.OCSS_ADMINISTRATOR),
)
