"""Files from a browser: resumable uploads (tus 1.0.0), correct whatever dies when.

The offset in the database is the only truth about how far an upload is. Bytes are sealed on their way to the
disk (`incoming`) and durable before the offset moves; what lies past it, from a request or a process that
died, is cut off when the upload goes on. The whole file is hashed on its way; after a restart it is hashed
again from the disk.

Standard: tus resumable upload protocol 1.0.0, extensions creation, checksum, expiration, termination.
"""

import asyncio
import errno
import fcntl
import hashlib
import hmac
import logging
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hemalum.capabilities.slides import store, upload_store
from hemalum.capabilities.slides.incoming import IncomingFile, Segment
from hemalum.capabilities.slides.intake import Candidate, clean_name
from hemalum.capabilities.slides.model import ImageStatus, Upload, UploadState
from hemalum.capabilities.slides.service import Received, Slides, incoming_object, new_job_id
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, DiskFull, HemalumError, Invalid
from hemalum.kernel.ids import ImageId, UploadId, new_id
from hemalum.runtime.db import reading, transaction

CHECKSUM_ALGORITHMS = ("sha256", "sha1")
"""tus requires SHA-1; ours is SHA-256."""

_BUFFER_BYTES = 1 << 20
_COMMIT_BYTES = 32 << 20
"""A request without its own checksum is made durable at least this often."""
_RESERVE_BYTES = 256 << 20
"""Room that is left on the disk for the node itself."""

_LOG = logging.getLogger(__name__)


class WrongChecksum(HemalumError):
    """The bytes that arrived are not those that were sent."""

    status = 460
    code = "wrong-checksum"


class UploadLocked(HemalumError):
    """Another request is writing to the upload."""

    status = 423
    code = "upload-locked"


class WrongOffset(Conflict):
    """The request goes on at another place than the upload is."""

    code = "wrong-offset"


class UploadGone(HemalumError):
    """The upload ran out, failed, or lost its bytes; it must start again."""

    status = 410
    code = "upload-gone"


