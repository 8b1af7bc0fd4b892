"""The routes of reviewing and auditing locate: of managers, and of OCSS."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import locate_review

QUERY, AUDIT = Permission.LOCATE_QUERY, Permission.LOCATE_AUDIT

ROUTES: list[BaseRoute] = [
    guarded("/locate/review", locate_review.review_page, ["GET"], needs=QUERY),
    guarded("/locate/review/{id}", locate_review.one_page, ["GET"], needs=QUERY),
    guarded("/locate/review/{id}", locate_review.sign, ["POST"], needs=QUERY),
    guarded("/locate/alarms", locate_review.alarm_list, ["GET"], needs=QUERY),
    guarded("/locate/alarms/{id}", locate_review.settle, ["POST"], needs=QUERY),
    guarded("/staff/locate", locate_review.audit_page, ["GET"], needs=AUDIT),
    guarded("/staff/locate", locate_review.audit_search, ["POST"], needs=AUDIT),
    guarded("/staff/locate/alarms", locate_review.staff_alarm_list, ["GET"], needs=AUDIT),
    guarded("/staff/locate/alarms/{id}", locate_review.staff_settle, ["POST"], needs=AUDIT),
]
