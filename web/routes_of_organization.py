"""The routes of people who look after themselves and their organization; grave acts need a fresh proof."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import SIGNED_IN, guarded
from web.handlers import admission, credentials, organization, people, staff

PEOPLE, ORGANIZATION = Permission.ACCOUNT_MANAGE, Permission.ORGANIZATION_MANAGE
CONSOLE, OVERSEE = Permission.ORGANIZATION_OVERSEE, Permission.ACCOUNT_OVERSEE
RESETS, LOOKED = "/organization/decisions", "/staff/organizations/{id}"
NEW = "/staff/organizations/new"
VERIFY = Permission.REGISTRATION_VERIFY
DETAIL, SUBSIDIARIES = "/organization/details/{detail}/{purpose}", "/organization/subsidiaries"

ROUTES: list[BaseRoute] = [
    guarded("/account/keys", credentials.keys_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/keys", credentials.add_key, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/keys/{id}/revoke", credentials.revoke_key, ["POST"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.tokens_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.issue_token, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/tokens/{id}/revoke", credentials.revoke_token, ["POST"], needs=SIGNED_IN),
    guarded("/organization", organization.organization_page, ["GET"], needs=SIGNED_IN),
    guarded("/organization/confirm", organization.confirm, ["POST"], needs=ORGANIZATION),
    guarded(
        "/organization/details/{detail}/{purpose}", organization.detail_page, ["GET"], needs=ORGANIZATION
    ),
    guarded(
        "/organization/details/{detail}/{purpose}", organization.save_detail, ["POST"], needs=ORGANIZATION
    ),
    guarded(SUBSIDIARIES, organization.add_subsidiary, ["POST"], needs=ORGANIZATION),
    guarded(
        "/organization/subsidiaries/{id}/remove", organization.remove_subsidiary, ["POST"], needs=ORGANIZATION
    ),
    guarded("/organization/networks", organization.networks_page, ["GET"], needs=ORGANIZATION, fresh=True),
    guarded("/organization/networks", organization.save_networks, ["POST"], needs=ORGANIZATION, fresh=True),
    guarded("/organization/clients", organization.clients_page, ["GET"], needs=ORGANIZATION),
    guarded("/organization/clients", organization.ask_client, ["POST"], needs=ORGANIZATION),
    guarded("/organization/clients/{id}/{answer}", organization.answer_client, ["POST"], needs=ORGANIZATION),
    guarded(RESETS, staff.decisions_page, ["GET"], needs=PEOPLE),
    guarded(RESETS, staff.ask_decision, ["POST"], needs=PEOPLE, fresh=True),
    guarded(f"{RESETS}/{{id}}/{{answer}}", staff.answer_decision, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/staff/organizations", staff.organizations_page, ["GET", "POST"], needs=CONSOLE),
    guarded(NEW, admission.kinds_page, ["GET"], needs=VERIFY),
    guarded(f"{NEW}/{{kind}}", admission.new_page, ["GET"], needs=VERIFY, fresh=True),
    guarded(f"{NEW}/{{kind}}", admission.make, ["POST"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/administrator", admission.administrator_page, ["GET"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/administrator", admission.invite_administrator, ["POST"], needs=VERIFY, fresh=True),
    guarded(f"{LOOKED}/code", admission.send_code, ["POST"], needs=VERIFY, fresh=True),
    guarded(LOOKED, staff.staff_organization, ["GET"], needs=CONSOLE),
    guarded(f"{LOOKED}/unmask", staff.unmask, ["POST"], needs=CONSOLE, fresh=True),
    guarded(f"{LOOKED}/{{act}}", staff.change_organization, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/staff/subsidiaries/{id}/verify", staff.verify_subsidiary, ["POST"], needs=VERIFY),
    guarded("/staff/accounts", staff.accounts_page, ["GET"], needs=OVERSEE),
    guarded("/staff/decisions", staff.decisions_page, ["GET"], needs=OVERSEE),
    guarded("/staff/decisions", staff.ask_decision, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/staff/decisions/{id}/{answer}", staff.answer_decision, ["POST"], needs=OVERSEE, fresh=True),
    guarded("/organization/people", people.people_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/invite", people.invite_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/invite", people.invite, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}", people.person_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/{id}/correct", people.correct_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/correct", people.correct, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/{act}", people.act_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/{act}", people.act_on_person, ["POST"], needs=PEOPLE, fresh=True),
]
