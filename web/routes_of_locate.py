"""The routes of locate for those who ask: searching, asking, results, and who may."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import locate, locate_acts, locate_matches, locate_search

QUERY = Permission.LOCATE_QUERY
ONE = "/locate/requests/{id}"
MATCH = "/locate/matches/{id}"

ROUTES: list[BaseRoute] = [
    guarded("/locate", locate.desk_page, ["GET"], needs=QUERY),
    guarded("/locate/new", locate.new_page, ["GET"], needs=QUERY),
    guarded("/locate/new", locate.ask, ["POST"], needs=QUERY),
    guarded("/locate/search", locate_search.search, ["POST"], needs=QUERY),
    guarded("/locate/person", locate_search.person, ["POST"], needs=QUERY),
    guarded(ONE, locate.request_page, ["GET"], needs=QUERY),
    guarded(f"{ONE}/state", locate.request_state, ["GET"], needs=QUERY),
    guarded(f"{ONE}/results", locate.request_results, ["GET"], needs=QUERY),
    guarded(f"{ONE}/mark", locate_acts.mark, ["POST"], needs=QUERY),
    guarded(f"{ONE}/answer", locate_acts.answer, ["POST"], needs=QUERY),
    guarded(f"{ONE}/withdraw", locate_acts.withdraw, ["POST"], needs=QUERY),
    guarded(f"{ONE}/print", locate_acts.print_page, ["POST"], needs=QUERY),
    guarded(f"{ONE}/export", locate_acts.export, ["POST"], needs=QUERY),
    guarded(f"{ONE}/unmask", locate_acts.unmask, ["POST"], needs=QUERY, fresh=True),
    guarded("/locate/matches", locate_matches.match_list, ["GET"], needs=QUERY),
    guarded(MATCH, locate_matches.match_page, ["GET"], needs=QUERY),
    guarded(f"{MATCH}/take", locate_matches.take_up, ["POST"], needs=QUERY),
    guarded(f"{MATCH}/aside", locate_matches.set_aside, ["POST"], needs=QUERY),
]
