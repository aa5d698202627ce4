"""Synthetic slides in files, read back by OpenSlide and tifffile."""

import json
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from click.testing import CliRunner

from hemalum.testing.synth.commands import synth
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.synth.truth import write_truth
from hemalum.testing.writers import (
    JpegOptions,
    SlideScan,
    worker_pool,
    write_dicom,
    write_ome_tiff,
    write_svs,
    write_tiff,
    write_tile_bank,
)

SLIDE = SyntheticSlide(3, TissueKind.COLON, 1500, 1300, 0.5)


def read(path: Path, level: int, x: int, y: int, size: tuple[int, int]) -> np.ndarray:
    with openslide.OpenSlide(path) as slide:
        return np.asarray(slide.read_region((x, y), level, size).convert("RGB")).astype(int)


@pytest.mark.parametrize(
    "jpeg",
    [
        JpegOptions(90, "444"),
        JpegOptions(90, "422"),
        JpegOptions(90, rgb=True),
        JpegOptions(90, rgb=True, adobe_marker=True),
    ],
    ids=["444", "422", "rgb", "rgb-adobe"],
)
def test_openslide_reads_our_svs_as_aperio(tmp_path: Path, jpeg: JpegOptions) -> None:
    path = tmp_path / "a.svs"
    done: list[tuple[int, int]] = []
    write_svs(path, SlideScan(SLIDE), SLIDE, jpeg=jpeg, progress=lambda k, n: done.append((k, n)))
    with openslide.OpenSlide(path) as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.5)
        assert slide.properties["openslide.objective-power"] == "20"
        assert slide.level_dimensions == ((1500, 1300), (375, 325), (93, 81))
        assert set(slide.associated_images) == {"label", "macro", "thumbnail"}
        assert slide.color_profile is not None
    assert done[-1] == (36, 36)
    truth = SLIDE.render(500, 400, 400, 300).astype(int)
    assert np.abs(read(path, 0, 500, 400, (400, 300)) - truth).mean() < 4
    averaged = SLIDE.render(400, 400, 800, 800).reshape(200, 4, 200, 4, 3).mean(axis=(1, 3))
    assert np.abs(read(path, 1, 400, 400, (200, 200)) - averaged).mean() < 4


def test_generic_tiff_is_a_pyramid_with_a_scale(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write_tiff(path, SlideScan(SLIDE), SLIDE, factors=(2, 2))
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff
        assert [level.shape for level in tiff.series[0].levels] == [
            (1300, 1500, 3),
            (650, 750, 3),
            (325, 375, 3),
        ]
        x_resolution = tiff.pages[0].tags["XResolution"].value  # type: ignore[union-attr]
        assert 1e4 * x_resolution[1] / x_resolution[0] == pytest.approx(0.5)
    with openslide.OpenSlide(path) as slide:
        assert slide.properties["openslide.vendor"] == "generic-tiff"
        assert slide.level_count == 3


def test_ome_tiff_keeps_every_plane_and_channel(tmp_path: Path) -> None:
    slide = SyntheticSlide(
        3,
        TissueKind.COLON,
        700,
        600,
        0.5,
        modality=Modality.FLUORESCENCE,
        channel_count=3,
        planes_um=(-2.0, 2.0),
    )
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, slide, factors=(2,))
    with tifffile.TiffFile(path) as tiff:
        series = tiff.series[0]
        assert series.axes == "ZCYX"
        assert [level.shape for level in series.levels] == [(2, 3, 600, 700), (2, 3, 300, 350)]
        assert series.dtype == np.uint16
        pixels = series.asarray()
        assert 'PhysicalSizeX="0.5"' in (tiff.ome_metadata or "")
    for plane in range(2):
        for channel in range(3):
            expected = slide.render(0, 0, 700, 600, plane=plane, channel=channel)[..., 0]
            assert np.array_equal(pixels[plane, channel], expected)


def test_z_stack_in_colour(tmp_path: Path) -> None:
    slide = SyntheticSlide(3, TissueKind.LYMPH_NODE, 520, 400, 0.5, planes_um=(-4.0, 0.0, 4.0))
    path = tmp_path / "z.ome.tif"
    write_ome_tiff(path, slide, factors=(2,), jpeg=None)
    with tifffile.TiffFile(path) as tiff:
        pixels = tiff.series[0].asarray()
        assert tiff.series[0].axes == "ZYXS"
    assert np.array_equal(pixels[2], slide.render(0, 0, 520, 400, plane=2))


