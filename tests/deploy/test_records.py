"""`portal layouts`, `validate` and `sample`: what partners try before they send anything."""

import json
from pathlib import Path

import pytest

from tests.deploy.command_line import Portal

SAMPLED = ["data-match", "debt-inquiry", "lump-sum", "termination"]


def test_layouts_are_listed_one_slug_a_line(portal: Portal) -> None:
    listed = portal("layouts").out.splitlines()
    assert {*SAMPLED, "data-match-inquiry"} <= set(listed)
    assert listed == sorted(listed)


@pytest.mark.parametrize("slug", SAMPLED)
def test_a_layout_is_described_column_by_column(portal: Portal, slug: str) -> None:
    outcome = portal("layouts", "show", slug)
    assert outcome.code == 0
    assert "ssn" in outcome.out


@pytest.mark.parametrize(
    "command", ["layouts show nonsense", "validate nonsense FILE", "sample nonsense FILE"]
)
def test_an_unknown_layout_is_wrong_use(portal: Portal, command: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = command.replace("FILE", str(tmp_path / "file")).split()
    options = ("--records", 1, "--seed", 1) if words[0] == "sample" else ()
    outcome = portal(*words, *options)
    assert outcome.code == 2
    assert "portal layouts" in outcome.err


@pytest.mark.parametrize(
    ("slug", "suffix"),
    [
        *(("lump-sum", suffix) for suffix in ("txt", "csv", "xlsx")),
        *(("debt-inquiry", suffix) for suffix in ("txt", "csv", "xlsx")),
        ("data-match", "txt"),
    ],
)
def test_a_clean_sample_is_clean(portal: Portal, slug: str, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"sample.{suffix}"
    assert portal("sample", slug, "--records", 50, "--seed", 3, out).code == 0
    outcome = portal("validate", slug, out)
    assert outcome.code == 0, outcome.out
    assert outcome.out == ""


@pytest.mark.parametrize("slug", SAMPLED)
def test_findings_are_exactly_the_planted_errors(portal: Portal, slug: str, tmp_path: Path) -> None:
    out = tmp_path / "sample.txt"
    portal("sample", slug, "--records", 400, "--seed", 9, "--errors", 5, out)
    truth = json.loads((tmp_path / "sample.txt.truth.json").read_text())
    outcome = portal("validate", slug, out, "--json")
    found = [{name: each[name] for name in ("line", "field", "code")} for each in json.loads(outcome.out)]
    assert outcome.code == 1
    assert len(truth["errors"]) == 20
    assert sorted(found, key=str) == sorted(truth["errors"], key=str)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(portal: Portal, tmp_path: Path) -> None:
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        portal("sample", "lump-sum", "--records", 30, "--seed", seed, tmp_path / name)
    first, same, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == same
    assert first != other


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2" * 500, b"hello\nworld\n"], ids=["empty", "binary", "prose"]
)
def test_what_is_no_such_file_is_unusable(portal: Portal, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    outcome = portal("validate", "lump-sum", tmp_path / "file", "--json")
    assert outcome.code == 2
    assert json.loads(outcome.out)[0]["message"]


def test_a_wrong_count_is_unusable_for_the_portal_would_refuse_it(portal: Portal, tmp_path: Path) -> None:
    out = tmp_path / "sample.txt"
    portal("sample", "lump-sum", "--records", 20, "--seed", 3, out)
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:5] + lines[6:]))
    outcome = portal("validate", "lump-sum", out)
    assert outcome.code == 2
    assert "refuse the whole file" in outcome.err


def test_a_finding_on_a_line_names_its_columns_if_it_has_any(portal: Portal, tmp_path: Path) -> None:
    out, strange = tmp_path / "sample.txt", tmp_path / "strange.txt"
    portal("sample", "lump-sum", "--records", 20, "--seed", 7, "--errors", 20, out)
    lines = portal("validate", "lump-sum", out).out.splitlines()
    assert [line.partition(" ssn:")[0] for line in lines if "ssn" in line] == ["line 4, columns 4-12: R004"]
    assert any(line.startswith("line 13, column 92: V009 payment_kind: ") for line in lines)
    strange.write_bytes(b"hello")
    assert portal("validate", "lump-sum", strange).out.startswith("line 1: F002: ")


def test_production_rules_refuse_synthetic_people(portal: Portal, tmp_path: Path) -> None:
    out = tmp_path / "sample.txt"
    portal("sample", "lump-sum", "--records", 20, "--seed", 3, out)
    assert portal("validate", "lump-sum", out, "--production").code != 0


def test_a_sample_for_nobody_in_particular_needs_no_installation_and_a_half_named_one_is_wrong_use(
    portal: Portal, tmp_path: Path
) -> None:
    outcome = portal(
        "sample", "lump-sum", "--records", 1, "--seed", 1, "--account", "joe.doe", tmp_path / "f"
    )
    assert outcome.code == 2
    assert "belong together" in outcome.err


def test_a_layout_that_only_the_portal_writes_has_no_samples(portal: Portal, tmp_path: Path) -> None:
    outcome = portal("sample", "lump-sum-result", "--records", 1, "--seed", 1, tmp_path / "f")
    assert outcome.code == 2
    assert not (tmp_path / "f").exists()


def test_a_sample_for_an_account_carries_its_identifiers_and_people_of_its_registry(
    portal: Portal, home: Path, tmp_path: Path
) -> None:
    assert portal("registry", "seed", "--people", 300, "--seed", 5, "--home", home).code == 0
    out = tmp_path / "bonus.txt"
    made = portal(
        "sample", "lump-sum", "--records", 100, "--seed", 2, "--home", home, "--account", "joe.doe", out
    )
    assert made.code == 0, made.err
    assert b"001234567" in out.read_bytes().splitlines()[0]
    matches = json.loads((tmp_path / "bonus.txt.truth.json").read_text())["matches"]
    assert matches
    assert all(match["states"] for match in matches)


def test_a_layout_without_a_table_form_is_not_sampled_as_one(portal: Portal, tmp_path: Path) -> None:
    outcome = portal("sample", "data-match", "--records", 1, "--seed", 1, tmp_path / "f.csv")
    assert outcome.code == 2
    assert not (tmp_path / "f.csv").exists()
