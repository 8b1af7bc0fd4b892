"""What is true of a synthetic file, and whether everything that came back says just that."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from schemas.catalog import LAYOUTS
from schemas.findings import CODES, Effect
from schemas.record import Record
from tests.acceptance.doors import Api
from tests.acceptance.running import Portal
from tests.acceptance.states import told_to_states

RECORDS, PERCENT_WRONG = 100_000, 1
SLOTS, ERRORS = 6, 3
"""States and codes that one record of a lump-sum result names."""


TOLD = {
    "lump-sum": ("ssn",),
    "termination": ("ssn", "termination_code", "termination_date", "address1", "new_employer_name"),
}
"""What a state must find in its notice as it was reported."""


@dataclass(frozen=True)
class Sample:
    """A file, its planted errors as (line, field, code), and the states owed by the line."""

    file: Path
    errors: list[tuple[int, str, str]]
    matches: dict[int, list[str]]

    @cached_property
    def refused(self) -> dict[int, list[str]]:
        """The codes that refuse a record, each once, by its line."""
        codes: dict[int, dict[str, None]] = defaultdict(dict)
        for line, _, code in self.errors:
            if CODES[code].effect is Effect.RECORD:
                codes[line][code] = None
        return {line: list(each) for line, each in codes.items()}

    @cached_property
    def owed(self) -> dict[int, list[str]]:
        """The states that accepted records went to, by line."""
        return {line: states for line, states in self.matches.items() if line not in self.refused}

    @cached_property
    def lines(self) -> dict[int, str]:
        """Every line of the file by its number."""
        return dict(enumerate(self.file.read_text("latin-1").splitlines(), 1))


def sampled(portal: Portal, layout: str, username: str, seed: int, folder: Path) -> Sample:
    """A file that `username` may hand over in this installation, made by the command line."""
    file = folder / f"{layout}-{seed}.txt"
    wanted = ["--records", str(RECORDS), "--seed", str(seed), "--errors", str(PERCENT_WRONG)]
    portal.run("sample", layout, *wanted, "--home", str(portal.home), "--account", username, str(file))
    truth = json.loads(file.with_name(f"{file.name}.truth.json").read_text())
    errors = [(one["line"], one["field"], one["code"]) for one in truth["errors"]]
    assert len({line for line, _, _ in errors}) >= RECORDS * PERCENT_WRONG // 100 * 0.9, "errors are planted"
    assert len(truth["matches"]) > RECORDS // 100, "the file overlaps with the registry"
    return Sample(file, errors, {one["line"]: one["states"] for one in truth["matches"]})


def check_same(given: Iterable[object], expected: Iterable[object]) -> None:
    """Both hold the same, as often; a few differences are told, for pytest would compare all of it."""
    here, there = Counter(given), Counter(expected)
    missing, extra = list((there - here).elements()), list((here - there).elements())
    assert not missing + extra, (len(missing), missing[:5], len(extra), extra[:5])


def check_findings(api: Api, transfer: dict[str, Any], sample: Sample) -> None:
    found = [(one["line"], one["field"], one["code"]) for one in api.findings(transfer["id"])]
    check_same(found, sample.errors)
    assert transfer["findings_count"] == len(sample.errors)
    assert (transfer["status"], transfer["records"]) == ("COMPLETE", RECORDS)


def check_receipt(portal: Portal, receipt: Path, sample: Sample) -> None:
    """It verifies without the portal, and for no other file."""
    key = ("--key", str(portal.receipt_key))
    assert "genuine" in portal.run("verify", str(receipt), str(sample.file), *key).stdout
    other = receipt.with_name("changed.txt")
    content = bytearray(sample.file.read_bytes())
    content[len(content) // 2] ^= 1
    other.write_bytes(content)
    assert portal.run("verify", str(receipt), str(other), *key, check=False).returncode == 1


def check_people_answers(portal: Portal, result: bytes, transfer: dict[str, Any], sample: Sample) -> None:
    """Every result about a person stands under the record it answers; every state has its notices."""
    program = transfer["program"]
    detail, source = LAYOUTS[f"{program}-result"]["detail"], LAYOUTS[program]["detail"]
    rows = result.decode("ascii").splitlines()[1:-1]
    given = [
        (
            number,
            column(detail, "result_code", row),
            column(detail, "ssn", row),
            int(column(detail, "state_count", row)),
            columns(detail, "state", SLOTS, row),
            columns(detail, "error", ERRORS, row),
        )
        for number, row in enumerate(rows, 2)
    ]
    expected = [
        (
            number,
            "E" if number in sample.refused else "M" if number in sample.owed else "N",
            echoed(sample, number, source, "ssn"),
            len(sample.owed.get(number, ())),
            tuple(sample.owed.get(number, ())[:SLOTS]),
            tuple(sample.refused.get(number, ())[:ERRORS]),
        )
        for number in range(2, RECORDS + 2)
    ]
    check_same(given, expected)
    check_states(portal, f"{program}-notice", TOLD[program], transfer, sample)


def check_account_answers(portal: Portal, result: bytes, transfer: dict[str, Any], sample: Sample) -> None:
    """Every account of a data-match result by the line it stood on; every state has its matches."""
    detail, source = LAYOUTS["data-match-result"]["detail"], LAYOUTS["data-match"]["matched_account"]
    rows = [row for row in result.decode("ascii").splitlines() if row.startswith(detail.mark)]
    given = [
        (
            int(column(detail, "line", row)),
            column(detail, "result_code", row),
            column(detail, "account_number", row),
            int(column(detail, "state_count", row)),
            columns(detail, "error", ERRORS, row),
        )
        for row in rows
    ]
    expected = [
        (
            number,
            "E" if number in sample.refused else "A",
            echoed(sample, number, source, "account_number"),
            len(sample.owed.get(number, ())),
            tuple(sample.refused.get(number, ())[:ERRORS]),
        )
        for number in range(2, RECORDS + 2)
    ]
    check_same(given, expected)
    check_states(portal, "data-match-state", ("ssn", "account_number"), transfer, sample)


CHECKS = {
    "lump-sum": check_people_answers,
    "termination": check_people_answers,
    "data-match": check_account_answers,
}


def check_states(
    portal: Portal, layout: str, names: tuple[str, ...], transfer: dict[str, Any], sample: Sample
) -> None:
    """Each state was told of the accepted records that it is owed for, and of no other."""
    source = LAYOUTS[transfer["program"]].details[0]
    told = told_to_states(portal, transfer["id"])
    check_same(
        (
            (state, *(column(LAYOUTS[layout]["detail"], name, row) for name in names))
            for state, rows in told.items()
            for row in rows
        ),
        (
            (state, *(column(source, name, sample.lines[line]) for name in names))
            for line, states in sample.owed.items()
            for state in states
        ),
    )


def column(record: Record, name: str, line: str) -> str:
    field = record[name]
    return line[field.first - 1 : field.last].rstrip()


def columns(record: Record, name: str, most: int, line: str) -> tuple[str, ...]:
    """What stands in `name1`, `name2` and so on, without the blank ones."""
    shown = (column(record, f"{name}{slot}", line) for slot in range(1, most + 1))
    return tuple(text for text in shown if text)


def echoed(sample: Sample, number: int, record: Record, name: str) -> str:
    """What a result repeats: nothing of a line of no known type; a question mark for what is not ASCII."""
    if "R001" in sample.refused.get(number, ()):
        return ""
    return column(record, name, sample.lines[number]).encode("ascii", "replace").decode()
