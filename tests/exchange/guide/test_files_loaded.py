"""A full guide imported, exported and imported again is the same, whatever the database and the file."""

from exchange.guide import editions, loading
from exchange.runtime import Exchange
from schemas.guide.files import from_csv, from_json, to_csv, to_json
from tests.support.whole_guide import whole_guide


def test_a_full_guide_that_went_through_files_and_tables_is_identical(each_exchange: Exchange) -> None:
    content = to_json(whole_guide())
    first = loading.load(each_exchange, from_json(content))
    exported = editions.published(each_exchange).guide
    assert to_json(exported) == content
    again = loading.load(each_exchange, from_csv(to_csv(exported)))
    assert (again.written, again.taken_out, again.same) == (0, 0, first.written)
    assert editions.published(each_exchange).number == 1
