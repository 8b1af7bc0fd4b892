"""Makes the picture in README.md: a demonstration of its own, a browser without a window, one page.

Needs the tools of the tests: playwright from the dev group, Chromium from Debian.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 90.0
WHO = "erin.payne"


def main() -> None:
    """Write the picture to the path that the command line names."""
    target = Path(sys.argv[1])
    with (
        tempfile.TemporaryDirectory() as folder,
        _demonstration(Path(folder)) as facts,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1330}, device_scale_factor=1)
        page.set_default_timeout(PATIENCE * 1000)
        _sign_in(page, facts)
        _open_a_file_with_findings(page, facts)
        page.screenshot(path=target)
        browser.close()
    print(f"wrote {target}")


@contextmanager
def _demonstration(home: Path) -> Iterator[dict[str, Any]]:
    command = (sys.executable, "-P", "-m", "deploy.cli", "demo", "--home", str(home))
    listening = ("--web", "127.0.0.1:0", "--sftp", "127.0.0.1:0")
    process = subprocess.Popen(command + listening, stdout=subprocess.DEVNULL)  # noqa: S603 -- ourselves
    deadline = time.monotonic() + PATIENCE
    try:
        while not (home / "demo.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("the demonstration did not come up")
            time.sleep(0.2)
        yield json.loads((home / "demo.json").read_text())
    finally:
        process.terminate()
        process.wait()


def _sign_in(page: Page, facts: dict[str, Any]) -> None:
    page.goto(f"{facts['web']}/sign-in")
    page.locator(f"form:has(input[value='{WHO}']) button").click()
    page.wait_for_url("**/home")


def _open_a_file_with_findings(page: Page, facts: dict[str, Any]) -> None:
    page.goto(f"{facts['web']}/files")
    page.get_by_role("link", name="severance-june.txt", exact=True).first.click()
    page.locator("html.ready").wait_for(state="attached")  # a page that is told of news is never idle


if __name__ == "__main__":
    main()
