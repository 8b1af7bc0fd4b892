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

    def sign_in_by_keyboard(self, partner: Partner) -> Page:
        """From the first page; nothing is clicked."""
        page = self.open("/")
        press_on(page, "link", "Sign in")
        for label, text in (("Username", partner.account.username), ("Password", partner.password)):
            expect(page.get_by_label(label)).to_be_focused()
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Code", exact=True)).to_be_focused()
        page.keyboard.type(partner.code())
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{self.address}/home")
        page.wait_for_load_state()
        return page


def press_on(page: Page, role: str, name: str) -> None:
    """Tab to something and press Enter: nothing is clicked."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]  # one of its many words
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")


def tab_to(page: Page, label: str) -> None:
    field = page.get_by_label(label, exact=True)
    for _ in range(80):
        page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            return
    expect(field).to_be_focused()
