"""Commands for custody: `hemalum custody points`, `where` and `verify`."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import click

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.custody.model import Step
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import HemalumError

_PAGE = 1000

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_organisation = click.option(
    "--organisation", "organisation_id", default=None, help="Default: the node's first one."
)


class ChainBroken(HemalumError):
    """The chain is not what was written."""

    status = 409
    code = "chain-broken"


@click.group()
def custody() -> None:
    """Where every piece of tissue is, and who had it."""


@custody.group()
def points() -> None:
    """The stations where codes are scanned."""


@points.command(name="add")
@_data
@_organisation
@click.option("--room", default="", help="Where it stands.")
@click.argument("step", type=click.Choice([one.value for one in Step]))
@click.argument("name")
@click.pass_obj
def add_point(
    open_node: OpenNode, data: Path, organisation_id: str | None, room: str, step: str, name: str
) -> None:
    """A new station called NAME, which stands for STEP of the bench."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        point = node.custody.points.add_for_operator(home.id, name, room, Step(step))
    click.echo(point.id)


@points.command(name="list")
@_data
@_organisation
@click.pass_obj
def list_points(open_node: OpenNode, data: Path, organisation_id: str | None) -> None:
    """All stations, in the order of the bench."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        found = node.custody.points.list_for_operator(home.id)
    for each in found:
        state = "" if each.is_active else "  retired"
        click.echo(f"{each.id}  {each.step.value:10}  {each.name}  {each.room}{state}".rstrip())


@custody.command()
@_data
@click.option("--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the command acts for.")
@click.argument("code")
@click.pass_obj
def where(open_node: OpenNode, data: Path, user: str, code: str) -> None:
    """Where the piece or container with this CODE is, and who had it last."""
    with open_node(data) as node:
        found = node.custody.tracing.find(node.access.actor_for(user), code)
    if found.standing is None:
        click.echo(f"{found.subject.code}  never scanned")
        return
    steps = []
    for place in found.path:
        said = place.point or found.names.get(place.container, place.container) or place.holder
        steps.append(said if place.slot is None else f"{said} / {place.slot}")
    standing = found.standing
    path = " / ".join(steps) or "-"
    click.echo(f"{found.subject.code}  {path}  {standing.person}  {standing.since.isoformat()}")


@custody.command()
@_data
@_organisation
@click.pass_obj
def verify(open_node: OpenNode, data: Path, organisation_id: str | None) -> None:
    """Look at every link of the chain, and at whether the log of the node tells the same."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        told = _told_by(node.trail, home.id)
        found = node.custody.tracing.verify_for_operator(
            home.id, lambda number: frozenset(told.get(number, ()))
        )
    for fault in found.faults:
        click.echo(f"{fault.number}: {fault.said}")
    if not found.is_whole:
        raise ChainBroken("The chain of custody is broken at {count} places.", count=len(found.faults))
    click.echo(f"{found.events} events, whole")


def _told_by(trail: Any, organisation_id: str) -> dict[int, list[str]]:
    """By number, the hashes that the log tells of an organisation's chain."""
    told: dict[int, list[str]] = defaultdict(list)
    start = 0
    while entries := trail.read(start, _PAGE):
        for each in entries:
            entry = each.entry
            if entry.organisation == organisation_id and entry.action.startswith("custody."):
                number, hash_ = entry.detail.get("number"), entry.detail.get("hash")
                if isinstance(number, int) and isinstance(hash_, str):
                    told[number].append(hash_)
        start += len(entries)
    return told
