"""What a model said, on its way out of the node in a form that others open."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.cells import cells_of_run
from hemalum.capabilities.inference.exporting import as_csv, as_parquet
from hemalum.capabilities.inference.model import InferenceRun, RunState, cells_output
from hemalum.capabilities.inference.outlining import cells_as_geojson, regions_as_geojson
from hemalum.capabilities.inference.results import gather, scored
from hemalum.capabilities.inference.service import Inference
from hemalum.formats import parquet
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, NoPhysicalScale
from hemalum.runtime.db import reading


class RunForm(StrEnum):
    """In what form what a model said of places on its slide leaves, by the ending of the file."""

    CSV = "csv"
    PARQUET = "parquet"
    GEOJSON = "geojson"


MEDIA_TYPES = {
    RunForm.CSV: "text/csv; charset=utf-8",
    RunForm.PARQUET: parquet.MEDIA_TYPE,
    RunForm.GEOJSON: "application/geo+json",
}


def export_as(
    node: Inference, actor: Actor, run_id: str, form: RunForm
) -> tuple[InferenceRun, Iterator[bytes]]:
    """A run as a file, piece by piece, once that stands in the log.

    CSV and Parquet hold its patches, places in um. GeoJSON holds its cells, or the regions that patches of a
    class make up, places in level-0 pixels. Raises as `Inference.export` and `write_parquet` do.

    Raises:
        Conflict: for GeoJSON: the model outlines nothing, has no cells for it abstained, or looked at an
            earlier scan.
        NoPhysicalScale: for GeoJSON: the slide has lost its scale.
    """
    if form is RunForm.GEOJSON:
        return _as_geojson(node, actor, run_id)
    exported = node.export(actor, run_id, form.value)
    chunks = map(node.slides.blobs.get, exported.keys)
    if form is RunForm.CSV:
        return exported.run, as_csv(exported.version.contract, chunks)
    return exported.run, as_parquet(exported, chunks)


def _as_geojson(node: Inference, actor: Actor, run_id: str) -> tuple[InferenceRun, Iterator[bytes]]:
    run = node.get_run(actor, run_id)
    version = node.models.get_version(run.organisation_id, run.version_id)
    contract = version.contract
    has_cells = cells_output(contract) is not None
    if contract.input is None or not (has_cells or scored(contract)):
        raise Conflict("This model outlines nothing, so there is no GeoJSON of it.")
    if run.state is not RunState.DONE and (has_cells or not run.patches):
        raise Conflict("Outlines can be exported once the run is done.")
    image = node.slides.get_image_of_any(run.image_id)
    if image.generation != run.generation:
        raise Conflict("The model looked at an earlier scan.")
    spacing = None if image.description is None else image.description.measurable_um
    if spacing is None:
        raise NoPhysicalScale("This slide has no physical scale; models run once its um/px is stated.")
    exported = node.export(actor, run_id, RunForm.GEOJSON.value)
    run, version = exported.run, exported.version

    def chunks() -> Iterable[bytes]:
        return map(node.slides.blobs.get, exported.keys)

    if not has_cells:
        found = gather(contract, node.grid_of(run), chunks())
        return run, regions_as_geojson(run, contract, contract.input, found, spacing)
    with reading(node.slides.database) as connection:
        kept = store.list_chunks(connection, [run.id])
    # Which cells of the seams count is not kept for a run in shadow, which has no layer.
    answer = node.measure(version, image, kept, lambda: False)
    return run, cells_as_geojson(run, contract, cells_of_run(chunks, answer["cells"]), spacing)
