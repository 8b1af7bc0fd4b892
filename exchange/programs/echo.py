"""Copying columns from what came in to what goes out: by the names that two records share."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from schemas.columns import RecordBlock, build
from schemas.kinds import Cells
from schemas.record import Record

Places = npt.NDArray[np.int64]

_FIRST_PRINTABLE, _LAST_PRINTABLE, _QUESTION_MARK = ord(" "), ord("~"), ord("?")


def echo(
    target: Record, rows: RecordBlock, places: Places, more: Mapping[str, npt.ArrayLike | bytes]
) -> Cells:
    """New records with every column that `rows` has under the same name, and the columns of `more`.

    A longer column of the source is cut; a byte that is not printable ASCII becomes a question mark.
    """
    cells = build(target, len(places), more)
    source = rows.cells[places]
    source = np.where(
        (source < _FIRST_PRINTABLE) | (source > _LAST_PRINTABLE), np.uint8(_QUESTION_MARK), source
    )
    marks = {target.fields[0].name, rows.record.fields[0].name}
    for name in target.by_name.keys() & rows.record.by_name.keys() - marks - more.keys():
        to, origin = target[name], rows.record[name]
        width = min(to.width, origin.width)
        cells[:, to.first - 1 : to.first - 1 + width] = source[:, origin.first - 1 : origin.first - 1 + width]
    return cells
