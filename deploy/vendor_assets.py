"""Brings the design system into web/static/vendor: its compiled style and the files that style names.

`python -m deploy.vendor_assets` fetches and compiles with npm (needed only to change what is vendored);
`python -m deploy.vendor_assets --check` holds the committed files against SHA256SUMS and needs nothing.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("@uswds/uswds@3.14.0", "sass@1.108.2")
VENDOR = Path(__file__).parent.parent / "web" / "static" / "vendor"
THEME = Path(__file__).with_name("vendor_assets_theme.scss")
SUMS = "SHA256SUMS"
NAMED = re.compile(r"url\(\"?\.\./([^)\"]+)\"?\)")
ICONS = (
    "account_balance",
    "arrow_forward",
    "assessment",
    "check",
    "check_circle",
    "chevron_right",
    "close",
    "cloud",
    "content_copy",
    "error",
    "expand_more",
    "file_download",
    "file_present",
    "file_upload",
    "flag",
    "folder",
    "folder_open",
    "groups",
    "help_outline",
    "history",
    "home",
    "hourglass_empty",
    "info",
    "insights",
    "lock",
    "login",
    "logout",
    "mail",
    "menu",
    "navigate_before",
    "navigate_next",
    "people",
    "person",
    "public",
    "schedule",
    "search",
    "security",
    "send",
    "shield",
    "support_agent",
    "upload_file",
    "verified_user",
    "warning",
    "work",
)
SYMBOL = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", re.DOTALL)


def sums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every vendored file, by its path below the folder; the list itself is left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def recorded(folder: Path) -> dict[str, str]:
    """What SHA256SUMS says, in the form `sha256sum --check` reads too."""
    lines = (folder / SUMS).read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def differences(folder: Path) -> list[str]:
    """Names of files that are missing, changed or not in the list."""
    found, expected = sums(folder), recorded(folder)
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def symbol(source: Path) -> str:
    """One icon as a symbol of the sprite."""
    match = SYMBOL.search(source.read_text())
    if match is None:
        raise ValueError(f"{source.name} is not an icon")
    return f'<symbol id="{source.stem}" viewBox="{match[1]}">{match[2]}</symbol>'


def sprite(icons: Path) -> str:
    """The icons the pages use, in one file."""
    symbols = [symbol(icons / f"{name}.svg") for name in ICONS]
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def compile_theme(modules: Path) -> str:
    """The style sheet of vendor_assets_theme.scss, minified."""
    load_path = modules / "@uswds" / "uswds" / "packages"
    sass = [str(modules / ".bin" / "sass"), "--style=compressed", "--no-source-map", "--quiet-deps"]
    done = subprocess.run([*sass, "-I", str(load_path), str(THEME)], check=True, capture_output=True)  # noqa: S603  # our own fixed arguments
    return done.stdout.decode()


def install(folder: Path) -> Path:
    """The two packages in a folder, without running any script of theirs."""
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to fetch the design system; --check needs nothing")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--no-save"]
    subprocess.run([npm, "install", "--prefix", str(folder), *options, *PACKAGES], check=True)  # noqa: S603  # fixed packages
    return folder / "node_modules"


def assemble(modules: Path, target: Path) -> None:
    """Style, what it names, icons and licence, below target."""
    source = modules / "@uswds" / "uswds"
    style = compile_theme(modules)
    for name in sorted(set(NAMED.findall(style))):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / "dist" / name, target / name)
    (target / "css").mkdir()
    (target / "css" / "uswds.css").write_text(style)
    (target / "img" / "icons.svg").write_text(sprite(source / "dist" / "img" / "usa-icons"))
    shutil.copyfile(source / "LICENSE.md", target / "LICENSE.md")


def fetch() -> None:
    """Replaces the vendored files by fresh ones and writes their checksums."""
    with tempfile.TemporaryDirectory() as scratch:
        modules = install(Path(scratch))
        shutil.rmtree(VENDOR / "uswds", ignore_errors=True)
        assemble(modules, VENDOR / "uswds")
    lines = [f"{digest}  {name}\n" for name, digest in sums(VENDOR).items()]
    (VENDOR / SUMS).write_text("".join(lines))


def main() -> int:
    """0 when the vendored files are as recorded, 1 when they are not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the files with SHA256SUMS")
    if not parser.parse_args().check:
        fetch()
    wrong = differences(VENDOR)
    for name in wrong:
        print(f"differs from {SUMS}: {name}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
