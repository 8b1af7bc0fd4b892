"""The routes of the agency's side of messages, and of what an organization settles about its own.

They stand before those of single threads, whose ids would else be taken for these words.
"""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import message_desk, message_load, message_settings, message_templates

SEND, MANAGE = Permission.MESSAGE_SEND, Permission.MESSAGE_MANAGE
OWN = Permission.ORGANIZATION_MANAGE
OFFICES, TEMPLATES = "/messages/offices", "/messages/templates"
RECEIVERS, THREAD = "/messages/receivers", "/messages/{id}"

ROUTES: list[BaseRoute] = [
    guarded("/messages/load", message_load.load_page, ["GET"], needs=MANAGE),
    guarded("/messages/load/{figure}.csv", message_load.load_csv, ["GET"], needs=MANAGE),
    guarded(OFFICES, message_settings.office_list, ["GET"], needs=MANAGE),
    guarded(OFFICES, message_settings.make_office, ["POST"], needs=OWN),
    guarded(f"{OFFICES}/routes", message_settings.route_topics, ["POST"], needs=OWN),
    guarded(f"{OFFICES}/{{id}}", message_settings.office_page, ["GET"], needs=OWN),
    guarded(f"{OFFICES}/{{id}}", message_settings.rename_office, ["POST"], needs=OWN),
    guarded(f"{OFFICES}/{{id}}/close", message_settings.close_office, ["POST"], needs=OWN),
    guarded(RECEIVERS, message_settings.receiver_list, ["GET"], needs=OWN),
    guarded(f"{RECEIVERS}/{{topic}}", message_settings.receivers_page, ["GET"], needs=OWN),
    guarded(f"{RECEIVERS}/{{topic}}", message_settings.choose_receivers, ["POST"], needs=OWN),
    guarded(TEMPLATES, message_templates.template_list, ["GET"], needs=SEND),
    guarded(f"{TEMPLATES}/new", message_templates.new_template_page, ["GET"], needs=SEND),
    guarded(f"{TEMPLATES}/new", message_templates.make_template, ["POST"], needs=SEND),
    guarded(f"{TEMPLATES}/{{id}}", message_templates.template_page, ["GET"], needs=SEND),
    guarded(f"{TEMPLATES}/{{id}}", message_templates.change_template, ["POST"], needs=SEND),
    guarded(f"{TEMPLATES}/{{id}}/remove", message_templates.remove_template, ["POST"], needs=SEND),
    guarded(f"{THREAD}/assign", message_desk.assign, ["POST"], needs=MANAGE),
    guarded(f"{THREAD}/take", message_desk.take, ["POST"], needs=MANAGE),
    guarded(f"{THREAD}/due", message_desk.set_due, ["POST"], needs=MANAGE),
    guarded(f"{THREAD}/office", message_desk.move, ["POST"], needs=MANAGE),
    guarded(f"{THREAD}/note", message_desk.write_note, ["POST"], needs=MANAGE),
]
