"""Commands for scanners: `hemalum scanners add`, `remove` and `list`."""

from pathlib import Path

import click

from hemalum.capabilities.modalities.model import CHARSETS, Scanner, ScannerId
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.network import THIS_MACHINE

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)


@click.group()
def scanners() -> None:
    """Scanners that ask this node which slides are to be scanned (DICOM modality worklist)."""


@scanners.command()
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--acts-as", required=True, help="Whose roles decide what it is told.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    default=THIS_MACHINE,
    help="Address or network that it calls from; may be said several times. Default: this machine.",
)
@click.option(
    "--encoding",
    type=click.Choice(CHARSETS),
    default=CHARSETS[0],
    show_default=True,
    help="In which it is answered.",
)
@click.argument("title")
@click.pass_obj
def add(
    open_node: OpenNode,
    data: Path,
    organisation_id: str | None,
    acts_as: str,
    addresses: tuple[str, ...],
    encoding: str,
    title: str,
) -> None:
    """Answer the scanner that calls itself TITLE, its AE title."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        scanner = Scanner(ScannerId(""), home.id, title, acts_as, addresses, encoding)
        click.echo(node.modalities.add_scanner(scanner).id)


@scanners.command()
@_data
@click.argument("title")
@click.pass_obj
def remove(open_node: OpenNode, data: Path, title: str) -> None:
    """Answer the scanner that calls itself TITLE no more."""
    with open_node(data) as node:
        node.modalities.remove_scanner(title)


@scanners.command(name="list")
@_data
@click.pass_obj
def list_scanners(open_node: OpenNode, data: Path) -> None:
    """The scanners that are answered, one line each, with when they last asked."""
    with open_node(data) as node:
        for each, asked_at in node.modalities.list_scanners():
            asked = "never" if asked_at is None else asked_at.isoformat(timespec="seconds")
            where = ",".join(each.addresses)
            click.echo(f"{each.title}  {each.organisation_id}  {where}  {each.acts_as}  {asked}")
