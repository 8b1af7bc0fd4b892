"""A hundred thousand records through every door: findings and answers are exactly the known truth."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from schemas.catalog import LAYOUTS
from schemas.findings import CODES, Effect
from schemas.record import Record
from tests.acceptance.browser import chromium, sign_in
from tests.acceptance.doors import Api, OpenSsh
from tests.acceptance.running import Portal
from tests.acceptance.states import told_to_states

RECORDS, PERCENT_WRONG = 100_000, 1
pytestmark = [pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Sample:
    """A file with planted errors, and what is true of it."""

    file: Path
    errors: list[tuple[int, str, str]]
    matches: dict[int, list[str]]

    @cached_property
    def refused(self) -> dict[int, list[str]]:
        """The codes that refuse a record, by its line."""
        codes: dict[int, list[str]] = defaultdict(list)
        for line, _, code in self.errors:
            if CODES[code].effect is Effect.RECORD:
                codes[line].append(code)
        return codes

    def lines(self) -> dict[int, str]:
        """Every line of the file by its number."""
        return dict(enumerate(self.file.read_text("latin-1").splitlines(), 1))


def sampled(portal: Portal, layout: str, username: str, seed: int, folder: Path) -> Sample:
    file = folder / f"{layout}-{seed}.txt"
    wanted = ["--records", str(RECORDS), "--seed", str(seed), "--errors", str(PERCENT_WRONG)]
    portal.run("sample", layout, *wanted, "--home", str(portal.home), "--account", username, str(file))
    truth = json.loads(file.with_name(f"{file.name}.truth.json").read_text())
    errors = [(one["line"], one["field"], one["code"]) for one in truth["errors"]]
    assert len({line for line, _, _ in errors}) >= RECORDS * PERCENT_WRONG // 100 * 0.9, "errors are planted"
    assert len(truth["matches"]) > RECORDS // 100, "the file overlaps with the registry"
    return Sample(file, errors, {one["line"]: one["states"] for one in truth["matches"]})


def check_findings(api: Api, transfer: dict[str, Any], sample: Sample) -> None:
    found = [(one["line"], one["field"], one["code"]) for one in api.findings(transfer["id"])]
    check_same(found, sample.errors)
    assert transfer["findings_count"] == len(sample.errors)
    assert (transfer["status"], transfer["records"]) == ("COMPLETE", RECORDS)


def check_same(given: Iterable[object], expected: Iterable[object]) -> None:
    """Both hold the same, as often; a few differences are told, for pytest would compare all of it."""
    here, there = Counter(given), Counter(expected)
    missing, extra = list((there - here).elements()), list((here - there).elements())
    assert not missing + extra, (len(missing), missing[:5], len(extra), extra[:5])


def check_receipt(portal: Portal, receipt: Path, sample: Sample, folder: Path) -> None:
    key = ("--key", str(portal.receipt_key))
    assert "genuine" in portal.run("verify", str(receipt), str(sample.file), *key).stdout
    other = folder / "changed.txt"
    content = bytearray(sample.file.read_bytes())
    content[len(content) // 2] ^= 1
    other.write_bytes(content)
    assert portal.run("verify", str(receipt), str(other), *key, check=False).returncode == 1


def column(record: Record, name: str, line: str) -> str:
    field = record[name]
    return line[field.first - 1 : field.last].rstrip()


def unreadable(sample: Sample, line: int) -> bool:
    """Whether a line is of no known type, so that no column of it can be echoed."""
    return "R001" in sample.refused.get(line, [])


def as_ascii(text: str) -> str:
    """As a result echoes what was sent: a sign that is not ASCII becomes a question mark."""
    return text.encode("ascii", "replace").decode()


def check_people_answers(portal: Portal, result: bytes, transfer: dict[str, Any], sample: Sample) -> None:
    """Every record of the result, and every notice to a state."""
    detail, told = LAYOUTS["lump-sum-result"]["detail"], Counter[str]()
    lines = result.decode("ascii").splitlines()
    assert len(lines) == RECORDS + 2
    sent = sample.lines()
    for number, line in enumerate(lines[1:-1], 2):
        states = sample.matches.get(number, []) if number not in sample.refused else []
        told.update(states)
        shown = [column(detail, f"state{slot}", line) for slot in range(1, 7)]
        assert [state for state in shown if state] == states[:6], number
        assert int(column(detail, "state_count", line)) == len(states)
        code = "E" if number in sample.refused else "M" if states else "N"
        assert column(detail, "result_code", line) == code, number
        wrong = {column(detail, f"error{slot}", line) for slot in (1, 2, 3)} - {""}
        assert wrong == set(list(dict.fromkeys(sample.refused.get(number, [])))[:3]), number
        assert unreadable(sample, number) or line[3:12] == as_ascii(sent[number][3:12]), (
            "a result stands under the record it answers"
        )
    notices = told_to_states(portal, transfer["id"])
    assert {state: len(rows) for state, rows in notices.items()} == told
    ssn = LAYOUTS["lump-sum-notice"]["detail"]["ssn"]
    expected = {(state, sent[line][3:12]) for line, states in sample.matches.items() for state in states}
    expected -= {
        (state, sent[line][3:12]) for line in sample.refused for state in sample.matches.get(line, [])
    }
    given = {(state, row[ssn.first - 1 : ssn.last]) for state, rows in notices.items() for row in rows}
    check_same(given, expected)


def check_account_answers(portal: Portal, result: bytes, transfer: dict[str, Any], sample: Sample) -> None:
    """Every account of the result, and every match that went on to a state."""
    detail = LAYOUTS["data-match-result"]["detail"]
    rows = [line for line in result.decode("ascii").splitlines() if line.startswith("MRD")]
    assert len(rows) == RECORDS
    for row in rows:
        number = int(column(detail, "line", row))
        states = sample.matches.get(number, []) if number not in sample.refused else []
        code = "E" if number in sample.refused else "A"
        said = (column(detail, "result_code", row), int(column(detail, "state_count", row)))
        assert said == (code, len(states)), number
    sent, source = sample.lines(), LAYOUTS["data-match"]["matched_account"]
    to = LAYOUTS["data-match-state"]["detail"]
    expected = Counter(
        (state, column(source, "ssn", sent[line]), column(source, "account_number", sent[line]))
        for line, states in sample.matches.items()
        if line not in sample.refused
        for state in states
    )
    given = Counter(
        (state, column(to, "ssn", row), column(to, "account_number", row))
        for state, matches in told_to_states(portal, transfer["id"]).items()
        for row in matches
    )
    check_same(given.elements(), expected.elements())


def test_a_lump_sum_file_by_openssh_is_answered_to_the_letter(each_portal: Portal, tmp_path: Path) -> None:
    account = each_portal.account("erin.payne")
    sample = sampled(each_portal, "lump-sum", account.username, 11, tmp_path)
    sftp, api = OpenSsh(each_portal, account, tmp_path), Api(each_portal, account)
    sftp.put(sample.file, f"/inbox/lump-sum/{sample.file.name}")
    transfer = api.settled_named(sample.file.name)
    check_findings(api, transfer, sample)
    result, receipt = tmp_path / "answer.res", tmp_path / "receipt.json"
    sftp.get(f"/outbox/lump-sum/{sample.file.name}.res", result)
    sftp.get(f"/receipts/{sample.file.name}.receipt.json", receipt)
    check_people_answers(each_portal, result.read_bytes(), transfer, sample)
    check_receipt(each_portal, receipt, sample, tmp_path)


def test_a_data_match_file_by_the_api_is_answered_to_the_letter(each_portal: Portal, tmp_path: Path) -> None:
    account = each_portal.account("fay.prairie")
    sample = sampled(each_portal, "data-match", account.username, 12, tmp_path)
    api, receipt = Api(each_portal, account), tmp_path / "receipt.json"
    handed = api.sent("data-match", sample.file.name, sample.file)
    receipt.write_text(json.dumps(handed["receipt"]))
    transfer = api.settled(handed["id"])
    check_findings(api, transfer, sample)
    result = api.content(api.answers(handed["id"])[".res"]["id"])
    check_account_answers(each_portal, result, transfer, sample)
    check_receipt(each_portal, receipt, sample, tmp_path)


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        opened = browser.new_page()
        opened.set_default_timeout(60_000)
        yield opened


@pytest.mark.browser
def test_a_lump_sum_file_by_a_browser_is_answered_to_the_letter(
    each_portal: Portal, page: Page, tmp_path: Path
) -> None:
    account = each_portal.account("cole.quayle")
    sample = sampled(each_portal, "lump-sum", account.username, 13, tmp_path)
    sign_in(page, each_portal, account)
    page.goto(f"{each_portal.web}/files/send")
    page.locator("select[name=program]").select_option("lump-sum")
    page.locator("input[type=file]").set_input_files(sample.file)
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url("**/files/*-*-*-*-*")
    identifier = page.url.rpartition("/")[2]
    api = Api(each_portal, account)
    transfer = api.settled(identifier)
    page.get_by_role("heading", name="The answer").wait_for()
    result, receipt = tmp_path / "answer.res", tmp_path / "receipt.json"
    save(page, f"Download {sample.file.name}.res", result)
    save(page, "Download the receipt", receipt)
    check_findings(api, transfer, sample)
    check_people_answers(each_portal, result.read_bytes(), transfer, sample)
    check_receipt(each_portal, receipt, sample, tmp_path)


def save(page: Page, link: str, to: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(to)
