"""How the demonstration's state agency works in its shared inbox: offices, a template, a thread in hand."""

from deploy.demo.history import acting
from exchange.messages import desk, notes, offices, templates
from exchange.messages.inbox import Box, InboxQuery, threads
from exchange.runtime import Exchange
from roles.policy import Channel

USERNAME = "kai.sunflower"
OFFICES = {
    "Intergovernmental": ("case",),
    "Employer services": ("withholding", "employment", "lump-sum", "medical", "new-hire"),
}
"""Which topics go to which office of Kansas."""
_TEMPLATE = {
    "title": "Where payments go",
    "topic": "payment",
    "subject": "Where payments go",
    "body": "Good morning,\n\npayments go to the state disbursement unit, with the identifier that stands on "
    "the order. No payment can be made in this portal.\n\nKansas Child Support Services",
}
_NOTE = "The disbursement unit looks it up; they promised an answer by tomorrow."


def open_offices(exchange: Exchange) -> None:
    """Make the offices before anybody writes, and send topics to them."""
    actor = acting(exchange, USERNAME, Channel.WEB)
    made = {name: str(offices.make(exchange, actor, name)) for name in OFFICES}
    routes = {topic: made[name] for name, topics in OFFICES.items() for topic in topics}
    offices.route(exchange, actor, routes)
    templates.save(exchange, actor, _TEMPLATE)


def work(exchange: Exchange) -> None:
    """Take the newest conversation that waits for an answer, and leave a note beside it."""
    actor = acting(exchange, USERNAME, Channel.WEB)
    for line in threads(exchange, actor, InboxQuery(box=Box.WAITING.value, limit=1)).items:
        desk.take(exchange, actor, line.id)
        notes.add(exchange, actor, line.id, _NOTE)
