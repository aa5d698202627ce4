"""ZYP as written for tests, read back by what the note tells of its index and by nothing else."""

import struct
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from hemalum.testing.domestic_writers import zyp
from hemalum.testing.samples import picture

LABEL, MACRO, PREVIEW = picture(90, 70, 1), picture(60, 180, 2), picture(50, 70, 3)


def trailer(data: bytes) -> tuple[int, list[int]]:
    """Where the version string is, and the four marker pairs."""
    return struct.unpack("<Q", data[-8:])[0], list(struct.unpack("<4Q", data[-40:-8]))


def string(data: bytes, at: int) -> tuple[str, int]:
    """A string and where it ends."""
    assert data[at : at + 3] == b"\xff\xfe\xff"
    count, begin = data[at + 3], at + 4
    if count == 0xFF:
        (count,), begin = struct.unpack_from("<H", data, begin), begin + 2
    return data[begin : begin + 2 * count].decode("utf-16-le"), begin + 2 * count


def items(data: bytes, at: int, end: int) -> list[tuple[str, dict[str, str]]]:
    found = []
    while at < end:
        name, at = string(data, at)
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        fields = {}
        for _ in range(count):
            key, at = string(data, at)
            fields[key], at = string(data, at)
        found.append((name, fields))
    assert at == end
    return found


def sections(data: bytes, pair_bytes: int) -> list[list[tuple[str, dict[str, str]]]]:
    _, pairs = trailer(data)
    begins = [data.rindex(b"\xff\xd9\xff\xfe\xff") + 2, *(pair + pair_bytes for pair in pairs[:3])]
    return [items(data, begin, end) for begin, end in zip(begins, pairs, strict=True)]


def stream(data: bytes, fields: dict[str, str]) -> np.ndarray:
    position, length = int(fields["StartPosition"]), int(fields["DataLength"])
    return simplejpeg.decode_jpeg(data[position : position + length])


@pytest.mark.parametrize("with_others", [False, True])
@pytest.mark.parametrize("version", ["1.10", "2.01"])
def test_zyp_reads_back(tmp_path: Path, version: zyp.Version, with_others: bool) -> None:
    missing = {(0, 0, 0), (3, 0, 1)}
    written = zyp.write_zyp(
        tmp_path / "a.zyp",
        picture(),
        label=LABEL,
        macro=MACRO,
        thumbnail=PREVIEW,
        version=version,
        with_others=with_others,
        missing=missing,
    )
    data = written.path.read_bytes()
    version_at, _ = trailer(data)
    assert string(data, version_at) == (version, len(data) - 40)
    head, tiles, fields_of_view, free = sections(data, 8)
    named = dict(head)
    expected = ["Preview", "SliceInfo", "Barcode", "OriginalPreview", "Fluorescence"]
    assert list(named) == expected[: 4 if version == "1.10" else 5]
    assert [name for name, _ in fields_of_view] == ["视野信息段"]
    assert len(free) == 1
    for name, kind in (("Preview", "thumbnail"), ("Barcode", "label"), ("OriginalPreview", "macro")):
        np.testing.assert_array_equal(stream(data, named[name]), written.associated[kind])
    about = named["SliceInfo"]
    assert (about["MicrometersPerPixel"], about["ScanZoom"], about["SliceSize"]) == ("0.25", "40", "612×436")
    left, top, right, bottom = (int(about[f"ROI{side}"]) for side in ("Left", "Top", "Right", "Bottom"))
    assert (left, top) == (3, 5)
    assert ((right - left) * 512, (bottom - top) * 512) == (1024, 512)  # "ROI x 512 is about the size"
    wanted = "0" if version == "1.10" else f"{about['LocationChannelId']},0"
    own = {name: fields for name, fields in tiles if name.rsplit(",", 3)[0] == wanted}
    assert len(tiles) == len(own) * (1 + with_others * (1 if version == "1.10" else 2))
    for level, expected_level in enumerate(written.levels):
        glass = np.full((5 * 512 + 1024 >> level, 3 * 512 + 1024 >> level, 3), 255, np.uint8)
        for name, fields in own.items():
            n, x, y = (int(part) for part in name.split(",")[-3:])
            if n == level:
                target = glass[256 * y : 256 * y + 256, 256 * x : 256 * x + 256]
                target[...] = stream(data, fields)[: target.shape[0], : target.shape[1]]
        x, y = left * 512 >> level, top * 512 >> level
        seen = glass[y : y + expected_level.height_px, x : x + expected_level.width_px]
        np.testing.assert_array_equal(seen, expected_level.pixels[0, 0])
    places = [(n, tile.row, tile.column) for n, level in enumerate(written.levels) for tile in level.tiles]
    assert len(places) == len(own)
    assert not missing & set(places)
    assert np.abs(written.levels[0].pixels[0, 0, 256:] - picture()[256:].astype(float)).mean() < 3


