"""The files of the pages: as recorded, complete, and found by name only."""

import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from deploy.vendor_assets import VENDOR, differences
from web.assets import STATIC, read_assets


def test_the_vendored_files_are_as_recorded() -> None:
    assert differences(VENDOR) == []


def test_a_changed_or_added_file_is_noticed(tmp_path: Path) -> None:
    copy = shutil.copytree(VENDOR, tmp_path / "vendor")
    (copy / "uswds" / "css" / "uswds.css").write_text("body{}")
    (copy / "added.js").write_text("1")
    assert differences(copy) == ["added.js", "uswds/css/uswds.css"]


def test_everything_the_styles_name_is_there() -> None:
    folder = STATIC / "vendor" / "uswds" / "css"
    for name in re.findall(r"url\(\"?(\.\./[^)\"]+)", (folder / "uswds.css").read_text()):
        assert (folder / name).is_file(), name


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    templates = STATIC.parent / "templates"
    used = {
        name
        for page in templates.rglob("*.html")
        for name in re.findall(r"icon\(\"(\w+)\"\)", page.read_text())
    }
    sprite = (STATIC / "vendor" / "uswds" / "img" / "icons.svg").read_text()
    assert used
    assert [name for name in sorted(used) if f'id="{name}"' not in sprite] == []


def test_a_file_is_kept_by_browsers_and_packed_where_it_helps(client: TestClient) -> None:
    answer = client.get(read_assets().address("portal.css"))
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(read_assets().address("portal.css"), headers={"Accept-Encoding": "identity"})
    assert plain.text == answer.text
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "vendor", "", "a%00b"])
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/0/{name}").status_code == 404
