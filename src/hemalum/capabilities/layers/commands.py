"""Commands for layers: `hemalum layers add`, `list` and `remove`."""

from pathlib import Path
from typing import Any

import click

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.layers.model import Layer, LayerDraft, LayerOrigin
from hemalum.capabilities.layers.service import DICOM
from hemalum.formats.layers.model import InvalidLayer, ValueColumn
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import NoPhysicalScale
from hemalum.runtime.files import write_pieces

_RASTERS = (".npy", ".tif", ".tiff")
_FORMS = ("geojson", "csv", "parquet", DICOM)

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_file_or_folder = click.Path(exists=True, path_type=Path)


@click.group()
def layers() -> None:
    """What is drawn over slides: cells, points, heatmaps."""


@layers.command()
@_data
@click.option("--title", default=None, help="Default: the name of the file.")
@click.option("--title-zh", default=None, help="The title in Chinese.")
@click.option("--producer", default="import", show_default=True, help="What made it: a model, a program.")
@click.option("--producer-version", default="1", show_default=True)
@click.option(
    "--origin",
    type=click.Choice([one.value for one in LayerOrigin]),
    default=LayerOrigin.MODEL.value,
    show_default=True,
    help="What kind of claim it is.",
)
@click.option("--pitch-um", type=float, default=None, help="Of a heatmap: the width of one value.")
@click.option("--pitch-px", type=float, default=None, help="The same in pixels of level 0.")
@click.option("--value", default="score", show_default=True, help="Of a heatmap: what its numbers are.")
@click.option("--unit", default="", help="Of a heatmap: the unit of its numbers.")
@click.option("--abstained", type=_file, default=None, help="Of a heatmap: a .npy, true where none is given.")
@click.option(
    "--places",
    type=click.Choice(["px", "um"]),
    default=None,
    help="Of AnnData and Parquet: the unit of places, where the file does not say it.",
)
@click.option("--class-column", default=None, help="Of AnnData and Parquet: the column that has the classes.")
@click.option(
    "--gene", "genes", multiple=True, help="Of AnnData: a gene whose values are taken along; may be repeated."
)
@click.argument("image")
@click.argument("file", type=_file_or_folder)
@click.pass_obj
def add(open_node: OpenNode, /, data: Path, image: str, file: Path, **said: Any) -> None:
    """Add FILE as a layer of the slide with the id IMAGE.

    Cells and points: GeoJSON (as QuPath writes it, places in pixels) or CSV with the columns x_px and y_px,
    or x_um and y_um, `class`, and a column for each value; Parquet with the same columns, or points or shapes
    of SpatialData with --places; AnnData (.h5ad, or Zarr as the tables of SpatialData are) with --places.
    Heatmaps: .npy or TIFF with --pitch-um; NaN is where nothing was looked at. All or nothing is kept.
    """
    title = said["title"] or file.stem
    draft = LayerDraft(
        title, said["producer"], said["producer_version"], LayerOrigin(said["origin"]), said["title_zh"]
    )
    with open_node(data) as node:
        write = _add_heatmap if file.suffix.lower() in _RASTERS else _add_cells
        layer = write(node, image, file, draft, said)
    click.echo(_line(layer))


def _add_cells(node: Any, image: str, file: Path, draft: LayerDraft, said: dict[str, Any]) -> Layer:
    # What reads files is loaded for the one command that does.
    from hemalum.formats.layers.finding import look_through_any

    found = look_through_any(file, said["places"], said["class_column"], said["genes"])
    layer: Layer = node.layers.write_cells(
        image,
        draft,
        found.classes,
        found.chunks(_um_per_px(node, image)),
        found.columns,
        has_outlines=found.has_outlines,
        actor=node.access.actor_for(ADMINISTRATOR_NAME),
    )
    return layer


def _add_heatmap(node: Any, image: str, file: Path, draft: LayerDraft, said: dict[str, Any]) -> Layer:
    from hemalum.formats.layers.reading import read_heatmap

    pitch_px = said["pitch_px"]
    if pitch_px is None:
        if said["pitch_um"] is None:
            raise InvalidLayer("A heatmap needs the width of one value: --pitch-um, or --pitch-px.")
        scale = _um_per_px(node, image)
        if scale is None:
            raise NoPhysicalScale("The image has no physical scale; state --pitch-px instead of --pitch-um.")
        pitch_px = said["pitch_um"] / scale[0]
    layer: Layer = node.layers.write_heatmap(
        image,
        draft,
        read_heatmap(file),
        ValueColumn(said["value"], said["unit"]),
        pitch_px=pitch_px,
        abstained=None if said["abstained"] is None else read_heatmap(said["abstained"]),
        actor=node.access.actor_for(ADMINISTRATOR_NAME),
    )
    return layer


def _um_per_px(node: Any, image: str) -> tuple[float, float] | None:
    summary = node.slides.get_image_of_any(image).summary
    if summary.spacing_x_um is None or summary.spacing_y_um is None:
        return None
    return summary.spacing_x_um, summary.spacing_y_um


@layers.command(name="list")
@_data
@click.argument("image")
@click.pass_obj
def list_(open_node: OpenNode, data: Path, image: str) -> None:
    """The layers of the slide with the id IMAGE, one line each."""
    with open_node(data) as node:
        for layer in node.layers.list_all(image):
            click.echo(_line(layer))


@layers.command()
@_data
@click.option("--form", type=click.Choice(_FORMS), default="geojson", show_default=True)
@click.option("--as", "name", default=ADMINISTRATOR_NAME, show_default=True, help="Who takes it along.")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.argument("image")
@click.argument("layer")
@click.pass_obj
def export(
    open_node: OpenNode, data: Path, form: str, name: str, target: Path, image: str, layer: str
) -> None:
    """Write the layer with the id LAYER of the slide IMAGE to a file. It stands in the log first."""
    from hemalum.capabilities.layers.exporting import FORMS

    with open_node(data) as node:
        actor = node.access.actor_for(name)
        if form == DICOM:
            write_pieces(target, [node.layers.export_dicom(actor, image, layer)[1]])
        else:
            write, _ = FORMS[form]
            write_pieces(target, write(node.layers.export(actor, image, layer, form)))
    click.echo(str(target))


@layers.command()
@_data
@click.argument("layer")
@click.pass_obj
def remove(open_node: OpenNode, data: Path, layer: str) -> None:
    """Remove the layer with the id LAYER and its content."""
    with open_node(data) as node:
        gone = node.layers.remove(layer, node.access.actor_for(ADMINISTRATOR_NAME))
    click.echo(f"removed {gone.id}: {gone.title}")


def _line(layer: Layer) -> str:
    made_by = f"{layer.producer} {layer.producer_version}"
    return f"{layer.id}  {layer.kind.value:8} {layer.count:>10,}  {layer.title} ({made_by})"
