"""Any bytes a client sends as a path name a place in the tree, or are refused; nothing leads out of it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange.errors import FileNameRefusedError
from exchange.transfers import names
from sftp_gateway.paths import Area, AreaFolder, File, Place, ProgramFolder, Root, canonical, canonical_text
from sftp_gateway.refusals import NoSuchPlaceError, PathNotTextError

PIECES = st.sampled_from(
    ["..", ".", "", "inbox", "outbox", "receipts", "files", "a", "\u202e", "%2e%2e", "..."]
)
PATHS = st.one_of(st.lists(PIECES).map("/".join), st.text(), st.text().map("/inbox/files/".__add__))


def place_of(raw: bytes) -> Place | None:
    try:
        return canonical(raw)
    except (NoSuchPlaceError, PathNotTextError):
        return None


@given(PATHS)
@example("/inbox/files/../../../etc/passwd")
@example("//inbox//files//.//x")
def test_a_place_has_one_spelling_that_names_it_again(path: str) -> None:
    place = place_of(path.encode("utf-8", "surrogatepass"))
    if place is not None:
        assert canonical(place.path.encode()) == place
        assert canonical_text(path.encode()) == place.path
        assert ".." not in place.path.split("/")


@given(PATHS)
def test_a_file_lies_in_a_folder_of_the_tree_and_its_name_has_no_slash(path: str) -> None:
    place = place_of(path.encode("utf-8", "surrogatepass"))
    if isinstance(place, File):
        assert "/" not in place.name
        assert place.name not in {"", ".", ".."}
        assert not any(unicodedata.category(character) == "Cc" for character in place.path)


@given(st.binary(max_size=5000))
def test_any_bytes_are_a_place_or_refused(raw: bytes) -> None:
    assert place_of(raw) is None or isinstance(place_of(raw), Root | AreaFolder | ProgramFolder | File)


@given(st.text(min_size=1))
def test_a_name_the_core_takes_is_the_same_name_at_the_edge(name: str) -> None:
    try:
        checked = names.checked(name)
    except FileNameRefusedError:
        return
    place = canonical(f"/inbox/files/{name}".encode())
    assert place == File(ProgramFolder(Area.INBOX, "files"), checked)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", Root()),
        (".", Root()),
        ("/../..", Root()),
        ("inbox/files/..", AreaFolder(Area.INBOX)),
        ("/receipts/a.receipt.json", File(AreaFolder(Area.RECEIPTS), "a.receipt.json")),
        ("/outbox/lump-sum/a", File(ProgramFolder(Area.OUTBOX, "lump-sum"), "a")),
        ("/inbox/files/a/b", None),
        ("/receipts/a/b", None),
        ("/etc/passwd", None),
        ("/inbox/files/\x00", None),
        ("/inbox/" + "a/../" * 2000, None),
    ],
)
def test_paths_are_resolved_as_text(path: str, place: Place | None) -> None:
    assert place_of(path.encode()) == place
