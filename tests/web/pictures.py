"""Pictures that the browser journeys keep of every page they pass, for people to look through."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.web.accessibility import faults

FOLDER = Path(__file__).parents[2] / "screenshots"
"""In the tree, unknown to git; each run writes over the pictures of the one before."""
WIDTHS = (1280, 360)
Shoot = Callable[[Page, str], None]
_SKELETON = """() => [...new Set([...document.querySelectorAll("*")].map((one) =>
    [one.tagName, one.className, one.getAttribute("type"), one.getAttribute("role")].join())
)].sort().join(";")"""
_looked_at = set[int]()
"""A page made of the same kinds of elements (tag, classes, type, role) as one before is not looked at."""


def keep(page: Page, name: str) -> None:
    """Keep a picture of a page at the width of a desktop and of a phone; it fits, and all can use it."""
    page.wait_for_load_state()  # a click returns when the next page is begun, still without any element
    size, skeleton = page.viewport_size, hash(page.evaluate(_SKELETON))
    is_new = skeleton not in _looked_at
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if is_new:
            page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    if is_new:
        assert faults(page) == [], name  # at the width of a phone, which asks more
        _looked_at.add(skeleton)
    if size:
        page.set_viewport_size(size)
