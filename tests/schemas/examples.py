"""Synthetic files by hand, small enough to read."""

import io
from datetime import date
from typing import Any

from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, Summary, check, run
from schemas.findings import Finding
from schemas.record import Layout

TODAY = date(2026, 1, 20)
RULES = CheckRules(today=TODAY, synthetic=True)
HEADER = {
    "control_number": "20260115093000-0001",
    "sender_fein": "001234567",
    "client_fein": "001234567",
    "creation_date": date(2026, 1, 15),
    "creation_time": "093000",
    "test_flag": "T",
}
PAYMENT: dict[str, Any] = {
    "ssn": "900010001",
    "last_name": "SAMPLESON",
    "first_name": "ALEX",
    "payment_kind": "B",
    "payment_date": date(2026, 2, 1),
    "payment_amount": 125050,
}
INSTITUTION = {
    "institution_tin": "007654321",
    "year_month": "202601",
    "media_indicator": "LS",
    "institution_name": "EXAMPLE SAVINGS BANK",
    "street": "1 MAIN STREET",
    "city": "TOPEKA",
    "state": "KS",
    "zip": "66603",
    "transmitter_tin": "007654321",
    "match_file_indicator": "M",
}
ACCOUNT: dict[str, Any] = {
    "year_month": "202601",
    "name_control": "SAMP",
    "ssn": "900010001",
    "account_number": "0000TEST0001",
    "name": "SAMPLESON ALEX",
    "fips_passback": "KS",
    "balance": 1250,
    "name_match_flag": "1",
    "trust_indicator": "0",
    "balance_indicator": "2",
    "payee_indicator": "0",
}


def lump_sum(*details: dict[str, Any], **header: Any) -> list[bytes]:
    """Lines of a lump sum file; its trailer agrees with its details."""
    layout = LAYOUTS["lump-sum"]
    rows = [layout["detail"].render({**PAYMENT, **detail}) for detail in details]
    total = sum({**PAYMENT, **detail}["payment_amount"] or 0 for detail in details)
    facts = {**HEADER, **header}
    trailer = {"control_number": facts["control_number"], "record_count": len(rows), "total_amount": total}
    return [layout.header.render(facts), *rows, layout.trailer.render(trailer)]


def match_file(*accounts: dict[str, Any], record: str = "matched_account", **header: Any) -> list[bytes]:
    """Lines of one institution of a data match file."""
    layout = LAYOUTS["data-match"]
    rows = [layout[record].render({**ACCOUNT, **account}) for account in accounts]
    head = layout.header.render({**INSTITUTION, **header})
    return [head, *rows, layout.trailer.render({"record_count": f"{len(rows):09d}"})]


def joined(lines: list[bytes], end: bytes = b"\n") -> bytes:
    return b"".join(line + end for line in lines)


def checked(layout: Layout | str, content: bytes, rules: CheckRules = RULES) -> tuple[list[Finding], Summary]:
    chosen = LAYOUTS[layout] if isinstance(layout, str) else layout
    return run(check(chosen, io.BytesIO(content), rules=rules))


def found(findings: list[Finding]) -> list[tuple[int, str, str]]:
    return [(each.line, each.field, each.code) for each in findings]
