"""What people do in a browser, done in headless Chromium."""

from pathlib import Path

from playwright.sync_api import Page

from tests.acceptance.doors import unused_code
from tests.acceptance.running import Account, Portal


def sign_in(page: Page, portal: Portal, account: Account) -> None:
    """Sign in as people do: username and password, then the code."""
    page.goto(f"{portal.web}/sign-in")
    page.get_by_label("Username").fill(account.username)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(unused_code(portal, account))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")


def send(page: Page, portal: Portal, program: str, file: Path) -> str:
    """Hand a file over from the page that is for it; the id of the transfer."""
    page.goto(f"{portal.web}/files/send")
    page.locator("select[name=program]").select_option(program)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url("**/files/*-*-*-*-*")
    return page.url.rpartition("/")[2]


def save(page: Page, link: str, to: Path) -> None:
    """Download what a link leads to."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(to)
