"""One person who left or never worked there, reported on the screen."""

from dataclasses import replace

from schemas.forms import employer
from schemas.forms.form import Ask, Form
from schemas.layouts.termination import NEVER, TERMINATION

_UNLESS = f"termination_code-{NEVER}"
_NOTHING_TO_TELL = "Leave this empty: you said that the person never worked for you"


def _under(part: str, asks: tuple[Ask, ...]) -> tuple[Ask, ...]:
    return tuple(replace(ask, part=part) for ask in asks)


TERMINATION_FORM = Form(
    slug="termination",
    layout=TERMINATION,
    title="Report that somebody left",
    summary="Tell us about one person who no longer works for you, or never did. You see at once which "
    "states were told.",
    asks=(
        *_under(
            "Who it is",
            employer.person(
                last_name_hint="As on your payroll records, or on the order you received.",
                ssn_hint="Nine digits. We use it only to find the states that wait for support.",
            ),
        ),
        *_under(
            "What happened",
            (
                Ask("termination_code", "What is true of this person?", kind="radio"),
                Ask(
                    "termination_date",
                    "Last day of work",
                    "Month, day and year, for example 3 27 2026. For a leave, its first day. Leave it empty "
                    "for somebody who never worked for you.",
                    unless=_UNLESS,
                ),
                Ask("final_payment_date", "When is the last payment?", unless=_UNLESS),
                Ask(
                    "final_payment_amount",
                    "Amount of the last payment",
                    "In dollars, before deductions, for example 1,250.50.",
                    unless=_UNLESS,
                ),
            ),
        ),
        *_under("Where the person may be found", employer.HOME),
        *_under(
            "New employer, if you know it",
            (
                Ask("new_employer_name", "Name of the new employer"),
                Ask("new_employer_address", "Street address of the new employer"),
                Ask("new_employer_city", "City of the new employer"),
                Ask("new_employer_state", "State of the new employer"),
                Ask("new_employer_zip", "ZIP code of the new employer"),
            ),
        ),
        *_under(
            "The order and your records",
            (
                Ask("case_id", "Case number", "If an income withholding order names one."),
                Ask("issuing_state", "State of the case"),
                employer.REFERENCE,
            ),
        ),
    ),
    submit="Report",
    words={
        ("termination_date", "X001"): "Enter the last day of work",
        ("final_payment_date", "X001"): "Enter the day of the last payment, as you gave its amount",
        ("termination_date", "X006"): _NOTHING_TO_TELL,
        ("final_payment_date", "X006"): _NOTHING_TO_TELL,
        ("final_payment_amount", "X002"): _NOTHING_TO_TELL,
    },
)
