"""The routes of people who look after themselves and their organization; grave acts need a fresh proof."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import SIGNED_IN, guarded
from web.handlers import credentials, people

PEOPLE, ORGANIZATION = Permission.ACCOUNT_MANAGE, Permission.ORGANIZATION_MANAGE

ROUTES: list[BaseRoute] = [
    guarded("/account/keys", credentials.keys_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/keys", credentials.add_key, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/keys/{id}/revoke", credentials.revoke_key, ["POST"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.tokens_page, ["GET"], needs=SIGNED_IN),
    guarded("/account/tokens", credentials.issue_token, ["POST"], needs=SIGNED_IN, fresh=True),
    guarded("/account/tokens/{id}/revoke", credentials.revoke_token, ["POST"], needs=SIGNED_IN),
    guarded("/organization/people", people.people_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/invite", people.invite_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/invite", people.invite, ["POST"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}", people.person_page, ["GET"], needs=PEOPLE),
    guarded("/organization/people/{id}/{act}", people.act_page, ["GET"], needs=PEOPLE, fresh=True),
    guarded("/organization/people/{id}/{act}", people.act_on_person, ["POST"], needs=PEOPLE, fresh=True),
]
