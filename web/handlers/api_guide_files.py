"""Files of the reference guide by the API: the whole of it, and texts of laws."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from exchange.guide import bulk, texts
from exchange.guide.bulk import Download, Form
from web.door import exchange_of, in_thread, record_id_of, visitor_of
from web.guide_answers import asked_by, by_edition, headers_of, is_known
from web.sending import content_response, disposition

_PIECE = 64 * 1024


async def read_text(request: Request) -> Response:
    """A law's text that is attached to an answer, or one range of it."""
    given = (exchange_of(request), visitor_of(request), record_id_of(request))
    opened = await in_thread(request, texts.content, *given)
    tag = f'"{opened.view.sha256}"'
    if is_known(request, tag):
        await in_thread(request, opened.close)
        return Response(status_code=304, headers={"ETag": tag})
    return content_response(request, opened)


async def download_guide(request: Request) -> Response:
    """The whole guide as a file."""

    def made() -> tuple[dict[str, str], Download | None]:
        asked = asked_by(request)
        form = asked.choice("format", Form) or Form.JSON
        headers = headers_of(asked, by_edition(asked))
        known = is_known(request, headers["ETag"])
        return headers, None if known else bulk.download(asked.edition, form)

    headers, file = await in_thread(request, made)
    return _file_sent(request, headers, file) if file else Response(status_code=304, headers=headers)


def _file_sent(request: Request, headers: dict[str, str], file: Download) -> Response:
    """In pieces, so that whoever reads slowly holds no copy of it; packed for whoever unpacks."""
    packed = file.packed if "gzip" in request.headers.get("accept-encoding", "") else None
    content = memoryview(packed or file.content)
    told_of = {"Content-Disposition": disposition(file.name), "Content-Length": str(len(content))}
    if packed:
        told_of["Content-Encoding"] = "gzip"
    sent = content[:0] if request.method == "HEAD" else content
    pieces = (bytes(sent[start : start + _PIECE]) for start in range(0, len(sent), _PIECE))

    async def each() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return StreamingResponse(each(), headers=headers | told_of, media_type=file.media_type)
