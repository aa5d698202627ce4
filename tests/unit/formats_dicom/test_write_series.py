"""What we write is DICOM in the eyes of others: dciodvfy, OpenSlide, wsidicom, pydicom."""

import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import openslide
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hemalum.formats.dicom import part10
from hemalum.formats.dicom.header import Header
from hemalum.formats.dicom.placement import place
from hemalum.formats.dicom.series import decoded_samples, write_series
from hemalum.formats.dicom.uids import series_uids
from hemalum.formats.dicom.wsi_header import build_headers, header_bytes, instance_form
from hemalum.formats.wsi.dicom import open_dicom
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.model import AssociatedKind, Codec, Colour, PixelFormat
from hemalum.kernel.errors import Invalid, NoPhysicalScale, NotFound
from hemalum.kernel.geometry import PixelRegion, PixelSize

KINDS = {
    "jpeg-rgb": {"codec": Codec.JPEG, "colour": Colour.RGB, "label": True, "stain": "H&E", "organ": "skin"},
    "jpeg-ycbcr": {"codec": Codec.JPEG, "colour": Colour.YCBCR, "blank": [(0, 0, 1, 1)]},
    "jpeg-2000": {"codec": Codec.JPEG2000, "colour": Colour.RGB, "blank": [(0, 0, 0, 0)]},
    "raw": {"codec": Codec.RAW, "colour": Colour.RGB, "acquired_at": "2024-05-06T07:08:09+08:00"},
    "deflate": {"codec": Codec.DEFLATE, "colour": Colour.RGB},
    "channels-16": {"codec": Codec.RAW, "colour": Colour.GREY, "dtype": "uint16", "channels": 3},
    "jpeg-ls-16": {"codec": Codec.JPEG_LS, "colour": Colour.GREY, "dtype": "uint16", "blank": [(0, 0, 2, 3)]},
    "jpeg-lossless-16": {
        "codec": Codec.JPEG,
        "colour": Colour.GREY,
        "dtype": "uint16",
        "blank": [(0, 0, 0, 0)],
    },
    "htj2k": {"codec": Codec.HTJ2K, "colour": Colour.GREY, "dtype": "uint16", "blank": [(0, 0, 2, 3)]},
    "z-stack": {"codec": Codec.JPEG, "colour": Colour.YCBCR, "planes": 3},
    "z-and-channels": {
        "codec": Codec.JPEG2000,
        "colour": Colour.GREY,
        "dtype": "uint16",
        "planes": 2,
        "channels": 2,
    },
}


def whole(slide, level=0, plane=0, channel=0):
    size = slide.description.levels[level].size
    region = PixelRegion(0, 0, size.width_px, size.height_px)
    return slide.read_level(level, region, plane=plane, channel=channel)


@pytest.mark.parametrize("kind", KINDS)
def test_written_series_is_valid_and_reads_back(make_slide, tmp_path, kind):
    slide = make_slide(**KINDS[kind])
    paths = write_series(slide, tmp_path)

    if kind != "htj2k":  # newer than dciodvfy, which takes it for an uncompressed transfer syntax
        for path in paths:
            assert_no_error_of_dciodvfy(path)
    with open_dicom(paths) as back:
        mine, theirs = slide.description, back.description
        assert [lv.size for lv in theirs.levels] == [lv.size for lv in mine.levels]
        assert theirs.spacing_um.x_um == pytest.approx(mine.spacing_um.x_um)
        assert theirs.spacing_um.y_um == pytest.approx(mine.spacing_um.y_um)
        assert theirs.planes == mine.planes
        assert theirs.channels == mine.channels
        assert set(theirs.associated) == set(mine.associated)
        assert theirs.stain == mine.stain
        assert theirs.vendor is None
        assert theirs.acquired_at == (mine.acquired_at)
        assert theirs.warnings == ()
        for level in range(2):
            for plane in range(len(mine.planes)):
                for channel in range(len(mine.channels)):
                    assert np.array_equal(
                        whole(slide, level, plane, channel), whole(back, level, plane, channel)
                    )
        for associated in mine.associated:
            difference = np.abs(
                back.read_associated(associated).astype(int) - slide.read_associated(associated)
            )
            assert difference.mean() < 4


@pytest.mark.parametrize("kind", ["jpeg-rgb", "jpeg-ycbcr", "jpeg-2000", "raw", "deflate"])
def test_openslide_sees_the_same_pixels(make_slide, tmp_path, kind):
    slide = make_slide(**{**KINDS[kind], "blank": []})
    paths = write_series(slide, tmp_path)
    with openslide.OpenSlide(str(paths[0])) as theirs:
        assert theirs.level_count == 2
        assert float(theirs.properties["openslide.mpp-x"]) == pytest.approx(0.5)
        assert float(theirs.properties["openslide.mpp-y"]) == pytest.approx(0.4)
        for level in range(2):
            seen = np.asarray(theirs.read_region((0, 0), level, theirs.level_dimensions[level]))[:, :, :3]
            assert np.abs(seen.astype(int) - whole(slide, level)).max() <= 1
        if slide.description.associated:
            assert {"label", "macro"} <= set(theirs.associated_images)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["jpeg-rgb", "jpeg-ycbcr", "jpeg-2000", "raw", "z-stack"])
