"""ssh-audit looks at the running gateway: held against our policy, and with its own eyes."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.sftp_gateway.conftest import ROOT, Gateway

POLICY = ROOT / "deploy" / "sftp" / "ssh_audit_policy.txt"
_NOT_POST_QUANTUM = "does not provide protection against post-quantum attacks"
ACCEPTED = {  # what ssh-audit warns of, and why it is so
    ("curve25519-sha256", _NOT_POST_QUANTUM): "for clients without mlkem768x25519-sha256, which is preferred",
    ("curve25519-sha256@libssh.org", _NOT_POST_QUANTUM): "the older name of the same method; PuTTY, libssh2",
    ("hmac-sha2-256", "using encrypt-and-MAC mode"): "libssh2 before 1.11 (curl of Debian 12) knows no other",
}


def audit(gateway: Gateway, *options: str) -> Any:
    """What ssh-audit says, as it says it to programs. Its test of the rate would count against us all."""
    command = [sys.executable, "-m", "ssh_audit", "-j", "--skip-rate-test", *options]
    done = subprocess.run(
        [*command, "-p", str(gateway.port), "127.0.0.1"], capture_output=True, check=False, timeout=60
    )
    return json.loads(done.stdout)


def told(found: Any, rating: str) -> set[tuple[str, str]]:
    """Each algorithm with each thing of this rating that is said of it."""
    lists = [entry for kind in ("kex", "key", "enc", "mac") for entry in found[kind]]
    return {(entry["algorithm"], said) for entry in lists for said in entry["notes"].get(rating, ())}


def test_the_gateway_is_as_the_policy_says(gateway: Gateway) -> None:
    found = audit(gateway, "--policy", str(POLICY))
    assert (found["passed"], found["errors"]) == (True, [])


def test_nothing_fails_the_general_audit_and_each_warning_has_its_reason(gateway: Gateway) -> None:
    found = audit(gateway)
    assert told(found, "fail") == set()
    assert told(found, "warn") == ACCEPTED.keys()
    assert found["cves"] == []
    assert found["additional_notes"] == []


def test_nists_curves_are_offered_only_where_the_operator_says_so(
    start_gateway: Callable[..., Gateway],
) -> None:
    gateway = start_gateway(settings={"sftp_nist_curves": True})
    found, held = audit(gateway), audit(gateway, "--policy", str(POLICY))
    assert {name for name, _ in told(found, "fail")} == {f"ecdh-sha2-nistp{bits}" for bits in (256, 384, 521)}
    assert found["kex"][0]["algorithm"] == "mlkem768x25519-sha256"
    assert [error["mismatched_field"] for error in held["errors"]] == ["Key exchanges"]
