"""The words of the registration wizard, and a registration's answers as people check them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from exchange.accounts.registration_rows import Application
from exchange.accounts.registration_steps import Step, steps_of
from exchange.accounts.registration_wizard import asked_on
from roles.organizations import KINDS, kinds_of
from roles.permissions import Role
from schemas.forms import Question
from web.templating import calendar_day, telephone


@dataclass(frozen=True)
class Heading:
    """How a page of the wizard is headed; `short` stands in the list of steps."""

    short: str
    title: str
    lede: str
    button: str = "Continue"


HEADINGS = {
    Step.KIND: Heading("Kind", "What is your organization?", "It decides what we ask next."),
    Step.CLEARANCE: Heading(
        "On record", "Is your organization on record?", "OCSS must have recorded it before you can register."
    ),
    Step.YOU: Heading(
        "You", "About you", "You will be the first to look after your organization here, and can add others."
    ),
    Step.EMAIL: Heading("Email", "Your email address", "We make sure that our letters reach you."),
    Step.ORGANIZATION: Heading("Organization", "About your organization", "As it stands in its papers."),
    Step.USERNAME: Heading(
        "Username",
        "Choose your username",
        "You set the password later, when your account is activated.",
    ),
    Step.AGREEMENT: Heading(
        "Agreement", "The agreement", "Read it to its end. You accept it for your organization.", "Continue"
    ),
    Step.CHECK: Heading(
        "Check", "Check your answers", "Nothing has been sent yet.", "Accept and submit registration"
    ),
}


@dataclass(frozen=True)
class Row:
    """One answer to be checked, and the page it is changed on."""

    label: str
    text: str
    step: Step


def KIND_QUESTION(role: Role) -> Question:  # noqa: N802  # a question made from a table
    """Which of the role's kinds of organization it is."""
    choices = tuple((kind.value, f"{KINDS[kind].title}: {KINDS[kind].for_whom}") for kind in kinds_of(role))
    return Question("kind", "Your organization", "", "radio", False, 40, choices=choices)


def summary(application: Application, person: str = "You") -> list[tuple[str, list[Row]]]:
    """What was answered, page by page, with the heading of each; `person` is what the applicant is called."""
    parts = [(step, list(_rows(application, step))) for step in steps_of(application.kind)]
    return [(person if step is Step.YOU else HEADINGS[step].short, rows) for step, rows in parts if rows]


def _rows(application: Application, step: Step) -> Iterator[Row]:
    about = KINDS[application.kind]
    if step is Step.KIND:
        yield Row("Kind of organization", about.title, step)
    if step is Step.CLEARANCE:
        yield Row("On record as", application.organization_name, step)
    if step is Step.AGREEMENT and application.accepted_at:
        told = f"{about.agreement.title}, version {about.agreement.version}"
        yield Row("Accepted", f"{told}, on {calendar_day(application.accepted_at)}", step)
    for asked in asked_on(step, application.kind):
        if asked.name in application.answers:
            yield Row(asked.question.label, shown(asked.question, application.answers[asked.name]), step)


def shown(question: Question, text: str) -> str:
    """An answer as people read it; of a Social Security number the last four digits."""
    if not text:
        return "Not given"
    if question.kind == "ssn":
        return f"Ends in {text[-4:]}"
    if question.kind == "date":
        return calendar_day(date(int(text[:4]), int(text[4:6]), int(text[6:])))
    if question.kind == "tel":
        return telephone(text)
    if question.name == "fein":
        return f"{text[:2]}-{text[2:]}"
    return dict(question.choices).get(text, text)
