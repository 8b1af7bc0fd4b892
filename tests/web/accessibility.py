"""What a machine can judge of WCAG 2.2 A and AA, with axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}
"""Else each node that is as it should be is described at length and brought over: half of the time; and all
style sheets are read again, for a rule on trial alone that no tag of these asks for: a sixth of it."""
AXE = Axe().axe_script
GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """What is gravely wrong with the page as it stands: rule, place, and what to do."""
    page.wait_for_load_state()  # a click returns when the next page is begun, and may have no style yet
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options).then(all => all.violations)", OPTIONS)
    return [
        f"{page.url}: {fault['id']} at {place['target']}: {place['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for place in fault["nodes"]
    ]
