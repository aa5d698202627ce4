"""What is done with layers: a producer writes one, people look at it, take it along, remove it."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from hemalum.capabilities.layers import store
from hemalum.capabilities.layers.model import Layer, LayerBecameAvailable, LayerDraft, Picked
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.layers.cells import CellChunk, CellWriter
from hemalum.formats.layers.heatmap import write_heatmap
from hemalum.formats.layers.model import LayerClass, LayerKind, Manifest, ValueColumn
from hemalum.formats.layers.pack import Pack
from hemalum.formats.layers.picking import cell_at
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import ImageId, new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

VIEW = "slides.view"
EXPORT = "slides.export"
"""Layers are seen and taken along by whoever may do that with their slide."""
VIEW_CLINICAL = "slides.view_clinical"
DICOM = "dicom"
PARQUET = "parquet"
_OF_RASTERS = (DICOM, PARQUET)

_MOST_TEXT = 200

type Array = NDArray[Any]


@dataclass(frozen=True)
class OpenLayer:
    """A layer whose content can be read."""

    layer: Layer
    pack: Pack
    is_stale: bool
    """Whether it was made for an earlier scan."""
    um_per_px: tuple[float, float] | None
    """Of the image, across and down; None where it has no scale, or had another scan then."""


@dataclass(frozen=True)
class Layers:
    """The use cases of layers on one node."""

    slides: Slides
    looked: Callable[[Any, str], None] = lambda _permitted, _via: None
    """Told of whoever reads a layer, with what permitted it (`Slides.permit`): it stands in the log first."""

    # Producing -----------------------------------------------------------------------------------------

    def write_cells(
        self,
        image_id: str,
        draft: LayerDraft,
        classes: Sequence[LayerClass],
        chunks: Iterable[CellChunk],
        columns: Sequence[ValueColumn] = (),
        *,
        has_outlines: bool = False,
        actor: Actor | None = None,
    ) -> Layer:
        """Write cells or points as a layer of an image, in memory that does not grow with their number.

        `actor` is who has it made, None for the node by itself. Nothing is kept unless all is good. A layer
        whose id is there already stays as it is and is answered.

        Raises:
            NotFound: there is no such image.
            Conflict: the image is not available.
            InvalidLayer: there is something in the chunks that cannot be drawn truthfully.
        """
        image = self._image(image_id)
        size = image.summary.width_px or 0, image.summary.height_px or 0

        def write(folder: Path, pack: Path) -> Manifest:
            writer = CellWriter(folder, *size, classes, columns, has_outlines=has_outlines)
            try:
                for chunk in chunks:
                    writer.add(chunk)
                return writer.finish(pack)
            finally:
                writer.close()

        return self._keep(image, draft, write, actor)

    def write_heatmap(
        self,
        image_id: str,
        draft: LayerDraft,
        values: Array,
        value: ValueColumn,
        *,
        pitch_px: float,
        origin_px: tuple[float, float] = (0.0, 0.0),
        abstained: Array | None = None,
        actor: Actor | None = None,
    ) -> Layer:
        """Write a raster of values as a layer of an image; see `formats.layers.heatmap.write_heatmap`.

        Raises as `write_cells` does.
        """
        image = self._image(image_id)

        def write(_folder: Path, pack: Path) -> Manifest:
            return write_heatmap(
                pack,
                values,
                value,
                width_px=image.summary.width_px or 0,
                height_px=image.summary.height_px or 0,
                pitch_px=pitch_px,
                origin_px=origin_px,
                abstained=abstained,
            )

        return self._keep(image, draft, write, actor)

    def _image(self, image_id: str) -> Image:
        image = self.slides.get_image_of_any(image_id)
        if image.status is not ImageStatus.AVAILABLE:
            raise Conflict("A layer is added to a slide once it is available.")
        return image

    def _keep(
        self,
        image: Image,
        draft: LayerDraft,
        write: Callable[[Path, Path], Manifest],
        actor: Actor | None,
    ) -> Layer:
        for text in (draft.title, draft.producer, draft.producer_version):
            if not text.strip() or len(text) > _MOST_TEXT:
                raise Invalid(
                    "A layer states title, producer and version, in at most {most} letters.", most=_MOST_TEXT
                )
        if draft.id is not None and (known := self._find(draft.id)) is not None:
            return known
        layer_id = draft.id or new_id()
        with _scratch(self.slides.settings.scratch / f"layer-{new_id()}") as folder:
            pack = folder / "pack"
            manifest = write(folder, pack)
            # Writing takes minutes, in which another worker may have taken the same job over.
            if draft.id is not None and (known := self._find(draft.id)) is not None:
                return known
            kept = self.slides.blobs.put_file(f"images/{image.id}/layers/{layer_id}", pack, owned=True)
        layer = Layer(
            layer_id,
            image.id,
            image.generation or "",
            manifest.kind,
            draft.origin,
            draft.title,
            draft.title_zh,
            draft.producer,
            draft.producer_version,
            manifest.count,
            manifest.classes,
            manifest.columns,
            self.slides.clock(),
            None if actor is None else actor.person_id,
            kept.key,
            kept.size,
            kept.sha256,
            draft.computed_on,
        )
        try:
            self._announce(layer, image, actor)
        except BaseException as error:
            known = self._find(layer_id)
            if known is None:
                self.slides.blobs.delete(kept.key)
            elif isinstance(error, sa.exc.IntegrityError):
                # Another worker wrote the same layer under the same key meanwhile: the content is theirs.
                return known
            raise
        self.slides.write_manifest(image.id, kept)
        return layer

    def _announce(self, layer: Layer, image: Image, actor: Actor | None) -> None:
        detail = {"layer": layer.id, "kind": layer.kind.value, "count": layer.count}
        with transaction(self.slides.database) as connection:
            self.slides.tell(actor, "layers.add", image.summary, **detail)
            store.add_layer(connection, layer)
            self.slides.attach(connection, image.id, layer.blob_key)
            outbox.publish(
                connection,
                LayerBecameAvailable(layer.created_at, image.id, image.summary.organisation_id, layer.id),
            )

    def remove(self, layer_id: str, actor: Actor | None = None) -> Layer:
        """Remove a layer with its content.

        Raises:
            NotFound: there is no such layer.
        """
        with transaction(self.slides.database) as connection:
            layer = store.find_layer(connection, layer_id)
            if layer is None:
                raise NotFound("There is no such layer.")
            image = self.slides.get_image_of_any(layer.image_id)
            self.slides.tell(actor, "layers.remove", image.summary, layer=layer.id)
            store.remove_layer(connection, layer_id)
            self.slides.detach(connection, layer.blob_key)
        self.slides.write_manifest(image.id)
        self.slides.blobs.delete(layer.blob_key)
        return layer

    # Looking -------------------------------------------------------------------------------------------

    def list_layers(self, actor: Actor, image_id: str) -> list[tuple[Layer, bool]]:
        """The layers of an image, each with whether it is stale. Raises as `Slides.permit` does."""
        image = self.slides.permit(actor, image_id, VIEW).image
        with reading(self.slides.database) as connection:
            return [(each, _is_stale(each, image)) for each in store.list_layers(connection, image_id)]

    def list_all(self, image_id: str) -> list[Layer]:
        """The layers of an image of any organisation; for the operator."""
        with reading(self.slides.database) as connection:
            return store.list_layers(connection, image_id)

    def open_layer(self, actor: Actor, image_id: str, layer_id: str) -> OpenLayer:
        """A layer of an image that the actor may see.

        Raises:
            NotFound: the actor may not see the image, or it has no such layer.
            Damaged: its content is not what was written.
        """
        permitted = self.slides.permit(actor, image_id, VIEW)
        self.looked(permitted, "layers")
        return self._open(permitted.image, layer_id)

    def export(self, actor: Actor, image_id: str, layer_id: str, form: str) -> OpenLayer:
        """A layer that leaves the node as a file, once that stands in the log. Raises as `open_layer` does.

        Raises:
            NotPermitted: the actor may look at the slide and not export it.
            Invalid: a heatmap has no cells to write.
        """
        permitted = self.slides.permit(actor, image_id, EXPORT)
        opened = self._open(permitted.image, layer_id)
        if opened.layer.kind is LayerKind.HEATMAP and form not in _OF_RASTERS:
            raise Invalid("A heatmap is a raster; it has no cells to write as {form}.", form=form)
        detail = {"layer": layer_id, "form": form}
        self.slides.tell(permitted.actor, "layers.export", permitted.image.summary, **detail)
        return opened

    def export_dicom(self, actor: Actor, image_id: str, layer_id: str) -> tuple[Layer, bytes]:
        """A layer as a DICOM object: cells as bulk annotations, a heatmap as a parametric map.

        It names the patient only to whoever may read what the file says of the patient. Raises as `export`.

        Raises:
            Conflict: the image has no DICOM form yet, or the layer was made for an earlier scan.
            Invalid: the model abstained everywhere.
        """
        opened = self.export(actor, image_id, layer_id, DICOM)
        layer = opened.layer
        if opened.is_stale:
            raise Conflict("The layer was made for an earlier scan, which has no DICOM form any more.")
        arguments = {
            "pack": self.slides.blobs.get(layer.blob_key),
            "title": layer.title,
            "origin": layer.origin.value,
            "producer": [layer.producer, layer.producer_version],
            "computed_on": list(layer.computed_on),
            **self.dicom_source(actor, layer.image_id),
        }
        content: bytes = self.slides.workers.call("hemalum.formats.layers.dicom:write_layer", arguments)
        return layer, content

    def dicom_source(self, actor: Actor, image_id: ImageId) -> dict[str, Any]:
        """What an object about an image takes over from it: `header`, and whether it `names_patient`.

        For whoever was permitted to export it.

        Raises:
            Conflict: the image has no DICOM form yet.
        """
        base = next((one for one in self.slides.list_instances(image_id) if one.level == 0), None)
        if base is None:
            raise Conflict("This image has no DICOM form yet; try again in a while.")
        return {
            "header": self.slides.read_header(base),
            "names_patient": self.slides.may(actor, image_id, VIEW_CLINICAL),
        }

    def pick(
        self, actor: Actor, image_id: str, layer_id: str, x_px: float, y_px: float, reach_px: float
    ) -> tuple[Layer, Picked | None]:
        """A layer, and its cell whose outline holds a place (level-0 pixels), else the nearest within reach.

        Raises as `open_layer` does.
        """
        opened = self.open_layer(actor, image_id, layer_id)
        found = cell_at(opened.pack, x_px, y_px, reach_px)
        if found is None:
            return opened.layer, None
        values = tuple(None if np.isnan(value) else float(value) for value in found.values)
        outline = tuple((float(x), float(y)) for x, y in found.outline_px)
        return opened.layer, Picked(found.row, found.x_px, found.y_px, found.class_index, values, outline)

    def _open(self, image: Image, layer_id: str) -> OpenLayer:
        layer = self.get_layer_of(image.id, layer_id)
        is_stale = _is_stale(layer, image)
        return OpenLayer(layer, self.open_pack(layer), is_stale, None if is_stale else _um_per_px(image))

    def open_pack(self, layer: Layer) -> Pack:
        """The content of a layer, read by ranges. Raises Damaged when it is cut off."""
        blobs, key = self.slides.blobs, layer.blob_key
        return Pack(layer.size, lambda offset, length: blobs.get_range(key, offset, length))

    def get_layer_of(self, image_id: ImageId, layer_id: str) -> Layer:
        """A layer of an image that was found to be seen by whoever asks.

        Raises:
            NotFound: that image has no such layer.
        """
        layer = self._find(layer_id)
        if layer is None or layer.image_id != image_id:
            raise NotFound("There is no such layer.")
        return layer

    def _find(self, layer_id: str) -> Layer | None:
        with reading(self.slides.database) as connection:
            return store.find_layer(connection, layer_id)


def _um_per_px(image: Image) -> tuple[float, float] | None:
    across, down = image.summary.spacing_x_um, image.summary.spacing_y_um
    return None if across is None or down is None else (across, down)


def _is_stale(layer: Layer, image: Image) -> bool:
    return layer.generation != image.generation


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
