"""The texts that an organization uses again."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.messages import templates
from exchange.messages.fields import LONGEST_BODY
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import MESSAGES

_TEMPLATES = "/messages/templates"
_MOST_BYTES = 16 * LONGEST_BODY


async def template_list(request: Request) -> Response:
    """The templates of one's own organization."""
    actor = actor_of(request)
    found = await in_thread(request, templates.templates, exchange_of(request), actor)
    values = {"title": "Templates", "found": found, "may_change": templates.may_manage(actor)}
    return form_page(request, "message_templates.html", values, entries=MESSAGES)


async def new_template_page(request: Request) -> Response:
    """The form of a new one."""
    return await _form(request, {}, {})


async def make_template(request: Request) -> Response:
    """Make a template, or the form again."""
    return await _save(request, None)


async def template_page(request: Request) -> Response:
    """The form of one that is there."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    found = await in_thread(request, templates.template, *given)
    kept = {
        "title": found.title,
        "topic": found.topic.slug if found.topic else "",
        "subject": found.subject,
        "body": found.body,
    }
    return await _form(request, kept, {}, found.id)


async def change_template(request: Request) -> Response:
    """Change a template, or the form again."""
    return await _save(request, record_id_of(request))


async def remove_template(request: Request) -> Response:
    """Throw a template away."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    await in_thread(request, templates.remove, *given)
    return RedirectResponse(f"{_TEMPLATES}?done=removed", 303)


async def _save(request: Request, template_id: UUID | None) -> Response:
    fields = await fields_of(request, _MOST_BYTES)
    given = (exchange_of(request), actor_of(request), fields, template_id)
    if problems := await problems_of(request, templates.save, *given):
        return await _form(request, fields, problems, template_id)
    return RedirectResponse(f"{_TEMPLATES}?done={'changed' if template_id else 'added'}", 303)


async def _form(
    request: Request,
    fields: Mapping[str, str],
    problems: Mapping[str, str],
    template_id: UUID | None = None,
) -> Response:
    actor = actor_of(request)
    values = {
        "title": "A template" if template_id else "New template",
        "template_id": template_id,
        "topics": [("", "Any topic")] + [(one.slug, one.title) for one in templates.topics(actor)],
        "may_change": templates.may_manage(actor),
    }
    return form_page(request, "message_template.html", values, fields, problems)