class UploadTooLarge(HemalumError):
    """The file is larger than this node takes."""

    status = 413
    code = "upload-too-large"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a request says of the bytes it carries."""

    algorithm: str
    digest: bytes


@dataclass
class _Running:
    """The hash of an upload as far as this process has seen it."""

    offset: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class Uploads:
    """The use cases of uploads on one node. The async call is for an event loop; the rest may block."""

    def __init__(self, slides: Slides) -> None:
        self._slides = slides
        self._settings = slides.settings
        self._running: dict[str, _Running] = {}
        self._guard = threading.Lock()

    def create(self, actor: Actor, filename: str, length: int, sha256: str | None) -> Upload:
        """A new upload. When the same bytes are here already it is complete at once.

        Raises:
            Invalid: the file would be empty, or the hash is none.
            UploadTooLarge, DiskFull: there is no room for it.
        """
        if length <= 0:
            raise Invalid("The file is empty.")
        if length > self._settings.max_upload_bytes:
            raise UploadTooLarge(
                "This node takes files of up to {most} bytes.", most=self._settings.max_upload_bytes
            )
        if sha256 is not None and not _is_sha256(sha256):
            raise Invalid("The SHA-256 of the file must be 64 hexadecimal digits.")
        upload = Upload(
            id=UploadId(new_id()),
            organisation_id=actor.organisation_id,
            created_by=actor.person_id,
            filename=clean_name(filename),
            length=length,
            offset=0,
            sha256=sha256 and sha256.lower(),
            expires_at=self._expiry(),
            state=UploadState.OPEN,
        )
        known = self._find_known(upload)
        if known is not None:
            upload = replace(upload, offset=length, state=UploadState.COMPLETE, image_id=known)
        else:
            self._check_room(length)
            with disk_errors():
                self._file(upload.id).create()
        with transaction(self._slides.database) as connection:
            upload_store.add_upload(connection, upload)
        return upload

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """An upload of the actor's organisation that is still good.

        Raises:
            NotFound: there is none.
            UploadGone: it failed or ran out.
        """
        with reading(self._slides.database) as connection:
            upload = upload_store.get_upload(connection, upload_id, actor.organisation_id)
        if upload.state is UploadState.FAILED:
            raise UploadGone("This upload failed; start it again.")
        if upload.state is UploadState.OPEN and upload.expires_at < self._slides.clock():
            raise UploadGone("This upload ran out; start it again.")
        return upload

    def describe(self, actor: Actor, upload_id: str) -> tuple[Upload, ImageStatus | None]:
        """An upload, and the status of the image it became."""
        with reading(self._slides.database) as connection:
            upload = upload_store.get_upload(connection, upload_id, actor.organisation_id)
            if upload.image_id is None:
                return upload, None
            summary = store.find_summary(connection, upload.image_id)
        return upload, None if summary is None else summary.status

    async def append(
        self,
        actor: Actor,
        upload_id: str,
        offset: int,
        body: AsyncIterator[bytes],
        *,
        checksum: Checksum | None = None,
        sha256: str | None = None,
    ) -> Upload:
        """Add bytes at `offset`, which must be where the upload is; returns the upload as it is then.

        With `checksum` the bytes of this request are kept as a whole or not at all. `sha256` is that of the
        whole file. The last bytes make the upload complete and start to take the slide in.

        Raises:
            NotFound, UploadGone: there is no such upload any more.
            UploadLocked: another request is writing to it.
            WrongOffset: it is at another offset.
            WrongChecksum: the bytes are not those that were sent.
            UploadTooLarge: there are more bytes than were announced.
            DiskFull: there is no room left.
        """
        upload = await asyncio.to_thread(self.get, actor, upload_id)
        if upload.state is UploadState.COMPLETE:
            if offset == upload.length:
                return upload
            raise WrongOffset("The upload is at byte {offset}.", offset=upload.length)
        descriptor = await asyncio.to_thread(self._lock, upload)
        try:
            # Only now, with the lock, is the offset certain.
            upload = await asyncio.to_thread(self.get, actor, upload_id)
            if upload.state is UploadState.COMPLETE or offset != upload.offset:
                raise WrongOffset("The upload is at byte {offset}.", offset=upload.offset)
            running = await asyncio.to_thread(self._resume, upload)
            writing = _Writing(self, self._file(upload.id), upload, running, checksum)
            await writing.take(body)
            upload = writing.upload
            if upload.offset == upload.length:
                upload = await asyncio.to_thread(self._complete, upload, running, sha256)
            return upload
        finally:
            os.close(descriptor)

    def terminate(self, actor: Actor, upload_id: str) -> None:
        """Drop an upload and its bytes.

        Raises:
            NotFound: there is no such upload.
            UploadLocked: a request is writing to it.
        """
        with reading(self._slides.database) as connection:
            upload = upload_store.get_upload(connection, upload_id, actor.organisation_id)
        if upload.state is UploadState.OPEN:
            descriptor = self._lock(upload)
            os.close(descriptor)
        self._drop(upload)

    def sweep(self) -> None:
        """Drop uploads that ran out, finish those that a crash left with every byte, forget old closed ones.

        Safe to repeat.
        """
        now = self._slides.clock()
        with transaction(self._slides.database) as connection:
            upload_store.delete_closed_uploads(
                connection, now - timedelta(days=self._settings.ended_kept_days)
            )
        with reading(self._slides.database) as connection:
            open_uploads = upload_store.list_uploads(connection)
        for listed in open_uploads:
            try:
                descriptor = self._lock(listed)
            except UploadLocked:
                continue
            except UploadGone:
                descriptor = None
            try:
                self._sweep(listed, now, is_gone=descriptor is None)
            except HemalumError as error:
                _LOG.warning("upload %s: %s", listed.id, error)
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    def _sweep(self, listed: Upload, now: datetime, *, is_gone: bool) -> None:
        """Finish or drop an upload that this process has locked, or whose bytes are gone."""
        # A request may have moved or completed it before it was locked.
        with reading(self._slides.database) as connection:
            upload = upload_store.get_upload(connection, listed.id, listed.organisation_id)
        if upload.state is not UploadState.OPEN:
            return
        if is_gone or (upload.offset < upload.length and upload.expires_at < now):
            self._drop(upload)
        elif upload.offset == upload.length:
            self._complete(upload, self._resume(upload), None)

    # Parts ---------------------------------------------------------------------------------------------

    def commit(self, segment: Segment, upload: Upload, offset: int) -> Upload:
        """Move the offset once the bytes before it are durable."""
        with disk_errors():
            segment.finish()
        moved = replace(upload, offset=offset, expires_at=self._expiry())
        with transaction(self._slides.database) as connection:
            upload_store.update_upload(connection, upload.id, offset=offset, expires_at=moved.expires_at)
        return moved

    def _expiry(self) -> datetime:
        return self._slides.clock() + timedelta(hours=self._settings.upload_expiry_hours)

    def _file(self, upload_id: str) -> IncomingFile:
        return self._slides.incoming_file(self._settings.incoming / upload_folder(upload_id))

    def _check_room(self, length: int) -> None:
        free = shutil.disk_usage(self._settings.incoming).free
        if length + _RESERVE_BYTES > free:
            raise DiskFull("There is no room for this file on the node.")

    def _find_known(self, upload: Upload) -> ImageId | None:
        if upload.sha256 is None:
            return None
        with reading(self._slides.database) as connection:
            known = store.find_by_object(connection, upload.organisation_id, upload.sha256)
        return None if known is None else known.id

    def _lock(self, upload: Upload) -> int:
        """The folder of an upload, locked for one writer in any process."""
        try:
            folder = self._file(upload.id).folder
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise UploadGone("The bytes of this upload are gone; start it again.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise UploadLocked("Another request is writing to this upload.") from error
        return descriptor

    def _resume(self, upload: Upload) -> _Running:
        """Cut off what is past the offset, and have the hash of what is before it."""
        file = self._file(upload.id)
        if not file.cut(upload.offset):
            self._fail(upload)
            raise UploadGone("The bytes of this upload are gone; start it again.")
        with self._guard:
            running = self._running.setdefault(upload.id, _Running())
        if running.offset != upload.offset:
            running.digest = hashlib.sha256()
            for piece in file.pieces():
                running.digest.update(piece)
            running.offset = upload.offset
        return running

    def _complete(self, upload: Upload, running: _Running, sha256: str | None) -> Upload:
        """Check the whole file, and begin to take it in."""
        received = running.digest.hexdigest()
        for expected in (upload.sha256, sha256 and sha256.lower()):
            if expected and not hmac.compare_digest(expected, received):
                self._fail(upload)
                raise WrongChecksum("The file that arrived is not the one that was sent; start it again.")
        path = self._file(upload.id).folder
        image_id = ImageId(new_id())
        slide = Received(image_id, new_job_id(image_id), Candidate(upload.filename, (path,), path.parent))
        original = incoming_object(0, path, upload.filename, upload.length, received)
        done = replace(upload, state=UploadState.COMPLETE, sha256=received, image_id=image_id)
        with transaction(self._slides.database) as connection:
            self._slides.begin_receiving(
                connection, slide, upload.organisation_id, upload.created_by, [original], keep=True
            )
            upload_store.update_upload(
                connection, upload.id, state=done.state.value, sha256=received, image_id=image_id
            )
        with self._guard:
            self._running.pop(upload.id, None)
        self._slides.hand_in(slide)
        return done

    def _fail(self, upload: Upload) -> None:
        with transaction(self._slides.database) as connection:
            upload_store.update_upload(connection, upload.id, state=UploadState.FAILED.value)
        self._forget(upload)

    def _drop(self, upload: Upload) -> None:
        with transaction(self._slides.database) as connection:
            upload_store.delete_upload(connection, upload.id)
        if upload.state is not UploadState.COMPLETE:
            self._forget(upload)

    def _forget(self, upload: Upload) -> None:
        self._file(upload.id).remove()
        with self._guard:
            self._running.pop(upload.id, None)


class _Writing:
    """The bytes of one request on their way to the disk."""

    def __init__(
        self,
        uploads: Uploads,
        file: IncomingFile,
        upload: Upload,
        running: _Running,
        checksum: Checksum | None,
    ) -> None:
        self._uploads = uploads
        self._file = file
        self._segment: Segment | None = None
        self._running = running
        self._checksum = checksum
        self._chunk_digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        # Until a chunk with a checksum has proved good, the hash of the file must be able to go back.
        self._file_digest = running.digest.copy()
        self._position = upload.offset
        self.upload = upload

    async def take(self, body: AsyncIterator[bytes]) -> None:
        """Write the body; what arrived before the sender went away is kept, if it has no checksum."""
        try:
            await self._take(body)
        finally:
            if self._segment is not None:
                self._segment.discard()

    async def _take(self, body: AsyncIterator[bytes]) -> None:
        buffer = bytearray()
        try:
            async for piece in body:
                buffer += piece
                if self._position + len(buffer) > self.upload.length:
                    raise UploadTooLarge("More bytes arrived than were announced.")
                if len(buffer) >= _BUFFER_BYTES:
                    await self._write(buffer)
        except (UploadTooLarge, DiskFull):
            raise
        except Exception:
            if self._checksum is None:
                await self._write(buffer)
                await self._commit()
            raise
        await self._write(buffer)
        self._verify()
        await self._commit()

    async def _write(self, buffer: bytearray) -> None:
        if not buffer:
            return
        content = bytes(buffer)
        buffer.clear()
        await asyncio.to_thread(self._write_now, content)
        if self._checksum is None and self._position - self.upload.offset >= _COMMIT_BYTES:
            await self._commit()

    def _write_now(self, content: bytes) -> None:
        with disk_errors():
            if self._segment is None:
                self._segment = self._file.begin(self._position)
            self._segment.write(content)
        self._position += len(content)
        self._file_digest.update(content)
        if self._chunk_digest is not None:
            self._chunk_digest.update(content)

    def _verify(self) -> None:
        if self._checksum is None or self._chunk_digest is None:
            return
        if not hmac.compare_digest(self._chunk_digest.digest(), self._checksum.digest):
            raise WrongChecksum("The bytes that arrived are not those that were sent; send them again.")

    async def _commit(self) -> None:
        if self._segment is None:
            return
        self.upload = await asyncio.to_thread(
            self._uploads.commit, self._segment, self.upload, self._position
        )
        self._segment = None
        self._running.digest = self._file_digest.copy()
        self._running.offset = self._position


def upload_folder(upload_id: str) -> str:
    """Name of the folder that the bytes of an upload lie in."""
    return f"{upload_id}.part"


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and all(one in "0123456789abcdefABCDEF" for one in text)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Say that the disk is full when it is.

    Raises:
        DiskFull: instead of the error of the operating system.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull("The disk of the node is full; make room and try again.") from error
        raise
