"""Nobody reads another organization's files: not over the API, not over SFTP, not on the pages."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.doors import Api, OpenSsh, Pages, paramiko_client
from tests.acceptance.running import Account, Portal, wait_until
from tests.acceptance.sizes import sized

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("acceptance-sqlite")]
MESSAGES = "messages"
OF_EACH = sized(2, 4)
"""Transfers of each organization that all others try to read; its newest, in each direction."""


@dataclass(frozen=True)
class Holder:
    """One account and what it sees of its organization's transfers."""

    account: Account
    api: Api
    transfers: dict[str, dict[str, Any]]

    @property
    def some(self) -> list[dict[str, Any]]:
        directions = ("inbound", "outbound")
        sorted_out = (
            [one for one in self.transfers.values() if one["direction"] == way] for way in directions
        )
        return [one for way in sorted_out for one in way[:OF_EACH]]


@pytest.fixture(scope="module")
def holders(portal: Portal) -> list[Holder]:
    return [holder(portal, account) for account in portal.accounts()]


def holder(portal: Portal, account: Account) -> Holder:
    api = Api(portal, account)
    listed = [one for way in ("inbound", "outbound") for one in api.all("transfers", direction=way)]
    return Holder(account, api, {one["id"]: one for one in listed})


def strangers(holders: list[Holder]) -> Iterator[tuple[Holder, Holder]]:
    """Every account, with every other organization's."""
    for asker, owner in itertools.permutations(holders, 2):
        if asker.account.organization != owner.account.organization:
            yield asker, owner


def test_every_role_has_something_to_be_read(holders: list[Holder]) -> None:
    assert len({one.account.role for one in holders}) == 11
    assert all(one.transfers for one in holders), [
        one.account.username for one in holders if not one.transfers
    ]


def test_no_list_shows_a_transfer_of_another_organization(holders: list[Holder]) -> None:
    for asker, owner in strangers(holders):
        assert not asker.transfers.keys() & owner.transfers.keys(), (asker.account, owner.account)


def test_lists_stay_apart_whatever_is_asked_for(holders: list[Holder]) -> None:
    for asker in holders:
        owned = asker.transfers.keys()
        for query in ({"program": "lump-sum"}, {"program": "files"}, {"status": "COMPLETE"}, {}):
            assert {one["id"] for one in asker.api.all("transfers", **query)} <= owned


def test_no_token_opens_anything_of_a_transfer_of_another_organization(holders: list[Holder]) -> None:
    parts = ("", "/content", "/findings", "/receipt")
    for asker, owner in strangers(holders):
        for transfer, part in itertools.product(owner.some, parts):
            answer = asker.api.ask("GET", f"/api/v1/transfers/{transfer['id']}{part}")
            there = (answer.status, answer.json["code"])
            assert there == (404, "transfer_not_found"), (asker.account.username, transfer, part)


def test_not_yours_and_not_there_are_answered_alike(holders: list[Holder]) -> None:
    asker, owner = next(strangers(holders))
    there = asker.api.ask("GET", f"/api/v1/transfers/{owner.some[0]['id']}")
    nowhere = asker.api.ask("GET", "/api/v1/transfers/00000000-0000-4000-8000-000000000000")
    assert (there.status, there.body) == (nowhere.status, nowhere.body)


def test_no_token_goes_on_with_a_draft_of_another_organization(portal: Portal, holders: list[Holder]) -> None:
    owner = next(one for one in holders if one.account.username == "erin.payne")
    draft = half_upload(owner.api)
    for asker, other in strangers(holders):
        if other is owner:
            answer = asker.api.send_rest(draft["id"], draft["size"], b"x", draft["size"] + 1)
            assert (answer.status, answer.json["code"]) in {
                (404, "transfer_not_found"),
                (403, "not_permitted"),
            }
    assert owner.api.get(f"transfers/{draft['id']}")["size"] == draft["size"]


def half_upload(api: Api) -> dict[str, Any]:
    """A draft, left behind by a connection that broke off."""

    def broken_off() -> Iterator[bytes]:
        yield b"x" * 3_000_000
        raise InterruptedError

    with pytest.raises(InterruptedError):
        api.send("files", "half.bin", broken_off())
    api.close()
    found: list[dict[str, Any]] = []

    def is_kept() -> bool:
        found[:] = [one for one in api.all("transfers", status="DRAFT") if one["filename"] == "half.bin"]
        return bool(found) and found[0]["size"] == 3_000_000

    wait_until(is_kept, 60, "the half upload is not kept")
    return found[0]


def test_no_session_opens_a_page_of_a_transfer_of_another_organization(
    holders: list[Holder], pages_of: Callable[[str], Pages]
) -> None:
    askers = [
        one for one in holders if one.account.username in {"cole.quayle", "kai.sunflower", "rudi.strelsau"}
    ]
    for asker, owner in itertools.product(askers, holders):
        if asker.account.organization != owner.account.organization:
            for part in ("", "/content", "/receipt", "/progress"):
                answer = pages_of(asker.account.username).ask("GET", f"/files/{owner.some[0]['id']}{part}")
                assert answer.status == 404, (
                    asker.account.username,
                    owner.account.username,
                    part,
                    answer.status,
                )
                assert owner.some[0]["filename"].encode() not in answer.body


def test_no_key_reads_a_file_of_another_organization(
    portal: Portal, holders: list[Holder], tmp_path: Path
) -> None:
    """Every other organization's files, asked for by the path at which their owners find them."""
    for asker in holders:
        if not asker.account.sftp:
            continue
        own = {place_of(one) for one in asker.transfers.values()}
        foreign = {
            place_of(one): one["sha256"]
            for owner in holders
            if owner.account.organization != asker.account.organization
            for one in owner.some
        }
        wanted = sorted(foreign.keys() - own)
        sftp = OpenSsh(portal, asker.account, tmp_path)
        _, said = sftp.batch(*(f'-get "{place}" "{tmp_path}/stolen"' for place in wanted))
        assert said.count("not found") == len(wanted), said
        assert not (tmp_path / "stolen").exists()


def test_sftp_lists_show_just_what_the_api_lists(portal: Portal, holders: list[Holder]) -> None:
    """Messages are listed as conversations by the API; tests/sftp_gateway/test_messages.py compares them."""
    for asker in holders:
        if asker.account.sftp:
            fresh = holder(portal, asker.account)
            client = paramiko_client(portal, asker.account)
            for box, way in (("inbox", "inbound"), ("outbox", "outbound")):
                listed = [
                    name
                    for program in client.listdir(f"/{box}")
                    if program != MESSAGES
                    for name in client.listdir(f"/{box}/{program}")
                ]
                names = Counter(name.partition("~")[0] for name in listed)
                drafts = fresh.api.all("transfers", direction=way, status="DRAFT")
                mine = [one for one in (*fresh.transfers.values(), *drafts) if one["direction"] == way]
                files = [one["filename"] for one in mine if one["program"] != MESSAGES]
                assert names == Counter(files)
            client.get_channel().get_transport().close()  # type: ignore[union-attr]  # open: it is there


def place_of(transfer: dict[str, Any]) -> str:
    box = {"inbound": "inbox", "outbound": "outbox"}[transfer["direction"]]
    return f"/{box}/{transfer['program']}/{transfer['filename']}"
