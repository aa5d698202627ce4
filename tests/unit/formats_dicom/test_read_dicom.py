"""DICOM whole slide images read in place, in all the forms that the standard allows."""

import contextlib
import copy
import random
import struct

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.sequence import Sequence

from hemalum.formats.dicom.header import read_header
from hemalum.formats.dicom.series import write_series
from hemalum.formats.dicom.uids import series_uids
from hemalum.formats.dicom.wsi_header import build_headers, header_bytes
from hemalum.formats.wsi.decode import stream_decodes_as
from hemalum.formats.wsi.dicom import group_dicom_files, open_dicom, open_dicom_sources, recognises
from hemalum.formats.wsi.frame_index import read_frame
from hemalum.formats.wsi.model import AssociatedKind, Codec, Colour
from hemalum.formats.wsi.source import FileSource, MemorySource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion


def whole(slide, level=0, plane=0, channel=0):
    size = slide.description.levels[level].size
    region = PixelRegion(0, 0, size.width_px, size.height_px)
    return slide.read_level(level, region, plane=plane, channel=channel)


def frames_of(dataset):
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return list(generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames))
    size = len(dataset.PixelData) // dataset.NumberOfFrames
    return [dataset.PixelData[n * size : (n + 1) * size] for n in range(dataset.NumberOfFrames)]


def with_frames(dataset, frames, *, has_bot=True):
    dataset.NumberOfFrames = len(frames)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        dataset.PixelData = encapsulate(frames, has_bot=has_bot)
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = b"".join(frames)
    return dataset


def saved(dataset, path, **options):
    dataset.save_as(path, enforce_file_format=not options, **options)
    return path


def made_sparse(dataset, order, *, undefined=False):
    """The same instance as TILED_SPARSE with its frames in another order; dropped ones stay out."""
    columns = -(-dataset.TotalPixelMatrixColumns // dataset.Columns)
    rows = -(-dataset.TotalPixelMatrixRows // dataset.Rows)
    planes = dataset.TotalPixelMatrixFocalPlanes
    groups = []
    for number in order:
        rest, column = divmod(number, columns)
        rest, row = divmod(rest, rows)
        path, plane = divmod(rest, planes)
        position = Dataset()
        position.ColumnPositionInTotalImagePixelMatrix = column * dataset.Columns + 1
        position.RowPositionInTotalImagePixelMatrix = row * dataset.Rows + 1
        position.XOffsetInSlideCoordinateSystem = 1.0
        position.YOffsetInSlideCoordinateSystem = 2.0
        position.ZOffsetInSlideCoordinateSystem = 10 + 1.5 * plane
        identification = Dataset()
        identification.OpticalPathIdentifier = str(path + 1)
        content = Dataset()
        content.DimensionIndexValues = [row + 1, column + 1]
        group = Dataset()
        group.FrameContentSequence = Sequence([content])
        group.PlanePositionSlideSequence = Sequence([position])
        group.OpticalPathIdentificationSequence = Sequence([identification])
        if undefined:
            for item in (group, position, identification, content):
                item.is_undefined_length_sequence_item = True
            for element in group:
                element.is_undefined_length = True
        groups.append(group)
    frames = frames_of(dataset)
    dataset.DimensionOrganizationType = "TILED_SPARSE"
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    dataset["PerFrameFunctionalGroupsSequence"].is_undefined_length = undefined
    return with_frames(dataset, [frames[number] for number in order])


@pytest.fixture
def written(make_slide, tmp_path):
    """(slide, data sets as written, finest first)"""

    def write(**kind):
        slide = make_slide(**kind)
        folder = tmp_path / f"written-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return slide, [pydicom.dcmread(path) for path in write_series(slide, folder)]

    return write


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        {"codec": Codec.JPEG, "colour": Colour.YCBCR, "planes": 2},
        {"codec": Codec.JPEG2000, "colour": Colour.GREY, "dtype": "uint16", "planes": 2, "channels": 2},
    ],
)
def test_sparse_frames_in_any_order(written, tmp_path, kind, undefined):
    slide, (dataset, _) = written(**kind)
    order = list(range(dataset.NumberOfFrames))
    random.Random(1).shuffle(order)
    path = saved(made_sparse(dataset, order, undefined=undefined), tmp_path / "sparse.dcm")
    with open_dicom([path]) as back:
        assert back.description.planes == slide.description.planes
        for plane in range(2):
            for channel in range(len(slide.description.channels)):
                assert np.array_equal(whole(slide, 0, plane, channel), whole(back, 0, plane, channel))


