"""One node in this process, with slides in colour and models made on the spot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from hemalum.analysis import stain
from hemalum.app.node import Parts, open_parts, working
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.inference.model import InferenceRun
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Version
from hemalum.formats.model.contract import Status
from hemalum.formats.model.shipped import shipped_models
from hemalum.kernel.actor import Actor
from hemalum.runtime.jobs import Run
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from hemalum.testing.models import write_model

PATIENCE_S = 120
DEPOSIT_PX = (450, 450)
"""The middle of the deposit on the slide of nodes, across and down."""
DIVIDING = (40, 41, 56, 83)
"""Numbers, in `nuclei_middles`, of the nuclei that divide."""


class DirectRun(Run):
    """A job whose steps are done at once, and only once for each name, as durable ones are."""

    def __init__(self, *, dies_after: str = "") -> None:
        super().__init__("direct", lambda: False)
        self.done: dict[str, Any] = {}
        self.dies_after = dies_after

    def cancelled(self) -> bool:
        # The worker of this process has stopped; this job is none of its.
        return False

    def step[T](self, name: str, function: Callable[[], T]) -> T:
        if name not in self.done:
            result = function()
            if name == self.dies_after:
                # The work was done, and its process died before anybody noted that.
                raise KeyboardInterrupt
            self.done[name] = result
        kept: T = self.done[name]
        return kept


@dataclass
class Laboratory:
    """The node as tests use it."""

    parts: Parts
    images: dict[str, str]
    """By name: tissue, blank, unscaled, nuclei, dividing, pen, nodes."""
    actor: Actor
    reader: Actor
    """A pathologist, who sees nothing of models in shadow."""
    reviewer: Actor
    """Manages quality."""
    pictures: dict[str, NDArray[np.uint8]]
    """The pixels of the slides."""
    folder: Path

    @property
    def inference(self) -> Inference:
        return self.parts.inference

    def shipped(self, model_id: str) -> Version:
        """A model that comes with Hemalum; added again it is the same version."""
        known = self.parts.models.versions_of(self.actor.organisation_id)
        for each in known:
            if each.contract.identity.id == model_id:
                return each
        (folder,) = (each for each in shipped_models() if each.name == model_id)
        return self.parts.models.add(self.actor, folder)

    def add(self, name: str, edit: Callable[[str], str] = lambda text: text, **options: Any) -> Version:
        """A version in the node, checked as every one is; by its name no other test has it."""

        return self.parts.models.add(self.actor, self.write(name, edit, **options))

    def write(
        self,
        name: str,
        edit: Callable[[str], str] = lambda text: text,
        *,
        folder: str = "",
        version: str = "1.0.0",
        **options: Any,
    ) -> Path:
        """The folder of a version."""

        def named(text: str) -> str:
            text = text.replace("sample.violet", f"sample.{name}")
            return edit(text.replace('version = "1.0.0"', f'version = "{version}"'))

        return write_model(self.folder / (folder or name), edit=named, **options)

    def in_shadow(self, version: Version) -> Version:
        return self.parts.models.set_status(self.actor, version.id, Status.SHADOW, "to be compared")

    def ran(
        self, *versions: Version, on: str = "tissue", inference: Inference | None = None
    ) -> list[InferenceRun]:
        """Start versions on a slide and do their pass; the runs as they ended."""
        node = inference or self.inference
        begun = node.start(self.actor, self.images[on], [each.id for each in versions])
        if any(each.state.is_live for each in begun):
            node.do(DirectRun(), begun[0].pass_id)
        return [node.get_run(self.actor, each.id) for each in begun]


@pytest.fixture(scope="package")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("inference")
    settings = load_settings(folder / "node", {"HEMALUM_MODEL_WORKERS": "1"})
    with open_parts(settings) as parts:
        parts.access.ensure_first_people()
        parts.access.add_person("reader", "A reader", "home", Role.PATHOLOGIST)
        parts.access.add_person("reviewer", "A reviewer", "home", Role.QUALITY_MANAGER)
        pictures = make_pictures()
        made = make_slides(folder, pictures)
        with working(parts):
            images = {}
            for name, path in made.items():
                (received,) = parts.slides.take_in([path], "home")
                summary = parts.slides.wait_for(received, PATIENCE_S)
                assert summary.status == "available", summary.reason
                images[name] = summary.id
        people = {name: parts.access.actor_for(name) for name in ("admin", "reader", "reviewer")}
        yield Laboratory(
            parts, images, people["admin"], people["reader"], people["reviewer"], pictures, folder
        )


def make_pictures() -> dict[str, NDArray[np.uint8]]:
    """Tissue over several blocks, a part of it, and glass without anything."""
    noise = np.random.default_rng(4).integers(-2, 3, (700, 900, 3))
    tissue = samples.picture(1060, 1200, seed=5)
    return {
        "tissue": tissue,
        "blank": (244 + noise).astype(np.uint8),
        "unscaled": tissue[:500, :700],
        "nuclei": stained_nuclei(),
        "dividing": dividing_nuclei(),
        "pen": pen_marks(),
        "nodes": nodes(),
    }


def nuclei_middles() -> NDArray[np.float64]:
    """Row and column of the nuclei of the slide of that name; the seams of patches cross some."""
    rows, columns = np.mgrid[74:506:40, 74:626:40]
    shift = np.random.default_rng(3).uniform(-6, 6, (2, *rows.shape))
    middles: NDArray[np.float64] = np.stack([rows + shift[0], columns + shift[1]], -1).reshape(-1, 2)
    return middles


def stained_nuclei(height: int = 580, width: int = 700) -> NDArray[np.uint8]:
    """Round nuclei of haematoxylin, 8 um across at 0.5 um/px, on pink ground with glass around."""
    rows, columns = np.mgrid[:height, :width]
    inside = np.zeros((height, width), bool)
    for row, column in nuclei_middles():
        inside |= np.hypot(rows - row, columns - column) <= 8
    amounts = np.stack([np.where(inside, 0.8, 0.02), np.full(inside.shape, 0.15)], -1)
    pixels = stain.rendered(amounts.astype(np.float32), stain.RUIFROK_HE)
    glass = np.full_like(pixels, 244)
    glass[50:-50, 50:-50] = pixels[50:-50, 50:-50]
    return glass


def dividing_nuclei() -> NDArray[np.uint8]:
    """The same nuclei, no two as dark, with plates of dense chromatin in the place of `DIVIDING`."""
    glass = stained_nuclei()
    rows, columns = np.mgrid[: glass.shape[0], : glass.shape[1]]
    amount = np.full(rows.shape, 0.02)
    densities = np.random.default_rng(9).uniform(0.5, 0.7, len(nuclei_middles()))
    for number, (row, column) in enumerate(nuclei_middles()):
        is_dividing = number in DIVIDING
        across = 4 if is_dividing else 8
        inside = ((rows - row) / across) ** 2 + ((columns - column) / 8) ** 2 <= 1
        amount[inside] = 1.3 if is_dividing else densities[number]
    amounts = np.stack([amount, np.full(amount.shape, 0.15)], -1)
    glass[50:-50, 50:-50] = stain.rendered(amounts.astype(np.float32), stain.RUIFROK_HE)[50:-50, 50:-50]
    return glass


def pen_marks(height: int = 500, width: int = 700) -> NDArray[np.uint8]:
    """Glass with strokes of blue ink and nothing else."""
    noise = np.random.default_rng(6).integers(-2, 3, (height, width, 3))
    glass = 244 + noise
    for first in (100, 220, 340):
        glass[first : first + 50, 80:-80] = (40, 90, 200) + noise[first : first + 50, 80:-80]
    return glass.astype(np.uint8)


def nodes() -> NDArray[np.uint8]:
    """Two round pieces of pink tissue on glass, 300 and 250 um across; in the first a deposit of 160 um."""
    rows, columns = np.mgrid[:900, :1500]
    picture = np.full((*rows.shape, 3), 244, np.uint8)
    picture[np.hypot(rows - 450, columns - 400) <= 300] = (230, 120, 170)
    picture[np.hypot(rows - 450, columns - 1100) <= 250] = (230, 120, 170)
    picture[np.hypot(rows - 450, columns - DEPOSIT_PX[0]) <= 160] = (25, 13, 204)
    return picture


def make_slides(folder: Path, pictures: dict[str, NDArray[np.uint8]]) -> dict[str, Path]:
    """Slides of 0.5 um/px without loss; one states no scale."""
    made = {}
    for name, pixels in pictures.items():
        made[name] = folder / f"{name}.tiff"
        scale = None if name == "unscaled" else (20_000, 20_000)
        tifffile.imwrite(
            made[name],
            pixels,
            tile=(256, 256),
            photometric="rgb",
            compression="deflate",
            resolution=scale,
            resolutionunit=None if scale is None else "CENTIMETER",
            metadata=None,
        )
    return made
