"""Scans are looked at without being asked, and what is told of each is what lies on the glass."""

import csv
import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import sqlalchemy as sa
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.app.node import Parts, open_parts, working
from hemalum.capabilities.appraisal.drifting import DriftQuery
from hemalum.capabilities.appraisal.model import (
    NO_TISSUE,
    NOT_BRIGHTFIELD,
    ONLY_INK,
    Appraisal,
    AppraisalState,
    Figures,
    Measure,
)
from hemalum.capabilities.appraisal.routes import export_drift, show_drift
from hemalum.capabilities.appraisal.service import LOOK_JOB, Appraising, Walk
from hemalum.capabilities.appraisal.tables import slide_table, staining_table
from hemalum.capabilities.slides import store as slide_store
from hemalum.kernel.actor import Actor
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.writers import SlideScan, write_svs

PATIENCE_S = 120
UM = 0.5
LABORATORIES = {"strong": ("he-c", "scanner-a"), "pale": ("he-pale", "scanner-b")}


@dataclass
class Laboratory:
    parts: Parts
    actor: Actor
    paths: dict[str, Path]
    images: dict[str, str]

    @property
    def appraising(self) -> Appraising:
        return self.parts.appraising

    def told(self, name: str) -> Appraisal:
        found = self.appraising.appraise(self.images[name])
        assert found is not None
        assert self.appraising.show(self.actor, self.images[name]) == found
        return found

    def kept(self, name: str) -> Any:
        """The row that drift is told from."""
        table = staining_table
        with reading(self.parts.database) as connection:
            return connection.execute(sa.select(table).where(table.c.image_id == self.images[name])).first()

    def figures(self, name: str) -> Figures:
        found = self.told(name)
        assert found.figures is not None, found.reason
        return found.figures


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("appraisal")
    with open_parts(load_settings(folder / "node", {})) as parts:
        parts.access.ensure_first_people()
        paths = make_slides(folder)
        images: dict[str, str] = {}
        with working(parts):
            for name, path in paths.items():
                (received,) = parts.slides.take_in([path], "home")
                summary = parts.slides.wait_for(received, PATIENCE_S)
                assert summary.status == "available", summary.reason
                images[name] = summary.id
            # The last that came: all before it were considered, too.
            until = time.monotonic() + PATIENCE_S
            actor = parts.access.actor_for("admin")
            while parts.appraising.show(actor, images["sharp"]) is None:
                assert time.monotonic() < until, "nobody looked at the scan"
                parts.queue.wait("none", timeout_s=0.1)
        for name in ("sharp", "blurred", "pen", "blank"):
            parts.slides.describe(actor, images[name], {"stain": "HE"})
        for name, (_, scanner) in LABORATORIES.items():
            stated = {"stain": "HE", "scanner_model": SCANNERS[scanner].model}
            parts.slides.describe(actor, images[name], stated)
        yield Laboratory(parts, actor, paths, images)


def make_slides(folder: Path) -> dict[str, Path]:
    rgb = samples.picture(1060, 1300, seed=5)
    rgb[:, -300:] = 244
    noise = np.random.default_rng(6).integers(-2, 3, (1060, 1300, 3))
    blank = (244 + noise).astype(np.uint8)
    pen = blank.copy()
    pen[300:500, 100:1100] = (40, 90, 200)
    pictures = {
        "blurred": np.stack([ndimage.gaussian_filter(rgb[..., each], 3) for each in range(3)], -1),
        "pen": pen,
        "blank": blank,
        "unscaled": rgb[:600, :700],
        "changed": rgb[:700, :800],
        "sharp": rgb,
    }
    paths = {"fluorescent": samples.ome_tiff(folder).path}
    for name, (stain, scanner) in LABORATORIES.items():
        slide = SyntheticSlide(
            seed=7,
            tissue=TissueKind.COLON,
            width_px=1024,
            height_px=1024,
            spacing_um=UM,
            stain=STAINS[stain],
            scanner=SCANNERS[scanner],
        )
        paths[name] = folder / f"{name}.svs"
        write_svs(paths[name], SlideScan(slide), slide)
    for name, pixels in pictures.items():
        paths[name] = write(folder / f"{name}.tiff", pixels, None if name == "unscaled" else UM)
    return paths


