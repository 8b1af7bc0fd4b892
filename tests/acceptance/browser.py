"""Headless Chromium as a user's browser; it reaches nothing but loopback."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.acceptance.running import Account, Portal

_ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


def sign_in(page: Page, portal: Portal, account: Account) -> None:
    """Sign in as people do: username and password, then the code."""
    page.goto(f"{portal.web}/sign-in")
    page.get_by_label("Username").fill(account.username)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(account.totp_secret).now())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")
