"""Every refusal has a status and words; a bug has neither detail nor trace for the outside."""

import logging

import pytest

from exchange import errors
from sftp_gateway import refusals
from sftp_gateway.refusals import DoorError, Status
from sftp_gateway.status import STATUS, answer_to
from sftp_gateway.wire import MalformedError


def every_error() -> list[type[errors.PortalError]]:
    found, waiting = [], [errors.PortalError]
    while waiting:
        below = [
            kind
            for kind in waiting.pop().__subclasses__()
            if kind.__module__.startswith(("exchange", "roles"))
        ]
        found += below
        waiting += below
    return found


def test_the_table_knows_every_error_of_the_exchange() -> None:
    known = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    expected = {kind for kind in known if issubclass(kind, errors.PortalError)} - {errors.PortalError}
    assert set(STATUS) == expected
    assert expected <= set(every_error())


def test_every_refusal_of_the_door_has_words_and_a_status() -> None:
    kinds = DoorError.__subclasses__()
    assert len(kinds) == len({kind.sentence for kind in kinds})
    assert all(answer_to(kind()) == (kind.status, kind.sentence) for kind in kinds)


def test_an_error_of_the_exchange_keeps_its_words() -> None:
    status, words = answer_to(errors.OffsetMismatchError(expected=17))
    assert (status, "number 17" in words) == (Status.FAILURE, True)


def test_a_packet_that_cannot_be_read_is_a_bad_message() -> None:
    assert answer_to(MalformedError()) == (Status.BAD_MESSAGE, refusals.BadPacketError.sentence)


def test_a_bug_tells_the_outside_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        status, words = answer_to(RuntimeError("secret detail"))
    assert (status, words) == (Status.FAILURE, DoorError.sentence)
