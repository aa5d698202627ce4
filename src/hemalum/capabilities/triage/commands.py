"""The command `hemalum triage`: operating points fitted, set, shown and ended."""

from pathlib import Path

import click

from hemalum.capabilities.models.model import Version
from hemalum.capabilities.triage.model import CalibrationMethod, FitAsked, OperatingPoint, TriagePurpose
from hemalum.capabilities.triage.rules import read_labels, read_rule, write_rule
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.kernel.sentence import cause_of

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_model = click.option("--model", required=True, help="Its id, such as sample.violet.")
_version = click.option("--version", required=True, help="The number of the version, such as 1.0.0.")
_as = click.option("--as", "name", required=True, help="Who does it: somebody who manages quality.")
_reason = click.option("--reason", required=True, help="Why. It is kept with the point.")
_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def triage() -> None:
    """Operating points: by what rules models order the worklist."""


@triage.command()
@_data
@_model
@_version
@click.option("--class", "class_name", required=True, help="Whose share of patches is the score of a slide.")
@click.option("--purpose", type=click.Choice([one.value for one in TriagePurpose]), required=True)
@click.option("--method", type=click.Choice([*map(str, CalibrationMethod)]), default="platt")
@click.option("--sensitivity", type=float, default=0.9, show_default=True, help="What the threshold reaches.")
@click.option("--alpha", type=float, default=0.1, show_default=True, help="Errors that are borne, by class.")
@_reason
@_as
@_file
@click.pass_obj
def fit(
    open_node: OpenNode,
    data: Path,
    model: str,
    version: str,
    class_name: str,
    purpose: str,
    method: str,
    sensitivity: float,
    alpha: float,
    reason: str,
    name: str,
    file: Path,
) -> None:
    """Fit a point on the labelled slides in FILE (CSV: slide,label) that the version ran on, and set it."""
    labels = read_labels(_read(file))
    with open_node(data) as node:
        actor = node.access.actor_for(name)
        found = _found(node.models.versions_of(actor.organisation_id), model, version)
        asked = FitAsked(
            found.id, class_name, TriagePurpose(purpose), CalibrationMethod(method), sensitivity, alpha
        )
        _tell(node.triage.fit(actor, asked, labels, reason))


@triage.command(name="set")
@_data
@_model
@_version
@_reason
@_as
@_file
@click.pass_obj
def set_(
    open_node: OpenNode, data: Path, model: str, version: str, reason: str, name: str, file: Path
) -> None:
    """Put the rule in FILE (JSON, as `show --rule` writes it) in force."""
    rule = read_rule(_read(file))
    with open_node(data) as node:
        actor = node.access.actor_for(name)
        found = _found(node.models.versions_of(actor.organisation_id), model, version)
        _tell(node.triage.set(actor, found.id, rule, reason))


@triage.command()
@_data
@_reason
@_as
@click.argument("point_id")
@click.pass_obj
def end(open_node: OpenNode, data: Path, reason: str, name: str, point_id: str) -> None:
    """Take the point POINT_ID out of force."""
    with open_node(data) as node:
        _tell(node.triage.end(node.access.actor_for(name), point_id, reason))


@triage.command()
@_data
@click.option(
    "--rule", "point_id", default=None, help="Write the rule of this point as JSON, and nothing else."
)
@_as
@click.pass_obj
def show(open_node: OpenNode, data: Path, point_id: str | None, name: str) -> None:
    """The points of an organisation, one line each."""
    with open_node(data) as node:
        points = node.triage.list_points(node.access.actor_for(name))
    if point_id is None:
        for each in points:
            _tell(each)
        return
    rules = [each.rule for each in points if each.id == point_id]
    if not rules:
        raise NotFound("There is no such operating point.")
    click.echo(write_rule(rules[0]))


def _tell(point: OperatingPoint) -> None:
    rule = point.rule
    state = "in force" if point.ended_at is None else "ended"
    line = f"{point.id}  {state:8}  {point.model_id} {point.model_version}  {rule.purpose.value}"
    line += f"  {rule.class_name} >= {rule.threshold:.3f}"
    if rule.claim is not None:
        line += f"  sensitivity {rule.claim.sensitivity:.2f}  specificity {rule.claim.specificity:.2f}"
    click.echo(line)


def _found(versions: list[Version], model: str, version: str) -> Version:
    for each in versions:
        if (each.contract.identity.id, each.contract.identity.version) == (model, version):
            return each
    raise NotFound("There is no version {version} of {id} here.", version=version, id=model)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("The file {name} is not text in UTF-8.", name=file.name) from error
    except OSError as error:
        raise Invalid(
            "The file {name} cannot be read: {reason}.", name=file.name, reason=cause_of(error)
        ) from error
