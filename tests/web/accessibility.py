"""What a machine can judge of WCAG 2.2 A and AA, with axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """What is gravely wrong with the page as it stands: rule, place, and what to do."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [
        f"{page.url}: {fault['id']} at {place['target']}: {place['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for place in fault["nodes"]
    ]