def write(path: Path, pixels: NDArray[np.uint8], um: float | None) -> Path:
    resolution = None if um is None else (10_000 / um, 10_000 / um)
    unit = None if um is None else "CENTIMETER"
    options = {"tile": (256, 256), "photometric": "rgb", "compression": "deflate", "metadata": None}
    tifffile.imwrite(path, pixels, resolution=resolution, resolutionunit=unit, **options)
    return path


def test_a_slide_that_came_in_was_looked_at_without_being_asked(laboratory: Laboratory) -> None:
    figures = laboratory.figures("sharp")
    whole_mm2 = 1060 * 1300 * UM**2 / 1e6
    assert figures.tissue_mm2 == pytest.approx(figures.tissue_share * whole_mm2, rel=0.02)
    assert 0.3 < figures.tissue_share < 0.8
    assert figures.place_um == UM
    assert 0 < len(figures.places) <= 16
    for place in figures.places:
        assert place.side_px == 256
        assert 0 <= place.x_px <= 1300 - 256
        assert 0 <= place.y_px <= 1060 - 256
    assert figures.median_blur is not None


def test_places_of_a_blurred_scan_are_more_blurred(laboratory: Laboratory) -> None:
    sharp, blurred = laboratory.figures("sharp"), laboratory.figures("blurred")
    of_sharp = {(each.x_px, each.y_px): each.blur for each in sharp.places}
    of_blurred = {(each.x_px, each.y_px): each.blur for each in blurred.places}
    assert sharp.blurred_places == 0
    assert blurred.blurred_places == len(blurred.places)
    both = of_sharp.keys() & of_blurred.keys()
    assert both
    assert all((of_blurred[at] or 0) > (of_sharp[at] or 1) for at in both)


def test_stains_of_two_laboratories_are_told_apart(laboratory: Laboratory) -> None:
    strong, pale = (laboratory.figures(name).staining for name in LABORATORIES)
    assert strong.rejected is pale.rejected is None
    assert strong.haematoxylin is not None
    assert strong.eosin is not None
    assert pale.haematoxylin is not None
    assert pale.eosin is not None
    assert strong.haematoxylin.strength > 1.2 * pale.haematoxylin.strength
    assert strong.eosin.strength > 1.1 * pale.eosin.strength
    assert max(each.degrees for each in (strong.haematoxylin, strong.eosin)) < 30
    kept = laboratory.kept("strong")
    assert kept.organisation_id == "home"
    assert (kept.vendor, kept.scanner_serial, kept.stain) == ("Aperio", "SYNTH007", "he")
    assert kept.haematoxylin_strength == strong.haematoxylin.strength
    assert kept.eosin_degrees == strong.eosin.degrees
    assert kept.blur == laboratory.figures("strong").median_blur


def test_of_another_stain_only_mean_and_spread_are_told(laboratory: Laboratory) -> None:
    image_id = laboratory.images["pale"]
    before = laboratory.figures("pale").staining
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"stain": "PAS"})
    other = laboratory.figures("pale").staining
    assert (other.haematoxylin, other.eosin, other.rejected) == (None, None, None)
    assert other.colouring is not None
    assert laboratory.kept("pale").stain == "pas"
    assert laboratory.kept("pale").haematoxylin_strength is None
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"stain": "HE"})
    assert laboratory.figures("pale").staining == before


def test_what_is_stated_of_the_scanner_counts_without_another_look(laboratory: Laboratory) -> None:
    image_id = laboratory.images["sharp"]
    before = laboratory.told("sharp")
    stated = {"scanner_model": "GT 450 DX", "laboratory": "South", "acquired_at": "2026-01-02T03:04:05Z"}
    laboratory.parts.slides.describe(laboratory.actor, image_id, stated)
    assert not laboratory.appraising.consider(image_id)
    kept = laboratory.kept("sharp")
    assert (kept.scanner_model, kept.laboratory) == ("GT 450 DX", "South")
    assert kept.scanned_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert laboratory.told("sharp") == before


