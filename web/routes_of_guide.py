"""The routes by which everybody reads the reference guide; whoever is signed in may read more of it."""

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute

from web.door import open_to_all
from web.handlers import guide, guide_files, guide_tables


class LocatorConvertor(Convertor[str]):
    """A locator code in a path, so that no word is taken for one."""

    regex = "[0-9][0-9A-Za-z]{3,6}"

    def convert(self, value: str) -> str:
        """As it stands there."""
        return value

    def to_string(self, value: str) -> str:
        """As it is written."""
        return value


register_url_convertor("locator", LocatorConvertor())

ROUTES: list[BaseRoute] = [
    open_to_all("/guide", guide.guide_home, ["GET"]),
    open_to_all("/guide/search", guide.search_page, ["GET"]),
    open_to_all("/guide/compare", guide_tables.compare_page, ["GET"]),
    open_to_all("/guide/compare.csv", guide_files.compare_csv, ["GET"]),
    open_to_all("/guide/topics", guide_tables.topics_page, ["GET"]),
    open_to_all("/guide/topics/{slug}.csv", guide_files.topic_csv, ["GET"]),
    open_to_all("/guide/topics/{slug}", guide_tables.topic_page, ["GET"]),
    open_to_all("/guide/contacts/{type}.csv", guide_files.contacts_csv, ["GET"]),
    open_to_all("/guide/contacts/{type}", guide_tables.contacts_page, ["GET"]),
    open_to_all("/guide/map", guide_tables.map_page, ["GET"]),
    open_to_all("/guide/changes", guide_tables.changes_page, ["GET"]),
    open_to_all("/guide/{code:locator}.csv", guide_files.part_csv, ["GET"]),
    open_to_all("/guide/{code:locator}.pdf", guide_files.part_pdf, ["GET"]),
    open_to_all("/guide/{code:locator}", guide.part_page, ["GET"]),
    open_to_all("/guide/{code:locator}/history/{sort}/{slug}", guide.history_page, ["GET"]),
]
