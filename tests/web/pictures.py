"""Pictures that the browser journeys keep of every page they pass, for people to look through."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.web.accessibility import faults

FOLDER = Path(__file__).parents[2] / "screenshots"
"""In the tree, unknown to git; each run writes over the pictures of the one before."""
WIDTHS = (1280, 360)
Shoot = Callable[[Page, str], None]
_SKELETON = """() => [...document.querySelectorAll("*")].map((one) =>
    [one.tagName, one.className, one.getAttribute("type"), one.getAttribute("role")].join()).join(";")"""
_judged = set[int]()
"""Pages of the same elements, classes and roles as one that was judged are not judged again."""


def keep(page: Page, name: str) -> None:
    """Keep a picture of a page at the width of a desktop and of a phone; it fits, and all can use it."""
    size = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    skeleton = hash(page.evaluate(_SKELETON))
    if skeleton not in _judged:
        assert faults(page) == [], name  # at the width of a phone, which asks more
        _judged.add(skeleton)
    if size:
        page.set_viewport_size(size)
