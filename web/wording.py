"""The words that pages use for states, doors and journal events; every page takes them from here."""

from dataclasses import dataclass

from exchange.accounts.clients import Relation


@dataclass(frozen=True)
class StatusWords:
    """How a status is shown: its words, and the tone of its tag (good, warn, bad, wait or plain)."""

    status: str
    text: str
    tone: str
    explained: str


_STATUSES = (
    StatusWords(
        "DRAFT", "Not finished", "plain", "Part of the file is here. Choose it again to send the rest."
    ),
    StatusWords(
        "RECEIVED", "Received", "wait", "The file is here and sealed. It is waiting to be looked at."
    ),
    StatusWords("SCANNING", "Being scanned", "wait", "The file is being scanned."),
    StatusWords("QUARANTINED", "Set aside", "bad", "The scanner found something. Nobody can open this file."),
    StatusWords("VALIDATING", "Being checked", "wait", "Every line is being held against the record layout."),
    StatusWords("REJECTED", "Not accepted", "bad", "The file could not be used. The findings say why."),
    StatusWords("ACCEPTED", "Accepted", "wait", "The file is in order. Its answer is being made."),
    StatusWords(
        "ACCEPTED_WITH_ERRORS", "Accepted in part", "wait", "Lines in order are used; the others are listed."
    ),
    StatusWords("PROCESSING", "Being answered", "wait", "The answer is being made."),
    StatusWords("COMPLETE", "Complete", "good", "Everything that had to be done with this file is done."),
    StatusWords("EXPIRED", "Expired", "plain", "The time this file is kept has ended."),
    StatusWords("PURGED", "Removed", "plain", "The content of this file was destroyed."),
)
STATUSES: dict[str, StatusWords] = {words.status: words for words in _STATUSES}
AVAILABLE = StatusWords("COMPLETE", "Ready to fetch", "good", "This file is for you to download.")
CHANNELS = {"web": "web page", "sftp": "SFTP", "api": "API", "portal": "the portal"}
SCANS = {
    "clean": "Clean",
    "infected": "Infected",
    "not scanned": "Not scanned: no scanner is set up here",
    None: "Not yet",
}
FILTER = [(words.status, words.text) for words in _STATUSES]
KINDS = {
    "acknowledgement": "Acknowledgement",
    "findings": "Every finding, as CSV",
    "inquiry": "Inquiry file",
    "notice": "Notice",
    "result": "Result",
}
EVENTS = {
    "transfer.answered": "Answered",
    "transfer.downloaded": "Downloaded",
    "transfer.failed": "Could not be processed",
    "transfer.issued": "Put here by the portal",
    "transfer.received": "Handed over",
    "transfer.rows_opened": "Refused rows opened to be corrected",
    "transfer.status": "Looked at",
    "transfer.waiting": "Waiting for the scanner",
}
SFTP_METHODS = {
    "certificate": "certificate",
    "password and code": "password and code",
    "publickey": "key",
}
MOTIONS = {"in": "Sends", "out": "Fetches"}
PERSON_STATES = {
    "active": ("Active", "good"),
    "inactive": ("Closed", "plain"),
    "invited": ("Invited", "warn"),
    "removed": ("Removed", "plain"),
    "suspended": ("Suspended", "bad"),
}
DECISION_STATES = {
    "agreed": ("Agreed, not yet done", "warn"),
    "approved": ("Approved", "good"),
    "lapsed": ("Lapsed", "plain"),
    "refused": ("Refused", "bad"),
    "stopped": ("Stopped by the person", "bad"),
    "waiting": ("Waiting", "warn"),
    "withdrawn": ("Withdrawn", "plain"),
}
MANDATE_STATES = {
    "agreed": ("Agreed", "good"),
    "declined": ("Declined", "bad"),
    "waiting": ("Waiting", "warn"),
    "withdrawn": ("Taken back", "plain"),
}
MULTISTATE_STATES = {
    "DRAFT": ("Draft, not submitted", "warn"),
    "SUBMITTED": ("Submitted, waits for its day", "wait"),
    "ACTIVE": ("Active", "good"),
    "CHANGED": ("Active, changed since", "good"),
    "CANCELLED": ("Cancelled", "plain"),
}
MULTISTATE_VERSIONS = {"SUBMITTED": "Submitted", "CHANGED": "Changed", "CANCELLED": "Cancelled"}
CONCERNS = {
    "reporting": "Report to the state now",
    "coming": "Will report to the state",
    "employing": "Have employees there, report elsewhere",
    "left": "Left, or are about to",
}
_RELATIONS = {"running": ("In force", "good"), "ended": ("Ended", "plain"), "damaged": ("Not valid", "bad")}
HISTORY = {
    "account.corrected": "Somebody's name or address was corrected",
    "account.invited": "Somebody was invited",
    "account.reactivated": "Somebody's access was given back",
    "account.redirected": "An activation code was sent to another address",
    "account.removed": "Somebody was removed",
    "account.suspended": "Somebody was suspended",
    "administrator.ended": "Somebody is no administrator any more",
    "administrator.made": "Somebody was made administrator",
    "authority.added": "A certificate authority was added",
    "authority.revoked": "A certificate authority was taken back",
    "certificate.revoked": "Certificates were revoked",
    "locate.agreed": "A locate agreement was recorded",
    "locate.cleared": "Somebody was cleared for locate, or no longer",
    "mandate.agreed": "Agreed that another organization acts for it",
    "mandate.asked": "Asked to act for a client",
    "mandate.declined": "Declined a request to act for it",
    "mandate.withdrawn": "Took a request back",
    "multistate.activated": "The multistate registration came into force",
    "multistate.cancelled": "The multistate registration was cancelled",
    "multistate.changed": "The multistate registration was changed",
    "multistate.submitted": "A multistate registration was submitted",
    "organization.address_changed": "An address was changed",
    "organization.bandwidth": "The speed of its SFTP connections was set",
    "organization.confirmation_asked": "Asked by letter whether everything is still right",
    "organization.confirmed": "Everything was confirmed",
    "organization.contact_changed": "A contact was changed",
    "organization.created": "The organization was made",
    "organization.mail_chosen": "How often mail comes was chosen",
    "organization.networks": "The networks were changed",
    "organization.reactivated": "The organization was let in again",
    "organization.subsidiary_added": "A further FEIN was added",
    "organization.subsidiary_removed": "A further FEIN was taken off",
    "organization.subsidiary_verified": "A further FEIN was verified",
    "organization.suspended": "The organization was suspended",
    "representation.began": "Acting for a client began",
    "representation.ended": "Acting for a client ended",
}
"""Journal events as the page of an organization tells them; the others are not told there."""
CREDENTIAL_STATES = {
    "active": ("Active", "good"),
    "expired": ("Expired", "plain"),
    "revoked": ("Taken back", "plain"),
}
CERTIFICATE_STATES = {
    "active": ("Active", "good"),
    "expired": ("Expired", "plain"),
    "revoked": ("Revoked", "bad"),
}
REVOKED_BY = {"fingerprint": "Every certificate over the key", "key id": "Key id", "serials": "Serial number"}
DONE = {
    "added": "It is added.",
    "agreed": "It may act for you from now on.",
    "asked": "Asked. The client's administrators see your request when they sign in.",
    "certificates-revoked": "Revoked. Whoever is connected with such a certificate is out within seconds.",
    "cancelled": "The registration is cancelled.",
    "changed": "The change is saved.",
    "discarded": "What was being filled in is thrown away.",
    "guide-attached": "It is attached to the draft. Publish the draft once the file is scanned.",
    "guide-detached": "It is taken off the draft. What is published keeps it until the draft is published.",
    "guide-confirmed": "Noted. Readers see that it was looked at today.",
    "guide-given-back": "Given back. Whoever wrote it finds your words beside the draft.",
    "guide-kept": "The draft is kept. Readers see nothing of it before it is published.",
    "guide-published": "Published. Readers see it from now on; what stood there before is in the history.",
    "guide-submitted": "Handed to a second person. Readers see nothing of it before that person approves it.",
    "locate-reviewed": "Your review is kept; your colleague reads it, too.",
    "locate-settled": "It is settled.",
    "kept": "Kept for later. Nothing of it counts before you submit it.",
    "confirmed": "Thank you. We ask again in six months.",
    "connection_ended": "The connection ends within two seconds. Its client is told.",
    "declined": "Declined.",
    "decided": "Your decision stands in the journal. A reset that two agreed to waits before it happens.",
    "ended": "It ended, at once.",
    "locate-asked": "Asked. What each source answers appears here as it comes; you need not wait for it.",
    "locate-explained": "Your answer is kept; your manager is told that there is one.",
    "locate-marked": "Noted.",
    "locate-match-taken": "It is yours now: from here on you and the managers of your agency see it.",
    "locate-match-aside": "Set aside. It does not come again as long as both cases stand.",
    "locate-withdrawn": "Withdrawn. What sources answer from now on is not taken.",
    "made": "The organization is here. Tell its first administrator the username yourself: the letter with "
    "the activation code, which is on its way, does not have it.",
    "made-state": "The organization is here. Its people get in once its own sign-on is connected.",
    "invited": "The invitation is on its way. Tell the person the username yourself: it is not in that mail.",
    "reset": "Asked. Somebody else has to approve it within 72 hours.",
    "revoked": "It is taken back and works no more.",
    "removed": "It is removed.",
    "registered": "Submitted. Everything was checked just now, and nobody else has to decide it.",
    "sent": "A new code is on its way; the earlier one is void.",
    "verified": "Verified.",
}
"""What a page says above itself after something was done, by the word in its address."""
UNDER_WAY = frozenset(words.status for words in _STATUSES if words.tone == "wait")


