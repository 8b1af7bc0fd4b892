"""Lump sums: the employer learns the states to contact, each state learns of the payment (domain.md 4.1)."""

from exchange.models.transfers import Transfer
from exchange.programs.people import answer_people
from exchange.runtime import Exchange
from exchange.transfers.answers import Document
from exchange.transfers.first_pass import FirstPass


def process(exchange: Exchange, row: Transfer, first: FirstPass | None) -> tuple[Document, ...]:
    """The result file, and a notice for each state that is owed by somebody in the file."""
    return answer_people(exchange, row, first)
