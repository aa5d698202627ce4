"""What `hemalum ingest` begins before it has loaded itself: its first file is hashed and examined.

A command spends its first second or two on imports and on opening the node. Nothing heavy is imported here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hemalum.capabilities.slides.digesting import EarlyDigest
from hemalum.capabilities.slides.examination import Examination
from hemalum.capabilities.slides.model import ImageObject, ObjectKind
from hemalum.kernel.ids import new_id
from hemalum.runtime.sandbox import Limits, Workers
from hemalum.runtime.settings import Settings
from hemalum.runtime.worker_lock import worker_is_running


@dataclass(frozen=True)
class Early:
    """What was begun already."""

    digests: Mapping[str, EarlyDigest] = field(default_factory=dict)
    """Of files by path."""
    readers: Workers | None = None
    """The processes that read untrusted files; None when none was started."""
    examinations: list[Examination] = field(default_factory=list)
    """Those that no job has taken over yet."""

    def take_examination(
        self, originals: Sequence[ImageObject], cancelled: Callable[[], bool]
    ) -> Examination | None:
        """The examination of these files as they lie now, which from now on is the caller's to drop."""
        for found in self.examinations:
            if found.is_of(originals):
                self.examinations.remove(found)
                found.cancelled = cancelled
                return found
        return None

    def drop(self) -> None:
        """Stop what nobody needs any more."""
        for digest in self.digests.values():
            digest.drop()
        while self.examinations:
            self.examinations.pop().drop()
        if self.readers is not None:
            self.readers.close()


NOTHING_EARLY = Early()


def begin(settings: Settings, paths: Sequence[Path]) -> Early:
    """Begin to take in the first of these files by link, unless a node runs that will do all of it itself."""
    if worker_is_running(settings):
        return NOTHING_EARLY
    files = [path.resolve() for path in paths[:1] if path.is_file()]
    readers = open_readers(settings)
    return Early(
        {str(path): EarlyDigest(path) for path in files},
        readers,
        [Examination(readers, [_linked(path)], [path], _folder(settings), lambda: False) for path in files],
    )


def _linked(path: Path) -> ImageObject:
    found = path.stat()
    return ImageObject(0, ObjectKind.LINKED, str(path), path.name, found.st_size, None, found.st_mtime_ns)


def _folder(settings: Settings) -> Path:
    return settings.scratch / f"early-{new_id()}"


def open_readers(settings: Settings) -> Workers:
    """The worker processes for untrusted files; they start on demand."""
    limits = Limits(
        memory_mib=settings.child_memory_mib,
        stall_s=settings.child_stall_s,
        wall_s=settings.child_wall_s,
        cpu_s=settings.child_wall_s,
        idle_s=settings.worker_idle_s,
    )
    return Workers(settings.ingest_workers, limits, loads="hemalum.formats.wsi.inspection")
