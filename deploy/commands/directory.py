"""`portal admin`: organizations, accounts and their credentials, made by whoever has the machine in hand."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.console import Config, Home, say
from roles.organizations import OrganizationKind
from roles.permissions import Role

admin = typer.Typer(help="Organizations, accounts, credentials and the quarter's inquiry file.")


@admin.command("create-first")
def create_first(
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    email: Annotated[str, typer.Option(help="The person's mail address.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Make OCSS and its first administrator; prints password and TOTP secret. Refused when there is one."""
    from deploy.installation import opened, source
    from deploy.passphrase import passphrase
    from exchange.accounts import first

    password = passphrase()
    with opened(source(config, home)) as exchange:
        account, secret = first.create(exchange, first.First(username, name, email, password))
    say(f"username     {account.username}")
    say(f"password     {password}")
    say(f"totp secret  {secret}")


@admin.command("create-organization")
def create_organization(
    kind: Annotated[OrganizationKind, typer.Argument(help="What the organization is.")],
    name: Annotated[str, typer.Argument(help="Its legal name.")],
    fein: Annotated[str | None, typer.Option(help="Nine digits, no hyphen.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="USPS code, for a state.")] = None,
    match_method: Annotated[int | None, typer.Option(min=1, max=2, help="Data match: 1 or 2.")] = None,
    notices_to: Annotated[str | None, typer.Option(help="Mail address for notices.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Make an organization and print its id."""
    from deploy.installation import opened, source
    from exchange.accounts import enrolment

    new = enrolment.NewOrganization(kind, name, fein, jurisdiction, match_method, notices_to)
    with opened(source(config, home)) as exchange:
        say(str(enrolment.create_organization(exchange, new).id))


@admin.command("create-account")
def create_account(
    organization: Annotated[str, typer.Argument(help="Id or exact name of the organization.")],
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[Role, typer.Argument(help="What the account may do.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    email: Annotated[str | None, typer.Option(help="The person's mail address.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Make an account; prints its password (made up unless given) and TOTP secret, once."""
    from deploy.installation import opened, source
    from deploy.passphrase import passphrase
    from exchange.accounts import directory, enrolment

    password = sys.stdin.readline().rstrip("\n") if password_stdin else passphrase()
    with opened(source(config, home)) as exchange:
        organization_id = directory.organization(exchange, organization).id
        new = enrolment.NewAccount(organization_id, username, name, role, password, email)
        account, secret = enrolment.create_with_chosen_password(exchange, new)
    say(f"username     {account.username}")
    if not password_stdin:
        say(f"password     {password}")
    say(f"totp secret  {secret}")


@admin.command("issue-token")
def issue_token(
    username: Annotated[str, typer.Argument(help="Whose token it is.")],
    label: Annotated[str, typer.Option(help="What it is for.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Issue an API token, valid for a year, and print it, once."""
    from deploy.installation import opened, source
    from exchange.accounts import directory, enrolment

    with opened(source(config, home)) as exchange:
        say(enrolment.issue_token(exchange, directory.account(exchange, username).id, label))


@admin.command("add-ssh-key")
def add_ssh_key(
    username: Annotated[str, typer.Argument(help="Whose key it is.")],
    public_key: Annotated[
        Path, typer.Argument(help="Public key file of OpenSSH (id_ed25519.pub).", exists=True, dir_okay=False)
    ],
    label: Annotated[str, typer.Option(help="What it is for.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Register a public key for SFTP, valid for a year, and print its fingerprint."""
    from deploy.installation import opened, source
    from exchange.accounts import directory, enrolment

    with opened(source(config, home)) as exchange:
        account = directory.account(exchange, username)
        say(enrolment.add_ssh_key(exchange, account.id, public_key.read_text(), label).fingerprint)


@admin.command("represent")
def represent(
    transmitter: Annotated[str, typer.Argument(help="Id or exact name of the transmitter.")],
    client: Annotated[str, typer.Argument(help="Id or exact name of the organization it acts for.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Record that a transmitter acts for a client from now on."""
    from deploy.installation import opened, source
    from exchange.accounts import directory, enrolment

    with opened(source(config, home)) as exchange:
        acting = directory.organization(exchange, transmitter)
        enrolment.represent(exchange, acting.id, directory.organization(exchange, client).id)
    say("recorded")


@admin.command("issue-inquiry")
def issue_inquiry(
    period: Annotated[str | None, typer.Argument(help="Year and month, CCYYMM; else this quarter's.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Put the quarter's data-match inquiry file into every outbox that lacks it; may be run again."""
    from deploy.installation import opened, source
    from exchange.programs import inquiry_file

    with opened(source(config, home)) as exchange:
        named = period or inquiry_file.quarter_of(exchange.clock())
        given = inquiry_file.issue_inquiry(exchange, named)
    say(f"the inquiry file of {named} went to {given} organizations")
