"""The plugin that makes a skip fail under CI, tried on a small suite of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

def test_runs():
    pass

{skipped}
"""
AVOIDABLE = "@pytest.mark.skip(reason='lftp is not installed')\ndef test_lftp():\n    pass"
EXCUSED = "def test_fuse():\n    pytest.skip('not possible here: no /dev/fuse')"
WHOLE_MODULE = "pytest.importorskip('no_such_module')"

PLUGINS = ("-p", "xdist")
NO_OTHERS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""What the small suite needs of pytest's plugins; to load the others takes seconds each time."""


@pytest.mark.parametrize(
    ("skipped", "ci", "workers", "fails"),
    [
        (AVOIDABLE, "true", "2", True),
        (AVOIDABLE, "", "0", False),
        (EXCUSED, "true", "0", False),
        (WHOLE_MODULE, "true", "2", True),
        ("", "true", "0", False),
    ],
)
def test_a_skip_that_could_have_been_avoided_fails_under_ci(
    tmp_path: Path, skipped: str, ci: str, workers: str, *, fails: bool
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE.format(skipped=skipped))
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "/dev/null",
        "-p",
        "tests.no_skips",
        *PLUGINS,
        "-n",
        workers,
    )
    done = subprocess.run(
        [*command, "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        env={"CI": ci, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)} | NO_OTHERS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, done.stdout
    assert ("could have run" in done.stdout) == fails
