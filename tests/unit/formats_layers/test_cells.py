"""A layer of cells holds just the cells that were handed in, and counts them exactly at every level."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hemalum.formats.layers.cells import CellChunk, CellWriter
from hemalum.formats.layers.model import (
    MOST_CLASSES,
    InvalidLayer,
    LayerKind,
    Manifest,
    ValueColumn,
    classes_named,
)
from hemalum.formats.layers.pack import Pack, open_pack
from hemalum.formats.layers.parts import decode_counts
from hemalum.formats.layers.picking import cell_at, cells_of
from hemalum.kernel.errors import Damaged

WIDTH, HEIGHT = 9_000, 7_000
CLASSES = classes_named(["tumour", "lymphocyte", "stroma"])
COLUMN = (ValueColumn("area", "um2"),)


def chunk_of(count: int, seed: int, *, outlines: bool = True) -> CellChunk:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, WIDTH, count), rng.uniform(0, HEIGHT, count)
    sizes = rng.choice([0, 3, 8], count)
    turn = np.concatenate([np.linspace(0, 2 * np.pi, size, endpoint=False) for size in sizes] or [[]])
    away = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 9
    corners = np.repeat(np.stack([x, y], axis=1), sizes, axis=0) + away
    values = rng.normal(50, 10, count).astype(np.float32)
    values[::7] = np.nan
    return CellChunk(
        x, y, rng.integers(0, 3, count), [values], sizes if outlines else None, corners if outlines else None
    )


def written(folder: Path, *chunks: CellChunk, outlines: bool = True) -> tuple[Manifest, Pack]:
    writer = CellWriter(folder, WIDTH, HEIGHT, CLASSES, COLUMN, has_outlines=outlines)
    try:
        for one in chunks:
            writer.add(one)
        manifest = writer.finish(folder / "pack")
    finally:
        writer.close()
    assert [path.name for path in folder.iterdir()] == ["pack"]
    return manifest, open_pack(folder / "pack")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 900), min_size=1, max_size=3), st.integers(0, 999), st.booleans())
def test_every_cell_comes_back(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int, outlines: bool
) -> None:
    chunks = [chunk_of(size, seed + number, outlines=outlines) for number, size in enumerate(sizes)]
    manifest, pack = written(tmp_path_factory.mktemp("layer"), *chunks, outlines=outlines)
    assert pack.manifest == manifest
    assert manifest.count == sum(sizes)
    assert manifest.kind is (LayerKind.CELLS if outlines else LayerKind.POINTS)
    found = list(cells_of(pack))
    rows = np.concatenate([one.rows for one in found])
    assert np.array_equal(np.sort(rows), np.arange(sum(sizes)))
    order = np.argsort(rows)
    step = manifest.tile_side_px / 65536
    truth = np.concatenate([one.x_px for one in chunks])
    assert np.abs(np.concatenate([one.x_px for one in found])[order] - truth).max() <= step / 2 + 1e-6
    classes = np.concatenate([one.classes for one in found])[order]
    assert np.array_equal(classes, np.concatenate([one.classes for one in chunks]))
    values = np.concatenate([one.columns[0] for one in found])[order]
    assert np.array_equal(values, np.concatenate([one.values[0] for one in chunks]), equal_nan=True)
    assert [one.count for one in manifest.classes] == np.bincount(classes, minlength=3).tolist()
    if outlines:
        rings = [ring for one in found for ring in one.rings_px or []]
        ordered = np.concatenate([rings[number] for number in order])
        corners = np.concatenate([one.corners_px for one in chunks])
        assert np.abs(ordered - corners).max(initial=0) <= 1 / 32 + 1e-3


def test_counts_are_exact_at_every_level(tmp_path: Path) -> None:
    chunk = chunk_of(20_000, 5)
    manifest, pack = written(tmp_path, chunk)
    for level in manifest.rasters:
        total = np.zeros(3, np.int64)
        most = 0
        for row, column in level.tiles:
            planes = decode_counts(pack.part(f"counts/{level.level}/{row}/{column}"))
            most = max(most, int(sum(planes.values()).max()))
            for number, plane in planes.items():
                total[number] += plane.sum()
        assert total.tolist() == [one.count for one in manifest.classes]
        assert most == level.most
    finest = manifest.rasters[0]
    row, column = int(chunk.y_px[0] // 4096), int(chunk.x_px[0] // 4096)
    inside = (chunk.x_px // finest.pitch_px == chunk.x_px[0] // finest.pitch_px) & (
        chunk.y_px // finest.pitch_px == chunk.y_px[0] // finest.pitch_px
    )
    planes = decode_counts(pack.part(f"counts/0/{row}/{column}"))
    at = int(chunk.y_px[0] % 4096 // 32), int(chunk.x_px[0] % 4096 // 32)
    assert sum(int(plane[at]) for plane in planes.values()) == inside.sum()
    assert len(manifest.rasters[-1].tiles) == 1


def test_the_cell_at_a_place_is_found(tmp_path: Path) -> None:
    square = np.array([[-10, -10], [10, -10], [10, 10], [-10, 10]], float)
    x, y = np.array([1024.0, 3000.0]), np.array([500.0, 500.0])
    corners = (np.stack([x, y], axis=1)[:, None] + square).reshape(-1, 2)
    chunk = CellChunk(x, y, np.array([0, 2]), [np.array([7.0, np.nan])], np.array([4, 4]), corners)
    _, pack = written(tmp_path, chunk)
    # Left of the edge of the tile that its centre is in.
    found = cell_at(pack, 1016, 495, 0)
    assert found is not None
    assert (found.row, found.class_index, found.values) == (0, 0, (7.0,))
    assert np.abs(found.outline_px - corners[:4]).max() < 0.1
    assert cell_at(pack, 1040, 500, 5) is None
    near = cell_at(pack, 1040, 500, 20)
    assert near is not None
    assert near.row == 0


def test_cells_on_the_far_edge_belong_to_the_last_tile(tmp_path: Path) -> None:
    edge = CellChunk(np.array([float(WIDTH)]), np.array([float(HEIGHT)]), np.array([1]), [np.array([1.0])])
    manifest, pack = written(tmp_path, edge, outlines=False)
    assert manifest.count == 1
    assert next(cells_of(pack)).x_px[0] == pytest.approx(WIDTH, abs=0.1)


def test_a_million_cells_take_flat_memory(tmp_path: Path) -> None:
    """Chunks are let go: what the writer keeps of each cell is a run in a square."""
    writer = CellWriter(tmp_path, 60_000, 60_000, CLASSES)
    for number in range(4):
        rng = np.random.default_rng(number)
        left = 15_000 * number
        x, y = rng.uniform(left, left + 4_000, 50_000), rng.uniform(0, 4_000, 50_000)
        writer.add(CellChunk(x, y, np.zeros(50_000, int)))
    assert sum(len(runs) for runs in writer._runs.values()) <= 4 * 36
    manifest = writer.finish(tmp_path / "pack")
    writer.close()
    assert manifest.count == 200_000
    assert max(tile.count for tile in manifest.tiles) <= 16_384


def bad_chunks() -> Iterator[tuple[str, CellChunk]]:
    one = np.array([5.0])
    none = np.array([0])
    value = [np.array([1.0])]
    three = np.array([[0, 0], [9, 0], [9, 9]], float)
    yield "not a number", CellChunk(np.array([np.nan]), one, none, value)
    yield "outside of the image", CellChunk(np.array([-3.0]), one, none, value)
    yield "outside of the image", CellChunk(np.array([1e30]), one, none, value)
    yield "of class 3", CellChunk(one, one, np.array([3]), value)
    yield "1 places and 2 classes", CellChunk(one, one, np.array([0, 0]), value)
    yield "1 places across and 2 down", CellChunk(one, np.array([1.0, 2.0]), none, value)
    yield "0 value columns", CellChunk(one, one, none)
    yield "2 values for 1 cells", CellChunk(one, one, none, [np.array([1.0, 2.0])])
    yield "infinite", CellChunk(one, one, none, [np.array([np.inf])])
    yield "fewer than three corners", CellChunk(one, one, none, value, np.array([2]), three[:2])
    yield "do not fit", CellChunk(one, one, none, value, np.array([4]), three)
    yield "corner that is not", CellChunk(one, one, none, value, np.array([3]), three * np.nan)
    yield "reaches more", CellChunk(one, one, none, value, np.array([3]), three * 1e6)
    yield "more than 4096", CellChunk(one, one, none, value, np.array([5000]), np.ones((5000, 2)))


@pytest.mark.parametrize(("reason", "chunk"), list(bad_chunks()))
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, reason: str, chunk: CellChunk) -> None:
    writer = CellWriter(tmp_path, WIDTH, HEIGHT, CLASSES, COLUMN, has_outlines=True)
    with pytest.raises(InvalidLayer, match=reason):
        writer.add(chunk)
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_no_layer(tmp_path: Path) -> None:
    writer = CellWriter(tmp_path, WIDTH, HEIGHT, CLASSES, COLUMN)
    with pytest.raises(InvalidLayer, match="nothing"):
        writer.finish(tmp_path / "pack")
    writer.close()
    with pytest.raises(InvalidLayer, match="at least one class"):
        CellWriter(tmp_path, WIDTH, HEIGHT, [])
    with pytest.raises(InvalidLayer, match=f"at most {MOST_CLASSES}"):
        classes_named([str(number) for number in range(MOST_CLASSES + 1)])


def test_no_two_classes_look_the_same() -> None:
    classes = classes_named([str(number) for number in range(MOST_CLASSES)])
    assert len({(one.colour, one.shape) for one in classes}) == MOST_CLASSES


def test_a_cut_off_pack_is_told(tmp_path: Path) -> None:
    written(tmp_path, chunk_of(100, 1))
    whole = (tmp_path / "pack").read_bytes()

    def opened(content: bytes) -> Any:
        return Pack(len(content), lambda offset, length: content[offset : offset + length])

    for wrong in (b"", whole[:-1], whole[: len(whole) // 2], whole[100:], whole + b"x"):
        with pytest.raises(Damaged):
            opened(wrong)
    broken = bytearray(whole)
    broken[20:60] = bytes(40)
    with pytest.raises(Damaged):
        list(cells_of(opened(bytes(broken))))
