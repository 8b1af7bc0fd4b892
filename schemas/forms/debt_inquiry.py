"""One person, asked about on the screen."""

from schemas.forms.form import Ask, Form
from schemas.layouts.debt_inquiry import DEBT_INQUIRY

DEBT_INQUIRY_FORM = Form(
    slug="debt-inquiry",
    layout=DEBT_INQUIRY,
    title="Ask about a support debt",
    summary="Tell us about one person you are about to pay. You see at once whether the person owes support.",
    asks=(
        Ask("last_name", "Last name"),
        Ask("first_name", "First name"),
        Ask("middle_name", "Middle name"),
        Ask("suffix", "Suffix", "For example, JR or III."),
        Ask("ssn", "Social Security number", "Nine digits. Without it we need the date of birth."),
        Ask("birth_date", "Date of birth", "Month, day and year, for example 3 27 1980."),
        Ask("payment_kind", "Kind of payment"),
        Ask("payment_description", "Description of the payment"),
        Ask("payment_date", "When do you expect to pay?", "Month, day and year, for example 3 27 2026."),
        Ask("payment_amount", "Amount of the payment", "In dollars, for example 1,250.50."),
        Ask("address1", "Last known address"),
        Ask("address2", "Address, second line"),
        Ask("city", "City"),
        Ask("state", "State"),
        Ask("zip", "ZIP code"),
        Ask("phone", "Telephone number"),
        Ask("reference", "Your own reference", "We give it back to you with the answer."),
    ),
    submit="Ask",
)
