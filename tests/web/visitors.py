"""People at a browser."""

from playwright.sync_api import Page, expect

from tests.support.partners import Partner


class Visitor:
    """Somebody at a browser; whatever the page complains about is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        self.page.locator("html.ready, html:not(.scripted)").wait_for(state="attached")
        return self.page

    def sign_in(self, partner: Partner) -> Page:
        page = self.open("/sign-in")
        page.get_by_label("Username").fill(partner.account.username)
        page.get_by_label("Password").fill(partner.password)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code", exact=True).fill(partner.code())
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{self.address}/home")
        page.wait_for_load_state()  # its scripts have noted when it was opened
        return page
