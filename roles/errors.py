"""The base of everything a user can be told, and the refusals that the permission table itself makes."""

from typing import ClassVar


class PortalError(Exception):
    """Something a user can be told. `code` is stable and for programs, `sentence` for people."""

    code: ClassVar[str] = "portal_error"
    sentence: ClassVar[str] = "The portal could not do this."

    def __init__(self, **facts: object) -> None:
        """Keep the safe facts that complete the sentence."""
        self.facts = facts
        super().__init__(self.sentence.format(**facts))


class NotPermittedError(PortalError):
    """The actor's role does not hold the permission."""

    code = "not_permitted"
    sentence = "Your role does not include this."


class ProgramNotFoundError(PortalError):
    """Unknown program, or one that this organization does not take part in."""

    code = "program_not_found"
    sentence = "There is no such program here. Choose one of the programs your organization takes part in."
