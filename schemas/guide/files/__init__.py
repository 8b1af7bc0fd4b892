"""A whole guide as files, both ways: JSON, CSV tables in a ZIP, and address records.

JSON and CSV lose nothing: what is read from them and written again is the same bytes. Whatever is wrong with
a file is told with its place (`GuideFileError`), and then nothing of it counts. A database is not known here.
"""

from schemas.guide.files.addresses import from_addresses, to_addresses
from schemas.guide.files.document import from_json, to_json
from schemas.guide.files.faults import Fault, GuideFileError
from schemas.guide.files.spreadsheet import from_csv, to_csv

__all__ = [
    "Fault",
    "GuideFileError",
    "from_addresses",
    "from_csv",
    "from_json",
    "to_addresses",
    "to_csv",
    "to_json",
]
