"""The command `hemalum models run`."""

import sys
import time
from pathlib import Path

import click

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.inference.model import RunState
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import NotFound

_POLL_S = 0.5


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
@click.option("--model", required=True, help="Its id, such as sample.violet.")
@click.option("--version", required=True, help="The number of the version, such as 1.0.0.")
@click.argument("images", nargs=-1, required=True)
@click.pass_obj
def run(open_node: OpenNode, data: Path, model: str, version: str, images: tuple[str, ...]) -> None:
    """Run a version of a model over slides with the ids IMAGES, and wait until all of them have ended."""
    with open_node(data, jobs=True) as node:
        actor = node.access.actor_for(ADMINISTRATOR_NAME)
        known = {
            (each.contract.identity.id, each.contract.identity.version): each
            for each in node.models.versions_of(actor.organisation_id)
        }
        if (model, version) not in known:
            raise NotFound("There is no version {version} of {id} here.", version=version, id=model)
        asked = known[model, version].id
        begun = [one for image in images for one in node.inference.start(actor, image, [asked])]
        ended = []
        for each in begun:
            while (now := node.inference.get_run(actor, each.id)).state.is_live:
                time.sleep(_POLL_S)
            shares = "  ".join(f"{name} {share:.3f}" for name, share in now.scores.items())
            said = str(now.reason) if now.reason is not None else shares
            click.echo(f"{now.image_id}  {now.state.value:9}  {said}".rstrip())
            ended.append(now.state)
    if any(state in (RunState.FAILED, RunState.REFUSED) for state in ended):
        sys.exit(1)
