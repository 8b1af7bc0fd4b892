"""Copying columns from what came in to what goes out: by the names that two records share."""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from schemas.columns import build
from schemas.kinds import Cells
from schemas.record import Record

_FIRST_PRINTABLE, _LAST_PRINTABLE, _QUESTION_MARK = ord(" "), ord("~"), ord("?")


def echo(
    target: Record,
    record: Record,
    source: Cells,
    more: Mapping[str, npt.ArrayLike | bytes],
    *,
    ended: bool = False,
) -> Cells:
    """New records with every column that `source` has under the same name, and the columns of `more`.

    `source` is of kind `record`. A longer column of it is cut; a byte that is not printable ASCII becomes a
    question mark. `ended`: with a line feed after each, as in `build`.
    """
    cells = build(target, len(source), more, ended=ended)
    if len(source) and (source.min() < _FIRST_PRINTABLE or source.max() > _LAST_PRINTABLE):
        strange = (source < _FIRST_PRINTABLE) | (source > _LAST_PRINTABLE)
        source = np.where(strange, np.uint8(_QUESTION_MARK), source)
    for to, origin, width in _spans(target, record, more.keys()):
        cells[:, to : to + width] = source[:, origin : origin + width]
    return cells


def _spans(target: Record, source: Record, but: Collection[str]) -> list[tuple[int, int, int]]:
    """What is copied: from where it goes and stands, and how wide it is; neighbours are one."""
    spans: list[tuple[int, int, int]] = []
    but = {*but, target.fields[0].name, source.fields[0].name}
    for to in target.fields:
        if to.name not in source.by_name or to.name in but:
            continue
        origin = source[to.name]
        place = (to.first - 1, origin.first - 1, min(to.width, origin.width))
        before = spans[-1] if spans else (0, 0, 0)
        if place[:2] == (before[0] + before[2], before[1] + before[2]):
            spans[-1] = (*before[:2], before[2] + place[2])
        else:
            spans.append(place)
    return spans
