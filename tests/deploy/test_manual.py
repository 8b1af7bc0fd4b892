"""The manual's tables say what the code does; a change of the one without the other fails here."""

import re
from pathlib import Path

from deploy.manual import tables
from sftp_gateway import limits, protocol
from sftp_gateway.refusals import HandedOverError, NotCopiedError
from tests.sftp_gateway.journeys import CLIENTS
from tests.sftp_gateway.tools import TOOLS

DECISIONS = Path(tables.__file__).parents[1] / "decisions"


def test_every_decision_stands_in_the_list_under_its_title() -> None:
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (DECISIONS / "README.md").read_text(), re.MULTILINE)
    headings = {file.name: file.read_text().splitlines()[0] for file in DECISIONS.glob("[0-9]*.md")}
    assert {name: f"# {title}" for title, name in listed} == headings


def test_every_table_of_the_manual_is_as_the_code_has_it() -> None:
    page = tables.PAGE.read_text()
    assert tables.written(page) == page, "write them anew: python -m deploy.manual.tables"


def test_the_refusals_are_those_that_a_client_can_meet() -> None:
    told = tables.refusals()
    for words in (HandedOverError.sentence, NotCopiedError.sentence, "The file name cannot be used: ...."):
        assert f"| {words} |" in told
    assert "second factor" not in told  # refused at other doors only
    assert all(len(line.split(" | ")) == 3 for line in told.splitlines()[2:])


def test_every_addition_and_bound_is_named() -> None:
    assert all(f"`{name}`" in tables.additions() for name in protocol.ANNOUNCED)
    assert f"| {limits.HANDLES} |" in tables.bounds()


def test_the_manual_has_a_recipe_for_every_client_that_is_tried() -> None:
    page = tables.PAGE.read_text()
    heads = " ".join(re.findall(r"^### (.+)$", page, re.MULTILINE))
    assert [name for name in (*CLIENTS, *TOOLS, "WinSCP") if name.removeprefix("OpenSSH ") not in heads] == []
