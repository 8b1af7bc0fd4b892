"""One payment, reported on the screen."""

from schemas.forms.form import Ask, Form
from schemas.layouts.lump_sum import LUMP_SUM

LUMP_SUM_FORM = Form(
    slug="lump-sum",
    layout=LUMP_SUM,
    title="Report a lump sum payment",
    summary="Tell us about one payment before you make it. You see at once if the employee owes support.",
    asks=(
        Ask("last_name", "Last name", "As on your payroll records."),
        Ask("first_name", "First name"),
        Ask("middle_name", "Middle name"),
        Ask("suffix", "Suffix", "For example, JR or III."),
        Ask("ssn", "Social Security number", "Nine digits. We use it only to find support debts."),
        Ask("birth_date", "Date of birth", "Month, day and year, for example 3 27 1980."),
        Ask("payment_kind", "Kind of payment"),
        Ask("payment_description", "Description of the payment"),
        Ask("payment_date", "When do you expect to pay?", "Month, day and year, for example 3 27 2026."),
        Ask("payment_amount", "Amount before deductions", "In dollars, for example 1,250.50."),
        Ask("case_id", "Case number", "If an income withholding order names one."),
        Ask("issuing_state", "State of the case"),
        Ask("reference", "Your own reference", "We give it back to you with the answer."),
    ),
    submit="Report payment",
)