def test_dicom_series_opens_as_dicom(tmp_path: Path) -> None:
    slide = SyntheticSlide(3, TissueKind.COLON, 900, 700, 0.5)
    paths = write_dicom(tmp_path / "series.dicom", SlideScan(slide), slide)
    assert all(path.suffix == ".dcm" for path in paths)
    with openslide.OpenSlide(paths[0]) as opened:
        assert opened.properties["openslide.vendor"] == "dicom"
        assert opened.dimensions == (900, 700)
        pixels = np.asarray(opened.read_region((200, 200), 0, (300, 300)).convert("RGB")).astype(int)
    assert np.abs(pixels - slide.render(200, 200, 300, 300)).mean() < 5


def test_worker_processes_write_the_same_bytes(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone.tif", tmp_path / "shared.tif"
    write_tiff(alone, SlideScan(SLIDE), SLIDE, factors=(4,))
    with worker_pool(2) as pool:
        write_tiff(shared, SlideScan(SLIDE), SLIDE, factors=(4,), pool=pool)
    assert alone.read_bytes() == shared.read_bytes()


@pytest.mark.parametrize("share_bytes", [False, True])
def test_tile_bank_is_large_for_little(tmp_path: Path, share_bytes: bool) -> None:
    path = tmp_path / "bank.svs"
    write_tile_bank(path, SLIDE, (6144, 4096), distinct=4, tile_px=64, share_bytes=share_bytes)
    with openslide.OpenSlide(path) as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert slide.dimensions == (6144, 4096)
        assert np.asarray(slide.read_region((3000, 2000), 0, (64, 64))).std() > 0
    with tifffile.TiffFile(path) as tiff:
        offsets = tiff.pages[0].dataoffsets  # type: ignore[union-attr]
        assert len(offsets) == 96 * 64
        assert (len(set(offsets)) == 4) is share_bytes


def test_truth_folder_holds_all(tmp_path: Path) -> None:
    slide = SyntheticSlide(3, TissueKind.BREAST, 1600, 1400, 0.5, section=1)
    write_truth(slide, tmp_path)
    regions = json.loads((tmp_path / "regions.geojson").read_text())
    assert regions["type"] == "FeatureCollection"
    assert regions["features"]
    with np.load(tmp_path / "nuclei" / "0-0.npz") as nuclei:
        count = len(nuclei["x_px"])
        assert count > 100
        assert nuclei["outline_px"].shape == (count, 24, 2)
    with np.load(tmp_path / "masks.npz") as masks:
        assert masks["tissue"].shape == (88, 100)
    with np.load(tmp_path / "section.npz") as section:
        assert section["landmarks_px"].shape[1] == 4


def test_command_writes_a_slide_and_its_truth(tmp_path: Path) -> None:
    out = tmp_path / "made.svs"
    done = CliRunner().invoke(
        synth,
        f"{out} --size 600x500 --tissue lymph-node --seed 5 --spacing 0.5 --workers 1 --artefact pen "
        f"--truth {tmp_path / 'truth'}".split(),
    )
    assert done.exit_code == 0, done.output
    assert openslide.OpenSlide.detect_format(out) == "aperio"
    assert (tmp_path / "truth" / "regions.geojson").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--size", "0x5"],
        ["--size", "big"],
        ["--channels", "3"],
        ["--planes", "5"],
        ["--tissue", "moon"],
    ],
)
def test_command_refuses_what_cannot_be(tmp_path: Path, arguments: list[str]) -> None:
    done = CliRunner().invoke(synth, [str(tmp_path / "made.svs"), "--workers", "1", *arguments])
    assert done.exit_code == 2
    assert "Error" in done.output


def test_command_says_why_it_cannot_write(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        synth, [str(tmp_path / "none" / "a.svs"), "--size", "300x300", "--workers", "1"]
    )
    assert done.exit_code == 1
    assert "Could not write a.svs" in done.output
