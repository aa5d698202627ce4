"""Every shared real file opens with right pixels, or is refused with one clear sentence.

The truth comes from others: OpenSlide, tifffile, Pillow and pydicom.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import openslide
import pydicom
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.colour import check_colour
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

FOLDERS = ("slides", "artefacts", "multiplex")

# What each file must come to: who tells its true pixels, or the sentence that refuses it.
EXPECTED = {
    "slides/cmu-1-small-region.svs": "openslide",
    "slides/tcga-cr-7395-01a-01-ts1.svs": "openslide",
    "slides/tcga-xk-aaju-01a-01-ts1_sparse.dcm": (
        "The tiles of this DICOM image cannot be placed: it is not TILED_FULL and states no position for any"
        " frame."
    ),
    "slides/he_lymph_node_tma_core.tif": "tifffile",
    "slides/codecs/JPEG-LS_Lossless_Image_Compression-RGB-8.jls": "test_tile.png",
    "slides/codecs/JPEG-LS_Lossy_(Near-Lossless)_Image_Compression-RGB-8.jls": "test_tile.png",
    "slides/codecs/JPEG_2000_Image_Compression-RGB-8.jp2": "pillow",
    "slides/codecs/JPEG_2000_Image_Compression_(Lossless_Only)-RGB-8.jp2": "test_tile.png",
    "slides/codecs/JPEG_Baseline_(Process_1)-RGB-8.jpg": "pillow",
    "slides/codecs/JPEG_Lossless_Non-Hierarchical_(Process_14)-RGB-8.jpg": "test_tile.png",
    "slides/codecs/RLE_Lossless-RGB-8.rle": "is not a slide: it is in no format that is known.",
    "slides/codecs/test_tile.png": "pillow",
    "slides/dicom-objects/seg_image_sm_control_labelmap.dcm": (
        "seg_image_sm_control_labelmap.dcm is a DICOM Label Map Segmentation, not a whole slide image."
    ),
    "slides/dicom-objects/seg_image_sm_dots.dcm": (
        "seg_image_sm_dots.dcm is a DICOM Segmentation, not a whole slide image."
    ),
    "slides/dicom-objects/sm_annotations.dcm": (
        "sm_annotations.dcm is a DICOM Microscopy Bulk Simple Annotations, not a whole slide image."
    ),
    "slides/dicom-objects/sm_image.dcm": "pydicom",
    "slides/dicom-objects/sm_image_grayscale.dcm": "pydicom",
    "slides/dicom-objects/sm_image_jpegls.dcm": "pydicom",
    "slides/dicom-objects/sr_document.dcm": (
        "sr_document.dcm is a DICOM Comprehensive 3D SR, not a whole slide image."
    ),
    "slides/edge-cases/boxes.png": "pillow",
    "slides/edge-cases/boxes.tiff": "openslide",
    "slides/edge-cases/boxes_0.dcm": "openslide",
    "slides/edge-cases/boxes_1.dcm": "pydicom",
    "slides/edge-cases/small.svs": "openslide",
    "slides/edge-cases/broken.svs": "broken.svs is not a slide: it is a text file.",
    "slides/edge-cases/unopenable.tiff": "The TIFF compression 52479 is not supported.",
    "slides/edge-cases/unreadable.svs": "A JPEG tile has a damaged head.",
    "multiplex/imc-pancreas/E34_imc.tiff": "tifffile",
    "multiplex/imc-pancreas/E34_mask.tiff": "tifffile",
    "multiplex/imc-pancreas/G01_imc.tiff": "tifffile",
    "multiplex/imc-pancreas/G01_mask.tiff": "tifffile",
    "multiplex/instanseg_fluorescence_2ch.tif": "tifffile",
    "multiplex/multi-channel.ome.tif": "tifffile",
    "multiplex/ome-axes/cells-2c.ome.tif": "tifffile",
    "multiplex/ome-axes/cells-2t.ome.tif": "tifffile",
    "multiplex/ome-axes/cells-2z.ome.tif": "tifffile",
    "multiplex/ome-axes/cells.ome.tif": "tifffile",
    "multiplex/phenoptr/FIHC4_2_binary_seg_maps.tif": "tifffile",
    "multiplex/phenoptr/FIHC4_2_component_data.tif": "tifffile",
    "multiplex/phenoptr/Set4_6plex_composite.jpg": "pillow",
    "multiplex/phenoptr/FIHC4_2_cell_seg_data.txt": "is not a slide: it is a text file.",
    "multiplex/phenoptr/Set4_6plex_cells.csv.gz": "is not a slide: it is a gzip archive; unpack it first.",
    "multiplex/scimap_cycif_cells.h5ad": "is not a slide: it is an HDF5 file.",
    "multiplex/spatialtime/clinical.csv": "is not a slide: it is a text file.",
    "multiplex/vectra_polaris_tma.qptiff": "tifffile",
    "multiplex/visium_spatial/tissue_hires_image.png": "pillow",
    "multiplex/visium_spatial/tissue_lowres_image.png": "pillow",
    "artefacts/histoprep/slide.jpeg": "pillow",
    "artefacts/histoprep/slide_with_ink.jpeg": "pillow",
    "artefacts/histoprep/tma_spots.jpeg": "pillow",
    "artefacts/histoqc/coverslip_edge_he.png": "pillow",
    "artefacts/histoqc/coverslip_edge_he_mask.png": "pillow",
    "artefacts/histoqc/pen_black.png": "pillow",
    "artefacts/histoqc/pen_red.png": "pillow",
    "artefacts/histolab/almost-white-2.png": "pillow",
    "artefacts/histolab/high-nuclei-score-red-pen-level1.png": "pillow",
    "artefacts/histolab/tcga-lung-rgb.png": "pillow",
}

SPACING_UM = {
    "slides/cmu-1-small-region.svs": 0.499,
    "slides/tcga-cr-7395-01a-01-ts1.svs": None,
    "slides/he_lymph_node_tma_core.tif": 0.500,
    "slides/edge-cases/boxes.tiff": None,
    "slides/edge-cases/small.svs": 0.499,
    "multiplex/vectra_polaris_tma.qptiff": 0.4965,
    "multiplex/ome-axes/cells.ome.tif": 0.25,
    "artefacts/histoprep/slide.jpeg": None,
}

CHROMA = 1.5
"""Mean difference, of 255, that other JPEG decoders may make by enlarging chroma in their own way."""


type Shared = Callable[[str], Path]


@pytest.mark.parametrize("name", EXPECTED)
def test_file_comes_to_what_is_expected(shared: Shared, name: str) -> None:
    path, expected = shared(name), EXPECTED[name]
    if expected.endswith("."):
        with pytest.raises(UnreadableSlide) as caught:
            open_slide(path)
        assert str(caught.value).endswith(expected)
        assert _is_one_sentence(str(caught.value), path)
        return
    with open_slide(path) as slide:
        _check_pixels(slide, path, expected)
        verdict = check_colour(slide, [path])
        assert verdict.refusal is None
        assert verdict.warnings == ()


def test_every_other_file_opens_or_is_refused_with_one_sentence(shared: Shared) -> None:
    data = shared(".")
    for path in sorted(file for folder in FOLDERS for file in shared(folder).rglob("*") if file.is_file()):
        if str(path.relative_to(data)) in EXPECTED:
            continue
        refusal = None
        try:
            with open_slide(path) as slide:
                assert slide.thumbnail(32).size
        except UnreadableSlide as error:
            refusal = str(error)
        assert refusal is None or _is_one_sentence(refusal, path)


@pytest.mark.parametrize("name", SPACING_UM)
def test_physical_scale_is_the_stated_one(shared: Shared, name: str) -> None:
    with open_slide(shared(name)) as slide:
        stated = slide.description.spacing_um
    if SPACING_UM[name] is None:
        assert stated is None
    else:
        assert stated is not None
        assert (stated.x_um, stated.y_um) == pytest.approx((SPACING_UM[name],) * 2, rel=2e-3)


def test_two_instances_are_one_dicom_slide(shared: Shared) -> None:
    folder = shared("slides/edge-cases")
    with open_slide([folder / "boxes_0.dcm", folder / "boxes_1.dcm"]) as slide:
        assert [kind.value for kind in slide.description.associated] == ["thumbnail"]
        assert len(slide.description.levels) == 1


def test_label_and_macro_of_a_real_svs_equal_openslides(shared: Shared) -> None:
    path = shared("slides/cmu-1-small-region.svs")
    with open_slide(path) as slide, openslide.OpenSlide(path) as other:
        assert {kind.value for kind in slide.description.associated} == {"label", "macro", "thumbnail"}
        for kind in slide.description.associated:
            truth = np.asarray(other.associated_images[kind.value].convert("RGB"))
            assert _difference(slide.read_associated(kind), truth) <= CHROMA


def _check_pixels(slide: Slide, path: Path, expected: str) -> None:
    if expected == "openslide":
        _check_against_openslide(slide, path)
        return
    truth = {
        "pillow": _by_pillow,
        "tifffile": _by_tifffile,
        "pydicom": _by_pydicom,
        "test_tile.png": lambda path: _by_pillow(path.with_name("test_tile.png")),
    }[expected](path)
    size = slide.description.size
    shape = (len(slide.description.planes), len(slide.description.channels), size.height_px, size.width_px)
    assert truth.shape == (*shape, slide.description.pixel.samples)
    for plane, channel in np.ndindex(truth.shape[:2]):
        pixels = slide.read_level(
            0, PixelRegion(0, 0, size.width_px, size.height_px), plane=plane, channel=channel
        )
        is_lossy = path.suffix in (".jpg", ".jpeg") or path.name == "he_lymph_node_tma_core.tif"
        is_lossy |= "Lossy" in path.name
        assert _difference(pixels, truth[plane, channel]) <= (CHROMA if is_lossy else 0)


def _check_against_openslide(slide: Slide, path: Path) -> None:
    with openslide.OpenSlide(path) as other:
        sizes = [(level.size.width_px, level.size.height_px) for level in slide.description.levels]
        assert tuple(sizes) == other.level_dimensions
        for level, (width, height) in enumerate(sizes):
            truth = np.asarray(other.read_region((0, 0), level, (width, height)).convert("RGB"))
            pixels = slide.read_level(level, PixelRegion(0, 0, width, height))
            assert _difference(pixels, truth) <= CHROMA


def _by_pillow(path: Path) -> NDArray[Any]:
    with Image.open(path) as image:
        is_grey = image.mode in ("1", "L")
        pixels = np.asarray(image.convert("L" if is_grey else "RGB"))
    return pixels.reshape(1, 1, *pixels.shape[:2], -1)


def _by_tifffile(path: Path) -> NDArray[Any]:
    """The first series as (planes, channels, height, width, samples); of several moments the first."""
    with tifffile.TiffFile(path) as file:
        array, axes = file.series[0].asarray(), file.series[0].axes.replace("I", "C")
    if "T" in axes:
        array, axes = array.take(0, axis=axes.index("T")), axes.replace("T", "")
    for axis in "ZCS":
        if axis not in axes:
            array, axes = array[..., np.newaxis], axes + axis
    return array.transpose([axes.index(axis) for axis in "ZCYXS"])


def _by_pydicom(path: Path) -> NDArray[Any]:
    """A TILED_FULL instance put together row by row."""
    dataset = pydicom.dcmread(path)
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        stored = pydicom.encaps.generate_frames(
            dataset.PixelData, number_of_frames=int(dataset.NumberOfFrames)
        )
        frames = np.stack([imagecodecs.jpegls_decode(frame) for frame in stored])
    else:
        frames = dataset.pixel_array
    width, height = dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows
    frames = frames.reshape(-1, dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)
    across = -(-width // dataset.Columns)
    rows = [np.concatenate(list(frames[n : n + across]), axis=1) for n in range(0, len(frames), across)]
    return np.concatenate(rows)[np.newaxis, np.newaxis, :height, :width]


def _difference(one: NDArray[Any], two: NDArray[Any]) -> float:
    assert one.shape == two.shape
    return float(np.abs(one.astype(np.float64) - two).mean())


def _is_one_sentence(text: str, path: Path) -> bool:
    body = text.replace(path.name, "The file")
    return body.endswith(".") and ". " not in body and "\n" not in body and len(text) < 240