def test_sparse_frames_left_out_are_blank(written, tmp_path):
    slide, (dataset, _) = written(codec=Codec.JPEG, colour=Colour.YCBCR)
    path = saved(made_sparse(dataset, [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]), tmp_path / "sparse.dcm")
    with open_dicom([path]) as back:
        assert back.frame_index.levels[0].find(0, 0, 0, 3) is None
        expected = whole(slide).copy()
        expected[:64, 192:] = 255
        assert np.array_equal(whole(back), expected)


def test_sparse_in_implicit_vr(written, tmp_path):
    slide, (dataset, _) = written(codec=Codec.RAW, colour=Colour.RGB)
    dataset = made_sparse(dataset, list(reversed(range(12))))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    path = tmp_path / "implicit.dcm"
    dataset.save_as(path, implicit_vr=True, little_endian=True)
    with open_dicom([path]) as back:
        assert np.array_equal(whole(slide), whole(back))


def test_sparse_tiles_off_the_grid_are_refused(written, tmp_path):
    _, (dataset, _) = written()
    dataset = made_sparse(dataset, list(range(12)))
    group = dataset.PerFrameFunctionalGroupsSequence[5].PlanePositionSlideSequence[0]
    group.ColumnPositionInTotalImagePixelMatrix = 17
    with pytest.raises(UnreadableSlide, match="grid"):
        open_dicom([saved(dataset, tmp_path / "x.dcm")])


def test_two_frames_at_one_place_are_refused(written, tmp_path):
    _, (dataset, _) = written()
    dataset = made_sparse(dataset, [0, 1, 1, 2])
    with pytest.raises(UnreadableSlide, match="same place"):
        open_dicom([saved(dataset, tmp_path / "x.dcm")])


@pytest.mark.parametrize("parts", [2, 5])
def test_concatenation(written, tmp_path, parts):
    slide, (dataset, second) = written(codec=Codec.JPEG, colour=Colour.RGB, planes=2)
    frames = frames_of(dataset)
    cuts = np.linspace(0, len(frames), parts + 1).astype(int)
    paths = [saved(second, tmp_path / "level-1.dcm")]
    for number in range(parts):
        part = copy.deepcopy(dataset)
        part.SOPInstanceUID = part.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number + 1}"
        part.ConcatenationUID = "1.2.3.99"
        part.InConcatenationNumber = number + 1
        part.InConcatenationTotalNumber = parts
        part.ConcatenationFrameOffsetNumber = int(cuts[number])
        paths.append(
            saved(with_frames(part, frames[cuts[number] : cuts[number + 1]]), tmp_path / f"part-{number}.dcm")
        )
    random.Random(2).shuffle(paths)
    with open_dicom(paths) as back:
        for plane in range(2):
            assert np.array_equal(whole(slide, 0, plane), whole(back, 0, plane))
        assert np.array_equal(whole(slide, 1), whole(back, 1))
    with pytest.raises(UnreadableSlide, match="incomplete"):
        open_dicom([path for path in paths if path.name != "part-1.dcm"])


def test_channels_in_files_of_their_own(written, tmp_path):
    slide, (dataset, _) = written(codec=Codec.RAW, colour=Colour.GREY, dtype="uint16", channels=3)
    frames, paths = frames_of(dataset), []
    for channel in range(3):
        part = copy.deepcopy(dataset)
        part.OpticalPathSequence = Sequence([dataset.OpticalPathSequence[channel]])
        part.NumberOfOpticalPaths = 1
        part.SOPInstanceUID = f"1.2.3.{channel + 1}"
        paths.append(
            saved(with_frames(part, frames[channel * 12 : channel * 12 + 12]), tmp_path / f"{channel}.dcm")
        )
    with open_dicom(paths) as back:
        assert back.description.channels == slide.description.channels
        for channel in range(3):
            assert np.array_equal(whole(slide, channel=channel), whole(back, channel=channel))


@pytest.mark.parametrize("has_bot", [True, False])
def test_empty_basic_offset_table(written, tmp_path, has_bot):
    slide, (dataset, _) = written()
    path = saved(with_frames(dataset, frames_of(dataset), has_bot=has_bot), tmp_path / "x.dcm")
    with open_dicom([path]) as back:
        assert np.array_equal(whole(slide), whole(back))


