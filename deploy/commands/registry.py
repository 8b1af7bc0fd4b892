"""`portal registry`: the synthetic case registry."""

from typing import Annotated

import typer

from deploy.console import Config, Home, by_total, progress, say

registry = typer.Typer(help="The case registry that answers are made from.")


@registry.command("seed")
def seed(
    people: Annotated[int, typer.Option(min=0, max=10_000_000, help="How many people.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Fill the registry with synthetic people, their cases and debts; a stopped run goes on where it was."""
    from deploy.installation import opened, source
    from exchange.registry import seed as seeding

    with opened(source(config, home)) as exchange, progress("Seeding the registry", people) as advance:
        seeding.seed(exchange, people, seed, by_total(advance))
    say(f"the registry holds {people} synthetic people")


@registry.command("index")
def index(config: Config = None, home: Home = None) -> None:
    """Put everybody into the index of people whom it lacks: after an update, say; a stopped run goes on."""
    from deploy.installation import opened, source
    from exchange.registry.searching import filling

    with opened(source(config, home)) as exchange:
        lacking = filling.lacking(exchange)
        with progress("Indexing people", len(lacking)) as advance:
            reach = by_total(advance)
            filling.fill(exchange, lambda done: reach(done - lacking.start))
    say(f"{lacking.stop} people can be searched for, {len(lacking)} of them newly")
