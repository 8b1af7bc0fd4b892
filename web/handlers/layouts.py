"""Record layouts: which there are, and the page of each, made from the same table as the parser."""

import io
from dataclasses import dataclass

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exchange.transfers import trial
from roles.policy import sent_layouts
from roles.programs import Program, receivable
from schemas.catalog import LAYOUTS
from schemas.describe import RecordTable, tables
from schemas.example import SEED, Ruled, examples, ruled
from schemas.explain import code_tables, file_rules, mendings, record_rules
from schemas.record import Evidence, Form, Layout
from schemas.sample import SampleOrder, sample
from schemas.sample_cases import CASES
from schemas.sample_columns import DETAILS
from web.door import actor_of, exchange_of, in_thread
from web.multipart import FormReader
from web.receiving import file_of_form, read_to_file
from web.sending import disposition
from web.templating import page

SAMPLED = 5
"""Records of a sample file: enough to see the pattern."""
_TOO_LARGE = f"Choose a file of at most {trial.MOST_BYTES >> 20} MB; `portal validate` checks larger ones"
_SAMPLES = {"txt": Form.FIXED, "csv": Form.CSV, "xlsx": Form.XLSX}


@dataclass(frozen=True)
class RecordPart:
    """One record of the page: its table, its rules, its example whole and by field."""

    table: RecordTable
    rules: list[str]
    example: tuple[Ruled, ...]
    values: list[str]


async def layout_list(request: Request) -> Response:
    """Every layout that the actor's role sends or receives, by program."""
    actor = actor_of(request)
    shown = [(program, layouts, sent_layouts(actor, program)) for program, layouts in _programs(request)]
    return page(request, "layouts.html", {"title": "Record layouts", "programs": shown})


async def layout_page(request: Request) -> Response:
    """One layout: fields, positions, rules, an example, codes, findings, downloads."""
    program, layout = layout_of(request)
    return await _shown(request, program, layout, {})


async def layout_sample(request: Request) -> Response:
    """A small valid file about people who are made up; the same each time."""
    _, layout = layout_of(request)
    ending = request.path_params["ending"]
    if ending not in _endings(layout):
        raise HTTPException(404)
    made = await in_thread(request, _sample, layout, _SAMPLES[ending])
    named = disposition(f"{layout.slug}-sample.{ending}")
    return Response(made, 200, {"Content-Disposition": named}, "application/octet-stream")


async def layout_check(request: Request) -> Response:
    """Check a file of this layout: findings on its page, nothing handed over, nothing kept."""
    program, layout = layout_of(request)
    form, chunks = FormReader(request.headers.get("content-type")), request.stream()
    await read_to_file(form, chunks)
    exchange, actor = exchange_of(request), actor_of(request)
    if not form.filename:
        return await _shown(request, program, layout, {}, "Choose a file to check")
    tried = await in_thread(request, trial.begin, exchange, actor, layout.slug)
    try:
        async for piece in file_of_form(form, chunks):
            await in_thread(request, tried.write, piece)
        if tried.too_large:
            return await _shown(request, program, layout, {}, _TOO_LARGE)
        result = await in_thread(request, tried.result)
    finally:
        with anyio.CancelScope(shield=True):  # also when the client is gone
            await in_thread(request, tried.close)
    return await _shown(request, program, layout, {"result": result, "filename": form.filename})


async def _shown(
    request: Request, program: Program, layout: Layout, more: dict[str, object], problem: str = ""
) -> Response:
    values = await in_thread(request, page_values, program, layout)
    values |= {"own": trial.sends(actor_of(request), layout.slug), "limit": trial.MOST_BYTES}
    values |= {"result": None, "filename": ""} | more
    if problem:
        values["errors"] = [{"field": "file", "text": problem}]
    return page(request, "layout.html", values, 422 if problem else 200)


def layout_of(request: Request) -> tuple[Program, Layout]:
    """The layout in the path and its program, when the actor's role takes part in that; else 404."""
    slug = request.path_params["layout"]
    for program, layouts in _programs(request):
        for layout in layouts:
            if layout.slug == slug:
                return program, layout
    raise HTTPException(404)


def layouts_of(program: Program) -> list[Layout]:
    """What is sent to the program, and what the portal sends under it."""
    return [LAYOUTS[slug] for slug in (*program.layouts, *program.answers)]


def _programs(request: Request) -> list[tuple[Program, list[Layout]]]:
    mine = receivable(actor_of(request).role)
    return [(program, layouts_of(program)) for program in mine if program.layouts]


def page_values(program: Program, layout: Layout) -> dict[str, object]:
    """What the page of a layout shows."""
    parts = _parts(layout)
    marks = {line.evidence for part in parts for line in part.table.fields}
    return {
        "title": layout.title,
        "program": program,
        "layout": layout,
        "parts": parts,
        "rules": file_rules(layout),
        "codes": code_tables(layout),
        "mendings": mendings(layout),
        "evidence": [one.words for one in Evidence if one.value in marks],
        "samples": _endings(layout),
    }


def _parts(layout: Layout) -> list[RecordPart]:
    lines = examples(layout)
    return [
        RecordPart(
            table,
            record_rules(record),
            ruled(lines[record.name]),
            [lines[record.name][field.first - 1 : field.last].strip() for field in record.fields],
        )
        for record, table in zip(layout.records, tables(layout), strict=True)
    ]


def _endings(layout: Layout) -> tuple[str, ...]:
    if layout.slug not in {*DETAILS, *CASES}:
        return ()
    return tuple(_SAMPLES) if layout.twin else ("txt",)


def _sample(layout: Layout, form: Form) -> bytes:
    out = io.BytesIO()
    sample(layout, SampleOrder(records=SAMPLED, seed=SEED, form=form), out)
    return out.getvalue()
