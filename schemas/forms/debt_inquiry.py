"""One person, asked about on the screen."""

from schemas.forms import employer
from schemas.forms.form import Ask, Form
from schemas.layouts.debt_inquiry import DEBT_INQUIRY

DEBT_INQUIRY_FORM = Form(
    slug="debt-inquiry",
    layout=DEBT_INQUIRY,
    title="Ask about a support debt",
    summary="Tell us about one person you are about to pay. You see at once whether the person owes support.",
    asks=(
        *employer.person(ssn_hint="Nine digits. Without it we need the date of birth."),
        *employer.payment("Amount of the payment"),
        Ask("address1", "Last known address"),
        Ask("address2", "Address, second line"),
        Ask("city", "City"),
        Ask("state", "State"),
        Ask("zip", "ZIP code"),
        Ask("phone", "Telephone number"),
        employer.REFERENCE,
    ),
    submit="Ask",
)
