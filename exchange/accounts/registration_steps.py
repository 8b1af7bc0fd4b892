"""The pages of the registration wizard: which there are for a kind, and which are still open."""

from enum import StrEnum

from exchange.accounts.registration_rows import Application
from roles.organizations import KINDS, OrganizationKind, asked_of, kinds_of
from schemas.forms.registration import USERNAME, YOU


class Step(StrEnum):
    """The pages of the wizard, in their order."""

    KIND = "kind"
    CLEARANCE = "on-record"
    YOU = "you"
    EMAIL = "email"
    ORGANIZATION = "organization"
    USERNAME = "username"
    AGREEMENT = "agreement"
    CHECK = "check"


def steps_of(kind: OrganizationKind) -> tuple[Step, ...]:
    """The pages that an organization of this kind goes through."""
    about = KINDS[kind]
    left_out = {
        Step.KIND: len(kinds_of(about.role)) == 1,
        Step.CLEARANCE: about.prerequisite is None,
    }
    return tuple(step for step in Step if not left_out.get(step))


def is_done(application: Application, step: Step) -> bool:
    """Whether what a page asks has been answered."""
    kind, answers = application.kind, application.answers
    if step is Step.CLEARANCE:
        return answers.get("cleared") == kind.value
    if step is Step.EMAIL:
        return application.confirmed
    if step is Step.AGREEMENT:
        return application.agreement == agreement_of(kind)
    asked = {Step.YOU: YOU, Step.ORGANIZATION: asked_of(kind), Step.USERNAME: USERNAME}.get(step, ())
    return step is not Step.CHECK and all(one.name in answers for one in asked)


def next_step(application: Application) -> Step:
    """The first page that is still open."""
    return next(step for step in steps_of(application.kind) if not is_done(application, step))


def agreement_of(kind: OrganizationKind) -> str:
    """The agreement of a kind with its present version, as a registration notes it."""
    agreement = KINDS[kind].agreement
    return f"{agreement.slug} {agreement.version}"
