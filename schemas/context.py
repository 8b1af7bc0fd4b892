"""The header of a report that came without one: from a table, or from a form on the screen."""

from schemas.structure import CheckRules

NOBODY = "009999999"
"""Stands for the sender where no rule says who that is (checking offline)."""


def header_facts(rules: CheckRules) -> dict[str, str]:
    """The header's fields as texts: who sends it, when, test or production, and the control number."""
    now = f"{rules.now:%Y%m%d%H%M%S}" if rules.now else f"{rules.today:%Y%m%d}000000"
    sender = _only(rules.senders)
    own = rules.clients is None or sender in rules.clients
    client = sender if own else _only(rules.clients)
    test = rules.synthetic if rules.test is None else rules.test
    return {
        "control_number": rules.control_number or now,
        "sender_fein": sender,
        "client_fein": client,
        "ein": client,
        "creation_date": now[:8],
        "creation_time": now[8:],
        "test_flag": "T" if test else "P",
    }


def _only(feins: frozenset[str] | None) -> str:
    """The number that must be meant: the only one; nobody's when none is given; none when several are."""
    if feins is None:
        return NOBODY
    return next(iter(feins)) if len(feins) == 1 else ""
