"""A hundred thousand records through every door: findings and answers are exactly the known truth."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance import browser
from tests.acceptance.doors import Api, OpenSsh
from tests.acceptance.running import Account, Portal
from tests.acceptance.sizes import SOAK
from tests.acceptance.truth import CHECKS, check_findings, check_receipt, sampled

SENDERS = {"lump-sum": "erin.payne", "data-match": "fay.prairie", "termination": "erin.payne"}
DATABASES, DOORS = ("sqlite", "postgres"), ("sftp", "browser", "api")
ORDINARY = [
    ("sqlite", "lump-sum", "sftp"),
    ("postgres", "data-match", "api"),
]
ALL = list(itertools.product(DATABASES, SENDERS, DOORS))
NUMBERS = {case: number for number, case in enumerate(itertools.product(SENDERS, DOORS))}
SECONDS = 300
"""How long an answer may take on a busy machine; on a quiet one it is there after six."""
pytestmark = [pytest.mark.timeout(900)]


class Door(Protocol):
    """Hands a file over; fetches the answer and the receipt by the same door."""

    def hand_over(self, program: str, file: Path) -> str: ...

    def fetch(self, result: Path, receipt: Path) -> None: ...


class SftpDoor:
    """OpenSSH's sftp; the API only tells which transfer it became."""

    def __init__(self, sftp: OpenSsh, api: Api) -> None:
        self._sftp, self._api, self._answer, self._receipt = sftp, api, "", ""

    def hand_over(self, program: str, file: Path) -> str:
        self._answer = f"/outbox/{program}/{file.name}.res"
        self._receipt = f"/receipts/{file.name}.receipt.json"
        self._sftp.put(file, f"/inbox/{program}/{file.name}")
        [handed] = self._api.inbound(file.name)
        return str(handed["id"])

    def fetch(self, result: Path, receipt: Path) -> None:
        self._sftp.get(self._answer, result)
        self._sftp.get(self._receipt, receipt)


class ApiDoor:
    def __init__(self, api: Api) -> None:
        self._api, self._identifier, self._receipt = api, "", ""

    def hand_over(self, program: str, file: Path) -> str:
        handed = self._api.sent(program, file.name, file)
        self._identifier, self._receipt = handed["id"], json.dumps(handed["receipt"])
        return self._identifier

    def fetch(self, result: Path, receipt: Path) -> None:
        result.write_bytes(self._api.content(self._api.answers(self._identifier)[".res"]["id"]))
        receipt.write_text(self._receipt)


class BrowserDoor:
    def __init__(self, page: Page, portal: Portal, account: Account) -> None:
        self._page, self._portal, self._name = page, portal, ""
        browser.sign_in(page, portal, account)

    def hand_over(self, program: str, file: Path) -> str:
        self._name = file.name
        return browser.send(self._page, self._portal, program, file)

    def fetch(self, result: Path, receipt: Path) -> None:
        self._page.get_by_role("heading", name="The answer").wait_for()
        browser.save(self._page, f"Download {self._name}.res", result)
        browser.save(self._page, "Download the receipt", receipt)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        context.set_default_timeout(120_000)
        yield context.new_page()


@pytest.fixture
def door_of(
    each_portal: Portal, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str, Account], Door]:
    """The door of this name, for an account."""

    def opened(name: str, account: Account) -> Door:
        if name == "browser":
            return BrowserDoor(request.getfixturevalue("page"), each_portal, account)
        api = Api(each_portal, account)
        return ApiDoor(api) if name == "api" else SftpDoor(OpenSsh(each_portal, account, tmp_path), api)

    return opened


def marks(database: str, name: str) -> list[pytest.MarkDecorator]:
    shared = pytest.mark.xdist_group(f"acceptance-{database}")
    return [shared, pytest.mark.browser] if name == "browser" else [shared]


@pytest.mark.parametrize(
    ("each_portal", "program", "name"),
    [pytest.param(*case, marks=marks(case[0], case[2])) for case in (ALL if SOAK else ORDINARY)],
    indirect=["each_portal"],
)
def test_every_record_is_answered_to_the_letter(
    each_portal: Portal, door_of: Callable[[str, Account], Door], program: str, name: str, tmp_path: Path
) -> None:
    account = each_portal.account(SENDERS[program])
    sample = sampled(each_portal, program, account.username, NUMBERS[program, name], tmp_path)
    door, api = door_of(name, account), Api(each_portal, account)
    transfer = api.settled(door.hand_over(program, sample.file), SECONDS)
    check_findings(api, transfer, sample)
    result, receipt = tmp_path / "answer.res", tmp_path / "receipt.json"
    door.fetch(result, receipt)
    CHECKS[program](each_portal, result.read_bytes(), transfer, sample)
    check_receipt(each_portal, receipt, sample)
