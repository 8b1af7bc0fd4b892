"""Every route of the web door, as data. What is not here does not exist."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web import routes_of_multistate, routes_of_organization, routes_of_staff
from web.assets import asset
from web.door import SIGNED_IN, by_token, guarded, public
from web.handlers import (
    account,
    activation,
    api,
    employers,
    files,
    forgot,
    home,
    incidents,
    landing,
    layouts,
    operations,
    passkeys,
    programs,
    proving,
    registration,
    reports,
    security,
    sign_in,
    sign_on,
    upload,
)

READ = Permission.TRANSFER_READ

PAGES: list[BaseRoute] = [
    public("/", landing.landing, ["GET"]),
    public("/who-may-do-what", landing.permissions_page, ["GET"]),
    public("/roles/{role}", landing.role_page, ["GET"]),
    public("/for-the-public", landing.for_the_public, ["GET"]),
    public("/register/return", registration.return_page, ["GET"]),
    public("/register/return", registration.return_send, ["POST"]),
    public("/register/status", registration.status_page, ["GET"]),
    public("/register/leave", registration.leave, ["POST"]),
    public("/register/{role}", registration.register_page, ["GET"]),
    public("/register/{role}/{step}", registration.step_page, ["GET"]),
    public("/register/{role}/{step}", registration.step_send, ["POST"]),
    public("/sign-in", sign_in.sign_in_page, ["GET"]),
    public("/sign-in", sign_in.sign_in_password, ["POST"]),
    public("/sign-on", sign_on.sign_on_page, ["GET"]),
    public("/sign-on/return", sign_on.sign_on_return, ["GET"]),
    public("/sign-on/{jurisdiction}", sign_on.sign_on_begin, ["GET"]),
    public("/sign-out", sign_in.sign_out, ["POST"]),
    public("/activate", activation.activate_page, ["GET"]),
    public("/activate", activation.activate, ["POST"]),
    public("/activate/password", activation.activate_password_page, ["GET"]),
    public("/activate/password", activation.activate_password, ["POST"]),
    public("/activate/second-factor", activation.activate_factor_page, ["GET"]),
    public("/activate/second-factor", activation.activate_factor, ["POST"]),
    public("/forgot", forgot.forgot_page, ["GET"]),
    public("/forgot/username", forgot.forgot_username, ["POST"]),
    public("/forgot/password", forgot.forgot_password, ["POST"]),
    public("/forgot/password/reset", forgot.reset_page, ["GET"]),
    public("/forgot/password/reset", forgot.reset, ["POST"]),
    public("/passkey/options", passkeys.request_options, ["GET"]),
    public("/sign-in/passkey", passkeys.sign_in_by_passkey, ["POST"]),
    public("/static/{version}/{name:path}", asset, ["GET"]),
    guarded("/session", sign_in.keep_session, ["POST"], needs=SIGNED_IN),
    guarded("/prove", proving.prove_page, ["GET"], needs=SIGNED_IN),
    guarded("/prove", proving.prove, ["POST"], needs=SIGNED_IN),
    guarded("/account", account.account_page, ["GET"], needs=SIGNED_IN),
    guarded("/account", account.ask_address, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/address", account.address_page, ["GET"], needs=SIGNED_IN, fresh=True),
    guarded("/account/address", account.confirm_address, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/rules", account.rules_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/rules", account.accept_rules, ["POST"], needs=SIGNED_IN),
    guarded("/account/confirm", account.confirm_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/confirm", account.confirm, ["POST"], needs=SIGNED_IN),
    guarded("/account/history", account.history_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/inactivate", account.inactivate_page, ["GET"], needs=SIGNED_IN, fresh=True),
    guarded("/account/inactivate", account.inactivate, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/security", security.security_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/security/app", security.new_app_page, ["GET"], needs=SIGNED_IN, fresh=True),
    guarded("/account/security/app", security.take_app, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/security/app/remove", security.remove_app, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/security/passkeys", passkeys.add_passkey, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded(
        "/account/security/passkeys/new", passkeys.new_passkey_page, ["GET"], needs=SIGNED_IN, fresh=True
    ),
    guarded(
        "/account/security/passkeys/options", passkeys.creation_options, ["GET"], needs=SIGNED_IN, fresh=True
    ),
    guarded(
        "/account/security/passkeys/{id}/remove",
        passkeys.remove_passkey,
        ["POST"],
        needs=SIGNED_IN,
        fresh=True,
    ),
    guarded("/account/security/password", security.password_page, ["GET"], needs=SIGNED_IN, fresh=True),
    guarded("/account/security/password", security.change_password, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded(
        "/account/security/recovery-codes",
        security.renew_recovery_codes,
        ["POST"],
        needs=SIGNED_IN,
        fresh=True,
    ),
    guarded("/account/resets/{id}/stop", account.stop_reset, ["POST"], needs=SIGNED_IN),
    guarded("/account/sessions", account.sessions_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/sessions", account.revoke_session, ["POST"], needs=SIGNED_IN),
    guarded("/home", home.home, ["GET"], needs=SIGNED_IN),
    *routes_of_organization.ROUTES,
    *routes_of_staff.ROUTES,
    *routes_of_multistate.ROUTES,
    guarded("/employers", employers.search_page, ["GET"], needs=Permission.EMPLOYER_SEARCH),
    guarded("/employers", employers.search, ["POST"], needs=Permission.EMPLOYER_SEARCH),
    guarded("/employers/{id}", employers.employer_page, ["GET"], needs=Permission.EMPLOYER_SEARCH),
    guarded("/files", files.file_list, ["GET"], needs=READ),
    guarded("/files/send", upload.send_page, ["GET"], needs=READ),
    guarded("/files/send", upload.send_form, ["POST"], needs=READ),
    guarded("/files/raw", upload.send_raw, ["POST"], needs=READ),
    guarded("/files/drafts", files.draft_list, ["GET"], needs=READ),
    guarded("/files/{id}", files.file_page, ["GET"], needs=READ),
    guarded("/files/{id}/progress", files.file_progress, ["GET"], needs=READ),
    guarded("/files/{id}/content", files.file_content, ["GET"], needs=READ),
    guarded("/files/{id}/content", upload.send_rest, ["PUT"], needs=READ),
    guarded("/files/{id}/receipt", files.file_receipt, ["GET"], needs=READ),
    guarded("/files/{id}/discard", upload.discard, ["POST"], needs=READ),
    guarded("/incidents", incidents.incident_list, ["GET"], needs=Permission.INCIDENT_REPORT),
    guarded("/incidents/report", incidents.incident_form, ["GET"], needs=Permission.INCIDENT_REPORT),
    guarded("/incidents/report", incidents.incident_send, ["POST"], needs=Permission.INCIDENT_REPORT),
    guarded("/incidents/{id}", incidents.incident_page, ["GET"], needs=Permission.INCIDENT_REPORT),
    guarded("/incidents/{id}/take", incidents.incident_take, ["POST"], needs=Permission.INCIDENT_READ),
    guarded("/incidents/{id}/close", incidents.incident_close, ["POST"], needs=Permission.INCIDENT_READ),
    guarded("/layouts", layouts.layout_list, ["GET"], needs=READ),
    guarded("/layouts/{layout}", layouts.layout_page, ["GET"], needs=READ),
    guarded("/layouts/{layout}/check", layouts.layout_check, ["POST"], needs=READ),
    guarded("/layouts/{layout}/sample.{ending}", layouts.layout_sample, ["GET"], needs=READ),
    guarded("/programs/{program}", programs.program_page, ["GET"], needs=READ),
    guarded("/programs/{program}/report", reports.report_page, ["GET"], needs=READ),
    guarded("/programs/{program}/report", reports.report_send, ["POST"], needs=READ),
    guarded("/programs/{program}/answers/{id}", reports.answer_page, ["GET"], needs=READ),
    guarded("/programs/{program}/template.{ending}", programs.program_template, ["GET"], needs=READ),
]
DEMONSTRATION: list[BaseRoute] = [
    public("/demonstration/letters", landing.demonstration_letters, ["GET"]),
    public("/sign-in/demonstration", sign_in.sign_in_demonstration, ["POST"]),
]
API: list[BaseRoute] = [
    public("/api/v1/openapi.json", api.describe, ["GET"]),
    *(
        guarded(call.path, call.handler, [call.method], needs=call.needs, proof=by_token)
        for call in api.OPERATIONS
    ),
]
HEALTH: list[BaseRoute] = [
    public("/healthz", operations.healthz, ["GET"]),
    public("/readyz", operations.readyz, ["GET"]),
]
OPERATIONS: list[BaseRoute] = [*HEALTH, public("/metrics", operations.metrics, ["GET"])]
