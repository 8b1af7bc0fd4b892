"""The routes of people who look after keys, people and organization; grave acts need fresh proof."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import SIGNED_IN, guarded
from web.handlers import authorities, credentials, locate_standing, organization, people, staff, verification

PEOPLE, ORGANIZATION = Permission.ACCOUNT_MANAGE, Permission.ORGANIZATION_MANAGE
DETAIL = "/organization/details/{detail}/{purpose}"

ROUTES: list[BaseRoute] = [
    guarded("/account/keys", credentials.keys_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/keys", credentials.add_key, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/keys/{id}/revoke", credentials.revoke_key, ["POST"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.tokens_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.issue_token, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/tokens/{id}/revoke", credentials.revoke_token, ["POST"], needs=SIGNED_IN),
    guarded("/organization", organization.organization_page, ["GET"], needs=SIGNED_IN),
    guarded("/organization/confirm", organization.confirm, ["POST"], needs=ORGANIZATION),
    guarded("/organization/mail", organization.choose_mail, ["POST"], needs=ORGANIZATION),
    guarded(DETAIL, organization.detail_page, ["GET"], needs=ORGANIZATION),
    guarded(DETAIL, organization.save_detail, ["POST"], needs=ORGANIZATION),
    guarded("/organization/earlier", organization.earlier_page, ["GET"], needs=SIGNED_IN),
    guarded("/organization/subsidiaries", organization.add_subsidiary, ["POST"], needs=ORGANIZATION),
    guarded(
        "/organization/subsidiaries/{id}/remove", organization.remove_subsidiary, ["POST"], needs=ORGANIZATION
    ),
    guarded("/organization/networks", organization.networks_page, ["GET"], needs=ORGANIZATION, fresh=True),
    guarded("/organization/networks", organization.save_networks, ["POST"], needs=ORGANIZATION, fresh=True),
    guarded("/organization/authorities", authorities.authorities_page, ["GET"], needs=PEOPLE),
    guarded("/organization/authorities", authorities.add_authority, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/authorities/{id}", authorities.authority_page, ["GET"], needs=PEOPLE),
    guarded("/organization/authorities/{id}/revoke", authorities.take_back_authority, ["POST"], needs=PEOPLE),
    guarded(
        "/organization/authorities/{id}/revocations", authorities.revoke_certificates, ["POST"], needs=PEOPLE
    ),
    guarded("/organization/authorities/{id}/list", authorities.revoke_listed, ["POST"], needs=PEOPLE),
    guarded("/organization/clients", organization.clients_page, ["GET"], needs=ORGANIZATION),
    guarded("/organization/clients", organization.ask_client, ["POST"], needs=ORGANIZATION),
    guarded("/organization/clients/{id}/{answer}", organization.answer_client, ["POST"], needs=ORGANIZATION),
    guarded("/organization/decisions", staff.decisions_page, ["GET"], needs=PEOPLE),
    guarded("/organization/decisions", staff.ask_decision, ["POST"], needs=PEOPLE, fresh=True),
    guarded(
        "/organization/decisions/{id}/{answer}", staff.answer_decision, ["POST"], needs=PEOPLE, fresh=True
    ),
    guarded("/organization/people", people.people_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/invite", people.invite_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/invite", people.invite, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}", people.person_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/{id}/correct", people.correct_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/correct", people.correct, ["POST"], needs=PEOPLE, fresh=True),
    guarded(
        "/organization/people/{id}/locate", locate_standing.clear_page, ["GET"], needs=PEOPLE, fresh=True
    ),
    guarded("/organization/people/{id}/locate", locate_standing.clear, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/{act}", people.act_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/{act}", people.act_on_person, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/joins", verification.joins, ["GET"], needs=PEOPLE, fresh=True),
    guarded(
        "/organization/joins/{id}/{decision}", verification.decide_join, ["POST"], needs=PEOPLE, fresh=True
    ),
]
