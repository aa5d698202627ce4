"""Commands for the operator of the machine, who can read the data directory anyway."""

from pathlib import Path

import click

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME, Access
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.settings import load_settings, make_folders

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node; made when it is not there.",
)


def open_access(data: Path) -> Access:
    """Access of the node in a data directory, ready to use."""
    settings = load_settings(data)
    make_folders(settings)
    database = open_database(settings.database_url)
    migrate(database)
    access = Access(database)
    access.ensure_first_people()
    return access


@click.command()
@_data
@click.option("--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the token acts for.")
def token(data: Path, user: str) -> None:
    """Print a bearer token for programs."""
    click.echo(open_access(data).issue_token(user))


@click.command()
@_data
@click.option("--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the link signs in.")
@click.option("--base", default="http://127.0.0.1:8080", show_default=True, help="Where the node is served.")
def link(data: Path, user: str, base: str) -> None:
    """Print a one-time link that signs somebody in; good for an hour."""
    click.echo(f"{base.rstrip('/')}/enter/{open_access(data).issue_link(user)}")


@click.command()
@_data
@click.option("--id", "organisation_id", default=None, help="A short id; a random one by default.")
@click.argument("name")
def organisation(data: Path, organisation_id: str | None, name: str) -> None:
    """Add a hospital, laboratory or university."""
    click.echo(open_access(data).add_organisation(organisation_id or new_id(), name).id)


@click.command()
@_data
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--display-name", default=None)
@click.argument("name")
def person(data: Path, role: str, organisation_id: str | None, display_name: str | None, name: str) -> None:
    """Give somebody a role in an organisation."""
    access = open_access(data)
    home = access.get_organisation(organisation_id)
    access.add_person(name, display_name or name, home.id, Role(role))
    click.echo(f"{name} is {role} at {home.name}")
