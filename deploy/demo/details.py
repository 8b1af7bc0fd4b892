"""What two employers say of themselves, as their administrators would: addresses, contacts, a subsidiary."""

from deploy.demo.history import SENDER, acting
from exchange.accounts import console, details, organizations
from exchange.accounts.feins import masked
from exchange.runtime import Exchange
from roles.policy import Channel

_SAME = {"follows": "yes"}


def _place(street: str, city: str, state: str, postal: str) -> dict[str, str]:
    return {"street": street, "city": city, "state": state, "zip": postal}


def _person(name: str, title: str, email: str, telephone: str, fax: str = "") -> dict[str, str]:
    return {"name": name, "title": title, "email": email, "telephone": telephone, "fax": fax}


_OLD_DESK = _place("12 Old Mill Road", "Topeka", "KS", "66603")
_DESK = _place("400 Lindenhall Way, Suite 2", "Topeka", "KS", "66614")
SAID: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("erin.payne", "address", "office", _place("400 Lindenhall Way", "Topeka", "KS", "66614")),
    ("erin.payne", "address", "withholding", _OLD_DESK),
    ("erin.payne", "address", "withholding", _DESK),
    ("erin.payne", "address", "medical", _place("PO Box 88", "Topeka", "KS", "66601")),
    ("erin.payne", "address", "verification", _SAME),
    ("erin.payne", "contact", "withholding", _person(
        "Erin Payne", "Head of payroll", "payroll@lindenhall.example.org", "7855550101", "7855550102")),
    ("erin.payne", "contact", "medical", _person(
        "Benefits desk", "", "benefits@lindenhall.example.org", "7855550103")),
    ("erin.payne", "contact", "verification", _SAME),
    ("cole.quayle", "address", "office", _place("9 Harbor Street", "Duluth", "MN", "55802")),
    ("cole.quayle", "address", "withholding", _place("PO Box 415", "Duluth", "MN", "55803")),
    ("cole.quayle", "address", "medical", _SAME),
    ("cole.quayle", "contact", "withholding", _person(
        "Cole Quayle", "Controller", "payroll@cedarquay.example.org", "2185550111")),
)  # fmt: skip
"""Who says what for which purpose, in this order: Lindenhall's payroll desk has moved."""
SUBSIDIARY = ("erin.payne", "Lindenhall Chairs", "001000033")
CONFIRMS = "erin.payne"
"""The other employer has yet to confirm what it said."""


def describe_employers(exchange: Exchange) -> None:
    """Fill in their pages; OCSS verifies the subsidiary."""
    for username, sort, purpose, given in SAID:
        details.save(exchange, acting(exchange, username, Channel.WEB), sort, purpose, given)
    owner, name, fein = SUBSIDIARY
    actor = acting(exchange, owner, Channel.WEB)
    organizations.add_subsidiary(exchange, actor, name, fein)
    (number,) = (one for one in organizations.own(exchange, actor).numbers if one.shown == masked(fein))
    console.verify_subsidiary(exchange, acting(exchange, SENDER, Channel.WEB), number.id)
    organizations.confirm(exchange, acting(exchange, CONFIRMS, Channel.WEB))
