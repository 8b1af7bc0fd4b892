"""One page of the wizard handed in: its answers checked, then kept; every page goes through `take`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exchange.accounts import registration
from exchange.accounts.registration_steps import Step
from exchange.errors import ConfirmationRefusedError, UsernameTakenError
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind, asked_of, kinds_of
from schemas.forms import Answers, Problem
from schemas.forms.asked import Asked, parse_asked, possible_ssn
from schemas.forms.registration import EMAIL, FACTS, USERNAME, YOU

CHOOSE_KIND = "Choose what your organization is"
ACCEPT = "Accept the agreement to go on"


@dataclass(frozen=True)
class Page:
    """A page handed in: for which kind, by whom (None before a draft was begun), with what typed."""

    step: Step
    kind: OrganizationKind
    secret: str | None
    source: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Taken:
    """What became of a page: the draft's code, or what is wrong; then nothing was kept."""

    secret: str | None
    problems: tuple[Problem, ...] = ()


def asked_on(step: Step, kind: OrganizationKind) -> tuple[Asked, ...]:
    """The questions of a page; KIND, AGREEMENT and CHECK have none of their own."""
    return {
        Step.CLEARANCE: (FACTS[KINDS[kind].key],),
        Step.YOU: YOU,
        Step.EMAIL: EMAIL,
        Step.ORGANIZATION: asked_of(kind),
        Step.USERNAME: USERNAME,
    }.get(step, ())


def take(exchange: Exchange, page: Page) -> Taken:
    """Check a page and keep it; the first one begins the draft.

    Raises `ClearanceMissingError`, `TooManyAttemptsError`, `RegistrationSettledError` and, at the end,
    `RegistrationUnfinishedError`.
    """
    by_code = page.step is Step.EMAIL and "code" in page.fields
    answers = Answers({}) if by_code else parse_asked(asked_on(page.step, page.kind), page.fields)
    problems = answers.problems or _unfit(exchange, page, answers.values)
    if problems:
        return Taken(page.secret, problems)
    secret = page.secret or registration.begin(exchange, page.kind, page.source)
    try:
        _KEPT[page.step](exchange, page, secret, answers.values)
    except UsernameTakenError as error:
        return Taken(secret, (Problem("username", str(error)),))
    except ConfirmationRefusedError as error:
        return Taken(secret, (Problem("code", str(error)),))
    return Taken(secret)


def _unfit(exchange: Exchange, page: Page, values: Mapping[str, str]) -> tuple[Problem, ...]:
    """What single answers do not tell: whether a number, a day or a choice can be right here and now."""
    found = []
    if (ssn := values.get("ssn")) and not possible_ssn(ssn, synthetic=exchange.settings.synthetic_people):
        found.append(Problem("ssn", "Check the number: this Social Security number cannot be right"))
    if (born := values.get("birth_date")) and born > f"{exchange.clock():%Y%m%d}":
        found.append(Problem("birth_date", "Enter a date that is not in the future"))
    if page.step is Step.KIND and _chosen(page) is None:
        found.append(Problem("kind", CHOOSE_KIND))
    if page.step is Step.AGREEMENT and page.fields.get("accept") != "yes":
        found.append(Problem("accept", ACCEPT))
    return tuple(found)


def _chosen(page: Page) -> OrganizationKind | None:
    kinds = kinds_of(KINDS[page.kind].role)
    return next((kind for kind in kinds if kind.value == page.fields.get("kind")), None)


def _keep_kind(exchange: Exchange, page: Page, secret: str, _values: Mapping[str, str]) -> None:
    chosen = _chosen(page)
    assert chosen is not None
    registration.choose_kind(exchange, secret, chosen)


def _keep_clearance(exchange: Exchange, page: Page, secret: str, values: Mapping[str, str]) -> None:
    registration.take_from_record(exchange, secret, values[KINDS[page.kind].key], page.source)


def _keep_answers(exchange: Exchange, _page: Page, secret: str, values: Mapping[str, str]) -> None:
    registration.answer(exchange, secret, values)


def _keep_email(exchange: Exchange, page: Page, secret: str, values: Mapping[str, str]) -> None:
    if "code" in page.fields:
        registration.confirm_email(exchange, secret, page.fields["code"], page.source)
    else:
        registration.send_code(exchange, secret, values["email"], page.source)


def _keep_username(exchange: Exchange, page: Page, secret: str, values: Mapping[str, str]) -> None:
    registration.choose_username(exchange, secret, values["username"], page.source)


def _keep_agreement(exchange: Exchange, _page: Page, secret: str, _values: Mapping[str, str]) -> None:
    registration.accept(exchange, secret)


def _submit(exchange: Exchange, page: Page, secret: str, _values: Mapping[str, str]) -> None:
    registration.submit(exchange, secret, page.source)


_KEPT: Mapping[Step, Callable[[Exchange, Page, str, Mapping[str, str]], None]] = {
    Step.KIND: _keep_kind,
    Step.CLEARANCE: _keep_clearance,
    Step.YOU: _keep_answers,
    Step.EMAIL: _keep_email,
    Step.ORGANIZATION: _keep_answers,
    Step.USERNAME: _keep_username,
    Step.AGREEMENT: _keep_agreement,
    Step.CHECK: _submit,
}