@dataclass(frozen=True)
class Said:
    """What an answer says: the heading of its page, then a note in a tone, with its title and its words."""

    heading: str
    tone: str
    title: str
    text: str


@dataclass(frozen=True)
class AnswerWords:
    """What becomes of a report, told beside its form, and what its answer says, by result."""

    becomes: str
    results: dict[str, Said]


_PAYING = AnswerWords(
    "If a state is owed support, it is told of the payment, and you see whom to contact there. If not, you "
    "may pay.",
    {
        "M": Said(
            "Match",
            "warn",
            "Do not pay yet",
            "have been told and may order you to withhold from the payment. Contact them before you pay.",
        ),
        "N": Said(
            "No match",
            "good",
            "You may pay",
            "No state is owed support by a person with this Social Security number and name.",
        ),
        "P": Said(
            "To be reviewed",
            "info",
            "This needs a person to look at it",
            "The number or the name alone is not enough to tell. Check what you entered; if it is right, "
            "write to OCSS before you pay.",
        ),
    },
)
_LEAVING = AnswerWords(
    "States that are owed support by this person are told at once: what happened, when, and where the person "
    "may be found. You see which states those are, and whom to ask there.",
    {
        "M": Said(
            "States were told",
            "good",
            "They are told of it now",
            "know what you reported. If you have an order and still owe the person a payment, withhold from "
            "it as ordered. The contacts below answer questions.",
        ),
        "N": Said(
            "No state to tell",
            "good",
            "Nothing more to do",
            "No state is owed support by a person with this Social Security number and name. Your report is "
            "kept with its receipt.",
        ),
        "P": Said(
            "To be reviewed",
            "info",
            "No state was told",
            "The number belongs to somebody with another name. Check what you entered and report again; if "
            "it is right, write to OCSS.",
        ),
    },
)
ANSWERS = {"debt-inquiry": _PAYING, "lump-sum": _PAYING, "termination": _LEAVING}
"""By program, for every program with a form."""

