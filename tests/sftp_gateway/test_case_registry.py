"""Cases and people by OpenSSH's sftp: the file goes in, acknowledgement and answers are fetched."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from exchange.cases import making, responses
from exchange.database import reading
from exchange.models.locate import LocateRequest
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from roles.policy import Channel
from tests.sftp_gateway.conftest import NUMBERS, Gateway, make_user
from tests.sftp_gateway.tools import Sftp
from tests.support.case_files import ACK, RESPONSE, case, case_file, only, person
from tests.support.locating import FOUND, answer, make_fellow, make_worker, sent

pytestmark = pytest.mark.clients
BOX = "/outbox/case-registry"


def test_cases_are_registered_and_a_person_is_located_by_sftp(
    gateway: Gateway, exchange: Exchange, tmp_path: Path
) -> None:
    number = next(NUMBERS)
    ssn = f"90004{number:04d}"
    worker = make_worker(exchange, number, role=Role.STATE, jurisdiction="KS")
    tool = Sftp(gateway, make_user(exchange, worker, tmp_path), tmp_path)
    sought = {"locate_request_type": "CS", "locate_source_1": "A01", "birth_date": date(1987, 3, 27)}
    records = (
        case(),
        person(ssn, "ALDERSON", "IDA", member_id="M1"),
        only("L", ssn=ssn, last_name="ALDERSON", **sought),
        only("D", member_id="M9"),
    )
    (tmp_path / "cases.part").write_bytes(case_file(*records))
    tool.put(tmp_path / "cases.part", "/inbox/case-registry/cases.part")
    tool.rename("/inbox/case-registry/cases.part", "/inbox/case-registry/cases.txt")
    while pipeline.run_next(exchange, "test"):
        pass
    assert making.make_waiting(exchange) == 1
    acks = fetched(tool, tmp_path, "cases.txt.res")
    parsed = [ACK["case" if line.startswith(b"FD") else "person"].parse(line) for line in acks]
    assert [one["acknowledgement_code"] for one in parsed] == ["AAAAA", "AAAAA", "AAAAA", "REJCT"]

    with reading(exchange.engine) as session:
        mine = select(LocateRequest).where(col(LocateRequest.account_id) == worker.account.id)
        request = session.exec(mine).one()
    assert request.channel == Channel.SFTP.value
    assert answer(exchange, "A01", sent(exchange, request.id)["A01"], FOUND, ssn=ssn, last_name="ALDERSON")
    assert responses.deliver(exchange) == 1
    (told,) = fetched(tool, tmp_path, "cases.txt.locate-001.txt")
    found = RESPONSE["answer"].parse(told)
    assert (found["returned_address"], found["reference"]) == (FOUND["facts"]["address"], request.reference)

    fellow = Sftp(gateway, make_user(exchange, make_fellow(worker, f"fellow-{number}"), tmp_path), tmp_path)
    assert "cases.txt.res" in fellow.names(BOX)
    refused = fellow.batch(f'get "{BOX}/cases.txt.locate-001.txt" "{tmp_path}/no"', fails=True)
    assert "7 Synthetic Lane" not in refused
    assert not (tmp_path / "no").exists() or not (tmp_path / "no").read_bytes()


def fetched(tool: Sftp, folder: Path, name: str) -> list[bytes]:
    """The records of a file in the outbox."""
    tool.get(f"{BOX}/{name}", folder / name)
    return (folder / name).read_bytes().splitlines()[1:-1]
