"""The commands for keys: `hemalum keys list`, `rotate` and `destroy`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from hemalum.capabilities.slides.manifests import key_names
from hemalum.kernel.capability import OpenNode
from hemalum.runtime.crypto.keys import rotate_node_key

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)


@click.group()
def keys() -> None:
    """The keys that what the node stores is sealed under."""


@keys.command("list")
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each key.")
@click.pass_obj
def list_keys(open_node: OpenNode, data: Path, as_json: bool) -> None:
    """Say which keys there are and were; one line for each, and never a key itself."""
    with open_node(data) as node:
        for entry in node.keyring.list_keys():
            if as_json:
                click.echo(json.dumps(asdict(entry), default=str))
                continue
            destroyed = "" if entry.destroyed_at is None else f", destroyed {entry.destroyed_at:%Y-%m-%d}"
            made = f"made {entry.created_at:%Y-%m-%d}"
            click.echo(f"{entry.name}  {entry.suite}  under {entry.node_key}  {made}{destroyed}")


@keys.command()
@_data
@click.pass_obj
def rotate(open_node: OpenNode, data: Path) -> None:
    """Wrap every key by a fresh node key, or by the one that `node_key` of the settings names now.

    No blob is touched. A node key in a file is replaced; for others set `node_key` to the new one and
    `former_node_key` to the one before. Cut off at any moment, it goes on when it is called again.
    """
    with open_node(data) as node:
        count = rotate_node_key(node.settings, node.keyring)
        click.echo(f"{count} keys are wrapped anew.")
        if node.settings.former_node_key:
            click.echo("Nothing needs former_node_key any more; take it out of the settings.")


@keys.command()
@_data
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def destroy(open_node: OpenNode, data: Path, name: str, yes: bool) -> None:
    """Erase a slide for ever by destroying its key, which is named as the image."""
    if not yes:
        click.confirm(f"Nobody will be able to read slide {name} again. Go on?", abort=True)
    with open_node(data) as node:
        for each in sorted(key_names(node.slides, name) or {name}):
            node.keyring.destroy(each)
    click.echo(f"The key of {name} is destroyed.")
