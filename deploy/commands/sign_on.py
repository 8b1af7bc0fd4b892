"""`portal sign-on`: the OpenID providers of the states."""

import json
from typing import Annotated

import typer

from deploy.console import Config, Home, say

sign_on = typer.Typer(help="The sign-on of states: their own OpenID providers vouch for their people.")


@sign_on.command("set")
def set_provider(
    organization: Annotated[str, typer.Argument(help="Id or exact name of the state's organization.")],
    issuer: Annotated[str, typer.Argument(help="The provider's issuer, as its discovery document has it.")],
    client_id: Annotated[str, typer.Argument(help="The name under which the provider knows this portal.")],
    worker: Annotated[str, typer.Option(help="Value of the role claim that makes somebody a user here.")],
    role_claim: Annotated[str, typer.Option(help="The claim that holds roles or groups.")] = "groups",
    administrator: Annotated[str | None, typer.Option(help="Value that makes an administrator.")] = None,
    acr: Annotated[str | None, typer.Option(help="Authentication context to demand (two factors).")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Record a state's provider, replacing an earlier one; prints what is to be registered there."""
    from deploy.installation import opened, source
    from exchange import mail
    from exchange.accounts import directory
    from exchange.accounts.sign_on import RETURN_PATH, NewProvider, add_provider

    with opened(source(config, home)) as exchange:
        state = directory.organization(exchange, organization).id
        new = NewProvider(state, issuer, client_id, role_claim, worker, administrator, acr)
        public = add_provider(exchange, new)
        say(f"redirect URI   {mail.address_of(exchange, RETURN_PATH)}")
    say("client method  private_key_jwt")
    say(f"public key     {json.dumps(public)}")
