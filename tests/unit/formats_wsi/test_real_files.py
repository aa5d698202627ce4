"""Real files: the pixels of tifffile, OpenSlide and Pillow, or a refusal in one sentence."""

import os
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

SHARED = Path(os.environ.get("HEMALUM_SHARED", Path(__file__).parents[4] / "shared")) / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")

TIFFS = (
    "multiplex/imc-pancreas/E34_imc.tiff",
    "multiplex/imc-pancreas/G01_mask.tiff",
    "multiplex/instanseg_fluorescence_2ch.tif",
    "multiplex/multi-channel.ome.tif",
    "multiplex/ome-axes/cells-2c.ome.tif",
    "multiplex/ome-axes/cells-2t.ome.tif",
    "multiplex/ome-axes/cells-2z.ome.tif",
    "multiplex/ome-axes/cells.ome.tif",
    "multiplex/phenoptr/FIHC4_2_binary_seg_maps.tif",
    "multiplex/phenoptr/FIHC4_2_component_data.tif",
    "multiplex/vectra_polaris_tma.qptiff",
    "slides/edge-cases/boxes.tiff",
    "slides/he_lymph_node_tma_core.tif",
    "slides/cmu-1-small-region.svs",
    "slides/tcga-cr-7395-01a-01-ts1.svs",
    "slides/edge-cases/small.svs",
)
SCANS = (
    "cmu-1-small-region.svs",
    "tcga-cr-7395-01a-01-ts1.svs",
    "edge-cases/small.svs",
    "edge-cases/boxes.tiff",
)
REFUSED = {
    "slides/edge-cases/unreadable.svs": "damaged head",
    "slides/edge-cases/unopenable.tiff": "compression 52479 is not supported",
    "slides/edge-cases/broken.svs": "it is a text file",
    "slides/codecs/RLE_Lossless-RGB-8.rle": "in no format that is known",
    "slides/codecs/JPEG-LS_Lossless_Image_Compression-RGB-8.jls": "not a picture",
    "multiplex/scimap_cycif_cells.h5ad": "an HDF5 file",
    "multiplex/spatialtime/clinical.csv": "a text file",
    "multiplex/spatialtime/TMA1__3_B.csv.gz": "a gzip archive",
}


def whole(slide: Slide, level: int = 0, *, plane: int = 0, channel: int = 0) -> np.ndarray:
    size = slide.description.levels[level].size
    return slide.read_level(
        level, PixelRegion(0, 0, size.width_px, size.height_px), plane=plane, channel=channel
    )


@pytest.mark.parametrize("name", TIFFS)
def test_pixels_are_those_of_tifffile(name: str) -> None:
    with tifffile.TiffFile(SHARED / name) as tiff, open_slide(SHARED / name) as slide:
        channels = len(slide.description.channels)
        for plane in range(len(slide.description.planes)):
            for channel in range(channels):
                truth = tiff.pages[plane * channels + channel].asarray()
                if truth.ndim == 3 and truth.shape[0] == 3 != truth.shape[2]:
                    truth = np.moveaxis(truth, 0, 2)
                found = whole(slide, plane=plane, channel=channel)
                assert np.array_equal(found, truth.reshape(found.shape))


@pytest.mark.parametrize("name", SCANS)
def test_pixels_and_tags_are_those_of_openslide(name: str) -> None:
    path = SHARED / "slides" / name
    with openslide.OpenSlide(path) as truth, open_slide(path) as slide:
        said = slide.description
        assert slide.frame_index is not None
        assert [(lv.size.width_px, lv.size.height_px) for lv in said.levels] == list(truth.level_dimensions)
        for number, size in enumerate(truth.level_dimensions):
            assert np.array_equal(
                whole(slide, number), np.asarray(truth.read_region((0, 0), number, size).convert("RGB"))
            )
        assert {kind.value for kind in said.associated} == set(truth.associated_images)
        for kind in said.associated:
            image = np.asarray(truth.associated_images[kind.value].convert("RGB"))
            assert np.array_equal(slide.read_associated(kind), image)
        if "aperio.MPP" in truth.properties:
            assert said.spacing_um is not None
            assert said.spacing_um.x_um == float(truth.properties["aperio.MPP"])
        else:
            assert said.spacing_um is None


def test_pictures_are_those_of_pillow() -> None:
    paths = sorted((SHARED / "artefacts").rglob("*.png")) + sorted((SHARED / "artefacts").rglob("*.jpeg"))
    assert len(paths) >= 20
    for path in paths:
        with open_slide(path) as slide, Image.open(path) as truth:
            found = whole(slide)
            assert np.array_equal(
                found, np.asarray(truth.convert("RGB" if found.shape[2] == 3 else "L")).reshape(found.shape)
            )


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(UnreadableSlide) as refusal:
        open_slide(SHARED / name)
    assert REFUSED[name] in str(refusal.value)
    assert str(SHARED) not in str(refusal.value)


def test_vectra_channels_scale_and_label() -> None:
    with open_slide(SHARED / "multiplex/vectra_polaris_tma.qptiff") as slide:
        said = slide.description
        assert [c.name for c in said.channels] == ["DAPI", "FITC", "Cy3"]
        assert said.channels[0].colour == "#0000ff"
        assert said.spacing_um is not None
        assert said.spacing_um.x_um == pytest.approx(0.4965, abs=1e-4)
        assert slide.read_associated(AssociatedKind.LABEL).shape == (120, 199, 3)
