"""Blobs in a local folder; S3 is tried by the service tests of ingest."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid, NotFound
from hemalum.runtime.blobs import Blobs, open_blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(f"file://{tmp_path / 'my blobs'}".replace(" ", "%20"))


def test_bytes_come_back_whole_and_in_parts(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put("a/b.bin", bytes(range(200)))
    assert blobs.get("a/b.bin") == bytes(range(200))
    assert blobs.get_range("a/b.bin", 10, 5) == bytes(range(10, 15))
    assert asyncio.run(blobs.get_range_async("a/b.bin", 190, 10)) == bytes(range(190, 200))
    assert asyncio.run(blobs.get_async("a/b.bin")) == bytes(range(200))
    assert blobs.size("a/b.bin") == 200
    path = blobs.local_path("a/b.bin")
    assert path is not None
    assert path.read_bytes() == bytes(range(200))
    blobs.fetch("a/b.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == bytes(range(200))
    assert [one.name for one in path.parent.iterdir()] == ["b.bin"]


@pytest.mark.parametrize("owned", [True, False])
def test_files_are_stored_and_left_alone(blobs: Blobs, tmp_path: Path, owned: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    blobs.put_file("x/y", path, owned=owned)
    blobs.put_file("x/y", path, owned=owned)
    assert blobs.get("x/y") == b"content"
    assert path.read_bytes() == b"content"
    stored = blobs.local_path("x/y")
    assert stored is not None
    assert stored.samefile(path) is owned
    path.unlink()
    assert blobs.get("x/y") == b"content"


def test_what_is_deleted_is_gone(blobs: Blobs) -> None:
    for key in ("a/1", "a/2", "ab/3"):
        blobs.put(key, b"x")
    blobs.delete_all("a")
    blobs.delete("not/there")
    assert [blobs.exists(key) for key in ("a/1", "a/2", "ab/3")] == [False, False, True]
    with pytest.raises(NotFound):
        blobs.get("a/1")
    with pytest.raises(NotFound):
        blobs.get_range("a/1", 0, 1)
    with pytest.raises(NotFound):
        asyncio.run(blobs.get_async("a/1"))


@pytest.mark.parametrize(
    "key", ["", "/a", "../a", "a/../b", "a//b", "a/", ".a", "a\x00", "a b", "a\\b", "ä", "x" * 1000]
)
def test_keys_cannot_reach_out(blobs: Blobs, key: str) -> None:
    with pytest.raises(Invalid):
        blobs.put(key, b"")
    with pytest.raises(Invalid):
        blobs.local_path(key)


@given(st.text(max_size=30))
def test_no_key_leaves_the_folder(key: str) -> None:
    blobs = Blobs(None, Path("/folder"))  # type: ignore[arg-type]
    try:
        path = blobs.local_path(key)
    except Invalid:
        return
    assert path is not None
    assert Path("/folder") in path.resolve().parents


@pytest.mark.parametrize("url", ["", "ftp://x/y", "s3:///prefix", "s3://bucket/x?password=y"])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        open_blobs(url)
