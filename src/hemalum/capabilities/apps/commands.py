"""Commands for apps: `hemalum apps add`, `remove` and `list`."""

from pathlib import Path

import click

from hemalum.capabilities.apps.model import App, AppId, AppKind
from hemalum.capabilities.apps.service import read_keys
from hemalum.kernel.capability import OpenNode

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)


@click.group()
def apps() -> None:
    """Applications of others that may read by FHIR (SMART App Launch)."""


@apps.command()
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="What it may ask for; may be said several times."
)
@click.option("--redirect", "redirects", multiple=True, help="Where browsers are sent back to.")
@click.option("--launch", "launch_at", default="", help="Where it is opened beside a patient.")
@click.option("--public", is_flag=True, help="It runs in a browser or on a telephone and keeps no secret.")
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="A file with its public keys (JWK Set), in the place of a secret.",
)
@click.option("--acts-as", "account", default="", help="The service account of scopes of the level system.")
@click.argument("name")
@click.pass_obj
def add(
    open_node: OpenNode,
    data: Path,
    organisation_id: str | None,
    scopes: tuple[str, ...],
    redirects: tuple[str, ...],
    launch_at: str,
    *,
    public: bool,
    keys: Path | None,
    account: str,
    name: str,
) -> None:
    """Register an application; prints its client id and, where it has one, its secret."""
    kind = AppKind.PUBLIC if public else AppKind.CONFIDENTIAL
    known = None if keys is None else read_keys(keys.read_text())
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        app = App(AppId(""), home.id, name, kind, scopes, redirects, launch_at, known, account)
        made, secret = node.apps.register(None, app)
        click.echo(made.id)
        if secret is not None:
            click.echo(secret)


@apps.command()
@_data
@click.argument("client_id")
@click.pass_obj
def remove(open_node: OpenNode, data: Path, client_id: str) -> None:
    """End an application, and all that it was let do."""
    with open_node(data) as node:
        app = node.apps.get(client_id)
        node.apps.remove(None, app.organisation_id, app.id)


@apps.command(name="list")
@_data
@click.pass_obj
def list_apps(open_node: OpenNode, data: Path) -> None:
    """The applications that are registered, one line each."""
    with open_node(data) as node:
        for each in node.apps.list_apps(None):
            click.echo(
                f"{each.id}  {each.organisation_id}  {each.kind}  {' '.join(each.scopes)}  {each.name}"
            )
