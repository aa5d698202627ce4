"""Regions made from a frame index: pixel for pixel, scaled, mixed, turned."""

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from hemalum.capabilities.slides import rendering, scaling
from hemalum.capabilities.slides.serving import level_facts, parse_channel
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.geometry import PixelSize
from hemalum.runtime.tile_forms import TileForm

TILE = 64


def textured(height: int, width: int, samples: int, dtype: str, seed: int = 0) -> NDArray[Any]:
    """Smooth structure with noise: wrong places and wrong scales both show."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [np.sin(x / (7 + 3 * sample)) + np.cos(y / (11 + 2 * sample)) + seed for sample in range(samples)]
    values = np.stack(waves, axis=2) + rng.normal(0, 0.1, (height, width, samples))
    values = (values - values.min()) / (values.max() - values.min())
    return (values * (np.iinfo(dtype).max if dtype != "float32" else 1.0)).astype(dtype)


def stored(folder: Path, channels: list[NDArray[Any]], halvings: int = 2) -> dict[str, Any]:
    """A recipe for an image of raw tiles with coarser levels by averaging."""
    levels, offset = [], 0
    path = folder / "frames.bin"
    with path.open("wb") as out:
        for halving in range(halvings + 1):
            height, width, samples = channels[0].shape
            rows, columns = -(-height // TILE), -(-width // TILE)
            shape = (1, len(channels), rows, columns)
            offsets, lengths = np.zeros(shape, np.uint64), np.zeros(shape, np.uint32)
            for number, pixels in enumerate(channels):
                padded = np.pad(pixels, ((0, rows * TILE - height), (0, columns * TILE - width), (0, 0)))
                for row in range(rows):
                    for column in range(columns):
                        tile = padded[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                        offsets[0, number, row, column] = offset
                        lengths[0, number, row, column] = out.write(np.ascontiguousarray(tile).tobytes())
                        offset = out.tell()
            colour = Colour.RGB if samples == 3 else Colour.GREY
            levels.append(
                FrameLevel(
                    PixelSize(width, height),
                    PixelSize(TILE, TILE),
                    float(2**halving),
                    Codec.RAW,
                    PixelFormat(samples, channels[0].dtype.name),
                    colour,
                    np.zeros(shape, np.uint16),
                    offsets,
                    lengths,
                )
            )
            channels = [halved(pixels) for pixels in channels]
    (folder / "index").write_bytes(FrameIndex(tuple(levels)).to_bytes())
    place = {"path": str(path), "size": path.stat().st_size, "mtime_ns": path.stat().st_mtime_ns}
    return {"key": str(folder), "index": {"path": str(folder / "index")}, "objects": [place], "icc": None}


def halved(pixels: NDArray[Any]) -> NDArray[Any]:
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    parts = pixels[:height, :width].astype(np.float64).reshape(height // 2, 2, width // 2, 2, -1)
    return parts.mean(axis=(1, 3)).astype(pixels.dtype)


def shown(encoded: dict[str, Any]) -> NDArray[Any]:
    pixels = np.asarray(Image.open(io.BytesIO(encoded["content"])))
    assert pixels.shape[:2] == (encoded["height_px"], encoded["width_px"])
    return pixels


@pytest.fixture
def rgb() -> NDArray[Any]:
    return textured(301, 402, 3, "uint8")


def test_a_region_at_its_own_scale_is_a_copy(tmp_path: Path, rgb: NDArray[Any]) -> None:
    made = rendering.render(stored(tmp_path, [rgb]), (37, 41, 200, 180), (200, 180), media="png")
    assert np.array_equal(shown(made), rgb[41:221, 37:237])


def test_beyond_the_edge_is_white(tmp_path: Path, rgb: NDArray[Any]) -> None:
    made = shown(rendering.render(stored(tmp_path, [rgb]), (-10, 290, 50, 30), (50, 30), media="png"))
    assert (made[:, :10] == 255).all()
    assert (made[11:] == 255).all()
    assert np.array_equal(made[:11, 10:], rgb[290:301, 0:40])


@pytest.mark.parametrize("size", [(190, 140), (350, 280), (60, 50), (520, 400)])
def test_scaling_in_strips_is_scaling_at_once(
    tmp_path: Path, rgb: NDArray[Any], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = stored(tmp_path, [rgb])
    box = (3.25, 5.5, 390.0, 290.0)
    whole = shown(rendering.render(recipe, box, size, media="png")).astype(int)
    monkeypatch.setattr(scaling, "_STRIP_PIXELS", 5000)
    strips = shown(rendering.render(recipe, box, size, media="png")).astype(int)
    assert np.abs(whole - strips).max() <= 1


def test_scaling_keeps_places(tmp_path: Path, rgb: NDArray[Any]) -> None:
    made = shown(rendering.render(stored(tmp_path, [rgb]), (0, 0, 402, 301), (134, 100), media="png"))
    expected = Image.fromarray(rgb).resize((134, 100), Image.Resampling.LANCZOS)
    assert np.abs(made.astype(int) - np.asarray(expected).astype(int)).mean() < 4


def test_sixteen_bits_stay_exact(tmp_path: Path) -> None:
    pixels = textured(130, 140, 1, "uint16")
    made = shown(rendering.render(stored(tmp_path, [pixels]), (5, 6, 100, 90), (100, 90), media="png"))
    assert made.dtype == np.uint16
    assert np.array_equal(made, pixels[6:96, 5:105, 0])
    with pytest.raises(Invalid):
        rendering.render(stored(tmp_path, [pixels]), (0, 0, 10, 10), (10, 10), media="jpeg")


def test_channels_mix_additively(tmp_path: Path) -> None:
    first, second = textured(70, 80, 1, "uint16", 1), textured(70, 80, 1, "uint16", 2)
    recipe = stored(tmp_path, [first, second])
    mixes = [[255.0, 0.0, 0.0, 1000.0, 40000.0, 1.0], [0.0, 128.0, 255.0, 0.0, 65535.0, 1.0]]
    signal = [np.clip((first[..., 0] - 1000.0) / 39000, 0, 1), second[..., 0] / 65535]
    expected = np.zeros((70, 80, 3))
    for each, (red, green, blue, *_) in zip(signal, mixes, strict=True):
        expected += each[..., None] * np.array([red, green, blue])
    made = shown(rendering.render(recipe, (0, 0, 80, 70), (80, 70), mixes=mixes, media="png"))
    assert np.abs(made - np.clip(expected, 0, 255)).max() <= 1
    hidden = shown(rendering.render(recipe, (0, 0, 80, 70), (80, 70), mixes=[None, mixes[1]], media="png"))
    assert not hidden[..., 0].any()


def test_a_mixed_tile_is_the_mixed_region(tmp_path: Path) -> None:
    channels = [textured(64, 64, 1, "uint16", seed) for seed in (1, 2)]
    recipe = stored(tmp_path, channels, 0)
    index = FrameIndex.from_buffer(Path(recipe["index"]["path"]).read_bytes())
    mixes = [parse_channel("0-ff8000-10-50000")[1], parse_channel("1-0000ff-0-65535")[1]]
    streams = [channel.tobytes() for channel in channels]
    tile = rendering.mix_tile(level_facts(index.levels[0]), streams, mixes, "png", 90)
    region = rendering.render(recipe, (0, 0, 64, 64), (64, 64), mixes=mixes, media="png")
    assert np.array_equal(shown(tile), shown(region))
    empty = rendering.mix_tile(level_facts(index.levels[0]), [None, None], mixes, "png", 90)
    assert not shown(empty).any()


def test_a_histogram_says_of_which_level_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = textured(200, 200, 1, "uint16")
    recipe = stored(tmp_path, [np.zeros_like(pixels), pixels])
    found = rendering.count_samples(recipe, 0, 1)
    assert (found["level"], found["samples"]) == (0, 40_000)
    assert sum(found["counts"]) == 40_000
    assert found["most"] == pixels.max()
    monkeypatch.setattr(rendering, "_MOST_COUNTED", 10_000)
    assert rendering.count_samples(recipe, 0, 1)["level"] == 1


def test_gamma_bends_the_signal_between_its_ends(tmp_path: Path) -> None:
    samples = np.array([[0, 100, 400, 900, 1000, 60000]], np.uint16)[..., None]
    recipe = stored(tmp_path, [np.repeat(samples, 4, axis=0)], 0)
    mix = parse_channel("0-ffffff-0-1000-0.5")[1]
    made = shown(rendering.render(recipe, (0, 0, 6, 1), (6, 1), mixes=[mix], media="png"))
    assert made[0, :, 0].tolist() == [0, 81, 161, 242, 255, 255]
    with pytest.raises(Invalid):
        parse_channel("0-ffffff-0-1000-")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_samples_of_a_tile_are_those_of_the_file(tmp_path: Path, dtype: str) -> None:
    pixels = textured(64, 64, 1, dtype)
    recipe = stored(tmp_path, [pixels], 0)
    level = FrameIndex.from_buffer(Path(recipe["index"]["path"]).read_bytes()).levels[0]
    plain = rendering.transcode_tile(level_facts(level), pixels.tobytes(), TileForm.SAMPLES)
    packed = rendering.transcode_tile(level_facts(level), pixels.tobytes(), TileForm.PACKED_SAMPLES)
    assert plain["content"] == pixels.astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    assert packed["encoding"] == "gzip"
    assert gzip.decompress(packed["content"]) == plain["content"]


def test_windows_hold_most_of_the_signal(tmp_path: Path) -> None:
    recipe = stored(tmp_path, [textured(200, 200, 1, "uint16"), np.zeros((200, 200, 1), np.uint16)])
    (low, high), (dark_low, dark_high) = rendering.find_windows(recipe)
    assert 0 < low < 15000
    assert 50000 < high <= 65535
    assert dark_low < dark_high


def test_mirror_first_then_turn_clockwise(tmp_path: Path, rgb: NDArray[Any]) -> None:
    recipe = stored(tmp_path, [rgb])
    made = rendering.render(recipe, (0, 0, 60, 40), (60, 40), media="png", turn=1, mirror=True)
    expected = Image.fromarray(rgb[:40, :60]).transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(-90, expand=1)
    assert np.array_equal(shown(made), np.asarray(expected))


def test_tones(tmp_path: Path, rgb: NDArray[Any]) -> None:
    recipe = stored(tmp_path, [rgb])
    grey = shown(rendering.render(recipe, (0, 0, 60, 40), (60, 40), media="png", tone="gray"))
    assert np.array_equal(grey, np.asarray(Image.fromarray(rgb[:40, :60]).convert("L")))
    two = shown(rendering.render(recipe, (0, 0, 60, 40), (60, 40), media="png", tone="bitonal"))
    assert set(np.unique(two)) <= {0, 255}


def test_a_profile_of_srgb_changes_nothing(tmp_path: Path, rgb: NDArray[Any]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    recipe = stored(tmp_path, [rgb]) | {"icc": profile}
    made = shown(rendering.render(recipe, (0, 0, 60, 40), (60, 40), media="png"))
    assert np.abs(made.astype(int) - rgb[:40, :60]).max() <= 1


def test_limits(tmp_path: Path, rgb: NDArray[Any]) -> None:
    recipe = stored(tmp_path, [rgb])
    with pytest.raises(Invalid, match="pixels"):
        rendering.render(recipe, (0, 0, 10, 10), (5000, 5000))
    with pytest.raises(Invalid, match="empty"):
        rendering.render(recipe, (0, 0, 10, 10), (0, 10))
    with pytest.raises(Invalid, match="JPEG"):
        rendering.render(recipe, (0, 0, 402, 2), (66_000, 2))


def test_a_changed_original_is_refused(tmp_path: Path, rgb: NDArray[Any]) -> None:
    recipe = stored(tmp_path, [rgb])
    recipe["objects"][0]["mtime_ns"] += 1
    with pytest.raises(Conflict, match="changed"):
        rendering.render(recipe, (0, 0, 10, 10), (10, 10))


@pytest.mark.parametrize("text", ["", "0", "0-ff-0-1", "0-gg0000-0-1", "-1-ff0000-0-1", "0-ff0000-a-1"])
def test_what_is_not_a_channel(text: str) -> None:
    with pytest.raises(Invalid):
        parse_channel(text)


def test_a_channel_with_its_window() -> None:
    assert parse_channel("3-0072b2--5.5-1e3") == (3, [0.0, 114.0, 178.0, -5.5, 1000.0, 1.0])
    assert parse_channel("3-0072b2--5.5-1e3-0.45")[1][5] == 0.45
