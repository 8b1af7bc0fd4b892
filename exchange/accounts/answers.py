"""What was filled in, held against the questions that were asked: the answers, or what is wrong with them."""

from collections.abc import Iterable, Mapping

from exchange.errors import FieldsRefusedError
from schemas.forms.asked import Asked, parse_asked


def answers(asked: Iterable[Asked], submitted: Mapping[str, str], **further: str) -> dict[str, str]:
    """The answers in their one spelling. Raises `FieldsRefusedError` with all that is wrong with them.

    `further`: by field, what is wrong besides (where it is not empty) with what is no answer to a question.
    """
    found = parse_asked(asked, submitted)
    problems = {problem.field: problem.message for problem in found.problems}
    problems |= {field: text for field, text in further.items() if text}
    if problems:
        raise FieldsRefusedError(problems)
    return dict(found.values)
