"""`hemalum synth`: make synthetic slides from the command line."""

import os
import re
from concurrent.futures import Executor
from pathlib import Path

import click

from hemalum.kernel.errors import HemalumError
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.artefacts import ArtefactKind
from hemalum.testing.synth.fluorescence import MARKERS
from hemalum.testing.synth.presets import DEMO_SLIDES, write_slide
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.synth.truth import write_truth
from hemalum.testing.writers import worker_pool, write_tile_bank


class _Size(click.ParamType[tuple[int, int]]):
    name = "WIDTHxHEIGHT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,7})[xX×](\d{1,7})", str(value))
        if not found or int(found[1]) < 1 or int(found[2]) < 1:
            self.fail(f"{value!r} is not a size such as 20000x20000.", param, ctx)
        return int(found[1]), int(found[2])


@click.command("synth")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--size", type=_Size(), default=(12_000, 9_000), show_default="12000x9000", help="Level-0 pixels."
)
@click.option(
    "--tissue", type=click.Choice([k.value for k in TissueKind]), default="colon", show_default=True
)
@click.option("--seed", type=click.IntRange(0, 1_000_000), default=1, show_default=True)
@click.option(
    "--spacing",
    "spacing_um",
    type=click.FloatRange(0.05, 8),
    default=0.25,
    show_default=True,
    help="um between level-0 pixels.",
)
@click.option("--stain", type=click.Choice(sorted(STAINS)), default="he-a", show_default=True)
@click.option(
    "--marker", type=click.Choice(["ki67", "ck", "cd3"]), default=None, help="What a DAB stain marks."
)
@click.option("--scanner", type=click.Choice(sorted(SCANNERS)), default="scanner-a", show_default=True)
@click.option(
    "--artefact",
    "artefacts",
    type=click.Choice([k.value for k in ArtefactKind]),
    multiple=True,
    help="May be given several times.",
)
@click.option("--no-tumour", is_flag=True, help="Healthy tissue only.")
@click.option(
    "--channels",
    type=click.IntRange(0, len(MARKERS)),
    default=0,
    help="Fluorescence with so many channels (.ome.tif).",
)
@click.option("--planes", type=click.IntRange(1, 31), default=1, help="Focal planes, 2 um apart (.ome.tif).")
@click.option("--section", type=click.IntRange(0, 500), default=0, help="Serial section number.")
@click.option(
    "--repeat-tile-bank",
    "distinct",
    type=click.IntRange(1, 512),
    default=None,
    help="Benchmarks: lay so many distinct tiles by hash (.svs).",
)
@click.option(
    "--share-bytes", is_flag=True, help="With a tile bank: equal tiles share one place in the file."
)
@click.option("--truth", type=click.Path(path_type=Path), default=None, help="Folder for the ground truth.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Processes; all cores by default.")
@click.option("--demo", is_flag=True, help="OUT is a folder: write the demo slides into it.")
def synth(
    out: Path,
    size: tuple[int, int],
    tissue: str,
    seed: int,
    spacing_um: float,
    stain: str,
    marker: str | None,
    scanner: str,
    artefacts: tuple[str, ...],
    no_tumour: bool,
    channels: int,
    planes: int,
    section: int,
    distinct: int | None,
    share_bytes: bool,
    truth: Path | None,
    workers: int | None,
    demo: bool,
) -> None:
    """Make a synthetic slide with exact ground truth: OUT ends in .svs, .tif, .ome.tif or .dicom."""
    workers = workers or os.cpu_count() or 1
    try:
        if demo:
            with worker_pool(workers) as pool:
                _write_demo(out, pool)
            return
        slide = SyntheticSlide(
            seed=seed,
            tissue=TissueKind(tissue),
            width_px=size[0],
            height_px=size[1],
            spacing_um=spacing_um,
            stain=STAINS["dab"] if marker else STAINS[stain],
            scanner=SCANNERS[scanner],
            tumour=not no_tumour,
            artefacts=frozenset(ArtefactKind(kind) for kind in artefacts),
            modality=Modality.FLUORESCENCE if channels else Modality.BRIGHTFIELD,
            channel_count=max(1, channels),
            planes_um=tuple(2.0 * (k - (planes - 1) / 2) for k in range(planes)),
            section=section,
            marker=marker,
        )
        if (channels or planes > 1) and not out.name.lower().endswith((".ome.tif", ".ome.tiff")):
            raise click.UsageError("Channels and focal planes need a file that ends in .ome.tif.")
        with worker_pool(workers) as pool:
            _write(out, slide, distinct, share_bytes, pool)
        if truth is not None:
            with _bar(f"{truth.name}: truth") as bar:
                write_truth(slide, truth, progress=bar.to)
    except HemalumError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Could not write {out.name}: {error.strerror}.") from error


def _write(
    out: Path, slide: SyntheticSlide, distinct: int | None, share_bytes: bool, pool: Executor | None
) -> None:
    with _bar(out.name) as bar:
        if distinct is None:
            write_slide(out, slide, pool=pool, progress=bar.to)
            return
        if not out.name.lower().endswith(".svs"):
            raise click.UsageError("A tile bank is written as .svs only.")
        write_tile_bank(
            out,
            slide,
            (slide.width_px, slide.height_px),
            distinct=distinct,
            share_bytes=share_bytes,
            progress=bar.to,
        )


def _write_demo(folder: Path, pool: Executor | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for demo in DEMO_SLIDES:
        with _bar(demo.filename) as bar:
            demo.write(folder, pool=pool, progress=bar.to)


class _bar:  # noqa: N801  reads as a function at its call sites
    """A progress bar that is told how many of how many are done."""

    def __init__(self, label: str) -> None:
        self._bar = click.progressbar(length=1, label=label, show_pos=False)

    def __enter__(self) -> "_bar":
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.finish()
        self._bar.render_finish()

    def to(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
