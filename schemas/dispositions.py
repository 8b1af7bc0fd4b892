"""What an employer may answer to an order: status, reason and action code, and what each answer has to bring.

The table is that of the domain specification, 6.6 (evidence V; what is needed: V and L).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from schemas.columns import Numbers
from schemas.kinds import Mask
from schemas.kinds.base import blank
from schemas.kinds.text import number_of_bytes
from schemas.structure import Across, Columns
from schemas.tables import DISPOSITION_REASONS, DISPOSITION_STATUSES, ORDER_ACTIONS

STATUS, REASON, ACTION = "disposition_status", "disposition_reason", "action_code"


@dataclass(frozen=True)
class Disposition:
    """One answer: to which action codes it may be given ("" is a blank), and the columns it needs."""

    status: str
    reason: str
    actions: tuple[str, ...]
    needs: tuple[str, ...]


_ORDERS = tuple(ORDER_ACTIONS)
_OWN_REPORT = ("",)
_ECHO = ("document_tracking_number",)
_PERSON = ("employee_ssn",)

DISPOSITIONS: Final = (
    Disposition("A", "", _ORDERS, _ECHO),
    Disposition("A", "B", _ORDERS, _ECHO),
    Disposition("A", "S", _ORDERS, _ECHO),
    Disposition("A", "W", _ORDERS, (*_ECHO, "corrected_fein")),
    Disposition("R", "B", _ORDERS, _ECHO),
    Disposition("R", "S", _ORDERS, _ECHO),
    Disposition("R", "W", _ORDERS, (*_ECHO, "corrected_fein")),
    Disposition("R", "M", _ORDERS, (*_ECHO, "other_order_state")),
    Disposition("R", "N", _ORDERS, (*_ECHO, "termination_date")),
    Disposition("R", "O", _ORDERS, _ECHO),
    Disposition("R", "U", _ORDERS, _ECHO),
    Disposition("R", "X", _ORDERS, _ECHO),
    Disposition("R", "D", _ORDERS, _ECHO),
    Disposition("R", "Z", ("TRM",), _ECHO),
    Disposition("L", "", _OWN_REPORT, _PERSON),
    Disposition("S", "", _OWN_REPORT, _PERSON),
    Disposition("T", "", _OWN_REPORT, (*_PERSON, "termination_date")),
)
_BY_PAIR: Final[Mapping[tuple[str, str], Disposition]] = MappingProxyType(
    {(each.status, each.reason): each for each in DISPOSITIONS}
)


def disposition(status: str, reason: str, action: str) -> Disposition | str:
    """The answer that these codes stand for (blanks as ""); or, as a sentence, what is allowed instead."""
    if status not in DISPOSITION_STATUSES:
        return f"the status is {_any(DISPOSITION_STATUSES, DISPOSITION_STATUSES)}"
    found = _BY_PAIR.get((status, reason))
    if found is None:
        reasons = [each.reason for each in DISPOSITIONS if each.status == status]
        return f"with status {status} the reason is {_any(reasons, DISPOSITION_REASONS)}"
    if action in found.actions:
        return found
    with_reason = f" and reason {reason}" if reason else ""
    return f"with status {status}{with_reason} the action code is {_any(found.actions, ORDER_ACTIONS)}"


def _any(codes: Iterable[str], meanings: Mapping[str, str]) -> str:
    """Codes as "blank, B (the name does not match) or W (wrong FEIN)"."""
    *most, last = [f"{code} ({meanings[code]})" if code else "blank" for code in codes]
    return f"{', '.join(most)} or {last}" if most else last


def _packed(texts: Iterable[tuple[tuple[str, int], ...]]) -> Numbers:
    """Codes, each with the width of its column, side by side as one number."""
    joined = ("".join(code.ljust(width) for code, width in each) for each in texts)
    return np.array([int.from_bytes(each.encode("ascii"), "big") for each in joined], dtype=np.int64)


def _pairs(columns: Columns, pairs: Iterable[tuple[str, str]]) -> Mask:
    """Where status and reason are one of these pairs."""
    status, reason = columns.cells(STATUS), columns.cells(REASON)
    wanted = _packed(((one, len(status)), (other, len(reason))) for one, other in pairs)
    found: Mask = np.isin(number_of_bytes(np.concatenate([status, reason])), wanted)
    return found


@dataclass(frozen=True)
class AllowedReason(Across):
    """The reason is one that goes with the status."""

    @property
    def summary(self) -> str:
        """All that goes together."""
        parts = []
        for status in DISPOSITION_STATUSES:
            own = [each for each in DISPOSITIONS if each.status == status]
            parts.append(f"with {status}: {', '.join(_named(each) for each in own)}")
        return "; ".join(parts)

    @property
    def fields(self) -> tuple[str, ...]:
        """Both."""
        return (STATUS, REASON)

    def broken(self, columns: Columns) -> Mask:
        """Another pair."""
        return ~_pairs(columns, _BY_PAIR)

    def words(self, columns: Columns, row: int) -> str:
        """What goes with the status."""
        return _words(columns, row)


@dataclass(frozen=True)
class AllowedAction(Across):
    """The action code is one that goes with status and reason, where those go with each other."""

    @property
    def fields(self) -> tuple[str, ...]:
        """All three."""
        return (STATUS, REASON, ACTION)

    def broken(self, columns: Columns) -> Mask:
        """Another action code."""
        action = columns.cells(ACTION)
        wrong = np.zeros(action.shape[1], dtype=np.bool_)
        packed = number_of_bytes(action)
        for actions in dict.fromkeys(each.actions for each in DISPOSITIONS):
            pairs = [(each.status, each.reason) for each in DISPOSITIONS if each.actions == actions]
            allowed = _packed(((code, len(action)),) for code in actions)
            wrong |= _pairs(columns, pairs) & np.isin(packed, allowed, invert=True)
        return wrong

    def words(self, columns: Columns, row: int) -> str:
        """What goes with status and reason."""
        return _words(columns, row)


@dataclass(frozen=True)
class NeededBy(Across):
    """`field` is filled where the disposition needs it."""

    @property
    def summary(self) -> str:
        """The dispositions that need it; a status alone where all of its reasons do."""
        parts = []
        for status in DISPOSITION_STATUSES:
            own = [each for each in DISPOSITIONS if each.status == status]
            some = [each for each in own if self.field in each.needs]
            parts += [status] if some == own else [f"{status} {each.reason}" for each in some]
        return f"required with {', '.join(parts)}"

    @property
    def fields(self) -> tuple[str, ...]:
        """It and the two that say which disposition it is."""
        return (self.field, STATUS, REASON)

    def broken(self, columns: Columns) -> Mask:
        """Blank where it is needed."""
        pairs = [(each.status, each.reason) for each in DISPOSITIONS if self.field in each.needs]
        return blank(columns.cells(self.field)) & _pairs(columns, pairs)

    def words(self, columns: Columns, row: int) -> str:
        """Which disposition it is."""
        status, reason = _text(columns, STATUS, row), _text(columns, REASON, row)
        why = f" and reason {reason} ({DISPOSITION_REASONS[reason]})" if reason else ""
        return f"status {status} ({DISPOSITION_STATUSES[status]}){why}"


NEEDED: Final = tuple(
    NeededBy(field, "X001") for field in dict.fromkeys(name for each in DISPOSITIONS for name in each.needs)
)
"""What the columns of an acknowledgement are needed for."""
ALLOWED: Final = (AllowedReason(REASON, "X014"), AllowedAction(ACTION, "X015"))


def _named(each: Disposition) -> str:
    """A reason, with the action codes in brackets where not all may have it."""
    only = "" if each.actions in (_ORDERS, _OWN_REPORT) else f" ({', '.join(each.actions)} only)"
    return f"{each.reason or 'blank'}{only}"


def _words(columns: Columns, row: int) -> str:
    told = disposition(*(_text(columns, name, row) for name in (STATUS, REASON, ACTION)))
    assert isinstance(told, str)
    return told


def _text(columns: Columns, name: str, row: int) -> str:
    return columns.cells(name)[:, row].tobytes().decode("ascii").rstrip(" ")
