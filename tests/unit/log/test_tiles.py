"""Names and contents of tiles (C2SP tlog-tiles)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.tiles import Tile, encode_bundle, parse_tile_path, tiles_of


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 1_234_067), "tile/2/x001/x234/067"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(1, 7, 17), "tile/1/007.p/17"),
        (Tile(0, 5, of_entries=True), "tile/entries/005"),
        (Tile(0, 1_005, 255, of_entries=True), "tile/entries/x001/005.p/255"),
    ],
)
def test_paths_are_those_of_the_standard(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@given(level=st.integers(0, 63), index=st.integers(0, 2**55), width=st.integers(1, 256))
def test_every_path_names_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p/257",
        "tile/0/001/",
        "tile/0/001.p",
        "tile/0/../000",
        "/tile/0/000",
        "tile/entries/٠٠٠",
    ],
)
def test_what_names_no_tile_is_refused(path: str) -> None:
    with pytest.raises(Invalid):
        parse_tile_path(path)


def test_a_tree_has_the_tiles_of_the_standards_example() -> None:
    """70,000 entries: 273 full tiles and one of 112, one full and one of 17, one of 1."""
    tiles = list(tiles_of(70_000))
    assert tiles[:273] == [Tile(0, index) for index in range(273)]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


def test_bundles_are_those_of_another_implementation(vectors: Path) -> None:
    names = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eit",
        "nain",
        "ten",
        "ileven",
        "twelf",
        "threeten",
        "fourten",
        "fivten",
    ]
    for size in range(1, 16):
        stored = vectors / "tlog" / "tessera-log" / Tile(0, 0, size, of_entries=True).path
        assert encode_bundle(name.encode() for name in names[:size]) == stored.read_bytes()


def test_a_bundle_has_the_length_before_each_entry() -> None:
    assert encode_bundle([b"", b"ab", b"x" * 65_535]) == b"\0\0" + b"\0\x02ab" + b"\xff\xff" + b"x" * 65_535
