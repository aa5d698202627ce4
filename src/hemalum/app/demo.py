"""A small node to look at: synthetic slides, made once."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from hemalum.app.node import open_parts, working
from hemalum.capabilities.layers.model import Layer, LayerDraft, LayerOrigin
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.kernel.errors import Conflict
from hemalum.runtime.settings import Settings

if TYPE_CHECKING:
    from hemalum.testing.synth.slide import SyntheticSlide

_DONE = "demo-slides-made"
_TRUTH_TILE_PX = 1024
_CHINESE = {
    "epithelial": "上皮",
    "tumour": "肿瘤",
    "lymphocyte": "淋巴细胞",
    "fibroblast": "成纤维细胞",
    "endothelial": "内皮",
    "plasma": "浆细胞",
    "necrotic": "坏死",
    "mitosis": "核分裂",
    "smooth muscle": "平滑肌",
    "macrophage": "巨噬细胞",
}
"""Classes of the ground truth."""


def seed(settings: Settings) -> None:
    """Give a node the demo slides unless it has them. Says what it does; may be interrupted and repeated."""
    marker = settings.data / _DONE
    if marker.exists():
        return
    from hemalum.testing.synth.presets import DEMO_SLIDES
    from hemalum.testing.writers import worker_pool

    started = time.monotonic()
    click.echo(f"Making {len(DEMO_SLIDES)} synthetic slides for the demo; this happens once.")
    with (
        open_parts(settings) as node,
        working(node),
        tempfile.TemporaryDirectory(prefix="hemalum-demo-") as made,
        worker_pool(os.cpu_count() or 1) as pool,
    ):
        visitor = node.access.ensure_demo_person()
        for demo in DEMO_SLIDES:
            click.echo(f"  {demo.title} ...", nl=False)
            path = demo.write(Path(made), pool=pool)
            for one in node.slides.take_in([path], visitor.organisation_id, visitor.person_id, keep=True):
                summary = node.slides.wait_for(one)
                if summary.status is not ImageStatus.AVAILABLE:
                    raise Conflict(
                        "The demo slide {name} was not taken in: {reason}",
                        name=path.name,
                        reason=summary.reason or "",
                    )
                stated = {"specimen": demo.label, "organ": demo.organ, "stain": demo.stain}
                node.slides.describe(visitor, summary.id, stated | {"laboratory": "Hemalum demo"})
                add_truth(node.layers, summary.id, demo.slide)
            path.unlink()
            click.echo(f" {time.monotonic() - started:.0f} s")
    marker.touch()


def add_truth(layers: Layers, image_id: str, slide: "SyntheticSlide") -> Layer:
    """The nuclei that the slide was made of, as a layer that says so."""
    # A node that serves needs no slide maker.
    from hemalum.testing.synth.cells import CLASS_NAMES

    names = list(dict.fromkeys(CLASS_NAMES.values()))
    classes = [replace(one, name_zh=_CHINESE[one.name]) for one in classes_named(names)]
    numbers = {int(kind): names.index(name) for kind, name in CLASS_NAMES.items()}
    draft = LayerDraft(
        "Nuclei: ground truth of the synthetic slide",
        "hemalum.testing.synth",
        "1",
        LayerOrigin.TRUTH,
        title_zh="细胞核：合成切片的真值",
    )
    return layers.write_cells(
        image_id,
        draft,
        classes,
        _nuclei_of(slide, numbers),
        [ValueColumn("area", "um2")],
        has_outlines=True,
    )


def _nuclei_of(slide: "SyntheticSlide", numbers: Mapping[int, int]) -> Iterator[CellChunk]:
    from hemalum.testing.synth.paint import outline
    from hemalum.testing.synth.truth import nuclei

    spacing = slide.spacing_um
    for top in range(0, slide.height_px, _TRUTH_TILE_PX):
        for left in range(0, slide.width_px, _TRUTH_TILE_PX):
            width, height = (
                min(_TRUTH_TILE_PX, slide.width_px - left),
                min(_TRUTH_TILE_PX, slide.height_px - top),
            )
            rows = nuclei(slide, left, top, width, height)
            rings = outline(rows) / spacing
            x, y = rings[..., 0], rings[..., 1]
            area_px = np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2
            yield CellChunk(
                rows["x"] / spacing,
                rows["y"] / spacing,
                np.array([numbers[int(kind)] for kind in rows["kind"]], np.int64),
                [area_px * spacing**2],
                np.full(len(rows), rings.shape[1]),
                rings.reshape(-1, 2),
            )
