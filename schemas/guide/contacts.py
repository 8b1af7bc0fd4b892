"""The types of contacts, as a table: what each is for and who reads it.

The types are proposed (domain.md 9.5, P; the first five are named in sources); so are the codes of the
address record, of which SLS, EIW and RES were seen (9.1, 9.6).
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.guide.documents import Audience, ContactClass, JurisdictionKind

_STATE = frozenset({JurisdictionKind.STATE})
_PROGRAMS = _STATE | {JurisdictionKind.TRIBE}
_COUNTRY = frozenset({JurisdictionKind.COUNTRY})
_FEDERAL = frozenset({JurisdictionKind.FEDERAL})
_ALL = frozenset(JurisdictionKind)


@dataclass(frozen=True)
class ContactType:
    """One purpose that somebody is written to for.

    `code`: as "address type 2" of the address record has it. `kinds`: of which jurisdictions. `words`: other
    words that people look it up by. `many`: a jurisdiction may have several.
    """

    slug: str
    code: str
    title: str
    contact_class: ContactClass
    kinds: frozenset[JurisdictionKind]
    audience: Audience = Audience.PUBLIC
    words: tuple[str, ...] = ()
    many: bool = False


def _of_state(
    slug: str, code: str, title: str, *words: str, audience: Audience = Audience.PUBLIC
) -> ContactType:
    return ContactType(slug, code, title, ContactClass.STATE, _STATE, audience, words)


_WORKERS = Audience.WORKERS
_TYPES = (
    ContactType(
        "central-registry",
        "CRG",
        "Central registry",
        ContactClass.STATE,
        _PROGRAMS,
        words=(
            "interstate intake",
            "incoming referrals",
            "registro central",
            "registre central",
            "Zentralregister",
        ),
    ),
    ContactType(
        "payments",
        "SDU",
        "State disbursement unit",
        ContactClass.STATE,
        _STATE,
        words=(
            "SDU",
            "where to send payments",
            "payment address",
            "disbursement",
            "pagos",
            "paiements",
            "Zahlungen",
        ),
    ),
    ContactType(
        "employer-lump-sum",
        "SLS",
        "Employer contact: lump sums",
        ContactClass.EMPLOYER,
        _PROGRAMS,
        words=("bonus", "severance", "lump sum payment", "pago unico"),
    ),
    ContactType(
        "employer-e-iwo",
        "EIW",
        "Employer contact: income withholding",
        ContactClass.EMPLOYER,
        _PROGRAMS,
        words=("e-IWO", "wage withholding", "garnishment", "retencion de ingresos", "payroll"),
    ),
    ContactType(
        "director",
        "DIR",
        "IV-D director",
        ContactClass.STATE,
        _STATE,
        _WORKERS,
        words=("head of agency", "director", "directora", "Leitung"),
    ),
    _of_state("aei", "AEI", "Automated interstate enforcement (AEI)", "AEI", "high volume enforcement"),
    _of_state("csenet", "CSN", "CSENet", "interstate transactions", "QUICK", audience=_WORKERS),
    _of_state("insurance-match", "INS", "Insurance match", "claims", "insurers"),
    _of_state(
        "financial-institution",
        "FID",
        "Financial institution attachment",
        "FIDM",
        "bank levy",
        "freeze and seize",
        "lien",
    ),
    _of_state(
        "medical-support", "MSN", "Medical support notice", "NMSN", "health insurance", "health coverage"
    ),
    _of_state("federal-offset", "FOP", "Federal offset", "tax offset", "passport denial", audience=_WORKERS),
    _of_state(
        "paternity",
        "PAT",
        "Paternity",
        "parentage",
        "acknowledgment of paternity",
        "genetic testing",
        "paternidad",
        "Vaterschaft",
    ),
    _of_state("uifsa", "UIF", "UIFSA and interstate law", "interstate", "registration of orders"),
    ContactType(
        "office",
        "RES",
        "Local or regional office",
        ContactClass.STATE,
        _PROGRAMS,
        words=("county office", "oficina local", "bureau local"),
        many=True,
    ),
    ContactType(
        "tribal-program",
        "TRB",
        "Tribal program office",
        ContactClass.TRIBAL,
        frozenset({JurisdictionKind.TRIBE}),
        words=("tribal child support", "tribe office"),
    ),
    ContactType(
        "central-authority",
        "CAU",
        "Central authority",
        ContactClass.INTERNATIONAL,
        _COUNTRY | _FEDERAL,
        words=(
            "central authority",
            "autoridad central",
            "autorité centrale",
            "Zentrale Behörde",
            "transmitting agency",
            "receiving agency",
        ),
    ),
    ContactType(
        "transmitting-body",
        "TBY",
        "Body that sends and receives applications",
        ContactClass.INTERNATIONAL,
        _COUNTRY,
        words=("competent authority", "regional authority", "land authority"),
        many=True,
    ),
    ContactType(
        "ocss-desk",
        "OCS",
        "OCSS desk",
        ContactClass.OCSS,
        _FEDERAL,
        words=("help desk", "OCSE", "federal office", "regional office"),
        many=True,
    ),
)

CONTACT_TYPES: Final = MappingProxyType({one.slug: one for one in _TYPES})
"""In the order that pages show them."""


def types_of(kind: JurisdictionKind) -> tuple[ContactType, ...]:
    """The types that a jurisdiction of this kind has contacts of."""
    return tuple(one for one in _TYPES if kind in one.kinds)
