"""The commands `hemalum models run`, `devices`, `export-run` and `export-embeddings`."""

import csv
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.inference.exporting import as_npz
from hemalum.capabilities.inference.leaving import RunForm, export_as
from hemalum.capabilities.inference.model import RunState
from hemalum.capabilities.inference.service import Inference
from hemalum.formats.layers.segments import SegmentationForm
from hemalum.kernel.actor import Actor
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.kernel.sentence import cause_of
from hemalum.runtime.files import write_pieces

_POLL_S = 0.5
_SEGMENTATIONS = {f"seg-{each.value}": each for each in SegmentationForm}
_REPORT = "sr"
_FORMS = (*(each.value for each in RunForm), *_SEGMENTATIONS, _REPORT)


_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)


@click.command()
@_data
@click.option("--model", required=True, help="Its id, such as sample.violet.")
@click.option("--version", required=True, help="The number of the version, such as 1.0.0.")
@click.option("--as", "name", default=ADMINISTRATOR_NAME, show_default=True, help="Who runs it.")
@click.option(
    "--cohort",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A table (CSV) of more slides: their ids in the column slide.",
)
@click.argument("images", nargs=-1)
@click.pass_obj
def run(
    open_node: OpenNode,
    data: Path,
    model: str,
    version: str,
    name: str,
    cohort: Path | None,
    images: tuple[str, ...],
) -> None:
    """Run a version of a model over slides with the ids IMAGES, and wait until all of them have ended.

    A version in shadow runs in shadow. A slide on which it may not run is refused, and the others go on.
    """
    asked_for = list(dict.fromkeys([*images, *([] if cohort is None else _slides_of(cohort))]))
    if not asked_for:
        raise Invalid("Name the slides to run on, or a table of them with --cohort.")
    with open_node(data, jobs=True) as node:
        actor = node.access.actor_for(name)
        known = {
            (each.contract.identity.id, each.contract.identity.version): each
            for each in node.models.versions_of(actor.organisation_id)
        }
        if (model, version) not in known:
            raise NotFound("There is no version {version} of {id} here.", version=version, id=model)
        asked = known[model, version].id
        begun = [one for image in asked_for for one in node.inference.start(actor, image, [asked])]
        ended = []
        for each in begun:
            while (now := node.inference.get_run(actor, each.id)).state.is_live:
                time.sleep(_POLL_S)
            shares = "  ".join(f"{name} {share:.3f}" for name, share in now.scores.items())
            said = str(now.reason) if now.reason is not None else shares
            click.echo(f"{now.id}  {now.image_id}  {now.state.value:9}  {said}".rstrip())
            ended.append(now.state)
    if any(state in (RunState.FAILED, RunState.REFUSED) for state in ended):
        sys.exit(1)


def _slides_of(table: Path) -> list[str]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if "slide" not in (rows.fieldnames or ()):
                raise Invalid("{path} has no column slide.", path=table.name)
            return [row["slide"].strip() for row in rows if (row["slide"] or "").strip()]
    except OSError as error:
        raise Invalid("{path} cannot be read: {cause}.", path=table.name, cause=cause_of(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("{path} is no table (CSV, UTF-8).", path=table.name) from error


@click.command(name="export-embeddings")
@_data
@click.option("--model", required=True, help="The id of the encoder, such as kaiko.midnight-12k.")
@click.option("--version", required=True, help="The number of the version, such as 1.0.0.")
@click.option("--as", "name", default=ADMINISTRATOR_NAME, show_default=True, help="Who exports them.")
@click.option("--to", "target", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.pass_obj
def export_embeddings(
    open_node: OpenNode, data: Path, model: str, version: str, name: str, target: Path
) -> None:
    """Write the embeddings of every slide on which an encoder is done, and a table to write labels into.

    The table `labels.csv` has a line for each slide; patient and label are for whoever knows them. One that
    is there already stays as it is.
    """
    with open_node(data) as node, _writing(target):
        target.mkdir(parents=True, exist_ok=True)
        actor = node.access.actor_for(name)
        done = node.inference.list_done(actor, model, version)
        for each in done:
            taken = node.inference.export_embeddings(actor, each.id)
            with (target / f"{each.image_id}.npz").open("wb") as file:
                file.writelines(as_npz(taken, map(node.slides.blobs.get, taken.keys)))
            click.echo(f"{each.image_id}  {taken.run.patches} patches")
        rows = [(each.image_id, "", "", node.inference.name_of(each.image_id)) for each in done]
        table = target / "labels.csv"
        if not table.exists():
            with table.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("slide", "patient", "label", "name"), *rows])


@click.command(name="export-run")
@_data
@click.option("--form", type=click.Choice(_FORMS), default="csv", show_default=True)
@click.option("--as", "name", default=ADMINISTRATOR_NAME, show_default=True, help="Who takes it along.")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.argument("run_id", metavar="RUN")
@click.pass_obj
def export_run(open_node: OpenNode, data: Path, form: str, name: str, target: Path, run_id: str) -> None:
    """Write what a model said in the run with the id RUN to a file.

    csv and parquet are its patches; geojson is its cells, or the regions of each class, as QuPath opens them.
    seg-classes and seg-probabilities are DICOM Segmentations; sr is a DICOM structured report of what the run
    measured of the slide. That it leaves stands in the log first.
    """
    with open_node(data) as node:
        actor = node.access.actor_for(name)
        write_pieces(target, _run_as(node.inference, actor, run_id, form))
    click.echo(str(target))


def _run_as(inference: Inference, actor: Actor, run_id: str, form: str) -> Iterable[bytes]:
    if form in _SEGMENTATIONS:
        return [inference.export_segmentation(actor, run_id, _SEGMENTATIONS[form])[1]]
    if form == _REPORT:
        return [inference.export_measurements(actor, run_id)[1]]
    return export_as(inference, actor, run_id, RunForm(form))[1]


@click.command()
@_data
@click.pass_obj
def devices(open_node: OpenNode, data: Path) -> None:
    """Say on which graphics processors models run on this machine, or why on none."""
    with open_node(data) as node:
        found = node.inference.devices.found()
    for each in found.devices:
        name = each.name or "no name"
        click.echo(f"{each.number}  {name}  {each.provider}  {each.memory_mib} MiB for each model")
    if found.devices:
        click.echo(f"onnxruntime {found.onnxruntime}")
    else:
        click.echo(f"none: {found.why}")


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Invalid(
            "{path} cannot be written: {cause}.", path=target.name, cause=cause_of(error)
        ) from error
