"""The agreements that organizations accept: our own words, for a demonstration."""

from dataclasses import dataclass
from datetime import date

_EVERYBODY = (
    "We use what we see here only for the purposes the law allows, and only as far as our work needs it.",
    "Nobody of us looks up himself, his family or his acquaintances.",
    "What we send is true and current as far as we know. We do not pretend to be somebody else.",
    "We protect usernames, passwords, keys and codes, and share none of them.",
    "We tell OCSS within one hour after we find, or suspect, that data came into the wrong hands.",
    "We keep the list of our people current and end the access of whoever leaves us at once.",
)


@dataclass(frozen=True)
class Agreement:
    """One version of a text; `paragraphs` are read in full before it is accepted."""

    slug: str
    title: str
    version: str
    dated: date
    paragraphs: tuple[str, ...]


def _agreement(slug: str, title: str, *paragraphs: str) -> Agreement:
    return Agreement(slug, title, "1.0", date(2026, 11, 1), (*paragraphs, *_EVERYBODY))


EMPLOYER_SERVICES = _agreement(
    "employer-services",
    "Employer Services agreement",
    "We report lump-sum payments before we pay them, and hold a payment only as the law of the state allows.",
    "We never use an answer of the portal to decide about hiring, pay or dismissal.",
    "Payments go to the state disbursement unit, never through the portal.",
)
INSURANCE_MATCH = _agreement(
    "insurance-match",
    "Insurance Match Debt Inquiry agreement",
    "We ask only about claimants and beneficiaries to whom we are about to pay.",
    "An answer is no order: a claim is held back only when a state agency sends us a withholding notice.",
)
DATA_MATCH = _agreement(
    "financial-data-match",
    "Financial Institution Data Match agreement",
    "We match the inquiry file of each quarter and hand in the accounts that match, or say that none does.",
    "The inquiry file is used for the match alone and destroyed when the match is done.",
    "Whoever transmits for an institution does so only while that institution agrees.",
)
FILE_EXCHANGE = _agreement(
    "file-exchange",
    "Secure file exchange agreement",
    "Files are exchanged only under the matching agreement that stands between us and OCSS.",
    "What the matching agreement does not name is neither sent nor asked for.",
)
TRIBAL_ACCESS = _agreement(
    "tribal-access",
    "Tribal access agreement",
    "We ask for locate information only for cases of our own tribal child support program.",
    "Federal tax information and family-violence marks are handled as the agreements of our tribe say.",
)
RULES_OF_BEHAVIOR = _agreement("rules-of-behavior", "Rules of behavior")