def test_drift_is_told_by_scanner_and_stain(laboratory: Laboratory) -> None:
    assert all(laboratory.figures(name).staining.eosin for name in LABORATORIES)
    now = laboratory.parts.slides.clock()
    query = DriftQuery(now - timedelta(days=1800), now + timedelta(minutes=1))
    lines = show_drift(query, laboratory.actor, laboratory.appraising).lines
    by_model = {one.line.scanner_model: one for one in lines}
    strong, pale = (by_model[laboratory.kept(name).scanner_model] for name in LABORATORIES)
    assert strong.stain_name.en == "H&E"
    assert {each.measure for each in strong.measures} == set(Measure)
    weeks = [{each.measure: each.weeks[-1].median for each in one.measures} for one in (strong, pale)]
    assert weeks[0][Measure.HAEMATOXYLIN_STRENGTH] > weeks[1][Measure.HAEMATOXYLIN_STRENGTH]
    table = export_drift(query, laboratory.actor, laboratory.appraising).body
    rows = list(csv.DictReader(io.StringIO(bytes(table).decode("utf-8-sig"))))
    (row,) = (each for each in rows if each["image_id"] == laboratory.images["pale"])
    assert (row["scanner_model"], row["stain"], row["rejected"]) == ("Synthetic C13220", "he", "")
    assert float(row["eosin_strength"]) == laboratory.kept("pale").eosin_strength


def test_glass_alone_and_ink_alone_are_said_to_be_that(laboratory: Laboratory) -> None:
    for name, reason in (("blank", NO_TISSUE), ("pen", ONLY_INK)):
        told = laboratory.told(name)
        assert (told.state, told.reason, told.figures) == (AppraisalState.NOT_JUDGED, reason, None)
        assert laboratory.kept(name) is None


def test_fluorescence_is_not_judged(laboratory: Laboratory) -> None:
    told = laboratory.told("fluorescent")
    assert (told.state, told.reason) == (AppraisalState.NOT_JUDGED, NOT_BRIGHTFIELD)


def test_without_a_scale_nothing_is_told_until_it_is_stated(laboratory: Laboratory) -> None:
    told = laboratory.told("unscaled")
    assert told.state is AppraisalState.NOT_JUDGED
    assert "um/px" in str(told.reason)
    image_id = laboratory.images["unscaled"]
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"spacing_um": UM})
    assert laboratory.appraising.show(laboratory.actor, image_id) is None
    assert laboratory.figures("unscaled").tissue_mm2 > 0


def test_ink_and_folds_are_told_once_the_stain_is_known(laboratory: Laboratory) -> None:
    image_id = laboratory.images["sharp"]
    before = laboratory.figures("sharp")
    assert before.ink_share is not None
    assert before.fold_share is not None
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"stain": "PAS"})
    other = laboratory.figures("sharp")
    assert (other.ink_share, other.fold_share) == (None, None)
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"stain": "HE"})
    assert laboratory.figures("sharp") == before


def test_a_scan_that_cannot_be_read_is_said_to_be_so_and_stays_available(laboratory: Laboratory) -> None:
    path, image_id = laboratory.paths["changed"], laboratory.images["changed"]
    laboratory.parts.slides.describe(laboratory.actor, image_id, {"stain": "HE"})
    os.truncate(path, path.stat().st_size // 2)
    told = laboratory.told("changed")
    assert told.state is AppraisalState.FAILED
    assert str(told.reason)
    assert laboratory.parts.slides.get_image(laboratory.actor, image_id).status == "available"


def test_a_slide_that_was_scanned_anew_is_looked_at_anew(laboratory: Laboratory) -> None:
    before, image_id = laboratory.told("blank"), laboratory.images["blank"]
    assert not laboratory.appraising.consider(image_id)
    with transaction(laboratory.parts.database) as connection:
        slide_store.update_image(connection, image_id, generation=f"{before.basis[:8]}-anew")
    assert laboratory.appraising.show(laboratory.actor, image_id) is None
    assert laboratory.told("blank").basis != before.basis


def test_slides_that_came_before_are_handed_in_a_few_at_a_time(laboratory: Laboratory) -> None:
    handed_in: list[str] = []

    def enqueue(name: str, arguments: dict[str, str], **_options: object) -> None:
        assert name == LOOK_JOB
        handed_in.append(arguments["image_id"])

    slides = replace(laboratory.parts.slides, queue=cast(Any, SimpleNamespace(enqueue=enqueue)))
    appraising = replace(laboratory.appraising, slides=slides, walk=Walk())
    with transaction(laboratory.parts.database) as connection:
        connection.execute(sa.delete(slide_table))
    appraising.pick_up()
    assert len(handed_in) == 5
    for _ in range(3):
        appraising.pick_up()
    assert sorted(handed_in) == sorted(laboratory.images.values())
    assert appraising.walk.after is None
