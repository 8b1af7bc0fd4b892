"""The whole guide to take away: made once of an edition for each kind of reader, kept while it counts."""

import gzip
from dataclasses import dataclass
from enum import StrEnum

from exchange.guide.memory import Edition
from schemas.guide.files import to_addresses, to_csv, to_json


class Form(StrEnum):
    """What the guide is written as: whole and to be read back, or its contacts as address records (9.6)."""

    JSON = "json"
    CSV = "csv"
    ADDRESSES = "addresses"


@dataclass(frozen=True)
class Download:
    """A file; `packed`: the same by gzip, None where that gains nothing."""

    content: bytes
    packed: bytes | None
    media_type: str
    name: str


def download(edition: Edition, form: Form) -> Download:
    """The file of an edition that was narrowed to its reader: what is in it may be read."""
    made: Download = edition.kept.get(form, lambda: _MAKING[form](edition))
    return made


def _json(edition: Edition) -> Download:
    return _text(to_json(edition.guide), "application/json", f"guide-{edition.number}.json")


def _csv(edition: Edition) -> Download:
    return Download(to_csv(edition.guide), None, "application/zip", f"guide-{edition.number}.zip")


def _addresses(edition: Edition) -> Download:
    """Records of the day of the edition, so that the same edition is the same file."""
    content = to_addresses(edition.guide, edition.at.date())
    return _text(content, "text/plain; charset=us-ascii", f"guide-{edition.number}-addresses.txt")


def _text(content: bytes, media_type: str, name: str) -> Download:
    return Download(content, gzip.compress(content, mtime=0), media_type, name)


_MAKING = {Form.JSON: _json, Form.CSV: _csv, Form.ADDRESSES: _addresses}
