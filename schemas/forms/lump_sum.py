"""One payment, reported on the screen."""

from schemas.forms import employer
from schemas.forms.form import Ask, Form
from schemas.layouts.lump_sum import LUMP_SUM

LUMP_SUM_FORM = Form(
    slug="lump-sum",
    layout=LUMP_SUM,
    title="Report a lump sum payment",
    summary="Tell us about one payment before you make it. You see at once if the employee owes support.",
    asks=(
        *employer.person(
            last_name_hint="As on your payroll records.",
            ssn_hint="Nine digits. We use it only to find support debts.",
        ),
        *employer.payment("Amount before deductions"),
        Ask("case_id", "Case number", "If an income withholding order names one."),
        Ask("issuing_state", "State of the case"),
        employer.REFERENCE,
    ),
    submit="Report payment",
)
