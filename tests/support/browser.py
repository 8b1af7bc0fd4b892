"""Headless Chromium, as Debian has it, driven by Playwright; a test without it is skipped with a reason."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

PATIENCE = 20_000
"""Milliseconds in which what is expected of a page has to come true; others may keep this machine busy."""
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser without a window, which reaches nothing but what a test opens."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    if find_library("atomic") is None:  # Playwright's own driver does not start without it
        pytest.skip("libatomic is not installed (Debian package libatomic1)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET, timeout=6 * PATIENCE)
        yield browser
        browser.close()