def test_wsidicom_sees_the_same_pixels(make_slide, tmp_path, kind):
    from wsidicom import WsiDicom

    slide = make_slide(**KINDS[kind])
    write_series(slide, tmp_path)
    with WsiDicom.open(tmp_path) as theirs:
        size = slide.description.size
        assert (theirs.size.width, theirs.size.height) == (size.width_px, size.height_px)
        assert theirs.mpp.width == pytest.approx(0.5)
        for plane in slide.description.planes:
            number = slide.description.planes.index(plane)
            seen = theirs.read_region((0, 0), 0, (size.width_px, size.height_px), z=plane.offset_um)
            difference = np.abs(np.asarray(seen.convert("RGB")).astype(int) - whole(slide, 0, number))
            assert np.percentile(difference, 99) <= 2


def test_length_is_known_before_writing_and_frames_match(make_slide, tmp_path):
    slide = make_slide(codec=Codec.JPEG, colour=Colour.YCBCR, planes=2, blank=[(1, 0, 0, 1)])
    headers = build_headers(
        slide.description, slide.frame_index, slide.sources, series_uids("x", slide.description)
    )
    for header, level in zip(headers, slide.frame_index.levels, strict=True):
        form = instance_form(header)
        whole_file = b"".join(part10.instance_chunks(form, level, slide.sources))
        assert len(whole_file) == part10.instance_length(form, level)
        path = tmp_path / f"{header.level}.dcm"
        path.write_bytes(whole_file)
        dataset = pydicom.dcmread(path)
        frames = list(
            pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames)
        )
        for number, theirs in enumerate(frames, 1):
            mine = part10.frame_bytes(form, level, slide.sources, number)
            assert theirs.rstrip(b"\x00") == mine.rstrip(b"\x00")
        with pytest.raises(NotFound, match="no frame"):
            part10.frame_bytes(form, level, slide.sources, len(frames) + 1)
        with pytest.raises(NotFound):
            part10.frame_bytes(form, level, slide.sources, 0)


def test_extended_offset_table_is_written_and_read(make_slide, tmp_path, monkeypatch):
    monkeypatch.setattr(part10, "_BASIC_TABLE_LIMIT", 1000)
    slide = make_slide(codec=Codec.JPEG, colour=Colour.YCBCR)
    paths = write_series(slide, tmp_path)
    dataset = pydicom.dcmread(paths[0])
    assert len(dataset.ExtendedOffsetTable) == 8 * dataset.NumberOfFrames
    assert_no_error_of_dciodvfy(paths[0])
    with open_dicom(paths) as back:
        assert np.array_equal(whole(slide), whole(back))


def test_uncompressed_frames_past_4_gib_are_encapsulated(make_slide, monkeypatch, tmp_path):
    from hemalum.formats.dicom import stored_form

    slide = make_slide(codec=Codec.RAW, colour=Colour.RGB, levels=1)
    monkeypatch.setattr(stored_form, "_NATIVE_LIMIT", 1000)
    (path,) = write_series(slide, tmp_path)
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1.98"
    with open_dicom([path]) as back:
        assert np.array_equal(whole(slide), whole(back))


@settings(max_examples=40)
@given(shape=st.tuples(*[st.integers(1, 4)] * 4))
def test_frame_order_is_that_of_the_standard(shape):
    """Reading and writing agree on where each frame goes (PS3.3 C.7.6.17.3)."""
    planes, channels, rows, columns = shape
    dataset = Dataset()
    dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows = columns * 10 - 3, rows * 10
    dataset.Columns = dataset.Rows = 10
    dataset.TotalPixelMatrixFocalPlanes, dataset.NumberOfOpticalPaths = planes, channels
    dataset.DimensionOrganizationType = "TILED_FULL"
    dataset.OpticalPathSequence = Sequence([Dataset() for _ in range(channels)])
    zeros = np.zeros(shape)
    level = FrameLevel(
        size=PixelSize(columns * 10 - 3, rows * 10),
        tile=PixelSize(10, 10),
        downsample=1.0,
        codec=Codec.RAW,
        pixel=PixelFormat(1, "uint8"),
        colour=Colour.GREY,
        objects=zeros.astype(np.uint16),
        offsets=zeros.astype(np.uint64),
        lengths=zeros.astype(np.uint32),
    )
    header = Header(dataset, "1.2.840.10008.1.2.1", None, 0, b"", 0)
    placed = place(header, zeros.size, 0)
    plane = np.unique(placed.heights_um, return_inverse=True)[1]
    where = np.ravel_multi_index((plane, placed.paths, placed.rows, placed.columns), shape)
    assert np.array_equal(where, part10.frames_in_order(level))