def test_wrong_extended_offset_table_is_refused(written, tmp_path):
    _, (dataset, _) = written()
    frames = frames_of(dataset)
    for offsets in ([0] * 12, [8 * n for n in range(12)], [0, 1 << 60] + [0] * 10, [0] * 11):
        dataset.ExtendedOffsetTable = struct.pack(f"<{len(offsets)}Q", *offsets)
        dataset.ExtendedOffsetTableLengths = struct.pack("<12Q", *map(len, frames))
        path = tmp_path / "x.dcm"
        with_frames(dataset, frames, has_bot=False).save_as(path)
        with pytest.raises(UnreadableSlide, match="offset table"):
            open_dicom([path])


def test_frames_in_fragments_are_refused_but_labels_are_joined(written, tmp_path):
    slide, (dataset, _, label, _) = written(label=True)
    frames = frames_of(dataset)
    dataset.PixelData = encapsulate(frames, fragments_per_frame=2)
    label.PixelData = encapsulate(frames_of(label), fragments_per_frame=3)
    fragmented = saved(dataset, tmp_path / "level.dcm")
    with pytest.raises(UnreadableSlide, match="fragments"):
        open_dicom([fragmented])
    whole_level = saved(with_frames(dataset, frames), tmp_path / "whole.dcm")
    with open_dicom([whole_level, saved(label, tmp_path / "label.dcm")]) as back:
        assert back.description.associated == (AssociatedKind.LABEL,)
        seen = back.read_associated(AssociatedKind.LABEL).astype(int)
        assert np.abs(seen - slide.read_associated(AssociatedKind.LABEL)).mean() < 4


def jpeg_frames(slide, space, markers):
    """All tiles of level 0 as JPEG in a colour space, with colour markers of one's own choice."""
    level, frames = slide.frame_index.levels[0], []
    for row in range(level.rows):
        for column in range(level.columns):
            region = PixelRegion(column * 64, row * 64, 64, 64)
            pixels = np.ascontiguousarray(slide.read_level(0, region))
            stream = bytes(imagecodecs.jpeg8_encode(pixels, 95, colorspace="rgb", outcolorspace=space))
            position = 2
            while stream[position + 1] in (0xE0, 0xEE):
                position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
            frames.append(stream[:2] + markers + with_numbered_components(stream[position:]))
    return frames


def with_numbered_components(stream):
    """Component ids 1, 2, 3, which tell a decoder nothing, for the "R", "G", "B" of libjpeg."""
    stream = bytearray(stream)
    frame, scan = stream.index(b"\xff\xc0"), stream.index(b"\xff\xda")
    for number in range(3):
        stream[frame + 10 + 3 * number] = number + 1
        stream[scan + 5 + 2 * number] = number + 1
    return bytes(stream)


JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("space", "photometric", "markers", "warned"),
    [
        ("rgb", "RGB", ADOBE + b"\x00", False),
        ("rgb", "RGB", b"", False),  # Aperio and PixelMed: a decoder alone would convert
        ("rgb", "RGB", ADOBE + b"\x01", False),
        ("ycbcr", "YBR_FULL_422", JFIF, False),
        ("ycbcr", "YBR_FULL_422", b"", False),
        ("ycbcr", "YBR_FULL_422", ADOBE + b"\x00", False),  # wsidicomizer 0.26
        ("ycbcr", "YBR_FULL", ADOBE + b"\x01", False),
        ("ycbcr", "RGB", JFIF, True),
    ],
)
def test_colour_trap_is_closed(written, tmp_path, space, photometric, markers, warned):
    slide, (dataset, _) = written(codec=Codec.RAW, colour=Colour.RGB)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    dataset.PhotometricInterpretation = photometric
    path = saved(with_frames(dataset, jpeg_frames(slide, space, markers)), tmp_path / "x.dcm")
    with open_dicom([path]) as back:
        level = back.frame_index.levels[0]
        assert bool(back.description.warnings) is warned
        assert np.abs(whole(back).astype(int) - whole(slide)).mean() < 4
        # What a browser sees, which has nothing but the stream:
        alone = stream_decodes_as(read_frame(level, back.sources, 0, 0, 1, 1))
        assert np.abs(alone.astype(int) - whole(back)[64:128, 64:128]).max() <= 2


def test_streams_that_disagree_are_refused(written, tmp_path):
    slide, (dataset, _) = written(codec=Codec.RAW, colour=Colour.RGB)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    frames = jpeg_frames(slide, "rgb", ADOBE + b"\x00")
    frames[7] = jpeg_frames(slide, "rgb", b"")[7]
    with pytest.raises(UnreadableSlide, match="colour"):
        open_dicom([saved(with_frames(dataset, frames), tmp_path / "x.dcm")])


