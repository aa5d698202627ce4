"""What is published of real KFB and KFBF files, and the sums of the tables, on the writers' geometry.

Numbers from shared/research/domestic_formats.md; no real file was seen.
"""

from itertools import pairwise

import numpy as np
import pytest

from hemalum.testing.domestic_writers import kfb, kfbf, mdsx, sdpc, zyp

# The file of the public inventory: 20x, 0.484105 um/px.
KFB_SIZE_PX = (34013, 46152)
KFB_BYTES, KFB_TABLE_AT, KFB_TILES = 221_189_354, 219_119_902, 32_277
KFB_PREVIEW_JPEG_BYTES = 3_160


def test_kfb_levels_hold_the_tiles_of_the_real_file() -> None:
    sizes = kfb.level_sizes(KFB_SIZE_PX)
    assert len(sizes) == 9
    assert sizes[-1] == (132, 180)
    assert kfb.tile_count(sizes) == KFB_TILES
    # Width and height the other way round give the same count: it does not tell which is which.
    assert kfb.tile_count(kfb.level_sizes(KFB_SIZE_PX[::-1])) == KFB_TILES


def test_kfb_ends_with_its_first_level_of_one_tile() -> None:
    """The ceil(log2(side)) + 1 levels that some readers derive hold eight tiles more than the real file."""
    assert kfb.tile_count(kfb.halvings(KFB_SIZE_PX, 17)) == KFB_TILES + 8


def test_kfb_table_of_the_real_file_leaves_room_for_the_preview() -> None:
    table_end = KFB_TABLE_AT + kfb.ENTRY.itemsize * KFB_TILES
    assert KFB_BYTES - table_end == 3_724
    assert KFB_BYTES - table_end >= kfb.RECORD_BYTES + KFB_PREVIEW_JPEG_BYTES


def test_one_halving_of_a_float32_scale_is_8388608_as_an_integer() -> None:
    """Why readers that take the scale for an integer divide the difference by that number."""
    scales = np.array([40 / 2**n for n in range(17)], np.float32).view(np.uint32)
    assert {int(finer) - int(coarser) for finer, coarser in pairwise(scales)} == {8_388_608}


def test_kfb_edge_tiles_of_the_real_file_are_cropped() -> None:
    """221 x 72 is the last tile of level 0: what 256-pixel tiles leave of 34013 x 46152."""
    assert (KFB_SIZE_PX[0] % kfb.TILE_PX, KFB_SIZE_PX[1] % kfb.TILE_PX) == (221, 72)


def test_kfbf_levels_follow_their_three_rules() -> None:
    sizes = kfbf.level_sizes((70_001, 50_003))
    assert sizes[:4] == [(70_001, 50_003), (35_000, 25_001), (17_500, 12_500), (8_750, 6_250)]
    assert sizes[4:9] == [(274 * 2**n, 196 * 2**n) for n in (4, 3, 2, 1, 0)]
    assert sizes[9:12] == [(137, 98), (68, 49), (34, 24)]
    assert sizes[-1] == (1, 1)
    assert len(sizes) == 17


def test_kfbf_can_go_on_at_one_pixel() -> None:
    """17 levels are published; a side below 65,536 px is at one pixel before that."""
    assert len(kfbf.level_sizes((40_000, 40_000))) == 16
    assert kfbf.level_sizes((40_000, 40_000), 17)[-2:] == [(1, 1), (1, 1)]


@pytest.mark.parametrize("entry", [kfb.ENTRY, kfbf.ENTRY])
def test_tile_entries_have_64_bytes(entry: np.dtype[np.void]) -> None:
    assert entry.itemsize == 64


def test_sdpc_person_block_adds_up() -> None:
    """Its fields end where its pointer is said to be; 8 + 256 reserved bytes follow that."""
    assert 6 + sum(size for _, size in sdpc.PERSON_TEXTS) == sdpc.PERSON_NEXT == 6536
    assert sdpc.PERSON_NEXT + 8 + 8 + 256 == sdpc.PERSON_BYTES == 6808


def test_sdpc_heads_add_up() -> None:
    """Header: codec byte and 48 reserved; level head: format byte and 63 reserved."""
    assert 0x68 + 1 + 48 == sdpc.HEADER_BYTES == 153
    assert 0x3A + 1 + 63 == sdpc.LEVEL_BYTES == 122


def test_sdpc_level_sizes_are_level_0_times_the_scale_rounded_down() -> None:
    assert sdpc.level_sizes((10_001, 3_003)) == [
        (10_001, 3_003),
        (5_000, 1_501),
        (2_500, 750),
        (1_250, 375),
        (625, 187),
        (312, 93),
        (156, 46),
    ]
    assert sdpc.level_sizes((10_001, 3_003), 0.25)[-1] == (156, 46)


def test_zyp_region_is_counted_in_pixels_of_the_tenth_level() -> None:
    assert zyp.LEVELS == 10
    assert zyp.ROI_UNIT_PX == 512


def test_mdsx_levels_follow_its_five_sections() -> None:
    """A4, which the note gives in decimal too."""
    assert mdsx.ENTRIES_AT + 16 * mdsx.SECTIONS == mdsx.LEVELS_AT == 164


def test_mdsx_places_of_the_first_section_are_14_bytes_apart() -> None:
    assert [mdsx.STEP_BYTES * k + 6 for k in range(1, 5)] == [0x14, 0x22, 0x30, 0x3E]
    assert mdsx.STEP_BYTES == 6 + 2 * 4
    assert mdsx.INDEX_ENTRY.itemsize == 10


def test_mdsx_levels_are_rounded_down_or_up() -> None:
    assert mdsx.level_sizes((1025, 777))[1:] == [(512, 388), (256, 194)]
    assert mdsx.level_sizes((1025, 777), "up")[1:] == [(513, 389), (257, 195), (129, 98)]
