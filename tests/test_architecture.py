"""What import-linter does not see: library homes, commits, the environment, the clock, roles, sizes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "roles", "exchange", "sftp_gateway", "web", "deploy")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

_IGNORED = re.compile(r"# type: ignore(?!\[[a-z-]+(, [a-z-]+)*\]  # \w)(?!`)(?!\()")
HOMES = {  # library: the only places that may import it (folders end with /)
    "starlette": ("web/",),
    "jinja2": ("web/",),
    "python_multipart": ("web/",),
    "uvicorn": ("web/", "deploy/"),
    "paramiko": ("sftp_gateway/",),
    "sqlmodel": ("exchange/", "deploy/migrations/"),
    "sqlalchemy": ("exchange/", "deploy/migrate.py", "deploy/revision.py", "deploy/migrations/"),
    "alembic": ("exchange/", "deploy/"),
    "cryptography": (
        "exchange/vault/",
        "exchange/transfers/receipts.py",
        "exchange/accounts/certificates.py",  # and their certificates
        "exchange/accounts/public_keys.py",  # reads the keys that people sign in with
        "sftp_gateway/",
    ),
    "numpy": ("schemas/", "exchange/"),
    "openpyxl": ("schemas/", "exchange/"),
    "typer": ("deploy/",),
    "typst": ("exchange/guide/paper.py", "exchange/messages/paper.py", "exchange/orders/paper.py"),
    "rich": ("deploy/",),
    "pickle": (),
    "marshal": (),
}
CALLS = {  # the last names of a dotted expression: the only places where it may stand
    "os.environ": ("deploy/process.py",),  # handed on to the parts, with one more in it
    "os.getenv": (),
    "os.system": (),
    ".commit": ("exchange/database.py",),
    "datetime.now": ("exchange/runtime.py",),
    "datetime.utcnow": (),
    "date.today": (),
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
TABLES = ("schemas/layouts/", "schemas/forms/", "deploy/migrations/versions/")  # data may be long


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def at_home(path: Path, homes: tuple[str, ...]) -> bool:
    return any(
        name_of(path) == home or (home.endswith("/") and name_of(path).startswith(home)) for home in homes
    )


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def attributes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every dotted name, and every `.name` of something that is not a plain name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, "." + node.attr
            if isinstance(node.value, ast.Name | ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                yield node.lineno, f"{owner}.{node.attr}"


def broken_rules(path: Path) -> Iterator[str]:
    text = path.read_text()
    tree = ast.parse(text)
    for line, module in imports(tree):
        if not at_home(path, HOMES.get(module.split(".")[0], (name_of(path),))):
            yield f"{name_of(path)}:{line} imports {module}, whose home is {HOMES[module.split('.')[0]]}"
    for line, name in attributes(tree):
        if name in CALLS and not at_home(path, CALLS[name]):
            yield f"{name_of(path)}:{line} uses {name}, which may stand only in {CALLS[name]}"
    yield from (
        f"{name_of(path)}:{line} compares a role outside roles/" for line in role_comparisons(path, tree)
    )
    yield from too_long(path, text, tree)


def role_comparisons(path: Path, tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and not name_of(path).startswith("roles/"):
            sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
            if any(side == "role" or side.endswith(".role") for side in sides) and is_decision(node, sides):
                yield node.lineno


def is_decision(node: ast.Compare, sides: list[str]) -> bool:
    """Comparing with a named role or a string decides by role; a column in a query does not."""
    named = any(side.startswith("Role.") or ".Role." in side for side in sides)
    return named or any(
        isinstance(side, ast.Constant) and isinstance(side.value, str) for side in node.comparators
    )


def too_long(path: Path, text: str, tree: ast.AST) -> Iterator[str]:
    if at_home(path, TABLES):
        return
    if (length := len(text.splitlines())) > LONGEST_FILE:
        yield f"{name_of(path)} has {length} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


def test_every_exemption_from_the_type_checker_says_why() -> None:
    """Each stands with its code and a reason: `# type: ignore[code]  # why`."""
    files = (path for folder in (*PACKAGES, "tests") for path in sorted((ROOT / folder).rglob("*.py")))
    lines = ((path, line) for path in files for line in path.read_text().splitlines())
    bare = [f"{path.name}: {line.strip()}" for path, line in lines if _IGNORED.search(line)]
    assert bare == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_keeps_the_rules_of_the_house(path: Path) -> None:
    assert list(broken_rules(path)) == []


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("exchange", "import starlette"),
        ("web", "from sqlmodel import Session"),
        ("web", "def f(session):\n    session.commit()"),
        ("roles", "import os\nHOME = os.environ['HOME']"),
        ("exchange", "import datetime\nNOW = datetime.datetime.now()"),
        ("web", "def f(actor):\n    return actor.role == Role.STATE"),
        ("web", "def f(actor):\n    return actor.role in ('state', 'tribe') or actor.role == 'state'"),
        ("web", "def f():\n" + "    f()\n" * 60),
        ("web", "\n" * 401),
    ],
)
def test_each_rule_catches_what_breaks_it(
    package: str, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / package).mkdir()
    (tmp_path / package / "probe.py").write_text(line)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert len(list(broken_rules(tmp_path / package / "probe.py"))) == 1