def test_jpeg_2000_of_plain_ycbcr_components(written, tmp_path):
    """As some scanners store it: no component transform in the codestream, YCbCr in the header."""
    slide, (dataset, _) = written(codec=Codec.RAW, colour=Colour.RGB)
    frames = []
    for frame in frames_of(dataset):
        tile = Image.frombytes("RGB", (64, 64), frame).convert("YCbCr")
        encoded = imagecodecs.jpeg2k_encode(np.asarray(tile), codecformat="j2k", reversible=True, mct=False)
        frames.append(bytes(encoded))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    path = saved(with_frames(dataset, frames), tmp_path / "x.dcm")
    with open_dicom([path]) as back:
        assert np.abs(whole(back).astype(int) - whole(slide)).max() <= 3
        (again,) = write_series(back, tmp_path)
        with open_dicom([again]) as twice:
            assert np.array_equal(whole(twice), whole(back))


def test_an_instance_that_is_there_twice_counts_once(make_slide, tmp_path):
    slide = make_slide()
    paths = write_series(slide, tmp_path)
    copied = tmp_path / "copy.dcm"
    copied.write_bytes(paths[0].read_bytes())
    with open_dicom([*paths, copied]) as back:
        assert np.array_equal(whole(back), whole(slide))
        assert [*map(str, back.description.warnings)] == ["copy.dcm is the same instance as level-0.dcm."]


@pytest.mark.parametrize("claimed", ["RGB", "YBR_FULL_422", "YBR_RCT"])
def test_jpeg_2000_with_a_component_transform_is_rgb_whatever_it_is_called(written, tmp_path, claimed):
    slide, (dataset, _) = written(codec=Codec.JPEG2000)
    dataset.PhotometricInterpretation = claimed
    with open_dicom([saved(dataset, tmp_path / "x.dcm")]) as back:
        assert np.array_equal(whole(slide), whole(back))


def test_spacing_that_contradicts_the_imaged_volume_is_said(written, tmp_path):
    _, (dataset, _) = written()
    dataset.ImagedVolumeWidth *= 2
    with open_dicom([saved(dataset, tmp_path / "x.dcm")]) as back:
        assert back.description.spacing_um.x_um == pytest.approx(0.5)
        assert ["ImagedVolumeWidth" in str(warning) for warning in back.description.warnings] == [True]
    del dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    with open_dicom([saved(dataset, tmp_path / "x.dcm")]) as back:
        assert back.description.spacing_um is None
        assert "spacing" in str(back.description.warnings[0])


CHANGES = {
    "volume of another kind": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "CT Image"),
    "monochrome 1": ({"PhotometricInterpretation": "MONOCHROME1"}, "disagree|cannot be shown"),
    "palette": ({"PhotometricInterpretation": "PALETTE COLOR"}, "cannot be shown"),
    "signed": ({"PixelRepresentation": 1}, "cannot be read"),
    "one bit": ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, "cannot be read"),
    "more frames than stored": ({"NumberOfFrames": 13}, "truncated|more frames"),
    "fewer frames than stored": ({"NumberOfFrames": 11}, "fragments"),
    "absurd frames": ({"NumberOfFrames": 2000000000}, "claims"),
    "absurd size": ({"TotalPixelMatrixColumns": 4294967295}, "states no image size"),
    "terabytes": (
        {"TotalPixelMatrixColumns": 2000000000, "TotalPixelMatrixRows": 2000000000},
        "tiles|incomplete",
    ),
    "no size": ({"Rows": 0}, "no frame size"),
    "another frame size": ({"Rows": 32}, "size|truncated"),
    "no position": ({"DimensionOrganizationType": "TILED_SPARSE"}, "cannot be placed"),
    "paths": ({"NumberOfOpticalPaths": 4}, "optical paths"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_read_is_refused_in_one_sentence(written, tmp_path, change):
    _, (dataset, _) = written()
    values, reason = CHANGES[change]
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    with pytest.raises(UnreadableSlide, match=reason) as refused:
        open_dicom([saved(dataset, tmp_path / "x.dcm")])
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("uid", "reason"),
    [
        ("1.2.840.10008.1.2.1.99", "deflated"),
        ("1.2.840.10008.1.2.2", "big endian"),
        ("1.2.840.10008.1.2.4.94", "JPIP"),
    ],
)
def test_transfer_syntaxes_that_cannot_be_read_in_place(make_slide, uid, reason):
    slide = make_slide()
    header = build_headers(
        slide.description, slide.frame_index, slide.sources, series_uids("x", slide.description)
    )[0]
    usual = b"1.2.840.10008.1.2.4.50"
    head = header_bytes(header).replace(usual, uid.encode().ljust(len(usual), b"\x00"))
    with pytest.raises(UnreadableSlide, match=reason):
        open_dicom_sources([MemorySource(head, "x.dcm")])


