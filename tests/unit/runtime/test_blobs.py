"""Blobs in a local folder, sealed and as they are; S3 is tried by the service tests."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Damaged, Invalid, NotFound
from hemalum.runtime.blob_store import BlobStore, open_blob_store
from hemalum.runtime.blobs import Blobs, key_name, open_blobs
from hemalum.runtime.crypto.keys import KeyDestroyed, open_keyring
from hemalum.runtime.crypto.sealed import CHUNK_BYTES
from hemalum.runtime.crypto.source import open_place
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.settings import load_settings, make_folders

SIZES = (0, 1, 200, CHUNK_BYTES, 5 * CHUNK_BYTES + 3, 70 * CHUNK_BYTES)
KEY = "images/slide/a/index.hfi"

type Open = Callable[[str], Blobs]


@pytest.fixture
def open_on(tmp_path: Path) -> Iterator[Open]:
    """Opens the blobs of one node, sealed in the way of a setting."""
    settings = load_settings(tmp_path / "node", {})
    make_folders(settings)
    database: sa.Engine = open_database(settings.database_url)
    migrate(database)
    url = f"file://{tmp_path / 'my blobs'}".replace(" ", "%20")

    def open_with(encryption: str) -> Blobs:
        said = load_settings(tmp_path / "node", {"HEMALUM_ENCRYPTION": encryption})
        return open_blobs(url, open_keyring(said, database))

    yield open_with
    database.dispose()


@pytest.fixture(params=["aes-256-gcm", "sm4-gcm", "off"])
def blobs(request: pytest.FixtureRequest, open_on: Open) -> Blobs:
    return open_on(request.param)


def _content(size: int) -> bytes:
    return bytes(number * 31 % 251 for number in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_whole_and_in_parts(blobs: Blobs, tmp_path: Path, size: int) -> None:
    content = _content(size)
    blobs.put(KEY, content)
    assert blobs.get(KEY) == content
    assert blobs.size(KEY) == size
    assert b"".join(blobs.pieces(KEY)) == content
    for offset, length in ((0, 1), (size // 2, 100), (size - 1, 1), (max(0, size - 5), 5)):
        if 0 <= offset < size:
            expected = content[offset : offset + length]
            assert blobs.get_range(KEY, offset, length) == expected
            assert asyncio.run(blobs.get_range_async(KEY, offset, length)) == expected
    blobs.fetch(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    path = blobs.local_path(KEY)
    assert path is not None
    assert [one.name for one in path.parent.iterdir()] == ["index.hfi"]


@pytest.mark.parametrize("owned", [True, False])
def test_files_are_stored_and_left_alone(blobs: Blobs, tmp_path: Path, owned: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    first = blobs.put_file("x/y", path, owned=owned)
    assert blobs.put_file("x/y", path, owned=owned).sha256 == first.sha256
    assert blobs.get("x/y") == b"content"
    assert path.read_bytes() == b"content"
    plain = blobs.plain_path("x/y")
    assert plain is None or plain.samefile(path) is owned
    path.unlink()
    assert blobs.get("x/y") == b"content"


def test_what_was_written_is_told(blobs: Blobs, tmp_path: Path) -> None:
    content = _content(40_000)
    (tmp_path / "file").write_bytes(content)
    for record in (blobs.put(KEY, content), blobs.put_file(KEY, tmp_path / "file", owned=True)):
        path = blobs.local_path(KEY)
        assert path is not None
        assert (record.key, record.size) == (KEY, len(content))
        assert record.sha256 == hashlib.sha256(content).hexdigest()
        assert record.sm3 == hashlib.new("sm3", content).hexdigest()
        assert record.chunks == (0 if blobs.plain_path(KEY) else 3)
    assert record.stored_size == path.stat().st_size
    assert record.stored_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("encryption", ["aes-256-gcm", "sm4-gcm"])
def test_the_disk_shows_nothing(open_on: Open, encryption: str, tmp_path: Path) -> None:
    marker = b"ZHANG San, 1961-04-07, hepatocellular carcinoma"
    blobs = open_on(encryption)
    blobs.put(KEY, marker * 2000)
    assert blobs.plain_path(KEY) is None
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or marker[:16] not in path.read_bytes()


def test_a_child_process_is_told_where_and_the_key_of_one_slide(blobs: Blobs) -> None:
    content = _content(50_000)
    blobs.put(KEY, content)
    place = blobs.place(KEY, len(content), 60)
    source = open_place(place, _no_url)
    assert source.size == len(content)
    assert source.read(20_000, 10_000) == content[20_000:30_000]
    source.close()
    assert ("seal" in place) is (blobs.plain_path(KEY) is None)
    if "seal" in place:
        place["seal"]["place"] = "images/slide/a/other"
        with pytest.raises(Damaged):
            open_place(place, _no_url)


def _no_url(url: str, size: int) -> None:  # type: ignore[misc]
    raise AssertionError((url, size))


def test_a_slide_stays_as_it_began(open_on: Open) -> None:
    """Changing the setting changes how new slides are kept, and no old one becomes unreadable."""
    open_on("off").put("images/plain/a", b"plain")
    open_on("aes-256-gcm").put("images/sealed/a", b"sealed")
    for setting in ("off", "sm4-gcm", "aes-256-gcm"):
        blobs = open_on(setting)
        assert blobs.get("images/plain/a") == b"plain"
        assert blobs.get("images/sealed/a") == b"sealed"
    open_on("off").put("images/sealed/b", b"later")
    assert open_on("off").plain_path("images/sealed/b") is None


def test_a_plain_file_is_never_taken_for_a_sealed_one(open_on: Open) -> None:
    blobs = open_on("aes-256-gcm")
    blobs.put(KEY, _content(1000))
    path = blobs.local_path(KEY)
    assert path is not None
    path.write_bytes(b"another patient's slide" * 100)
    for read in (lambda: open_on("off").get(KEY), lambda: open_on("off").get_range(KEY, 0, 10)):
        with pytest.raises(Damaged):
            read()


def test_blobs_cannot_be_swapped(open_on: Open) -> None:
    blobs = open_on("aes-256-gcm")
    keys = ("images/one/a/index.hfi", "images/one/a/derived.bin", "images/two/a/index.hfi")
    for number, key in enumerate(keys):
        blobs.put(key, _content(100 + number))
    paths = [blobs.local_path(key) for key in keys]
    stored = [path.read_bytes() for path in paths if path is not None]
    for target, source in ((0, 1), (0, 2), (1, 0), (2, 0)):
        path = paths[target]
        assert path is not None
        path.write_bytes(stored[source])
        with pytest.raises(Damaged):
            open_on("aes-256-gcm").get(keys[target])
        path.write_bytes(stored[target])


def test_a_blob_that_another_process_wrote_anew_is_read_anew(open_on: Open) -> None:
    mine, other = open_on("aes-256-gcm"), open_on("aes-256-gcm")
    mine.put(KEY, b"before")
    assert mine.get_range(KEY, 0, 6) == b"before"
    other.put(KEY, b"after!")
    assert mine.get_range(KEY, 0, 6) == b"after!"
    other.put(KEY, b"later!")
    assert asyncio.run(mine.get_range_async(KEY, 0, 6)) == b"later!"


def test_what_cannot_be_removed_is_not_said_to_be_gone(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, **_: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    blobs.put(KEY, b"tissue")
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        with pytest.raises(PermissionError):
            blobs.delete_all("images/slide")
    blobs.delete_all("images/slide")
    assert not blobs.exists(KEY)
    blobs.delete_all("images/slide")


def test_a_slide_whose_key_is_destroyed_cannot_be_read_or_written(open_on: Open) -> None:
    blobs = open_on("aes-256-gcm")
    blobs.put(KEY, b"tissue")
    assert blobs.get_range(KEY, 0, 6) == b"tissue"
    blobs.keys.destroy("slide")
    attempts = (
        lambda: blobs.get(KEY),
        lambda: blobs.get_range(KEY, 0, 6),
        lambda: blobs.put(KEY, b"new"),
        lambda: blobs.place(KEY, 6, 60),
    )
    for attempt in attempts:
        with pytest.raises(KeyDestroyed):
            attempt()


def test_nothing_is_there_when_the_bytes_stop_coming(blobs: Blobs) -> None:
    def broken() -> Iterator[bytes]:
        yield _content(40_000)
        raise Invalid("The sender went away.")

    with pytest.raises(Invalid):
        blobs.put_pieces(KEY, broken())
    assert not blobs.exists(KEY)
    path = blobs.local_path(KEY)
    assert path is not None
    assert list(path.parent.iterdir()) == []


def test_what_is_deleted_is_gone(blobs: Blobs) -> None:
    for key in ("a/1", "a/2", "ab/3"):
        blobs.put(key, b"x")
    blobs.get_range("a/1", 0, 1)
    blobs.delete_all("a")
    blobs.delete("not/there")
    assert [blobs.exists(key) for key in ("a/1", "a/2", "ab/3")] == [False, False, True]
    with pytest.raises(NotFound):
        blobs.get("a/1")
    with pytest.raises(NotFound):
        blobs.get_range("a/1", 0, 1)


@pytest.mark.parametrize(
    ("key", "name"),
    [("images/i1/g/index.hfi", "i1"), ("images/i1/manifest", "i1"), ("doctor/probe", "doctor"), ("x", "x")],
)
def test_which_key_a_blob_is_sealed_under(key: str, name: str) -> None:
    assert key_name(key) == name


@pytest.mark.parametrize(
    "key", ["", "/a", "../a", "a/../b", "a//b", "a/", ".a", "a\x00", "a b", "a\\b", "ä", "x" * 1000]
)
def test_keys_cannot_reach_out(open_on: Open, key: str) -> None:
    blobs = open_on("off")
    with pytest.raises(Invalid):
        blobs.put(key, b"")
    with pytest.raises(Invalid):
        blobs.local_path(key)


@given(st.text(max_size=30))
def test_no_key_leaves_the_folder(key: str) -> None:
    store = BlobStore(None, Path("/folder"))  # type: ignore[arg-type]
    try:
        path = store.local_path(key)
    except Invalid:
        return
    assert path is not None
    assert Path("/folder") in path.resolve().parents


@pytest.mark.parametrize("url", ["", "ftp://x/y", "s3:///prefix", "s3://bucket/x?password=y"])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        open_blob_store(url)