BESIDE = {
    "case-registry": (
        "/locate",
        "Locate, one person at a time",
        "Requests that came by file stand there, too: what sources answered, and what became of it.",
    ),
    "income-withholding": (
        "/orders",
        "Orders, one by one",
        "Where each stands and what was answered, also as PDF. Employers answer one or many on the screen.",
    ),
}
"""By program: a page that stands beside its files, its name and what it is for."""

_WAY = ("Received", "Scanned", "Checked", "Answered")
_REACHED = {  # status: steps done, and whether the file stopped at the next one
    "DRAFT": (0, False),
    "RECEIVED": (1, False),
    "SCANNING": (1, False),
    "QUARANTINED": (1, True),
    "VALIDATING": (2, False),
    "REJECTED": (2, True),
    "ACCEPTED": (3, False),
    "ACCEPTED_WITH_ERRORS": (3, False),
    "PROCESSING": (3, False),
    "COMPLETE": (4, False),
    "EXPIRED": (4, False),
    "PURGED": (4, False),
}


def status(value: str, direction: str = "inbound") -> StatusWords:
    """How a status is shown; an outbound file that is complete is one to fetch."""
    return AVAILABLE if direction == "outbound" and value == "COMPLETE" else STATUSES[value]


def way(value: str) -> list[tuple[str, str]]:
    """The steps of an inbound file, each done, now, stop or next."""
    done, stopped = _REACHED[value]
    after = "stop" if stopped else "now"
    return [
        (step, "done" if place < done else after if place == done else "next")
        for place, step in enumerate(_WAY)
    ]


