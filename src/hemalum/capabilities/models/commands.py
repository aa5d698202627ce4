"""Commands for models: `hemalum models check`, `seal`, `sign`, `add`, `add-shipped`, `list` and `card`."""

from pathlib import Path

import click
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemalum.capabilities.models.facts import print_facts
from hemalum.capabilities.models.service import check_folder
from hemalum.formats.model.exports import chai_card, monai_metadata
from hemalum.formats.model.folder import read_model_folder, seal_folder
from hemalum.formats.model.reading import BadModel
from hemalum.formats.model.shipped import shipped_models
from hemalum.formats.model.signing import SIGNATURE_FILE, sign
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import cause_of

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_folder = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
_FORMS = ("facts", "monai", "chai")
_SEED_BYTES = 32


@click.group()
def models() -> None:
    """Models: what keeps the contract, and which of them a laboratory has."""


@models.command()
@_folder
def check(folder: Path) -> None:
    """Check the model in FOLDER: its contract, its files, its network, its golden tiles. Needs no node."""
    try:
        found, tiles, difference = check_folder(folder)
    except BadModel as error:
        # The first is said by whoever ends the command.
        for problem in error.problems[1:]:
            click.echo(f"hemalum: {problem}", err=True)
        raise
    identity = found.contract.identity
    click.echo(f"{identity.id} {identity.version}: keeps the contract")
    click.echo(f"address  {found.address}")
    click.echo(f"signed   {'no' if found.signature is None else found.signature.public_key}")
    click.echo(f"golden   {tiles} tiles, greatest difference {difference:.2g}")


@models.command()
@_folder
def seal(folder: Path) -> None:
    """Write the list of the files in FOLDER anew, once all of them are there."""
    click.echo(f"address  {seal_folder(folder)}")


@models.command(name="sign")
@_folder
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="32 bytes, the private Ed25519 key; made where there is none.",
)
def sign_(folder: Path, key: Path) -> None:
    """Sign the sealed model in FOLDER as its publisher."""
    found = read_model_folder(folder)
    signature = sign(found.address, _key(key))
    (folder / SIGNATURE_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(signature)) + b"\n")
    click.echo(f"signed   {signature.public_key}")


@models.command()
@_data
@_folder
@click.option("--as", "name", default="admin", show_default=True, help="Who adds it.")
@click.pass_obj
def add(open_node: OpenNode, data: Path, folder: Path, name: str) -> None:
    """Add the model in FOLDER to the organisation of whoever adds it, as research."""
    with open_node(data) as node:
        version = node.models.add(node.access.actor_for(name), folder)
    click.echo(f"{version.id}  {version.title}: {version.status.value}")


@models.command(name="add-shipped")
@_data
@click.option("--as", "name", default="admin", show_default=True, help="Who adds them.")
@click.pass_obj
def add_shipped(open_node: OpenNode, data: Path, name: str) -> None:
    """Add the models that come with Hemalum, as research. What is there already stays as it is."""
    with open_node(data) as node:
        for folder in shipped_models():
            version = node.models.add(node.access.actor_for(name), folder)
            click.echo(f"{version.id}  {version.title}: {version.status.value}")


@models.command(name="list")
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.pass_obj
def list_(open_node: OpenNode, data: Path, organisation_id: str | None) -> None:
    """The versions of an organisation, one line each."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        for each in node.models.versions_of(home.id):
            waits = "  licence not accepted" if each.awaits_acceptance else ""
            identity = each.contract.identity
            click.echo(f"{each.id}  {each.status.value:9} {identity.id} {identity.version}{waits}")


@models.command()
@_data
@click.argument("version_id")
@click.option("--form", type=click.Choice(_FORMS), default="facts", show_default=True)
@click.option("--language", type=click.Choice(("en", "zh")), default="en", show_default=True)
@click.option("--as", "name", default="admin", show_default=True, help="Who asks.")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def card(
    open_node: OpenNode, data: Path, version_id: str, form: str, language: str, name: str, target: Path
) -> None:
    """Write the card of the version VERSION_ID: the facts label (PDF), MONAI metadata or the CHAI card."""
    with open_node(data) as node:
        shown = node.models.show(node.access.actor_for(name), version_id)
    version = shown.version
    if form == "facts":
        content = print_facts(version, shown.validations, language, utc_now())
    elif form == "monai":
        content = msgspec.json.encode(monai_metadata(version.contract, version.address))
    else:
        content = chai_card(version.contract, version.address, language)
    target.write_bytes(content)


def _key(path: Path) -> Ed25519PrivateKey:
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        seed = path.read_bytes()
    except OSError as error:
        raise Invalid("{path} cannot be read: {cause}.", path=path.name, cause=cause_of(error)) from error
    if len(seed) != _SEED_BYTES:
        raise Invalid("{path} is no private key of 32 bytes.", path=path.name)
    return Ed25519PrivateKey.from_private_bytes(seed)
