"""One employer of the demonstration reports all new hires to one state; another has begun to fill that in."""

from deploy.demo.history import acting
from exchange.multistate import registrations
from exchange.runtime import Exchange
from roles.policy import Channel

REGISTERS, BEGINS = "erin.payne", "cole.quayle"
SAID = {
    "designated": "KS",
    **{f"state-{state}": "yes" for state in ("CO", "KS", "MO", "NE")},
    "members": "001000033, Lindenhall Chairs, KS MO",
    "street": "400 Lindenhall Way",
    "city": "Topeka",
    "state": "KS",
    "zip": "66614",
}
BEGUN = {"state-MN": "yes", "state-WI": "yes", "designated": "MN"}


def register_multistate(exchange: Exchange) -> None:
    """Register the one from today on, and leave a draft of the other."""
    today = exchange.clock().date()
    parts = {"month": today.month, "day": today.day, "year": today.year}
    when = {f"effective_on-{name}": str(number) for name, number in parts.items()}
    for username, said, later in ((REGISTERS, SAID | when, False), (BEGINS, BEGUN, True)):
        actor = acting(exchange, username, Channel.WEB)
        known = registrations.suggested(exchange, actor)
        made = registrations.begin(exchange, actor, known["number"], known | said, later=later)
        if not later:
            registrations.hand_in(exchange, actor, made, agreed=True)
