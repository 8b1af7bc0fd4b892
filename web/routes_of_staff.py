"""The routes of OCSS staff: registrations, organizations, accounts; grave acts need a fresh proof."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import admission, connections, locate_standing, staff, verification, volumes

CONSOLE, OVERSEE = Permission.ORGANIZATION_OVERSEE, Permission.ACCOUNT_OVERSEE
VERIFY = Permission.REGISTRATION_VERIFY
CONNECTIONS = Permission.CONNECTION_OVERSEE
VOLUMES = Permission.VOLUME_OVERSEE
NEW, LOOKED = "/staff/organizations/new", "/staff/organizations/{id}"

ROUTES: list[BaseRoute] = [
    guarded("/staff/registrations", verification.queue, ["GET"], needs=VERIFY),
    guarded("/staff/registrations/{id}", verification.one, ["GET"], needs=VERIFY, fresh=True),
    guarded("/staff/registrations/{id}/{decision}", verification.decide, ["POST"], needs=VERIFY, fresh=True),
    guarded("/staff/clearances", verification.clearance_list, ["GET"], needs=VERIFY),
    guarded("/staff/clearances", verification.clearance_record, ["POST"], needs=VERIFY),
    guarded("/staff/clearances/{id}/withdraw", verification.clearance_withdraw, ["POST"], needs=VERIFY),
    guarded("/staff/organizations", staff.organizations_page, ["GET", "POST"], needs=CONSOLE),
    guarded(NEW, admission.kinds_page, ["GET"], needs=VERIFY),
    guarded(f"{NEW}/{{kind}}", admission.new_page, ["GET"], needs=VERIFY, fresh=True),
    guarded(f"{NEW}/{{kind}}", admission.make, ["POST"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/administrator", admission.administrator_page, ["GET"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/administrator", admission.invite_administrator, ["POST"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/code", admission.send_code, ["POST"], needs=VERIFY, fresh=True),
    guarded(LOOKED, staff.staff_organization, ["GET"], needs=CONSOLE),
    guarded(f"{LOOKED}/unmask", staff.unmask, ["POST"], needs=CONSOLE, fresh=True),
    guarded(f"{LOOKED}/bandwidth", connections.limit_bandwidth, ["POST"], needs=CONNECTIONS, fresh=True),
    guarded(f"{LOOKED}/agreement", locate_standing.record_agreement, ["POST"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/locate", locate_standing.clear_sole_page, ["GET"], needs=OVERSEE, fresh=True),
    guarded(f"{LOOKED}/locate", locate_standing.clear_sole, ["POST"], needs=OVERSEE, fresh=True),
    guarded(f"{LOOKED}/{{act}}", staff.change_organization, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/staff/subsidiaries/{id}/verify", staff.verify_subsidiary, ["POST"], needs=VERIFY),
    guarded("/staff/accounts", staff.accounts_page, ["GET"], needs=OVERSEE),
    guarded("/staff/decisions", staff.decisions_page, ["GET"], needs=OVERSEE),
    guarded("/staff/decisions", staff.ask_decision, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/staff/decisions/{id}/{answer}", staff.answer_decision, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/staff/volumes", volumes.volumes_page, ["GET"], needs=VOLUMES),
    guarded("/staff/volumes/{figure}.csv", volumes.volumes_csv, ["GET"], needs=VOLUMES),
    guarded("/staff/connections", connections.connections_page, ["GET"], needs=CONNECTIONS),
    guarded(
        "/staff/connections/{id}/end", connections.end_connection, ["POST"], needs=CONNECTIONS, fresh=True
    ),
]
