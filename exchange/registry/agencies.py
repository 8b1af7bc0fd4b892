"""The child support agency of each of the 54 states and territories, and how to reach it.

The contacts are made up by rule (555-01xx telephone numbers, example.org mail), as domain.md 0.3 asks.
"""

from dataclasses import dataclass

import us

_ABSENT = {"AS", "MP"}
"""American Samoa and the Northern Mariana Islands run no child support program under title IV-D."""


@dataclass(frozen=True)
class Agency:
    """A state's agency; `fips` is its five-digit locator code, telephone and fax have ten digits."""

    state: str
    fips: str
    state_name: str
    name: str
    contact: str
    street: str
    city: str
    zip_code: str
    phone: str
    fax: str
    email: str


def _agency(place: int, state: us.states.State) -> Agency:
    usps = str(state.abbr)
    return Agency(
        state=usps,
        fips=f"{state.fips}000",
        state_name=str(state.name),
        name=f"{state.name} Child Support Services",
        contact="Employer Services Desk",
        street=f"{100 + place} Synthetic Avenue",
        city=str(state.capital or "Capital City"),
        zip_code=f"{place + 1:05d}",
        phone=f"{201 + place}55501{place:02d}",
        fax=f"{201 + place}55501{99 - place // 2:02d}",
        email=f"employers.{usps.lower()}@example.org",
    )


AGENCIES: dict[str, Agency] = {
    str(state.abbr): _agency(place, state)
    for place, state in enumerate(
        sorted(
            (s for s in [*us.states.STATES_AND_TERRITORIES, us.states.DC] if s.abbr not in _ABSENT),
            key=lambda s: str(s.abbr),
        )
    )
}
"""By USPS code, alphabetical."""
STATES: tuple[str, ...] = tuple(AGENCIES)