def test_zyp_picture_begins_inside_a_tile_on_coarse_levels(tmp_path: Path) -> None:
    written = zyp.write_zyp(tmp_path / "a.zyp", picture())
    corners = [(level.tiles[0].x_px, level.tiles[0].y_px) for level in written.levels]
    assert corners[:4] == [(0, 0), (0, 0), (-128, -128), (-192, -64)]
    assert corners[9] == (-3, -5)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("marked", b"\xff\xfe\xff\x041\0.\x001\x000\0"),
        ("bare_utf16", b"\x041\0.\x001\x000\0"),
        ("bare_ascii", b"\x041.10"),
    ],
)
def test_zyp_strings_may_lack_their_mark(tmp_path: Path, form: zyp.StringForm, expected: bytes) -> None:
    path = tmp_path / "a.zyp"
    data = zyp.write_zyp(
        path, picture(), version_form=form, value_form=form, size_form="WxH"
    ).path.read_bytes()
    version_at, _ = trailer(data)
    assert data[version_at:-40] == expected
    assert expected.replace(b"1\0.\x001\x000\0", b"0\0.\x002\x005\0").replace(b"1.10", b"0.25") in data


def test_zyp_states_its_size_in_one_field_or_two(tmp_path: Path) -> None:
    data = zyp.write_zyp(tmp_path / "a.zyp", picture(), size_form="apart").path.read_bytes()
    about = dict(sections(data, 8)[0])["SliceInfo"]
    assert (about["SliceWidth"], about["SliceHeight"]) == ("612", "436")
    assert "SliceSize" not in about


def test_zyp_2_01_may_tell_its_channel_in_the_fluorescence_item(tmp_path: Path) -> None:
    path = tmp_path / "a.zyp"
    data = zyp.write_zyp(path, picture(), version="2.01", channel_item="Fluorescence").path.read_bytes()
    named = dict(sections(data, 8)[0])
    assert named["Fluorescence"] == {"LocationChannelId": "3"}
    assert "LocationChannelId" not in named["SliceInfo"]


def test_zyp_strings_may_be_long_and_pairs_of_other_bytes(tmp_path: Path) -> None:
    remark = "长" * 300
    data = zyp.write_zyp(
        tmp_path / "a.zyp", picture(), remark=remark, marker_pair=b"\x01\x00", label_item="Label"
    ).path.read_bytes()
    named = dict(sections(data, 2)[0])
    assert named["SliceInfo"]["Remark"] == remark
    assert named["Label"] == {}


def test_huge_zyp_has_positions_past_32_bits(tmp_path: Path) -> None:
    huge = zyp.write_huge_zyp(tmp_path / "a.zyp", version="2.01")
    assert huge.path.stat().st_blocks * 512 < 80 << 20
    with huge.path.open("rb") as file:
        file.seek(-40, 2)
        first, second = struct.unpack("<2Q", file.read(16))
        file.seek(first + 8)
        index = file.read(second - first - 8)
        assert index.count("StartPosition".encode("utf-16-le")) == huge.tiles == 349_525
        assert string(index, 0)[0] == "3,0,0,0,0"
        ((last, fields),) = items(index, index.rindex("3,0,9,0,0".encode("utf-16-le")) - 4, len(index))
        assert (last, int(fields["StartPosition"])) == ("3,0,9,0,0", huge.positions[0])
        for position in huge.positions:
            file.seek(position)
            assert file.read(len(huge.stream)) == huge.stream
    assert huge.positions[1] > 1 << 32
