"""The jurisdictions of the synthetic guide: what they are called, where they are, what texts may name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import us
from babel import Locale
from babel.numbers import get_currency_name

from exchange.guide.synthetic.tables import table
from exchange.registry.agencies import AGENCIES
from schemas.guide.documents import Facts, JurisdictionKind

WEB = "https://example.org/child-support"
_TONGUES = (
    "es",
    "fr",
    "de",
    "pt",
    "it",
    "nl",
    "pl",
    "sv",
    "fi",
    "he",
    "ar",
    "tr",
    "ru",
    "uk",
    "zh",
    "ja",
    "ko",
)
_WITH_THE = frozenset({"District of Columbia", "Virgin Islands", "Netherlands", "United Kingdom"})


@dataclass(frozen=True)
class Subject:
    """Who answers. `key`: what the tables call it; `words`: what texts may name in braces.

    `area`: what its telephone numbers begin with. `postal`: of its seat. `bodies`: its offices or regional
    bodies, each with its place and locator code.
    """

    key: str
    facts: Facts
    words: Mapping[str, str]
    area: str
    region: str = ""
    postal: str = ""
    country: str = "US"
    bodies: tuple[tuple[str, str, str], ...] = field(default=())


def subjects() -> tuple[Subject, ...]:
    """All of them, by locator code."""
    countries = [_country(code, row) for code, row in table("countries").items()]
    names = enumerated([one.words["place"] for one in sorted(countries, key=lambda one: one.facts.name)])
    tribes = [_tribe(code, row) for code, row in table("tribes").items()]
    states = [_state(usps, row) for usps, row in table("states").items()]
    return tuple(
        sorted([_federal(names), *countries, *tribes, *states], key=lambda one: one.facts.locator_code)
    )


def enumerated(names: list[str]) -> str:
    """A, B and C."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _words(key: str, facts: Facts, **more: str) -> dict[str, str]:
    place = f"the {facts.name}" if facts.name in _WITH_THE else facts.name
    return {
        "key": key,
        "lower": key.lower(),
        "code": facts.locator_code,
        "name": facts.name,
        "place": place,
        "Place": place[0].upper() + place[1:],
        "agency": facts.agency,
        "capital": facts.capital,
        **more,
    }


def _federal(countries: str) -> Subject:
    facts = Facts(
        locator_code="00000",
        kind=JurisdictionKind.FEDERAL,
        name="Office of Child Support Services",
        abbreviation="OCSS",
        agency="Office of Child Support Services",
        other_names=("OCSE", "Office of Child Support Enforcement", "United States", "USA", "Estados Unidos",
                     "États-Unis", "Vereinigte Staaten", "Stati Uniti"),
        capital="Washington",
        time_zone="America/New_York",
        languages=("English",),
        currency="USD",
        latitude=38.9,
        longitude=-77.0,
        web=WEB,
        synthetic=True,
    )  # fmt: skip
    return Subject("OCSS", facts, _words("OCSS", facts, countries=countries), "202", "DC", "00020")


def _known(usps: str) -> us.states.State:
    known = us.states.lookup(usps)
    assert known is not None
    return known


def _state(usps: str, row: Mapping[str, Any]) -> Subject:
    agency, known = AGENCIES[usps], _known(usps)
    counties = {county.name: county.fips for county in known.counties}
    facts = Facts(
        locator_code=agency.fips,
        kind=JurisdictionKind.STATE,
        name=agency.state_name,
        abbreviation=usps,
        fips=agency.fips[:2],
        agency=agency.name,
        other_names=tuple(name for name in row["names"] if name != agency.state_name),
        places=tuple(dict.fromkeys([*row["counties"], *row["cities"]])),
        region=row["region"],
        capital=known.capital or "Washington",
        time_zone=row.get("zone", known.capital_tz),
        languages=("Spanish", "English") if usps == "PR" else ("English", "Spanish"),
        currency="USD",
        latitude=row["at"][0],
        longitude=row["at"][1],
        web=f"{WEB}/{usps.lower()}",
        synthetic=True,
    )
    bodies = tuple(
        (name, seat, counties[name]) for name, seat in zip(row["counties"], row["seats"], strict=False)
    )
    return Subject(usps, facts, _words(usps, facts), agency.phone[:3], usps, agency.zip_code, bodies=bodies)


def _tribe(code: str, row: Mapping[str, Any]) -> Subject:
    home = AGENCIES[row["home"]]
    state = table("states")[row["home"]]
    facts = Facts(
        locator_code=code,
        kind=JurisdictionKind.TRIBE,
        name=row["name"],
        abbreviation=code[2:],
        agency=row["agency"],
        other_names=tuple(row["names"]),
        places=tuple(row["places"]),
        region=home.state_name,
        capital=row["town"],
        time_zone=state.get("zone", _known(row["home"]).capital_tz),
        languages=tuple(row["languages"]),
        currency="USD",
        latitude=state["at"][0],
        longitude=state["at"][1],
        web=f"{WEB}/{code.lower()}",
        synthetic=True,
    )
    words = _words(code, facts, town=row["town"])
    return Subject(code, facts, words, home.phone[:3], home.state, home.zip_code)


def _country(iso: str, row: Mapping[str, Any]) -> Subject:
    facts = Facts(
        locator_code=f"80{iso}",
        kind=JurisdictionKind.COUNTRY,
        name=row.get("name") or str(Locale("en").territories[iso]),
        abbreviation=iso,
        agency=row["authority"],
        other_names=_abroad(iso, row),
        places=tuple(row["places"]),
        region=row["region"],
        capital=row["capital"],
        time_zone=row["zone"],
        languages=tuple(row["languages"]),
        currency=row["currency"],
        convention=row["basis"] != "Bilateral declaration",
        latitude=row["at"][0],
        longitude=row["at"][1],
        web=f"{WEB}/{iso.lower()}",
        synthetic=True,
    )
    bodies = tuple((part, seat, facts.locator_code) for part, seat in row.get("bodies", ()))
    words = _words(iso, facts, **_told(row))
    return Subject(iso, facts, words, row["phone"], postal=f"{len(iso)}0{row['phone'][1:]:0>3}", country=iso,
                   bodies=bodies)  # fmt: skip


def _abroad(iso: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """What others call a country, each name once."""
    cldr = [str(Locale(tongue).territories.get(iso, "")) for tongue in _TONGUES] if "name" not in row else []
    english = str(row.get("name") or Locale("en").territories[iso])
    names = dict.fromkeys([row["official"], *row["aliases"], *cldr])
    return tuple(name for name in names if name and name != english)


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    """What answers of a country may name beside its facts."""
    return {
        "basis": row["basis"],
        "since": row["since"].isoformat(),
        "authority": row["authority"],
        "language": row["languages"][0],
        "languages": enumerated(row["languages"]),
        "currency": get_currency_name(row["currency"], locale="en"),
        "body": row.get("body", ""),
        "bodies": enumerated([part for part, _ in row.get("bodies", [("", "")])]),
    }
