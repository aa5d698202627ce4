"""Sealed blobs: every range opens, and nothing that was tampered with does."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Damaged
from hemalum.runtime.crypto.sealed import (
    CHUNK_BYTES,
    HEADER_BYTES,
    DataKey,
    Sealer,
    Suite,
    Unsealer,
    plain_size,
    seal,
    sealed_size,
    unseal,
)

KEY = DataKey("slide-1", Suite.AES_256_GCM, bytes(range(32)))
NATIONAL = DataKey("slide-1", Suite.SM4_GCM, bytes(range(32)))
PLACE = "images/slide-1/a/index.hfi"
BORDERS = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7)
STORED_CHUNK = CHUNK_BYTES + 16


def _content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("key", [KEY, NATIONAL])
@pytest.mark.parametrize("size", BORDERS)
def test_what_is_sealed_opens_and_has_the_size_that_is_said(key: DataKey, size: int) -> None:
    content = _content(size)
    blob = seal(key, PLACE, content)
    assert len(blob) == sealed_size(size)
    assert plain_size(len(blob)) == size
    assert unseal(key, PLACE, blob) == content
    assert seal(key, PLACE, content) != blob


@pytest.mark.parametrize("key", [KEY, NATIONAL])
@given(
    size=st.sampled_from(BORDERS) | st.integers(0, 3 * CHUNK_BYTES),
    offset=st.integers(0, 4 * CHUNK_BYTES),
    length=st.integers(0, 4 * CHUNK_BYTES),
)
def test_every_range_opens_from_its_span_alone(key: DataKey, size: int, offset: int, length: int) -> None:
    content = _content(size)
    blob = seal(key, PLACE, content)
    opened = Unsealer(key, PLACE, blob[:HEADER_BYTES], len(blob))
    start, count = opened.span(offset, length)
    assert opened.open(offset, length, blob[start : start + count]) == content[offset : offset + length]
    assert count <= length + 2 * STORED_CHUNK


@given(st.lists(st.integers(0, 40_000), max_size=5))
def test_it_makes_no_difference_in_which_pieces_bytes_come(sizes: list[int]) -> None:
    content, salt = _content(sum(sizes)), bytes(24)
    sealer = Sealer(KEY, PLACE, salt)
    pieces, at = [sealer.header], 0
    for size in sizes:
        pieces.append(sealer.update(content[at : at + size]))
        at += size
    whole = Sealer(KEY, PLACE, salt)
    expected = whole.header + whole.update(content) + whole.finish()
    assert b"".join([*pieces, sealer.finish()]) == expected


@pytest.mark.parametrize(
    "other",
    [
        (DataKey("slide-2", Suite.AES_256_GCM, KEY.secret), PLACE),
        (DataKey("slide-1", Suite.AES_256_GCM, bytes(32)), PLACE),
        (NATIONAL, PLACE),
        (KEY, "images/slide-1/a/derived.bin"),
    ],
    ids=["name of another slide", "key of another slide", "other suite", "moved to another place"],
)
def test_a_blob_belongs_to_its_key_and_its_place(other: tuple[DataKey, str]) -> None:
    with pytest.raises(Damaged):
        unseal(*other, seal(KEY, PLACE, b"tissue"))


def _flip(blob: bytearray, dice: random.Random) -> None:
    blob[dice.randrange(len(blob))] ^= 1 << dice.randrange(8)


def _swap(blob: bytearray, dice: random.Random) -> None:
    one, other = dice.sample(range((len(blob) - HEADER_BYTES) // STORED_CHUNK), 2)
    at, to = (HEADER_BYTES + number * STORED_CHUNK for number in (one, other))
    blob[at : at + STORED_CHUNK], blob[to : to + STORED_CHUNK] = (
        blob[to : to + STORED_CHUNK],
        blob[at : at + STORED_CHUNK],
    )


def _truncate(blob: bytearray, dice: random.Random) -> None:
    del blob[dice.randrange(len(blob)) :]


def _cut_whole_chunks(blob: bytearray, dice: random.Random) -> None:
    kept = dice.randrange((len(blob) - HEADER_BYTES) // STORED_CHUNK)
    del blob[HEADER_BYTES + kept * STORED_CHUNK :]


def _drop_a_chunk(blob: bytearray, dice: random.Random) -> None:
    at = HEADER_BYTES + dice.randrange((len(blob) - HEADER_BYTES) // STORED_CHUNK) * STORED_CHUNK
    del blob[at : at + STORED_CHUNK]


def _lengthen(blob: bytearray, dice: random.Random) -> None:
    blob += dice.randbytes(dice.choice((1, 16, 400, STORED_CHUNK)))


def _replace_a_run(blob: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(blob) - 8)
    blob[at : at + 8] = dice.randbytes(8)


def _graft(blob: bytearray, dice: random.Random) -> None:
    """A chunk of the same number from another blob of the same slide."""
    number = dice.randrange((len(blob) - HEADER_BYTES) // STORED_CHUNK)
    at = HEADER_BYTES + number * STORED_CHUNK
    blob[at : at + STORED_CHUNK] = _OTHER[at : at + STORED_CHUNK]


_SIZE = 3 * CHUNK_BYTES + 99
_OTHER = seal(KEY, PLACE, _content(_SIZE))
TAMPERINGS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _swap,
    _truncate,
    _cut_whole_chunks,
    _drop_a_chunk,
    _lengthen,
    _replace_a_run,
    _graft,
)


def _tamper(count: int, seed: int) -> None:
    """Tamper so many times, and read as a viewer does: the range that was changed, else the whole."""
    dice = random.Random(seed)
    content = _content(_SIZE)
    sealed = {key.suite: seal(key, PLACE, content) for key in (KEY, NATIONAL)}
    for number in range(count):
        # SM4 is fifty times dearer, and the layout is the same.
        key = NATIONAL if number % 20 == 0 else KEY
        blob = bytearray(sealed[key.suite])
        TAMPERINGS[number % len(TAMPERINGS)](blob, dice)
        if bytes(blob) == sealed[key.suite]:
            continue
        with pytest.raises(Damaged):
            unseal(key, PLACE, bytes(blob))


def test_thousands_of_tamperings_are_all_refused() -> None:
    _tamper(4_000, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_tamperings_are_all_refused() -> None:
    _tamper(100_000, seed=2)


@pytest.mark.parametrize("key", [KEY, NATIONAL])
def test_a_range_is_refused_for_damage_beside_it_in_its_chunks(key: DataKey) -> None:
    blob = bytearray(seal(key, PLACE, _content(_SIZE)))
    blob[HEADER_BYTES + STORED_CHUNK + 9_000] ^= 1
    opened = Unsealer(key, PLACE, bytes(blob[:HEADER_BYTES]), len(blob))
    start, count = opened.span(CHUNK_BYTES - 50, 100)
    with pytest.raises(Damaged):
        opened.open(CHUNK_BYTES - 50, 100, blob[start : start + count])


def test_only_the_damaged_chunk_is_lost() -> None:
    content = _content(_SIZE)
    blob = bytearray(seal(KEY, PLACE, content))
    blob[HEADER_BYTES + STORED_CHUNK + 5] ^= 1
    opened = Unsealer(KEY, PLACE, bytes(blob[:HEADER_BYTES]), len(blob))
    for number in range(opened.chunks):
        start, count = opened.span(number * CHUNK_BYTES, 1)
        if number == 1:
            with pytest.raises(Damaged):
                opened.open_chunk(number, bytes(blob[start : start + count]))
        else:
            expected = content[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
            assert opened.open_chunk(number, bytes(blob[start : start + count])) == expected


def test_a_secret_is_not_shown() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert "secret" not in repr(KEY)
