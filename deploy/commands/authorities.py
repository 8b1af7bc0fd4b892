"""`portal admin ...-authority`: certificate authorities of organizations, and revoking what they signed."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.console import Config, Home, say

Organization = Annotated[str, typer.Argument(help="Id or exact name of the organization.")]
Fingerprint = Annotated[
    str, typer.Argument(help="Fingerprint of the authority, as list-authorities prints it.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `portal admin`."""
    app.command("add-authority")(add_authority)
    app.command("list-authorities")(list_authorities)
    app.command("take-back-authority")(take_back_authority)
    app.command("revoke-certificates")(revoke_certificates)


def add_authority(
    organization: Organization,
    public_key: Annotated[
        Path, typer.Argument(help="Public key file of OpenSSH (authority.pub).", exists=True, dir_okay=False)
    ],
    label: Annotated[str, typer.Option(help="What it is for.")],
    username: Annotated[
        list[str] | None, typer.Option(help="An account it vouches for; else all of the organization.")
    ] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Let people of an organization come by SFTP with certificates of this key; prints its fingerprint."""
    from deploy.installation import opened, source
    from exchange.accounts import authorities, directory

    new = authorities.New(public_key.read_text(), label, "365", " ".join(username or ()))
    with opened(source(config, home)) as exchange:
        keeper = authorities.Keeper(directory.organization(exchange, organization).id)
        say(authorities.add(exchange, keeper, new))


def list_authorities(organization: Organization, config: Config = None, home: Home = None) -> None:
    """Print the authorities of an organization: fingerprint, state, last day, last use, what it is for."""
    from deploy.installation import opened, source
    from exchange.accounts import authorities, authority_pages, directory

    with opened(source(config, home)) as exchange:
        keeper = authorities.Keeper(directory.organization(exchange, organization).id)
        for one in authority_pages.all_of(exchange, keeper):
            used = f"{one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never used"
            say("  ".join((one.fingerprint, one.state, f"{one.expires_at:%Y-%m-%d}", used, one.label)))


def take_back_authority(
    organization: Organization, fingerprint: Fingerprint, config: Config = None, home: Home = None
) -> None:
    """End everything that an authority signed, at once and for good."""
    from deploy.installation import opened, source
    from exchange.accounts import authorities, directory

    with opened(source(config, home)) as exchange:
        keeper = authorities.Keeper(directory.organization(exchange, organization).id)
        authorities.take_back(exchange, keeper, authorities.find(exchange, keeper, fingerprint))
    say("taken back")


def revoke_certificates(
    organization: Organization,
    fingerprint: Fingerprint,
    what: Annotated[
        typer.FileBinaryRead,
        typer.Argument(help="A list made by `ssh-keygen -k`, or lines as for it (serial: 7); - for input."),
    ],
    config: Config = None,
    home: Home = None,
) -> None:
    """Revoke certificates of an authority, at once and for good; prints how many lines were new."""
    from deploy.installation import opened, source
    from exchange.accounts import authorities, directory

    with opened(source(config, home)) as exchange:
        keeper = authorities.Keeper(directory.organization(exchange, organization).id)
        found = authorities.find(exchange, keeper, fingerprint)
        say(f"{authorities.revoke_listed(exchange, keeper, found, what.read())} new")
