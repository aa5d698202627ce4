"""Commands for cases: `hemalum cases accession`, `list`, `show`, `link`, `unlink`, `site` and `holidays`."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.cases.accessioning import Accession
from hemalum.capabilities.cases.ledger import ListedCase
from hemalum.capabilities.cases.model import CaseQuery, Kind, Queue
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import Invalid
from hemalum.kernel.typed import typed

_MOST_LISTED = 200

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_user = click.option(
    "--user", default=ADMINISTRATOR_NAME, show_default=True, help="Whom the command acts for."
)


@click.group()
def cases() -> None:
    """Cases of the laboratory: what came in, what was made of it, which image is of which slide."""


@cases.command()
@_data
@_user
@click.argument("order", type=click.File("rb"))
@click.pass_obj
def accession(open_node: OpenNode, data: Path, user: str, order: Any) -> None:
    """Begin a case from ORDER, a JSON file, or - for standard input; prints what stands on the labels.

    The file holds what the body of POST /api/cases/cases does (docs/reference/http.md). A patient is never an
    argument: whoever is on the machine could read it.
    """
    asked = _order(order.read())
    with open_node(data) as node:
        shown = node.cases.accession(node.access.actor_for(user), asked)
    click.echo(shown.case.number)
    for piece in shown.material:
        click.echo(piece.identifier)


@cases.command(name="list")
@_data
@_user
@click.option(
    "--queue",
    type=click.Choice([one.value for one in Queue]),
    default=Queue.OPEN.value,
    show_default=True,
)
@click.argument("text", default="")
@click.pass_obj
def list_(open_node: OpenNode, data: Path, user: str, queue: str, text: str) -> None:
    """The cases of a queue, one line each; TEXT is found in number, specimen and stain.

    The most pressing come first.

    Patients are not printed.
    """
    with open_node(data) as node:
        query = CaseQuery(Queue(queue), text, limit=_MOST_LISTED)
        total, found = node.cases.list_cases(node.access.actor_for(user), query)
    for shown in found:
        click.echo(_line(shown))
    if total > len(found):
        click.echo(f"hemalum: {total - len(found)} more", err=True)


@cases.command()
@_data
@_user
@click.option("--patient", is_flag=True, help="Print who the patient is, too. It is recorded.")
@click.argument("number")
@click.pass_obj
def show(open_node: OpenNode, data: Path, user: str, patient: bool, number: str) -> None:
    """The case with this NUMBER, or of the part, block or slide with this identifier."""
    with open_node(data) as node:
        shown = node.cases.find_case(node.access.actor_for(user), number)
    click.echo(_line(shown))
    if patient and shown.identity is not None:
        numbers = ", ".join(f"{one.issuer} {one.value}" for one in shown.identity.identifiers)
        born = shown.identity.birth_date
        click.echo(
            f"patient: {shown.identity.name}, {shown.identity.sex.value}, {born or '-'}, {numbers or '-'}"
        )
    for piece in shown.material:
        images = " ".join(piece.image_ids)
        depth = list(Kind).index(piece.kind)
        said = ", ".join(word for word in (piece.organ, piece.description) if word)
        click.echo(f"{'  ' * depth}{piece.identifier}  {piece.stage.value:12}  {said}  {images}".rstrip())


@cases.command()
@_data
@_user
@click.argument("image")
@click.argument("identifier")
@click.pass_obj
def link(open_node: OpenNode, data: Path, user: str, image: str, identifier: str) -> None:
    """Say that the image with the id IMAGE is the scan of the slide with this IDENTIFIER."""
    with open_node(data) as node:
        shown = node.cases.linking.link(node.access.actor_for(user), image, identifier)
    click.echo(_line(shown))


@cases.command()
@_data
@_user
@click.option("--reason", required=True)
@click.argument("image")
@click.pass_obj
def unlink(open_node: OpenNode, data: Path, user: str, reason: str, image: str) -> None:
    """Say that the image with the id IMAGE is not of the slide that it is linked to."""
    with open_node(data) as node:
        node.cases.linking.unlink(node.access.actor_for(user), image, reason)
    click.echo(f"unlinked {image}")


@cases.command()
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.argument("code")
@click.pass_obj
def site(open_node: OpenNode, data: Path, organisation_id: str | None, code: str) -> None:
    """Call the cases of an organisation after CODE from now on, as in CN01-S26-000123-K."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        click.echo(node.cases.set_site(home.id, code))


@cases.command()
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--remove", is_flag=True, help="State that these are no holidays.")
@click.argument("days", nargs=-1, type=click.DateTime(["%Y-%m-%d"]))
@click.pass_obj
def holidays(
    open_node: OpenNode, data: Path, organisation_id: str | None, remove: bool, days: tuple[datetime, ...]
) -> None:
    """State the DAYS (2027-01-01) on which an organisation does not work; prints all that are known.

    Targets of cases that are accessioned from now on leave them out.
    """
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        known = node.cases.holidays
        change = known.remove if remove else known.add
        change(home.id, [each.date() for each in days])
        for day in known.list_days(home.id):
            click.echo(day.isoformat())


def _order(content: bytes) -> Accession:
    try:
        plain = msgspec.json.decode(content)
        return typed(plain | {"identity": plain.pop("patient", None)}, Accession)
    except (msgspec.ValidationError, msgspec.DecodeError, AttributeError, TypeError) as error:
        raise Invalid("The order cannot be read: {error}.", error=str(error)) from error


def _line(shown: ListedCase) -> str:
    case = shown.case
    scanned = f"{case.slides_scanned}/{case.slides_total}"
    where = f"{case.priority.value:14}  {case.status.value:11}  {scanned:>5}"
    return f"{case.number}  {where}  {case.assignee_name or '-'}  {case.specimen}"
