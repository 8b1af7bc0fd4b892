"""The files under web/static, read once: named by a version in their address, so that browsers keep them.

A file is found by its name in a table, never by a path in the file system.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
_PACKABLE = (".css", ".js", ".svg", ".txt", ".md")
_YEAR = "public, max-age=31536000, immutable"
_TYPES = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".md": "text/plain; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, the same packed (or None where packing gains nothing), its media type."""

    content: bytes
    packed: bytes | None
    media_type: str


@dataclass(frozen=True)
class Assets:
    """Every file below a folder by its name, and a version made of all of them."""

    files: dict[str, Asset]
    version: str

    def address(self, name: str) -> str:
        """Where a page finds the file; raises `KeyError` for a file that is not there."""
        self.files[name]
        return f"/static/{self.version}/{name}"


@cache
def read_assets(folder: Path = STATIC) -> Assets:
    """All files of the folder, with their packed forms."""
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): _asset(path) for path in names}
    digest = hashlib.sha256(b"".join(name.encode() + asset.content for name, asset in files.items()))
    return Assets(files, digest.hexdigest()[:12])


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if path.suffix in _PACKABLE else None
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, packed, guessed)


async def asset(request: Request) -> Response:
    """One file of the pages; the version in the address is not checked, it only renews what browsers keep."""
    assets: Assets = request.app.state.assets
    found = assets.files.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding", "Content-Type": found.media_type}
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.content, headers=headers)