def answer(program: str, result: str | None) -> Said | None:
    """What the answer to one report says; None where there is none, or not yet."""
    return ANSWERS[program].results.get(result) if program in ANSWERS and result else None


def event(what: str) -> str:
    """A journal event about a file, in words."""
    kind, _, state = what.partition(": ")
    return STATUSES[state].text if state in STATUSES else EVENTS.get(kind, kind)


def relation(found: Relation) -> tuple[str, str]:
    """Whether one organization acts for another; one that was changed outside the portal gives no right."""
    if found.until:
        return _RELATIONS["ended"]
    return _RELATIONS["running" if found.genuine else "damaged"]


_HAPPENINGS = {
    "account.activated": "The account was activated",
    "account.confirmed": "You said that you still need the account",
    "account.proven": "A second factor was shown again",
    "account.refused": "A sign-in was refused",
    "account.signed_in": "Signed in",
    "account.signed_out": "Signed out",
    "address.asked": "A code was sent to a new address for letters",
    "address.changed": "The address for letters was changed",
    "app.removed": "The authenticator app was removed",
    "app.replaced": "An authenticator app was set up",
    "decision.agreed": "Two people agreed to reset the second factor",
    "decision.approved": "What two people agreed to was done: reset, or made administrator",
    "decision.asked": "Somebody asked for a decision of two people about the account",
    "decision.lapsed": "Nobody agreed in time to what was asked for",
    "decision.refused": "What was asked for was refused",
    "decision.stopped": "The reset was stopped from this account",
    "decision.withdrawn": "What was asked for was withdrawn",
    "passkey.added": "A passkey was added",
    "passkey.removed": "A passkey was removed",
    "password.changed": "The password was changed",
    "recovery-codes.renewed": "New recovery codes were made",
    "session.revoked": "A session was ended from another one",
}
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def happening(kind: str) -> str:
    """What happened with an account, as its owner reads it."""
    return _HAPPENINGS.get(kind, kind)


def factor(by: str) -> str:
    """By what somebody signed in, or at what they were refused."""
    return f"by {by}" if by else ""


def device(user_agent: str) -> str:
    """What somebody uses, as far as the browser tells."""
    browser = next((name for mark, name in (*_BROWSERS, ("Safari/", "Safari")) if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "A program"
