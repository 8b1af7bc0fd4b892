"""What an employer says of orders on the screen, and what it reports of an employee without one (6.5, 6.6).

What may be chosen and what a choice needs is read from `schemas.dispositions`; here are the words, in the
order of the page, and which further questions belong to which choice.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from schemas.dispositions import DISPOSITIONS, Disposition, disposition
from schemas.forms.form import Ask, Problem, Question, answered, question_of
from schemas.groups import bound
from schemas.layouts.income_withholding_ack import ACKNOWLEDGEMENT
from schemas.structure import CheckRules
from schemas.tables import STATES

CHOICE, STATE = "answer", "state"
"""The questions that no field of the record has: which disposition; which state a report goes to."""
_DAY = "Month, day and year, for example 3 27 2026."


@dataclass(frozen=True)
class Part:
    """Questions under a heading; `of`: the choices they belong to, none: to all."""

    slug: str
    title: str
    asks: tuple[Ask, ...]
    of: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """In the order of the page."""
        choices = self.of or tuple(choice_of(one) for one in DISPOSITIONS)
        needed = {name for one in DISPOSITIONS if choice_of(one) in choices for name in one.needs}
        return tuple(question_of(ask, ACKNOWLEDGEMENT[ask.name], needed) for ask in self.asks)


@dataclass(frozen=True)
class Said:
    """What was chosen and typed, and what is wrong with it. `more`: by field of the acknowledgement."""

    status: str
    reason: str
    more: Mapping[str, str]
    problems: tuple[Problem, ...]


def choice_of(one: Disposition) -> str:
    """How a form names a disposition."""
    return f"{one.status}-{one.reason}" if one.reason else one.status


_BY_CHOICE: Final = MappingProxyType({choice_of(one): one for one in DISPOSITIONS})

ANSWERS: Final = MappingProxyType(
    {
        "A": "Accepted",
        "A-B": "Accepted, under another name: The person works for you, and the name on the order differs.",
        "A-S": "Accepted, but on leave: The person works for you and is suspended or on leave.",
        "A-W": "Accepted, under another FEIN: The person works for you. Give the right FEIN below.",
        "R-N": "Rejected, no longer works here: Give the last day of work below.",
        "R-U": "Rejected, never worked here: You do not know this person.",
        "R-S": "Rejected, on leave: The person is suspended or on leave.",
        "R-W": "Rejected, wrong FEIN: Another employer pays this person. Give its FEIN below.",
        "R-B": "Rejected, name does not match: You know the number, but somebody else has it.",
        "R-M": "Rejected, order of another state: You withhold for another state already. Name it below.",
        "R-D": "Rejected, duplicate: You have this very order already.",
        "R-X": "Rejected, could not be processed",
        "R-O": "Rejected, another reason",
        "R-Z": "Rejected, nothing to end: You have no order that this termination could end.",
    }
)
"""Words of each answer to an order."""
REPORTS: Final = MappingProxyType(
    {
        "L": "A lump sum will be paid: A bonus, severance or the like, to somebody you withhold from.",
        "S": "Withholding is suspended: The person is on leave, or has no pay now.",
        "T": "Employment ended: The person no longer works for you.",
    }
)
"""Words of what an employer reports on its own initiative."""

_LEFT: Final = (
    Ask("termination_date", "Last day of work", _DAY),
    Ask("last_known_address1", "Last known address"),
    Ask("last_known_address2", "Address, second line"),
    Ask("last_known_city", "City"),
    Ask("last_known_state", "State of the address"),
    Ask("last_known_zip", "ZIP code"),
    Ask("last_known_phone", "Telephone number"),
    Ask("final_payment_date", "When is the last payment?", _DAY),
    Ask("final_payment_amount", "Amount of the last payment", "In dollars, for example 1,250.50."),
    Ask("new_employer_name", "Name of the new employer", "If you know it."),
    Ask("new_employer_address1", "Address of the new employer"),
    Ask("new_employer_city", "City of the new employer"),
    Ask("new_employer_state", "State of the new employer"),
    Ask("new_employer_zip", "ZIP code of the new employer"),
)
ANSWER_PARTS: Final = (
    Part(
        "fein",
        "The right FEIN",
        (Ask("corrected_fein", "Right FEIN", "Nine digits. The state will send its orders there."),),
        ("A-W", "R-W"),
    ),
    Part(
        "other",
        "The other state",
        (Ask("other_order_state", "State whose order you withhold for"),),
        ("R-M",),
    ),
    Part("left", "Who left", _LEFT, ("R-N",)),
)
_PERSON: Final = (
    Ask("employee_last_name", "Last name"),
    Ask("employee_first_name", "First name"),
    Ask("employee_ssn", "Social Security number", "Nine digits. The state finds its case by it."),
    Ask("case_id", "Case number", "If an order names one."),
)
REPORT_PARTS: Final = (
    Part("person", "Who it is", _PERSON, tuple(REPORTS)),
    Part(
        "lump",
        "The lump sum",
        (
            Ask("lump_sum_payment_date", "When do you expect to pay?", _DAY),
            Ask(
                "lump_sum_amount",
                "Amount of the lump sum",
                "In dollars, before deductions, for example 1,250.50.",
            ),
            Ask("lump_sum_type", "Kind of lump sum", "For example, bonus or severance."),
        ),
        ("L",),
    ),
    Part("left", "Who left", _LEFT, ("T",)),
)
STATE_QUESTION: Final = Question(
    STATE,
    "Which state is it for?",
    "The state whose order you withhold for.",
    "choice",
    optional=False,
    width=2,
    choices=tuple(STATES.items()),
)


def answers_for(actions: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The answers that may be given to orders of all these kinds: choice and words."""
    given = frozenset(actions)
    return tuple(
        (choice, words) for choice, words in ANSWERS.items() if given <= {*_BY_CHOICE[choice].actions}
    )


