"""The routes of the multistate employer registry: of who registers, and of the agencies that look."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import multistate, multistate_registry

MANAGE, READ = Permission.MULTISTATE_MANAGE, Permission.MULTISTATE_READ
ONE = "/multistate/{id}"

ROUTES: list[BaseRoute] = [
    guarded("/multistate", multistate.desk_page, ["GET"], needs=MANAGE),
    guarded("/multistate/new", multistate.new_page, ["GET"], needs=MANAGE),
    guarded("/multistate/new", multistate.begin, ["POST"], needs=MANAGE),
    guarded(ONE, multistate.one_page, ["GET"], needs=MANAGE),
    guarded(f"{ONE}/form", multistate.form_of_one, ["GET"], needs=MANAGE),
    guarded(f"{ONE}/form", multistate.amend, ["POST"], needs=MANAGE),
    guarded(f"{ONE}/check", multistate.check_page, ["GET"], needs=MANAGE),
    guarded(f"{ONE}/check", multistate.hand_in, ["POST"], needs=MANAGE),
    guarded(f"{ONE}/cancel", multistate.cancel_page, ["GET"], needs=MANAGE),
    guarded(f"{ONE}/cancel", multistate.cancel, ["POST"], needs=MANAGE),
    guarded(f"{ONE}/discard", multistate.discard, ["POST"], needs=MANAGE),
    guarded("/multistate-registry", multistate_registry.registry_page, ["GET"], needs=READ),
    guarded("/multistate-registry", multistate_registry.search, ["POST"], needs=READ),
    guarded("/multistate-registry/{id}", multistate_registry.seen_page, ["GET"], needs=READ),
]
