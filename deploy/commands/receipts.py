"""`portal verify`: checks a receipt without asking anybody."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.console import Config, Home, say
from deploy.failure import FailedError

_PIECE = 1 << 20


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt, or an answer that holds one (JSON).")],
    file: Annotated[Path | None, typer.Argument(help="The file it was given for.")] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Public key (PEM); else the installation's own.", dir_okay=False),
    ] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Check a receipt offline: its signature, its place in the journal, and the file's size and digest."""
    claims = _claims(receipt, key or _own_key(config, home))
    _check_journal(claims)
    if file is not None:
        _check_file(claims, file)
    transfer = claims["transfer"]
    what = f"{transfer['filename']} ({claims['size']} bytes) as {transfer['program']}"
    say(f"genuine: {claims['organization']['name']} handed over {what}")
    say(f"at {claims['received_at']} by {claims['channel']}; journal event {claims['journal']['event'][0]}")
    say(
        "the file is the one handed over" if file else "the file itself was not given, so it was not compared"
    )


def _own_key(config: Path | None, home: Path | None) -> Path:
    from deploy.installation import source
    from exchange.transfers.receipts import public_key_path

    private = source(config, home).settings().receipt_key
    assert private is not None
    return public_key_path(private)


def _claims(receipt: Path, key: Path) -> dict[str, Any]:
    """The claims of a receipt that is signed with the key; `FailedError` for any other."""
    from exchange.transfers.receipts import ReceiptForgedError, check

    try:
        told = json.loads(receipt.read_bytes())
        signed = told.get("receipt", told)
        claims: dict[str, Any] = json.loads(check(signed, key.read_bytes()))
    except ReceiptForgedError:
        raise FailedError("not genuine: the signature does not belong to these words and this key") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FailedError(f"{receipt} is not a receipt") from None
    return claims


def _check_journal(claims: dict[str, Any]) -> None:
    """The event in the receipt has the digest that the journal's chain goes on from, and tells the same."""
    from exchange.journal import digest_of_fields

    event = claims["journal"]["event"]
    if digest_of_fields(event) != claims["journal"]["digest"]:
        raise FailedError("not genuine: its journal event does not have the digest it names")
    if claims["transfer"]["id"] not in event or not any(_tells(field, claims["sha256"]) for field in event):
        raise FailedError("not genuine: its journal event tells of another file")


def _tells(field: object, sha256: str) -> bool:
    """Whether this field of an event holds its facts, and those name the digest."""
    try:
        facts = json.loads(field) if isinstance(field, str) else field
    except ValueError:
        return False
    return isinstance(facts, dict) and facts.get("sha256") == sha256


def _check_file(claims: dict[str, Any], file: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    if size != claims["size"]:
        raise FailedError(f"another file: {claims['size']} bytes were handed over, {file} has {size}")
    if digest.hexdigest() != claims["sha256"]:
        raise FailedError(f"another file: the SHA-256 of {file} is not the one in the receipt")
