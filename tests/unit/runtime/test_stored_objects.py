"""Stored objects as the event loop reads them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemalum.kernel.errors import Damaged, NotFound
from hemalum.runtime.blobs import Blobs, open_blobs
from hemalum.runtime.crypto.keys import KeyDestroyed, open_keyring
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.frames import LocalObject, OriginalChanged
from hemalum.runtime.settings import load_settings, make_folders
from hemalum.runtime.stored_objects import SealedObject, open_stored

KEY = "images/slide/a/derived.bin"
CONTENT = bytes(number * 31 % 251 for number in range(600_000))


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[Blobs]:
    settings = load_settings(tmp_path, {})
    make_folders(settings)
    database = open_database(settings.database_url)
    migrate(database)
    opened = open_blobs(settings.blobs_url, open_keyring(settings, database))
    opened.put(KEY, CONTENT)
    yield opened
    database.dispose()


def test_ranges_are_opened_at_once_or_in_a_thread(blobs: Blobs) -> None:
    held = open_stored(blobs, KEY, len(CONTENT))
    assert isinstance(held, SealedObject)
    for offset, length in ((0, 10), (16_380, 20), (599_990, 10), (100_000, 60_000)):
        assert held.read_now(offset, length) in (None, CONTENT[offset : offset + length])
        assert asyncio.run(held.read(offset, length)) == CONTENT[offset : offset + length]
    assert held.read_now(0, 500_000) is None
    assert asyncio.run(held.read(0, 500_000)) == CONTENT[:500_000]
    assert held.is_unchanged()
    held.close()


def test_what_is_damaged_is_never_given_out(blobs: Blobs) -> None:
    held = open_stored(blobs, KEY, len(CONTENT))
    path = blobs.local_path(KEY)
    assert path is not None
    with path.open("r+b") as file:
        file.seek(64 + 3 * 16_400)
        file.write(b"\0\1\2")
    damaged = (3 * 16_384 + 100, 50)
    assert held.read_now(*damaged) is None
    with pytest.raises(Damaged, match="the integrity report tells which"):
        asyncio.run(held.read(*damaged))
    assert asyncio.run(held.read(0, 100)) == CONTENT[:100]
    held.close()


@pytest.mark.parametrize("size", [0, len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_blob_of_another_size_is_not_opened(blobs: Blobs, size: int) -> None:
    with pytest.raises((Damaged, OriginalChanged)):
        open_stored(blobs, KEY, size)
    with pytest.raises(NotFound):
        open_stored(blobs, "images/slide/a/other", 5)


def test_an_open_slide_whose_key_is_destroyed_is_closed_at_the_next_look(blobs: Blobs) -> None:
    held = open_stored(blobs, KEY, len(CONTENT))
    assert held.is_unchanged()
    blobs.keys.destroy("slide")
    with pytest.raises(KeyDestroyed):
        held.is_unchanged()
    with pytest.raises(KeyDestroyed):
        open_stored(blobs, KEY, len(CONTENT))
    held.close()


def test_what_is_not_sealed_is_read_as_it_lies(blobs: Blobs, tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"HEMALUM_ENCRYPTION": "off"})
    database = open_database(settings.database_url)
    plain = open_blobs(settings.blobs_url, open_keyring(settings, database))
    plain.put("images/plain/a/derived.bin", CONTENT)
    held = open_stored(plain, "images/plain/a/derived.bin", len(CONTENT))
    assert isinstance(held, LocalObject)
    assert asyncio.run(held.read(5, 10)) == CONTENT[5:15]
    held.close()
    database.dispose()
