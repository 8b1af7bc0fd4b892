"""A pytest plugin: under CI a skipped test fails the run, for there everything that tests need is installed.

Only a reason that begins with `not possible here:` passes: a device or a right that the machine lacks.
"""

import os

import pytest

EXCUSE = "not possible here:"

_unexcused: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not hasattr(report, "wasxfail"):
        _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note(report)


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not reason.removeprefix("Skipped: ").startswith(EXCUSE):
        _unexcused.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _unexcused and _under_ci() and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _unexcused and _under_ci():
        terminalreporter.section("skipped, although it could have run", red=True)
        for line in sorted(set(_unexcused)):
            terminalreporter.line(line)


def _under_ci() -> bool:
    return os.environ.get("CI", "") not in {"", "0", "false"}
