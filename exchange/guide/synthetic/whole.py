"""The synthetic guide as one document."""

from exchange.guide.synthetic.addresses import contacts
from exchange.guide.synthetic.answers import answers
from exchange.guide.synthetic.places import Subject, subjects
from exchange.guide.synthetic.questionnaires import questions, versions
from schemas.guide.documents import Answer, Facts, Guide, Part

_SOVEREIGNTY = "tribe-sovereignty"


def guide(before: int = 0) -> Guide:
    """Every question answered for everybody, in the order that a guide has: by locator code and slug.

    `before`: as it stood so many editions ago, when some entries said something else.
    """
    parts = tuple(_part(subject, before) for subject in subjects())
    return Guide(questions=questions(), versions=versions(), parts=parts)


def _part(subject: Subject, before: int) -> Part:
    said = answers(subject, before)
    return Part(facts=_sovereign(subject.facts, said), answers=said, contacts=contacts(subject, before))


def _sovereign(facts: Facts, said: tuple[Answer, ...]) -> Facts:
    """A tribe's own page says first what it answers about its sovereignty."""
    words = [answer.value for answer in said if answer.question == _SOVEREIGNTY]
    return facts.model_copy(update={"sovereignty": words[0]}) if words else facts
