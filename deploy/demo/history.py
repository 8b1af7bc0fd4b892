"""A little history, so that no page is empty: small synthetic files handed over by each role, the real way.

What the files hold is answered by the worker as soon as it runs, like anything else that was handed over.
"""

import io
from dataclasses import dataclass

from exchange.accounts.directory import account
from exchange.accounts.identity import actor_of
from exchange.programs.inquiry_file import issue_inquiry, quarter_of
from exchange.registry.overlap import overlap
from exchange.runtime import Exchange
from exchange.transfers import intake
from roles.policy import Actor, Channel
from schemas.catalog import LAYOUTS
from schemas.sample import SampleOrder, sample

_HERE = "127.0.0.1"


@dataclass(frozen=True)
class Report:
    """One synthetic file: who hands it over, as what, how many records, how many of them wrong (percent)."""

    username: str
    program: str
    filename: str
    records: int
    errors: float = 0.0
    channel: Channel = Channel.WEB


REPORTS = (
    Report("erin.payne", "lump-sum", "spring-bonuses.txt", 60),
    Report("erin.payne", "lump-sum", "severance-june.txt", 24, errors=12.5, channel=Channel.SFTP),
    Report("erin.payne", "debt-inquiry", "final-payments.txt", 12),
    Report("erin.payne", "termination", "left-in-spring.txt", 20, errors=10.0),
    Report("kai.sunflower", "income-withholding", "orders-week-31.txt", 60, errors=5.0),
    Report("cole.quayle", "termination", "seasonal-staff.txt", 15, channel=Channel.SFTP),
    Report("cole.quayle", "lump-sum", "profit-sharing.txt", 40, channel=Channel.API),
    Report("pia.larkspur", "debt-inquiry", "client-payments.txt", 10),
    Report("ina.harbor", "debt-inquiry", "claims-week-31.txt", 30, errors=5.0),
    Report("fay.prairie", "data-match", "accounts-q.txt", 50),
    Report("nat.gates", "data-match", "northgate-batch.txt", 80, errors=5.0, channel=Channel.SFTP),
)
LETTERS = (
    ("erin.payne", "question-about-severance.txt", "Which states count accrued leave as a lump sum?"),
    ("ben.field", "matching-agreement-note.txt", "The renewed matching agreement will follow in two weeks."),
    ("kai.sunflower", "contact-change.txt", "Our employer desk has a new telephone number: 785-555-0142."),
    ("tala.rivers", "caseload-note.txt", "We expect to begin exchanging files in the next quarter."),
    ("avery.visser", "survey-question.txt", "Does supervised visitation by video count as one session?"),
)
"""Free files to OCSS."""
SENDER, WELCOMED = "olive.staffer", ("erin.payne", "kai.sunflower", "rudi.strelsau")
"""A letter of OCSS goes to the organizations of these; Rudi Strelsau's role only receives."""
_OUT_OF_THE_WAY = 98_000_000
"""Seeds of samples that nobody else takes: what was reported once is not taken again (decision 22)."""
WELCOME = """Welcome to the demonstration.

Everything in it is synthetic: organizations, people, numbers and files are invented.
Nothing you do here reaches anybody.
"""


def ask_the_quarter(exchange: Exchange) -> None:
    """Put this quarter's inquiry file into the outbox of every institution that lacks it."""
    issue_inquiry(exchange, quarter_of(exchange.clock()))


def hand_over_history(exchange: Exchange) -> None:
    """Hand everything over, in the names of the demonstration's accounts."""
    for seed, report in enumerate(REPORTS, start=_OUT_OF_THE_WAY):
        _hand_over(exchange, acting(exchange, report.username, report.channel), report, seed)
    for username, filename, words in LETTERS:
        with intake.begin(exchange, acting(exchange, username, Channel.WEB), "files", filename) as arriving:
            arriving.write(f"{words}\n".encode())
            arriving.finish()
    _welcome(exchange)


def _hand_over(exchange: Exchange, actor: Actor, report: Report, seed: int) -> None:
    content = io.BytesIO()
    people = overlap(exchange, report.username, seed)
    order = SampleOrder(records=report.records, seed=seed, errors=report.errors, population=people)
    sample(LAYOUTS[report.program], order, content)
    with intake.begin(exchange, actor, report.program, report.filename) as arriving:
        arriving.write(content.getvalue())
        arriving.finish()


def _welcome(exchange: Exchange) -> None:
    sender = acting(exchange, SENDER, Channel.WEB)
    for username in WELCOMED:
        recipient = account(exchange, username).organization_id
        with intake.begin(exchange, sender, "files", "welcome.txt", recipient_id=recipient) as arriving:
            arriving.write(WELCOME.encode())
            arriving.finish()


def acting(exchange: Exchange, username: str, channel: Channel) -> Actor:
    """An account of the demonstration, come through a door from this machine."""
    return actor_of(exchange, account(exchange, username).id, channel, _HERE)
