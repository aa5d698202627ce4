"""Bytes by key as they lie: a local folder by default, S3 by a URL; always readable by range.

Only `blobs` uses it, which knows what is sealed; and whoever copies sealed blobs as they are.
"""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from hemalum.kernel.errors import HemalumError, Invalid, NotFound
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import cause_of
from hemalum.runtime.files import sync_folder

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_MAX_KEY_LENGTH = 900
_PART_BYTES = 8 << 20


class BlobsFailed(HemalumError):
    """The blob store does not answer, or is full."""

    status = 503
    code = "blobs-failed"


class BlobStore:
    """A store of bytes by key. May be used from several threads; the `async` call is for an event loop."""

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies when the store is a local folder, so that it can be mapped; else None."""
        return None if self._folder is None else self._folder / checked_key(key)

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store bytes that come in pieces, in flat memory. Storing the same key again replaces it whole.

        Complete and durable when this returns; until then, and when `pieces` raises, nothing is there.

        Raises:
            BlobsFailed: the store is full or does not answer.
        """
        key = checked_key(key)
        if self._folder is None:
            # Not `obstore.put`: what makes the pieces may read from a store itself, which that cannot bear.
            # A writer that is not closed leaves nothing behind under the key.
            writer = _run(lambda: obstore.open_writer(self._store, key, buffer_size=_PART_BYTES))
            for piece in pieces:
                _run(partial(writer.write, piece))
            _run(writer.close)
            return
        target = self._folder / key
        with _disk_errors():
            temporary = _beside(target)
        try:
            with _disk_errors(), temporary.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            with _disk_errors():
                _publish(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def link(self, key: str, path: Path) -> bool:
        """Store a file that nobody writes to any more without a copy; False when it lies on another disk."""
        key = checked_key(key)
        if self._folder is None:
            return False
        target = self._folder / key
        with _disk_errors():
            temporary = _beside(target)
            try:
                if not _linked(path, temporary):
                    return False
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
                _publish(temporary, target)
            finally:
                temporary.unlink(missing_ok=True)
        return True

    def get(self, key: str) -> bytes:
        """The whole blob.

        Raises:
            NotFound: there is no such blob.
            BlobsFailed: the store does not answer.
        """
        key = checked_key(key)
        return bytes(_run(lambda: obstore.get(self._store, key).bytes()))

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`; fewer at the end of the blob.

        Raises:
            NotFound: there is no such blob.
            BlobsFailed: the store does not answer.
        """
        key = checked_key(key)
        return bytes(_run(lambda: obstore.get_range(self._store, key, start=offset, length=length)))

    async def get_range_async(self, key: str, offset: int, length: int) -> bytes:
        """As `get_range`, for an event loop."""
        try:
            found = await obstore.get_range_async(self._store, checked_key(key), start=offset, length=length)
        except (FileNotFoundError, BaseError) as error:
            raise _translated(error) from error
        return bytes(found)

    def size(self, key: str) -> int:
        """Length of the blob in bytes.

        Raises:
            NotFound: there is no such blob.
        """
        key = checked_key(key)
        return int(_run(lambda: obstore.head(self._store, key))["size"])

    def pieces(self, key: str) -> Iterator[bytes]:
        """The blob from its beginning to its end, in flat memory.

        Raises:
            NotFound: there is no such blob.
            BlobsFailed: the store does not answer.
        """
        key = checked_key(key)
        try:
            for piece in obstore.get(self._store, key).stream(min_chunk_size=_PART_BYTES):
                yield bytes(piece)
        except (FileNotFoundError, BaseError) as error:
            raise _translated(error) from error

    def signed_url(self, key: str, seconds: int) -> str:
        """An address where a remote blob can be read for a while: for child processes, which hold no keys.

        Raises:
            Invalid: the store is a local folder; read the file.
        """
        if not isinstance(self._store, S3Store):
            raise Invalid("Only remote blobs have an address.")
        return obstore.sign(self._store, "GET", checked_key(key), timedelta(seconds=seconds))

    def delete(self, key: str) -> None:
        """Remove the blob, if it is there."""
        key = checked_key(key)
        with suppress(NotFound):
            _run(lambda: obstore.delete(self._store, key))

    def delete_all(self, prefix: str) -> None:
        """Remove every blob under a folder-like prefix."""
        prefix = checked_key(prefix)
        if self._folder is not None:
            shutil.rmtree(self._folder / prefix, onexc=_unless_gone)
            return
        for batch in obstore.list(self._store, prefix=prefix):
            for found in batch:
                self.delete(found["path"])


def _unless_gone(_function: object, _path: str, error: BaseException) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def open_blob_store(url: str) -> BlobStore:
    """The store at `file:///folder` or `s3://bucket/prefix?endpoint=URL&region=NAME`.

    S3 credentials come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`) or from the
    machine's role, never from the URL.

    Raises:
        Invalid: the URL is neither, or the folder cannot be made.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _open_folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return BlobStore(_open_s3(parts.netloc, parts.path.strip("/"), parse_qs(parts.query)), None)
    raise Invalid("Blobs are kept at file:///folder or s3://bucket/prefix.")


def _open_folder(folder: Path) -> BlobStore:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(
            "The blob folder {path} cannot be used: {cause}.", path=str(folder), cause=cause_of(error)
        ) from error
    return BlobStore(LocalStore(folder), folder)


def _open_s3(bucket: str, prefix: str, query: dict[str, list[str]]) -> S3Store:
    known = {"endpoint", "region"}
    if set(query) - known:
        raise Invalid("An S3 address takes only endpoint and region.")
    options: dict[str, Any] = {"region": query.get("region", ["us-east-1"])[0]}
    client: ClientConfig = {}
    if "endpoint" in query:
        endpoint = query["endpoint"][0]
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        client["allow_http"] = endpoint.startswith("http://")
    return S3Store(bucket, prefix=prefix or None, client_options=client, **options)


def checked_key(key: str) -> str:
    """The key, if it is a relative path of plain segments.

    Raises:
        Invalid: it is none.
    """
    if len(key) > _MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise Invalid("That is not a blob key.")
    return key


def _beside(target: Path) -> Path:
    """A temporary name in the folder of the target, which is made if need be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.parent / f".{target.name}.{new_id()}"


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    return True


def _publish(temporary: Path, target: Path) -> None:
    """Give a complete file its name, durably."""
    temporary.replace(target)
    sync_folder(target.parent)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise BlobsFailed("The disk of the node is full; make room and try again.") from error
        raise BlobsFailed("The blob store cannot be written: {cause}.", cause=cause_of(error)) from error


def _run[T](call: Callable[[], T]) -> T:
    try:
        return call()
    except (FileNotFoundError, BaseError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> HemalumError:
    if isinstance(error, FileNotFoundError):
        return NotFound("There is no such blob.")
    return BlobsFailed("The blob store does not answer as it should.")
