"""A small node to look at: synthetic slides, made once."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from hemalum.app.node import open_parts, working
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import (
    CaseQuery,
    Identity,
    Kind,
    PatientIdentifier,
    Priority,
    Request,
    Sex,
    Subspecialty,
)
from hemalum.capabilities.custody.model import Step
from hemalum.capabilities.layers.model import Layer, LayerDraft, LayerOrigin
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery
from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.kernel.errors import Conflict
from hemalum.runtime.settings import Settings

if TYPE_CHECKING:
    from hemalum.testing.synth.slide import SyntheticSlide

_DONE = "demo-slides-made"
_CASES_DONE = "demo-cases-made"
_MOST_DEMO_SLIDES = 100
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


def seed_cases(settings: Settings) -> None:
    """Give a demo node the cases that its slides are of, unless it has them. May be repeated."""
    marker = settings.data / _CASES_DONE
    if marker.exists():
        return
    from hemalum.testing.synth.presets import DEMO_SLIDES

    titles = {demo.title: demo.filename for demo in DEMO_SLIDES}
    with open_parts(settings) as node:
        visitor = node.access.ensure_demo_person()
        listed = node.slides.list_images(visitor, LibraryQuery(limit=_MOST_DEMO_SLIDES)).items
        images = {image.name: image.id for image in listed}
        # Whoever was interrupted goes on after the cases that there are.
        made, _ = node.cases.list_cases(visitor, CaseQuery(limit=1))
        for demo in _DEMO_CASES[made:]:
            shown = node.cases.accession(visitor, demo.asked)
            slides = [piece for piece in shown.material if piece.kind is Kind.SLIDE]
            for slide, title in zip(slides, demo.titles, strict=False):
                image = images.get(titles.get(title, ""))
                if image is not None and node.cases.linking.find_case_of(visitor, image) is None:
                    node.cases.linking.link(visitor, image, slide.identifier)
            if demo.is_taken:
                node.cases.assigning.assign(visitor, shown.case.id, visitor.person_id)
        place, points = visitor.organisation_id, node.custody.points
        known = {each.name for each in points.list_for_operator(place)}
        for step, name, room in _DEMO_POINTS:
            if name not in known:
                points.add_for_operator(place, name, room, step)
    marker.touch()


_DEMO_POINTS = (
    (Step.GROSS, "Grossing 1 · 取材 1", "2.01"),
    (Step.EMBED, "Embedding · 包埋", "2.03"),
    (Step.CUT, "Microtome 2 · 切片机 2", "2.04"),
    (Step.STAIN, "Stainer · 染色", "2.05"),
    (Step.RACK, "Scanner desk · 扫描台", "2.08"),
    (Step.FILE, "Archive · 档案室", "0.12"),
)


@dataclass(frozen=True)
class _DemoCase:
    """A case of nobody, whose slides in their order are scanned by the demo slides of these titles."""

    asked: Accession
    titles: tuple[str, ...] = ()
    is_taken: bool = False


def _nobody(name: str, sex: Sex, born: date, number: str) -> Identity:
    return Identity(name, sex, born, (PatientIdentifier("Demo register", number),))


_DEMO_CASES = (
    _DemoCase(
        Accession(
            (
                PartAsked("resection", "Colon", (("H&E", "DAPI, PanCK, E-cadherin, CD3"),)),
                PartAsked("regional", "Lymph node", (("H&E", "H&E"),)),
            ),
            _nobody("Fictional, Ada", Sex.FEMALE, date(1958, 4, 12), "DEMO-0041"),
            Request("Surgery", "Dr Nobody", "Sigmoid tumour at colonoscopy. Type, grade, stage?"),
            subspecialty=Subspecialty.GASTROINTESTINAL,
        ),
        (
            "Colon, adenocarcinoma",
            "Colon, four-channel fluorescence",
            "Lymph node, metastasis",
            "Lymph node, five focal planes",
        ),
        is_taken=True,
    ),
    _DemoCase(
        Accession(
            (PartAsked("margin, frozen section", "Breast", (("H&E",),)),),
            _nobody("虚构·李四", Sex.FEMALE, date(1971, 9, 3), "DEMO-0007"),
            Request("Theatre 3", "Dr Nobody", "Tumour at the margin?"),
            Priority.INTRAOPERATIVE,
            Subspecialty.BREAST,
        ),
        ("Breast, frozen section of a margin",),
    ),
    _DemoCase(
        Accession(
            (PartAsked("core biopsy", "Breast", (("H&E", "Ki-67"),)),),
            _nobody("Invented, Berta", Sex.FEMALE, date(1966, 1, 30), "DEMO-0058"),
            Request("Breast centre", "Dr Nobody", "BI-RADS 5, 14 mm."),
            subspecialty=Subspecialty.BREAST,
        ),
        ("Breast, with pen mark, fold and dust", "Breast, Ki-67 immunostain"),
        is_taken=True,
    ),
    _DemoCase(
        Accession(
            (PartAsked("biopsy", "Stomach", (("H&E", "Giemsa"), ("H&E",))),),
            _nobody("虚构·张三", Sex.MALE, date(1980, 12, 24), "DEMO-0063"),
            Request("Gastroenterology", "Dr Nobody", "Gastritis? Helicobacter?"),
            Priority.URGENT,
            Subspecialty.GASTROINTESTINAL,
        ),
    ),
    _DemoCase(Accession((PartAsked("punch", "Skin", (("H&E",),)),), subspecialty=Subspecialty.SKIN)),
)
"""Nobody has these names; the last case has no patient yet, and the last two wait for their scans."""


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
