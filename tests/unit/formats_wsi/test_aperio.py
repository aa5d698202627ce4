"""What Aperio's image descriptions say, and how SVS pages are told apart."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.formats.wsi.aperio import read_properties
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelRegion, SpacingUm

HEAD = "Aperio Image Library v12.0.15\r\n512x384 [0,0 512x384] (128x128) JPEG/RGB Q=70"
TAGS = "|AppMag = 40|ScanScope ID = SS1234|Date = 03/07/21|Time = 14:02:59|Time Zone = GMT+08:00|MPP = 0.2502"


def write_svs(path: Path, description: str, *, planes: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    images = {
        name: rng.integers(0, 255, (*shape, 3), np.uint8)
        for name, shape in {
            "base": (384, 512),
            "thumbnail": (48, 64),
            "level": (96, 128),
            "label": (40, 30),
            "macro": (30, 90),
        }.items()
    }
    with tifffile.TiffWriter(path) as writer:
        plain = {"photometric": "rgb", "metadata": None}
        writer.write(images["base"], tile=(128, 128), description=description, **plain)
        writer.write(images["thumbnail"], description=HEAD, **plain)
        for _ in range(planes - 1):
            writer.write(images["base"], tile=(128, 128), description=HEAD, **plain)
        writer.write(images["level"], tile=(128, 128), description=HEAD, **plain)
        writer.write(images["label"], description="Aperio\r\nlabel 30x40", subfiletype=1, **plain)
        writer.write(images["macro"], description="", subfiletype=9, **plain)
    return images


def test_pages_and_tags(tmp_path: Path) -> None:
    images = write_svs(tmp_path / "a.svs", HEAD + TAGS)
    with open_slide(tmp_path / "a.svs") as slide:
        said = slide.description
        assert said.format == "aperio-svs"
        assert said.spacing_um == SpacingUm(0.2502, 0.2502)
        assert said.objective_power == 40
        assert said.scanner_serial == "SS1234"
        assert said.acquired_at == "2021-03-07T14:02:59+08:00"
        assert said.software == "Aperio Image Library v12.0.15"
        assert said.sources["spacing_um"] == "aperio.MPP"
        assert said.warnings == ()
        assert [level.downsample for level in said.levels] == [1, 4]
        assert set(said.associated) == set(AssociatedKind)
        for kind in AssociatedKind:
            assert np.array_equal(slide.read_associated(kind), images[kind.value])
        assert np.array_equal(slide.read_level(1, PixelRegion(0, 0, 128, 96)), images["level"])


@pytest.mark.parametrize(
    ("tags", "warning"),
    [
        ("", None),
        ("|MPP = 0", None),
        ("|MPP = 352.8", "not a plausible scale"),
        ("|MPP = nan|AppMag = x", None),
    ],
)
def test_no_scale_is_guessed(tmp_path: Path, tags: str, warning: str | None) -> None:
    write_svs(tmp_path / "a.svs", HEAD + tags)
    with open_slide(tmp_path / "a.svs") as slide:
        assert slide.description.spacing_um is None
        assert slide.description.objective_power is None
        assert slide.description.acquired_at is None
        assert [warning in str(text) for text in slide.description.warnings if warning] == (
            [True] if warning else []
        )


def test_focal_planes_are_told(tmp_path: Path) -> None:
    write_svs(tmp_path / "a.svs", HEAD + TAGS, planes=3)
    with open_slide(tmp_path / "a.svs") as slide:
        assert [level.size.width_px for level in slide.description.levels] == [512, 128]
        assert any("focal planes" in str(text) for text in slide.description.warnings)


def test_a_page_that_is_missing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.svs"
    tifffile.imwrite(
        path,
        np.zeros((64, 64, 3), np.uint8),
        tile=(64, 64),
        photometric="rgb",
        description=HEAD,
        metadata=None,
    )
    with open_slide(path) as slide:
        assert slide.description.associated == ()
        with pytest.raises(Invalid, match="no label image"):
            slide.read_associated(AssociatedKind.LABEL)


def test_pairs_of_a_slide_cut_from_a_slide() -> None:
    found, software = read_properties("Aperio v1 \r\n2x2;Aperio v0|MPP = 0.5|A = 1|A = 2|odd| = 3")
    assert found == {"MPP": "0.5", "A": "2"}
    assert software == "Aperio v1"
    assert read_properties("") == ({}, "")