def test_truncation_anywhere_is_refused(make_slide, tmp_path):
    slide = make_slide(levels=1, planes=2)
    (path,) = write_series(slide, tmp_path)
    content = path.read_bytes()
    for length in [0, 1, 131, 132, 140, 200, 333, *range(400, len(content) - 8, 997)]:
        with pytest.raises(UnreadableSlide) as refused:
            open_dicom_sources([MemorySource(content[:length], "cut.dcm")])
        assert "\n" not in str(refused.value)


def test_truncation_within_the_head_of_the_pixel_data_is_refused(make_slide, tmp_path):
    (path,) = write_series(make_slide(levels=1), tmp_path)
    content = path.read_bytes()
    with FileSource(path) as source:
        start = read_header(source).length
    table = struct.pack("<HH2sHIQ", 0x7FE0, 1, b"OV", 0, 8, 0)
    for ahead in (content[:start], content[:start] + table):
        for length in range(1, 12):
            with pytest.raises(UnreadableSlide):
                open_dicom_sources([MemorySource(ahead + content[start : start + length], "cut.dcm")])


def test_damaged_headers_never_do_more_than_refuse(make_slide, tmp_path):
    slide = make_slide(codec=Codec.RAW, colour=Colour.GREY, channels=2, levels=1, stain="H&E")
    (path,) = write_series(slide, tmp_path)
    sparse = saved(made_sparse(pydicom.dcmread(path), list(range(24))), tmp_path / "sparse.dcm")
    rng = random.Random(7)
    for source in (path, sparse):
        content = source.read_bytes()
        header = len(content) - 24 * 64 * 64
        for _ in range(150):
            damaged = bytearray(content)
            for _ in range(rng.randint(1, 4)):
                damaged[rng.randrange(132, header)] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
            with contextlib.suppress(UnreadableSlide):
                open_dicom_sources([MemorySource(bytes(damaged), "damaged.dcm")]).close()


