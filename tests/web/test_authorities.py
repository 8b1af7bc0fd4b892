"""The pages of certificate authorities: added, looked at, certificates revoked, taken back."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from exchange.accounts import krl
from exchange.accounts import sign_in as entering
from exchange.errors import SignInRefusedError
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.certificates import Vouching, Wish, blob_of, fresh, line, register, string
from tests.support.partners import Partner, make_partner
from tests.support.signing_in import SFTP
from tests.web.conftest import Enter
from tests.web.pictures import Shoot
from tests.web.visitors import Visitor

PAGE = "/organization/authorities"


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def vouching(boss: Partner) -> Vouching:
    return register(boss)


@pytest.fixture
def office(sign_in: Enter, boss: Partner) -> TestClient:
    return sign_in(boss)


def given(**other: str) -> dict[str, str]:
    return {"public_key": line(fresh()), "label": "signing server", "days": "365", **other}


def test_an_authority_is_added_listed_and_taken_back(office: TestClient) -> None:
    assert "No authority yet" in office.get(PAGE).text
    assert office.post(PAGE, data=given()).headers["location"] == f"{PAGE}?done=added"
    page = office.get(PAGE).text
    for words in ("signing server", "SHA256:", "everybody", "never"):
        assert words in page
    (one,) = re.findall(rf"{PAGE}/[0-9a-f-]{{36}}", page)
    assert "Everything it ever signed" in office.get(one).text
    assert office.post(f"{one}/revoke").headers["location"] == f"{PAGE}?done=revoked"
    assert "Taken back" in office.get(PAGE).text
    page = office.get(one).text
    assert "Robin Sample 1" in page
    assert "Everything it ever signed" not in page


def test_what_is_wrong_with_an_authority_stands_beside_its_field(office: TestClient) -> None:
    answer = office.post(PAGE, data=given(usernames="some.body", public_key="ssh-dss AAAA"))
    assert answer.status_code == 422
    assert "DSA keys are broken" in answer.text
    answer = office.post(PAGE, data=given(usernames="some.body"))
    assert "Nobody of your organization comes by SFTP as some.body" in answer.text
    assert ">some.body</textarea>" in answer.text


def test_adding_one_needs_a_second_factor_shown_lately(office: TestClient, clock: Clock) -> None:
    clock.forward(minutes=11)
    answer = office.post(PAGE, data=given())
    assert answer.headers.get("location", "").startswith("/prove") or answer.status_code == 403
    assert "No authority yet" in office.get(PAGE).text


def test_certificates_that_came_are_shown_and_revoked(
    exchange: Exchange, office: TestClient, boss: Partner, vouching: Vouching
) -> None:
    page, blob = f"{PAGE}/{vouching.shown.id}", vouching.sign(vouching.wish.but(key_id="<b>{{7*7}}"))
    entering.sign_in_by_certificate(exchange, boss.account.username, blob, SFTP)
    shown = office.get(page).text
    assert "&lt;b&gt;{{7*7}}, number 7" in shown
    assert 'name="revoke" value="serial: 7"' in shown
    answer = office.post(f"{page}/revocations", data={"revoke": "serial: 7"})
    assert answer.headers["location"] == f"{page}?done=certificates-revoked"
    with pytest.raises(SignInRefusedError):
        entering.sign_in_by_certificate(exchange, boss.account.username, blob, SFTP)
    shown = office.get(answer.headers["location"]).text
    assert "What was refused lately" in shown
    assert f"from {SFTP.source}" in shown
    assert 'name="revoke" value="serial: 7"' not in shown
    for words in ("out within seconds", "<code>7</code>", "Serial number", "Revoked"):
        assert words in shown


def test_what_cannot_be_revoked_comes_back_with_its_reason(office: TestClient, vouching: Vouching) -> None:
    page = f"{PAGE}/{vouching.shown.id}"
    answer = office.post(f"{page}/revocations", data={"revoke": "serial: 0"})
    assert answer.status_code == 422
    assert "every certificate without a number has" in answer.text
    assert ">serial: 0</textarea>" in answer.text


def test_a_list_of_openssh_is_uploaded_and_a_bad_one_comes_back_with_its_reason(
    office: TestClient, vouching: Vouching
) -> None:
    page = f"{PAGE}/{vouching.shown.id}"
    serial = b"\x20" + string((7).to_bytes(8, "big"))
    certificates = b"\1" + string(string(blob_of(vouching.private)) + string(b"") + serial)
    good = krl.MAGIC + (1).to_bytes(4, "big") + bytes(24) + string(b"") * 2 + certificates
    answer = office.post(f"{page}/list", files={"list": ("revoked.krl", good)})
    assert answer.headers["location"] == f"{page}?done=certificates-revoked"
    assert "<code>7</code>" in office.get(page).text
    for bad, why in (
        (good + b"\4", "The list is damaged: it ends too early"),
        (good + b"\4" + string(b""), "The list is signed"),
        (good + bytes(krl.LARGEST), "longer than 1 MiB"),
        (b"\xff", "neither a list of OpenSSH nor text"),
    ):
        answer = office.post(f"{page}/list", files={"list": ("revoked.krl", bad)})
        assert answer.status_code == 422
        assert why in answer.text
    answer = office.post(f"{page}/list", files={"other": (None, "a field")})
    assert "Choose the list" in answer.text


def test_an_authority_of_another_organization_is_not_there(sign_in: Enter, vouching: Vouching) -> None:
    other = sign_in(make_partner(vouching.exchange, Role.EMPLOYER, 2, administrator=True))
    for identifier in (vouching.shown.id, uuid4(), "x"):
        assert other.get(f"{PAGE}/{identifier}").status_code == 404
        assert other.post(f"{PAGE}/{identifier}/revoke").status_code == 404
        revoking = other.post(f"{PAGE}/{identifier}/revocations", data={"revoke": "serial: 1"})
        assert revoking.status_code == 404
    assert vouching.shown.state == "active"


def test_an_organization_that_never_comes_by_sftp_is_told_so(exchange: Exchange, sign_in: Enter) -> None:
    abroad = sign_in(make_partner(exchange, Role.INTERNATIONAL, administrator=True))
    assert "does not use certificates" in abroad.get(PAGE).text
    assert abroad.post(PAGE, data=given()).status_code == 403


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_an_administrator_adds_one_revokes_and_takes_it_back(
    exchange: Exchange, visitor: Visitor, boss: Partner, shoot: Shoot
) -> None:
    visitor.sign_in(boss)
    page = visitor.open(PAGE)
    vouching = Vouching(exchange, register(boss).keeper, fresh(), boss)
    page.get_by_label("Public key of the authority").fill(line(vouching.private))
    page.get_by_label("What it is for").fill("data center")
    page.get_by_label("Usernames it vouches for").fill(boss.account.username)
    page.get_by_role("button", name="Add the authority").click()
    expect(page.get_by_role("status")).to_contain_text("It is added")
    shoot(page, "authorities")
    for serial in (7, 0):
        wish = vouching.wish.but(serial=serial)
        entering.sign_in_by_certificate(exchange, boss.account.username, vouching.sign(wish), SFTP)
    assert not entering.key_is_known(exchange, boss.account.username, vouching.sign(Wish(("other",))), SFTP)
    page.get_by_role("link", name="data center").click()
    expect(page.get_by_text("The username is not among its principals")).to_be_visible()
    shoot(page, "authority")
    page.get_by_role("button", name="Revoke the certificate of employer-1, serial: 7").click()
    expect(page.get_by_role("status")).to_contain_text("Revoked")
    shoot(page, "authority-revoked")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("row", name="data center")).to_contain_text("Taken back")
    shoot(page, "authorities-taken-back")
