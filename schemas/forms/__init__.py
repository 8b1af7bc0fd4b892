"""Web forms as data. Pages, the API's body and the one-record file are all made from these declarations."""

from types import MappingProxyType
from typing import Final

from schemas.forms.debt_inquiry import DEBT_INQUIRY_FORM
from schemas.forms.form import Answers, Ask, Form, Problem, Question, as_file, parse
from schemas.forms.lump_sum import LUMP_SUM_FORM
from schemas.forms.termination import TERMINATION_FORM

FORMS: Final = MappingProxyType(
    {form.slug: form for form in (DEBT_INQUIRY_FORM, LUMP_SUM_FORM, TERMINATION_FORM)}
)

__all__ = ["FORMS", "Answers", "Ask", "Form", "Problem", "Question", "as_file", "parse"]