def test_files_are_grouped_by_series(make_slide, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    a = write_series(make_slide(), first, series_uids("a", make_slide().description))
    b = write_series(make_slide(), second, series_uids("b", make_slide().description))
    other = tmp_path / "notes.txt"
    other.write_text("nothing")
    groups = group_dicom_files([*a, other, tmp_path / "missing.dcm", *b])
    assert list(groups.values()) == [a, b]
    with pytest.raises(UnreadableSlide, match="more than one series"):
        open_dicom([*a, *b])
    assert recognises(a[0].read_bytes()[:132])
    assert not recognises(b"nothing")


def test_frames_past_four_gigabytes(make_slide, tmp_path):
    """A file with holes: the frames lie more than 4 GiB apart, and the index holds 64-bit places."""
    slide = make_slide(codec=Codec.JPEG, colour=Colour.RGB, levels=1, size=(128, 64))
    header = build_headers(
        slide.description, slide.frame_index, slide.sources, series_uids("x", slide.description)
    )[0]
    level = slide.frame_index.levels[0]
    frames = [read_frame(level, slide.sources, 0, 0, 0, column) for column in range(2)]
    frames = [frame + b"\x00" * (len(frame) % 2) for frame in frames]
    gap = (4 << 30) + 4096
    for extended in (False, True):
        path = tmp_path / f"large-{extended}.dcm"
        tables = b""
        if extended:
            # The first frame is followed by a hole that no item claims.
            for tag, values in ((b"\x01", (0, gap)), (b"\x02", tuple(map(len, frames)))):
                tables += b"\xe0\x7f" + tag + b"\x00OV\x00\x00" + struct.pack("<IQQ", 16, *values)
        start = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\x00\x00\x00\x00"
        with path.open("wb") as file:
            file.write(header_bytes(header) + tables + start)
            first = file.tell()
            # Without a table, one item holds nearly 4 GiB: a frame with a long tail of padding.
            places = [first, first + (gap if extended else 0xFFFFFFF0 + 8)]
            for place, frame, padded in zip(
                places, frames, (len(frames[0]) if extended else 0xFFFFFFF0, len(frames[1])), strict=True
            ):
                file.seek(place)
                file.write(b"\xfe\xff\x00\xe0" + struct.pack("<I", padded) + frame)
            file.write(b"\xfe\xff\xdd\xe0\x00\x00\x00\x00")
        with open_dicom([path]) as back:
            found = back.frame_index.levels[0].find(0, 0, 0, 1)
            assert found.offset > 0xFFFFFFFF
            region = PixelRegion(64, 0, 64, 64)
            assert np.array_equal(back.read_level(0, region), slide.read_level(0, region))
        path.unlink()


def test_real_series_with_thumbnail(shared):
    paths = [shared(f"slides/edge-cases/boxes_{n}.dcm") for n in range(2)]
    with open_dicom(paths) as slide:
        description = slide.description
        assert description.size.width_px == 16
        assert description.associated == (AssociatedKind.THUMBNAIL,)
        assert description.acquired_at == "2009-12-29T09:59:15+00:00"
        assert description.objective_power == 20
        assert description.vendor == "Leica Biosystems"
        assert description.sources["vendor"] == "Manufacturer (0008,0070)"
        difference = slide.read_associated(AssociatedKind.THUMBNAIL).astype(int) - whole(slide)
        assert np.abs(difference).mean() < 10


@pytest.mark.parametrize(
    ("name", "stain", "channel"),
    [
        ("sm_image.dcm", "Hematoxylin stain, Water soluble eosin stain", "brightfield"),
        ("sm_image_jpegls.dcm", "Hematoxylin stain, Water soluble eosin stain", "brightfield"),
        ("sm_image_grayscale.dcm", None, "DAPI"),
    ],
)
def test_real_objects(shared, name, stain, channel):
    path = shared(f"slides/dicom-objects/{name}")
    with open_dicom([path]) as slide:
        assert slide.description.stain == stain
        assert slide.description.organ == "Brain"
        assert slide.description.channels[0].name == channel
        assert slide.description.spacing_um.x_um == pytest.approx(0.499)
        theirs = pydicom.dcmread(path)
        if not theirs.file_meta.TransferSyntaxUID.is_encapsulated:
            tiles = theirs.pixel_array.reshape(5, 5, 10, 10, -1).transpose(0, 2, 1, 3, 4).reshape(50, 50, -1)
            assert np.array_equal(whole(slide), tiles)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("slides/tcga-xk-aaju-01a-01-ts1_sparse.dcm", "cannot be placed"),
        ("slides/dicom-objects/seg_image_sm_dots.dcm", "DICOM Segmentation, not a whole slide image"),
        ("slides/dicom-objects/seg_image_sm_control_labelmap.dcm", "Label Map Segmentation"),
        ("slides/dicom-objects/sm_annotations.dcm", "Microscopy Bulk Simple Annotations"),
        ("slides/dicom-objects/sr_document.dcm", "Comprehensive 3D SR"),
        ("volumes/ct_image.dcm", "DICOM CT Image"),
        ("volumes/MR2_J2KR.dcm", "DICOM MR Image"),
        ("slides/edge-cases/broken.svs", "not a DICOM file"),
    ],
)
def test_real_files_that_are_no_slides(shared, name, reason):
    path = shared(name)
    with pytest.raises(UnreadableSlide, match=reason):
        open_dicom([path])


@pytest.mark.parametrize(
    "kind",
    [
        {"codec": Codec.RAW, "colour": Colour.RGB},
        {"codec": Codec.RAW, "colour": Colour.GREY, "dtype": "uint16", "channels": 2},
    ],
)
def test_run_length_encoding_is_read_and_passed_on(written, tmp_path, kind):
    slide, (dataset, _) = written(**kind)
    dataset.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    path = saved(dataset, tmp_path / "rle.dcm")
    with open_dicom([path]) as back:
        assert back.frame_index.levels[0].codec is Codec.DICOM_RLE
        for channel in range(len(slide.description.channels)):
            assert np.array_equal(whole(slide, channel=channel), whole(back, channel=channel))
        (again,) = write_series(back, tmp_path)
    # Levels without blank places go on as they are stored.
    theirs = pydicom.dcmread(again)
    assert theirs.file_meta.TransferSyntaxUID == pydicom.uid.RLELossless
    assert [f.rstrip(b"\x00") for f in frames_of(theirs)] == [
        f.rstrip(b"\x00") for f in frames_of(pydicom.dcmread(path))
    ]
