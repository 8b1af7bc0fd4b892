"""The rules of one column: small frozen values that parse, render, and check a whole block at once.

A new rule is a new class of a few lines beside its like. Anyone in `schemas` may use them; they know
nothing of records, files or people.
"""

from schemas.kinds.base import Cells, Facts, Kind, Mask, RefusedValueError, Value
from schemas.kinds.dates import Date8, Time6, YearMonth
from schemas.kinds.numbers import Amount, Digits, Fein, Number, Phone, SignedDollars, Ssn, WholeDollars, Zip
from schemas.kinds.orders import CaseNumber, DateOrWord, Letter, RegistryCase, Titled
from schemas.kinds.text import Anything, Blank, Code, Email, Literal, MailState, Name, StateCode, Text

__all__ = [
    "Amount",
    "Anything",
    "Blank",
    "CaseNumber",
    "Cells",
    "Code",
    "Date8",
    "DateOrWord",
    "Digits",
    "Email",
    "Facts",
    "Fein",
    "Kind",
    "Letter",
    "Literal",
    "MailState",
    "Mask",
    "Name",
    "Number",
    "Phone",
    "RefusedValueError",
    "RegistryCase",
    "SignedDollars",
    "Ssn",
    "StateCode",
    "Text",
    "Time6",
    "Titled",
    "Value",
    "WholeDollars",
    "YearMonth",
    "Zip",
]