def choice_question(label: str, choices: tuple[tuple[str, str], ...]) -> Question:
    """The question that has these choices."""
    return Question(CHOICE, label, "", "radio", optional=False, width=3, choices=choices)


def parse_answer(submitted: Mapping[str, str], actions: Iterable[str], rules: CheckRules) -> Said:
    """What was said of orders of these kinds; who chose what is not for all of them is told what is."""
    chosen = _BY_CHOICE.get(submitted.get(CHOICE, ""))
    told = (
        [disposition(chosen.status, chosen.reason, action) for action in sorted(set(actions))]
        if chosen
        else []
    )
    refused = next((one for one in told if isinstance(one, str)), "")
    if refused:
        return Said("", "", {}, (Problem(CHOICE, f"{refused[:1].upper()}{refused[1:]}"),))
    return _parse(submitted, ANSWERS, ANSWER_PARTS, rules)


def parse_report(submitted: Mapping[str, str], rules: CheckRules) -> Said:
    """What is reported without an order."""
    said = _parse(submitted, REPORTS, REPORT_PARTS, rules)
    known = submitted.get(STATE, "") in STATES
    return (
        said
        if known
        else replace(said, problems=(Problem(STATE, f"Choose: {STATE_QUESTION.label}"), *said.problems))
    )


def _parse(
    submitted: Mapping[str, str], allowed: Container[str], parts: Iterable[Part], rules: CheckRules
) -> Said:
    """Questions of other choices were hidden, and what stands there is not said."""
    choice = submitted.get(CHOICE, "")
    if choice not in allowed:
        return Said("", "", {}, (Problem(CHOICE, "Choose one of the list"),))
    chosen = _BY_CHOICE[choice]
    more: dict[str, str] = {}
    problems: list[Problem] = []
    asked = [one for part in parts if choice in part.of for one in part.questions]
    for question in asked:
        place = bound(ACKNOWLEDGEMENT[question.name], rules)
        needed = replace(place, optional=question.name not in chosen.needs)
        given, _, message = answered(question, needed, submitted)
        if message:
            problems.append(Problem(question.name, message))
        elif given:
            more[question.name] = given
    return Said(chosen.status, chosen.reason, more, tuple(problems))
