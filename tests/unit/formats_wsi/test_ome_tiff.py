"""OME-TIFF: planes and channels in every order, pyramids, scale and names as the OME-XML says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hemalum.formats.ome.xml import looks_like_ome, parse_ome, plane_directories
from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, SpacingUm

OME = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1">{}</OME>'
PIXELS = (
    '<Pixels DimensionOrder="{order}" SizeX="8" SizeY="8" SizeZ="{z}" SizeC="{c}" SizeT="{t}" Type="uint8">'
    "{body}</Pixels>"
)


def xml(order: str = "XYZCT", z: int = 1, c: int = 1, t: int = 1, body: str = "") -> str:
    return OME.format(f"<Image ID='i'>{PIXELS.format(order=order, z=z, c=c, t=t, body=body)}</Image>")


def noise(*shape: int, dtype: str = "uint16") -> NDArray[Any]:
    return np.random.default_rng(7).integers(0, 60_000 if dtype == "uint16" else 255, shape).astype(dtype)


def whole(slide: Slide, level: int = 0, **where: int) -> NDArray[Any]:
    size = slide.description.levels[level].size
    return np.asarray(slide.read_level(level, PixelRegion(0, 0, size.width_px, size.height_px), **where))


@given(
    order=st.permutations("ZCT").map(lambda axes: "".join(axes)),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)),
    byteorder=st.sampled_from("<>"),
)
@settings(max_examples=20)
def test_planes_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, order: str, sizes: tuple[int, int, int], byteorder: str
) -> None:
    """`order` is slowest axis first, as tifffile takes it."""
    counts = dict(zip("ZCT", sizes, strict=True))
    stack = noise(*(counts[axis] for axis in order), 40, 50)
    path = tmp_path_factory.mktemp("ome") / "a.ome.tif"
    tifffile.imwrite(
        path,
        stack,
        tile=(32, 32),
        ome=True,
        byteorder=byteorder,
        photometric="minisblack",
        metadata={"axes": order + "YX"},
    )
    truth = np.moveaxis(stack, [order.index(axis) for axis in "TZC"], [0, 1, 2])[0]
    with open_slide(path) as slide:
        assert slide.description.format == "ome-tiff"
        assert (len(slide.description.planes), len(slide.description.channels)) == truth.shape[:2]
        assert any("moments" in str(text) for text in slide.description.warnings) is (counts["T"] > 1)
        assert slide.frame_index is not None
        for plane in range(truth.shape[0]):
            for channel in range(truth.shape[1]):
                found = whole(slide, plane=plane, channel=channel)[:, :, 0]
                assert np.array_equal(found, truth[plane, channel])


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "jpeg2000"])
def test_a_pyramid_in_sub_directories(tmp_path: Path, compression: str | None) -> None:
    levels = [noise(2, 200, 300), noise(2, 100, 150), noise(2, 50, 75)]
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True, bigtiff=True) as writer:
        options: dict[str, Any] = {"tile": (64, 64), "compression": compression, "photometric": "minisblack"}
        if compression == "jpeg2000":
            options["compressionargs"] = {"level": 0}
        writer.write(
            levels[0],
            subifds=2,
            metadata={
                "axes": "CYX",
                "PhysicalSizeX": 325,
                "PhysicalSizeXUnit": "nm",
                "PhysicalSizeY": 0.000325,
                "PhysicalSizeYUnit": "mm",
                "PhysicalSizeZ": 2,
                "Channel": {
                    "Name": ["DAPI", "CD8"],
                    "Color": [65535, -16776961],
                    "ExcitationWavelength": [358, 490],
                    "EmissionWavelength": [0.461, 525],
                    "EmissionWavelengthUnit": ["µm", "nm"],
                },
            },
            **options,
        )
        writer.write(levels[1], subfiletype=1, **options)
        writer.write(levels[2], subfiletype=1, **options)
    with open_slide(path) as slide:
        said = slide.description
        assert said.spacing_um == SpacingUm(pytest.approx(0.325), pytest.approx(0.325))
        assert [(c.name, c.colour) for c in said.channels] == [("DAPI", "#0000ff"), ("CD8", "#ff0000")]
        assert [(c.excitation_nm, c.emission_nm) for c in said.channels] == [(358, 461), (490, 525)]
        assert slide.frame_index is not None
        assert [level.downsample for level in said.levels] == [1, 2, 4]
        for number, level in enumerate(levels):
            for channel in range(2):
                assert np.array_equal(whole(slide, number, channel=channel)[:, :, 0], level[channel])


def test_the_largest_image_is_the_slide_and_named_ones_belong_to_it(tmp_path: Path) -> None:
    label, main, other = (
        noise(30, 40, 3, dtype="uint8"),
        noise(200, 300, 3, dtype="uint8"),
        noise(9, 9, dtype="uint8"),
    )
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(label, photometric="rgb", metadata={"Name": "label image"})
        writer.write(main, photometric="rgb", tile=(64, 64), metadata={"Name": "scan"})
        writer.write(other, metadata={"Name": "x"})
    with open_slide(path) as slide:
        assert slide.description.is_brightfield
        assert slide.description.associated == (AssociatedKind.LABEL,)
        assert np.array_equal(slide.read_associated(AssociatedKind.LABEL), label)
        assert np.array_equal(whole(slide), main)
        assert [*map(str, slide.description.warnings)] == [
            "The file holds 1 more images, which are not shown."
        ]


def test_rgb_whose_samples_are_listed_as_channels(tmp_path: Path) -> None:
    pixels = noise(8, 8, 3, dtype="uint8")
    path = tmp_path / "a.ome.tif"
    body = "<Channel SamplesPerPixel='1'/>" * 3 + "<TiffData/>"
    tifffile.imwrite(path, pixels, photometric="rgb", description=xml(c=3, body=body).encode(), metadata=None)
    with open_slide(path) as slide:
        assert slide.description.is_brightfield
        assert np.array_equal(whole(slide), pixels)


def test_scale_in_units_of_no_length_is_no_scale(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path,
        noise(20, 20),
        metadata={
            "axes": "YX",
            "PhysicalSizeX": 1,
            "PhysicalSizeXUnit": "pixel",
            "PhysicalSizeY": 1,
            "PhysicalSizeYUnit": "reference frame",
        },
        ome=True,
    )
    with open_slide(path) as slide:
        assert slide.description.spacing_um is None


def test_microscope_and_objective_are_found() -> None:
    text = OME.format(
        "<Instrument ID='I:1'><Microscope Manufacturer='M' Model='X' SerialNumber='7'/>"
        "<Objective ID='O:1' NominalMagnification='20'/>"
        "<Objective ID='O:2' NominalMagnification='40'/></Instrument>"
        "<Image ID='i'><AcquisitionDate>2024-01-02T03:04:05</AcquisitionDate><InstrumentRef ID='I:1'/>"
        f"<ObjectiveSettings ID='O:2'/>{PIXELS.format(order='XYZCT', z=1, c=1, t=1, body='')}</Image>"
    )
    image = parse_ome(text).images[0]
    assert image.objective_power == 40
    assert image.microscope == ("M", "X", "7")
    assert image.acquired_at == "2024-01-02T03:04:05"


def test_tiff_data_places_planes() -> None:
    body = '<TiffData IFD="5" FirstC="1"/><TiffData IFD="0" FirstZ="1" PlaneCount="1"/><TiffData IFD="9"/>'
    image = parse_ome(xml(z=2, c=2, body=body)).images[0]
    assert plane_directories(image, 2, None) == {(0, 1, 0): 5, (1, 0, 0): 0, (0, 0, 0): 9}
    image = parse_ome(xml("XYCZT", z=2, c=2, body="<TiffData/>")).images[0]
    assert plane_directories(image, 2, None) == {(0, 0, 0): 0, (0, 1, 0): 1, (1, 0, 0): 2, (1, 1, 0): 3}
    image = parse_ome(xml(z=2, body="")).images[0]
    assert plane_directories(image, 1, None) == {(0, 0, 0): 0, (1, 0, 0): 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<OME", "damaged"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><OME>&a;</OME>', "damaged"),
        (OME.format("<Image/>"), "no pixels"),
        (xml("XYQCT"), "dimension order"),
        (xml(z=0), "SizeZ 0"),
        (xml().replace('SizeZ="1"', 'SizeZ="many"'), "'many' for SizeZ"),
        (xml().replace('SizeZ="1"', 'SizeZ="' + "9" * 5000 + '"'), "for SizeZ"),
    ],
)
def test_bad_xml_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableSlide, match=re.escape(sentence)):
        parse_ome(text)


def test_sets_of_files_and_absurd_counts_are_refused() -> None:
    body = '<TiffData IFD="0"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>'
    with pytest.raises(UnreadableSlide, match="sets of several files"):
        plane_directories(parse_ome(xml(body=body)).images[0], 1, "urn:uuid:1")
    with pytest.raises(UnreadableSlide, match="claims 1000000000 planes"):
        plane_directories(parse_ome(xml(z=1_000_000, t=1000)).images[0], 1, None)


def test_a_plane_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, noise(8, 8), description=xml(z=3).encode(), metadata=None)
    with pytest.raises(UnreadableSlide, match="a plane that the file does not hold"):
        open_slide(path)


def test_only_ome_looks_like_ome() -> None:
    assert looks_like_ome(xml())
    assert not looks_like_ome("Aperio OME>")
