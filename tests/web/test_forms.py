"""Short forms: their size and shape are bounded."""

import pytest
from starlette.testclient import TestClient

from tests.support.effort import least_effort


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=" + b"1" * 70_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded"),
        (b"username=%ff%fe", "application/x-www-form-urlencoded"),
        (b"username=a%00b", "application/x-www-form-urlencoded"),
        (b"username=\xff", "application/x-www-form-urlencoded"),
        (b'{"username": "a"}', "application/json"),
        (b"username=a", "multipart/form-data; boundary=x"),
        (b";" * 60_000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_out_of_bounds_is_refused_at_once(client: TestClient, body: bytes, kind: str) -> None:
    def refused() -> None:
        answer = client.post("/sign-in", content=body, headers={"Content-Type": kind})
        assert answer.status_code in {400, 401}

    assert least_effort(refused) < 0.6
