"""One person, asked about on the screen."""

from schemas.forms import employer
from schemas.forms.form import Form
from schemas.layouts.debt_inquiry import DEBT_INQUIRY

DEBT_INQUIRY_FORM = Form(
    slug="debt-inquiry",
    layout=DEBT_INQUIRY,
    title="Ask about a support debt",
    summary="Tell us about one person you are about to pay. You see at once whether the person owes support.",
    asks=(
        *employer.person(ssn_hint="Nine digits. Without it we need the date of birth."),
        *employer.payment("Amount of the payment"),
        *employer.HOME,
        employer.REFERENCE,
    ),
    submit="Ask",
)