def test_no_scale_no_dicom(make_slide, tmp_path):
    slide = make_slide(spacing_um=None)
    with pytest.raises(NoPhysicalScale, match="state"):
        write_series(slide, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_floating_point_is_refused(make_slide, tmp_path):
    slide = make_slide(codec=Codec.RAW, colour=Colour.GREY, dtype="uint16", levels=1)
    level = slide.frame_index.levels[0]
    floating = replace(level, pixel=replace(level.pixel, dtype="float32"))
    with pytest.raises(Invalid, match="floating"):
        build_headers(
            slide.description, FrameIndex((floating,)), slide.sources, series_uids("x", slide.description)
        )


def test_headers_are_the_same_each_time(make_slide):
    slide = make_slide(stain="H&E")
    uids = series_uids("image-1", slide.description)

    def headers():
        return [
            header_bytes(h) for h in build_headers(slide.description, slide.frame_index, slide.sources, uids)
        ]

    assert headers() == headers()
    assert series_uids("image-2", slide.description).levels != uids.levels


def test_hostile_text_stays_inside_its_element(make_slide, tmp_path):
    slide = make_slide(
        barcode="a\\b\n" + "x" * 200,
        vendor="\\\\",
        stain="苏木精",
        scanner_model="é" * 100,
        laboratory="上海",
    )
    for path in write_series(slide, tmp_path):
        assert_no_error_of_dciodvfy(path)
        dataset = pydicom.dcmread(path)
        assert len(dataset.ContainerIdentifier) <= 64
        assert dataset.InstitutionName == "上海"


def test_label_instances_warn_of_burned_in_text(make_slide, tmp_path):
    slide = make_slide(label=True)
    for path in write_series(slide, tmp_path):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        shows = dataset.ImageType[2] in ("LABEL", "OVERVIEW")
        assert dataset.BurnedInAnnotation == ("YES" if shows else "NO")
        assert dataset.SpecimenLabelInImage == ("YES" if shows else "NO")
    assert AssociatedKind.LABEL in slide.description.associated


def test_real_series_survives_a_round_trip(tmp_path, shared):
    with open_dicom([shared("slides/dicom-objects/sm_image_jpegls.dcm")]) as slide:
        (path,) = write_series(slide, tmp_path)
        assert_no_error_of_dciodvfy(path)
        with open_dicom([path]) as back:
            assert np.array_equal(whole(slide), whole(back))
            assert back.description.stain == slide.description.stain
            assert back.description.icc_profile == slide.description.icc_profile


def test_decoded_samples_are_little_endian(make_slide):
    slide = make_slide(codec=Codec.DEFLATE, colour=Colour.GREY, dtype="uint16", levels=1)
    level = slide.frame_index.levels[0]
    stream = slide.sources[0].read(0, int(level.lengths[0, 0, 0, 0]))
    samples = np.frombuffer(decoded_samples(level, stream), "<u2").reshape(64, 64)
    assert np.array_equal(samples, whole(slide)[:64, :64, 0])


def assert_no_error_of_dciodvfy(path):
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")
    done = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, timeout=60)
    errors = [line for line in (done.stderr + done.stdout).splitlines() if line.startswith("Error")]
    assert errors == []


def test_serving_needs_no_dicom_library():
    """The server puts instances together; libraries that parse and decode stay in its workers."""
    modules = ("part10", "qido", "multipart", "syntaxes", "uids")
    heavy = ("pydicom", "highdicom", "imagecodecs", "simplejpeg", "PIL")
    code = "import sys;" + "".join(f"import hemalum.formats.dicom.{m};" for m in modules)
    code += f"print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_pydicom_finds_16_bit_frames_in_their_places(make_slide, tmp_path):
    """Columns first, then rows, focal planes, optical paths; OpenSlide and wsidicom read 8 bits only."""
    slide = make_slide(codec=Codec.RAW, colour=Colour.GREY, dtype="uint16", planes=2, channels=3, levels=1)
    (path,) = write_series(slide, tmp_path)
    dataset = pydicom.dcmread(path)
    assert [item.OpticalPathDescription for item in dataset.OpticalPathSequence] == [
        "dye 0",
        "dye 1",
        "dye 2",
    ]
    frames = dataset.pixel_array.reshape(3, 2, 3, 4, 64, 64)
    for channel in range(3):
        for plane in range(2):
            joined = frames[channel, plane].transpose(0, 2, 1, 3).reshape(192, 256)
            assert np.array_equal(joined[:150, :200], whole(slide, 0, plane, channel)[:, :, 0])


def test_highdicom_joins_the_tiles(make_slide, tmp_path):
    import highdicom

    slide = make_slide(codec=Codec.RAW, colour=Colour.RGB)
    theirs = highdicom.imread(write_series(slide, tmp_path)[0])
    joined = theirs.get_total_pixel_matrix(dtype=np.uint8, apply_icc_profile=False)
    assert np.array_equal(joined, whole(slide))
