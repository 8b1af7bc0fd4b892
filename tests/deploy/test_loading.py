"""Loading code: no look for garbage meanwhile, none among what stays."""

import gc

import pytest

from deploy.loading import loading


def test_no_garbage_is_looked_for_while_code_is_loaded_nor_later_among_it() -> None:
    frozen = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        stays: list[list[int]] = [[] for _ in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(stays)


def test_garbage_is_looked_for_again_after_an_import_that_failed() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
