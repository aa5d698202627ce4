"""Commands for the operator of the machine, who can read the data directory anyway."""

from pathlib import Path

import click

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import new_id

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node; made when it is not there.",
)


@click.command()
@_data
@click.option("--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the token acts for.")
@click.pass_obj
def token(open_node: OpenNode, data: Path, user: str) -> None:
    """Print a bearer token for programs."""
    with open_node(data) as node:
        click.echo(node.access.issue_token(user))


@click.command()
@_data
@click.option("--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the link signs in.")
@click.option("--base", default="http://127.0.0.1:8080", show_default=True, help="Where the node is served.")
@click.pass_obj
def link(open_node: OpenNode, data: Path, user: str, base: str) -> None:
    """Print a one-time link that signs somebody in; good for an hour."""
    with open_node(data) as node:
        click.echo(f"{base.rstrip('/')}/enter/{node.access.issue_link(user)}")


@click.command()
@_data
@click.option("--id", "organisation_id", default=None, help="A short id; a random one by default.")
@click.argument("name")
@click.pass_obj
def organisation(open_node: OpenNode, data: Path, organisation_id: str | None, name: str) -> None:
    """Add a hospital, laboratory or university."""
    with open_node(data) as node:
        click.echo(node.access.add_organisation(organisation_id or new_id(), name).id)


@click.command()
@_data
@click.option(
    "--role", "roles", type=click.Choice([role.value for role in Role]), multiple=True, required=True
)
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--display-name", default=None, help="How they are shown; for somebody who is not known yet.")
@click.argument("name")
@click.pass_obj
def person(
    open_node: OpenNode,
    data: Path,
    roles: tuple[str, ...],
    organisation_id: str | None,
    display_name: str | None,
    name: str,
) -> None:
    """Give somebody roles in an organisation; whoever is not known yet is added."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        try:
            node.access.get_person(name)
        except NotFound:
            node.access.add_person(name, display_name or name, home.id)
        for role in roles:
            node.access.give_role(name, home.id, Role(role))
    click.echo(f"{name} is {', '.join(roles)} at {home.name}")
