"""Volumes: what the database counts is what somebody counts who looks at every transfer by hand."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, delete, select

from deploy import migrate
from exchange.database import add_now, reading, transaction
from exchange.errors import RecordNotFoundError
from exchange.models.base import as_utc
from exchange.models.transfers import Status, Transfer
from exchange.models.volumes import ClosedMonth, MonthlyVolume
from exchange.runtime import Exchange
from exchange.transfers import retention
from exchange.transfers.pipeline import drive
from exchange.volumes import closed, overview
from exchange.volumes.figures import AGES, UNFETCHED, UNSETTLED, Volume, Volumes, Wanted
from roles.errors import NotPermittedError
from roles.permissions import Permission, Role, holders
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.record_files import hand_over, outbox, people_file, send

PROGRAMS = ("lump-sum", "termination", "files")
UNDER_WAY = {"RECEIVED", "SCANNING", "VALIDATING", "ACCEPTED", "ACCEPTED_WITH_ERRORS", "PROCESSING"}
Which = Callable[[Transfer], bool]


def some_transfers(exchange: Exchange, partners: Iterable[Partner], count: int, seed: int) -> None:
    """Transfers of fourteen months, of every status, by chance."""
    chance, now = random.Random(seed), exchange.clock()
    owners = [one.organization.id for one in partners]
    with transaction(exchange.engine) as session:
        for _ in range(count):
            add_now(session, one_transfer(chance, now, chance.choice(owners)))


def one_transfer(chance: random.Random, now: datetime, owner: UUID) -> Transfer:
    at = now - timedelta(seconds=chance.random() ** 3 * 420 * 86_400)
    inbound = chance.random() < 0.6
    status = chance.choice([*Status]) if inbound else chance.choice([Status.COMPLETE, Status.PURGED])
    settled = status not in UNDER_WAY and status != Status.DRAFT
    outcome = (
        chance.choice(["COMPLETE", "REJECTED", "QUARANTINED"]) if status == Status.PURGED else status.value
    )
    records = chance.choice([None, 0, 7, 12_345])
    return Transfer(
        organization_id=owner,
        direction="inbound" if inbound else "outbound",
        channel="sftp",
        program=chance.choice(PROGRAMS),
        filename="file.txt",
        status=status.value,
        records=records,
        refused=chance.randint(0, records) if inbound and settled and records else None,
        outcome=outcome if inbound and settled else None,
        took=int(10 ** chance.uniform(1, 8)) if inbound and settled else None,
        fetched_at=at if chance.random() < 0.4 else None,
        created_at=at,
        changed_at=at,
    )


def rows_of(exchange: Exchange, which: Which) -> list[Transfer]:
    with reading(exchange.engine) as session:
        return [one for one in session.exec(select(Transfer)) if which(one)]


def rounded(took: int) -> int:
    step = 100 if took < 60_000 else 1_000 if took < 3_600_000 else 60_000
    return took // step * step


def by_hand(rows: list[Transfer]) -> Volume:
    """The volume of these transfers, one by one."""
    inbound = [one for one in rows if one.direction == "inbound" and one.status != "DRAFT"]
    checked = [one for one in inbound if one.refused is not None]
    return Volume(
        files=len(inbound),
        records=sum(one.records or 0 for one in inbound),
        checked=sum(one.records or 0 for one in checked),
        refused=sum(one.refused or 0 for one in checked),
        rejected=sum(one.outcome in {"REJECTED", "QUARANTINED"} for one in inbound),
        issued=sum(one.direction == "outbound" for one in rows),
        answered=Counter(rounded(one.took) for one in inbound if one.took is not None),
    )


def counted(volume: Volume) -> Volume:
    """Without what waits now, which is no matter of months."""
    return Volume(**vars(volume) | {"unsettled": 0, "unfetched": 0})


def waits(one: Transfer) -> str:
    if one.direction == "inbound":
        return UNSETTLED if one.status in UNDER_WAY else ""
    return UNFETCHED if one.status == "COMPLETE" and one.fetched_at is None else ""


def age_of(one: Transfer, now: datetime) -> str:
    return next(name for name, age in AGES.items() if age is None or now - as_utc(one.created_at) < age)


def assert_counted_by_hand(exchange: Exchange, found: Volumes, wanted: Wanted, now: datetime) -> None:
    """Everything that is told, told again from the rows."""
    rows = rows_of(
        exchange,
        lambda one: wanted.program in ("", one.program) and wanted.partner in (None, one.organization_id),
    )
    inside = [one for one in rows if as_utc(one.created_at) >= min(found.months)]
    for begin, volume in found.months.items():
        mine = [one for one in inside if as_utc(one.created_at).strftime("%Y%m") == f"{begin:%Y%m}"]
        assert volume == by_hand(mine), begin
    for slug, volume in found.programs.items():
        assert counted(volume) == by_hand([one for one in inside if one.program == slug])
        for name in (UNSETTLED, UNFETCHED):
            assert getattr(volume, name) == sum(waits(one) == name for one in rows if one.program == slug)
    for partner in found.partners:
        assert vars(counted(partner.volume)) | {"answered": None} == vars(
            by_hand([one for one in inside if one.organization_id == partner.id])
        ) | {"answered": None}
        for name in (UNSETTLED, UNFETCHED):
            theirs = [one for one in rows if one.organization_id == partner.id]
            assert getattr(partner.volume, name) == sum(waits(one) == name for one in theirs)
    assert counted(found.total) == by_hand(inside)
    for name, ages in found.waiting.items():
        assert ages == dict.fromkeys(AGES, 0) | Counter(
            age_of(one, now) for one in rows if waits(one) == name
        )


@pytest.fixture
def busy(each_exchange: Exchange) -> list[Partner]:
    """OCSS and two employers, with what they exchanged."""
    partners = [make_partner(each_exchange, Role.OCSS_STAFF)]
    partners += [make_partner(each_exchange, Role.EMPLOYER, number) for number in (1, 2)]
    some_transfers(each_exchange, partners, 120, 7)
    return partners


def test_what_the_database_counts_is_what_is_counted_by_hand(
    each_exchange: Exchange, busy: list[Partner], clock: Clock
) -> None:
    clock.stop()  # between the two counts nothing grows older
    ocss = busy[0]
    wholes = [Wanted(12), Wanted(24, "lump-sum"), Wanted(3, "", busy[1].organization.id)]
    for at_rest in (False, True):
        for wanted in wholes:
            found = overview.volumes(each_exchange, ocss.actor, wanted)
            assert len(found.months) == wanted.months
            assert_counted_by_hand(each_exchange, found, wanted, each_exchange.clock())
        total = Volume()
        for _, _, partner in overview.details(each_exchange, ocss.actor, Wanted(12)):
            total.add(partner.volume)
        shown = overview.volumes(each_exchange, ocss.actor, Wanted(12)).total
        assert total.stored() == shown.stored()
        if not at_rest:  # what waits keeps its month open
            with transaction(each_exchange.engine) as session:
                session.execute(delete(Transfer).where(col(Transfer.status).in_(UNDER_WAY)))
            assert closed.sweep(each_exchange) >= 12
            assert closed.sweep(each_exchange) == 0


def test_a_month_is_closed_when_nothing_of_it_waits_and_stays_as_it_was(
    exchange: Exchange, ocss: Partner, employer: Partner, clock: Clock
) -> None:
    view = hand_over(exchange, employer.actor, "files", b"a file")
    clock.forward(days=40)
    closed.sweep(exchange)
    month = f"{view.created_at:%Y-%m-01}"
    with reading(exchange.engine) as session:
        assert month not in [f"{one.month}" for one in session.exec(select(ClosedMonth))]
    with transaction(exchange.engine) as session:
        session.get_one(Transfer, view.id).outcome = "COMPLETE"
    closed.sweep(exchange)
    with reading(exchange.engine) as session:
        [kept] = session.exec(select(MonthlyVolume)).all()
    assert (f"{kept.month}", kept.program, kept.files) == (month, "files", 1)


def test_what_is_counted_outlives_the_file(
    exchange: Exchange, ocss: Partner, employer: Partner, clock: Clock
) -> None:
    good = {"ssn": "900001001", "last_name": "SAMPLESON", "first_name": "ALEX"}
    send(exchange, employer.actor, "lump-sum", people_file("lump-sum", employer, [good, good | {"ssn": "1"}]))
    send(exchange, employer.actor, "lump-sum", b"no such file")
    fetched = len(outbox(exchange, employer.actor, "lump-sum"))
    before = overview.volumes(exchange, ocss.actor, Wanted(12))
    assert (before.total.files, before.total.rejected) == (2, 1)
    assert (before.total.checked, before.total.refused) == (2, 1)
    assert (before.total.answered.total(), before.total.issued, before.total.unfetched) == (2, fetched, 0)
    clock.forward(days=61)
    retention.sweep(exchange)
    after = overview.volumes(exchange, ocss.actor, Wanted(12))
    assert {one.status for one in rows_of(exchange, lambda _: True)} == {"PURGED"}
    assert after.total == before.total


def test_a_file_is_fetched_when_it_is_first_opened(
    exchange: Exchange, ocss: Partner, employer: Partner, clock: Clock
) -> None:
    drive(exchange, hand_over(exchange, employer.actor, "files", b"a file").id)

    def fetched() -> list[datetime | None]:
        own = employer.organization.id
        rows = rows_of(exchange, lambda one: one.direction == "outbound" and one.organization_id == own)
        return [one.fetched_at for one in rows]

    assert set(fetched()) == {None}
    outbox(exchange, employer.actor, "files")
    first = fetched()
    clock.forward(hours=1)
    outbox(exchange, employer.actor, "files")
    assert None not in first
    assert fetched() == first


@pytest.mark.parametrize(
    ("times", "percent", "expected"),
    [
        ({}, 50, None),
        ({300: 1}, 50, 300),
        ({100: 1, 200: 1}, 50, 100),
        ({100: 19, 900: 1}, 95, 100),
        ({100: 18, 900: 2}, 95, 900),
    ],
)
def test_the_nearest_rank_is_told(times: dict[int, int], percent: int, expected: int | None) -> None:
    within = Volume(answered=Counter(times)).within(percent)
    assert within == (None if expected is None else timedelta(milliseconds=expected))


def test_only_ocss_counts_and_only_partners_that_are_there(exchange: Exchange, ocss: Partner) -> None:
    assert set(holders(Permission.VOLUME_OVERSEE)) == {Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR}
    state = make_partner(exchange, Role.STATE).actor
    for call in (overview.volumes, overview.details):
        with pytest.raises(NotPermittedError):
            call(exchange, state, Wanted())
    with pytest.raises(RecordNotFoundError):
        overview.volumes(exchange, ocss.actor, Wanted(3, "", uuid4()))


def test_nothing_has_no_rate() -> None:
    assert (Volume().records_rate, Volume().files_rate) == (None, None)
    assert Volume(files=4, rejected=1, checked=10, refused=1).files_rate == 0.25


def test_what_was_exchanged_before_this_was_counted_is_counted_too(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    send(exchange, employer.actor, "lump-sum", b"no such file")
    drive(exchange, hand_over(exchange, employer.actor, "files", b"a file").id)

    def told() -> list[tuple[str | None, int | None, bool, int | None]]:
        rows = sorted(rows_of(exchange, lambda _: True), key=lambda one: (one.filename, one.id))
        return [(one.outcome, one.took, one.fetched_at is None, one.refused) for one in rows]

    before = told()
    migrate.downgrade(exchange.engine, "0022")
    migrate.migrate(exchange.engine, cells=lambda: exchange.vault.cells)
    assert {outcome for outcome, *_ in before} == {None, "COMPLETE", "REJECTED"}
    for (outcome, took, *rest), (was, lasted, *others) in zip(told(), before, strict=True):
        assert (outcome, rest) == (was, others)
        assert (took is None) == (lasted is None)
        assert took is None or abs(took - (lasted or 0)) < 30_000
