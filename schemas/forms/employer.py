"""Questions that the employers' forms share, as their documents share the columns (`layouts/employer.py`)."""

from schemas.forms.form import Ask

REFERENCE = Ask("reference", "Your own reference", "We give it back to you with the answer.")


HOME = (
    Ask("address1", "Last known address"),
    Ask("address2", "Address, second line"),
    Ask("city", "City"),
    Ask("state", "State"),
    Ask("zip", "ZIP code"),
    Ask("phone", "Telephone number"),
)
"""Where the person was last known to live."""


def person(*, last_name_hint: str = "", ssn_hint: str) -> tuple[Ask, ...]:
    """Who it is about."""
    return (
        Ask("last_name", "Last name", last_name_hint),
        Ask("first_name", "First name"),
        Ask("middle_name", "Middle name"),
        Ask("suffix", "Suffix", "For example, JR or III."),
        Ask("ssn", "Social Security number", ssn_hint),
        Ask("birth_date", "Date of birth", "Month, day and year, for example 3 27 1980."),
    )


def payment(amount: str) -> tuple[Ask, ...]:
    """What is to be paid; `amount` names which amount is meant."""
    return (
        Ask("payment_kind", "Kind of payment"),
        Ask("payment_description", "Description of the payment"),
        Ask("payment_date", "When do you expect to pay?", "Month, day and year, for example 3 27 2026."),
        Ask("payment_amount", amount, "In dollars, for example 1,250.50."),
    )
