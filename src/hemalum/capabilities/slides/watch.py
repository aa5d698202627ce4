"""Watched folders: what a scanner writes there is taken in once it is complete."""

import logging
import threading
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from watchfiles import watch

from hemalum.capabilities.slides.intake import find_files, is_image_name, own_files
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.settings import WatchedFolder

STABLE_S = 5.0
"""A file is taken for complete when it did not change for this long."""

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0

type FileStamp = tuple[int, int]
"""Size and time of the last change: what tells one state of a file from another."""

type Stamp = tuple[FileStamp, ...]
"""Those of a file and of its companions."""


class FolderWatch:
    """Watches folders in a thread of this process.

    At the start it catches up: every file that is not an original of some image is taken in. Files are taken
    in again when they change. Symbolic links are passed over. What cannot be taken in is tried again for as
    long as it lies there, and a folder that goes away is watched again once it is back.
    """

    def __init__(self, slides: Slides, folders: tuple[WatchedFolder, ...], home: str) -> None:
        """`home` is the organisation of folders that state none."""
        self._slides = slides
        self._folders = folders
        self._home = home
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, args=(folder,), name=f"watch {folder.path}", daemon=True)
            for folder in folders
        ]

    def start(self) -> None:
        """Begin to watch."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop watching; waits for a file that is just being handed in."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _watch(self, folder: WatchedFolder) -> None:
        waiting = Waiting(time.monotonic)
        taken: dict[Path, FileStamp] | None = None
        while not self._stop.is_set():
            try:
                if taken is None:
                    taken = self._slides.list_linked_files(folder.path)
                self._watch_while_there(folder, waiting, taken)
            except (HemalumError, OSError, sa.exc.SQLAlchemyError) as error:
                _LOG.warning("watched folder %s: %s", folder.path, error)
            self._stop.wait(_LOOK_S)

    def _watch_while_there(
        self, folder: WatchedFolder, waiting: "Waiting", taken: dict[Path, FileStamp]
    ) -> None:
        """Catch up and then take in what changes, until the folder is gone or another one is in its place."""
        place = _place_of(folder.path)
        if place is None:
            return
        changes = watch(
            folder.path,
            stop_event=self._stop,
            rust_timeout=int(_LOOK_S * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        # Only once changes are listened for: what is written between would be seen by neither.
        for number, changed in enumerate(changes):
            found = find_files([folder.path]) if number == 0 else []
            self._notice(waiting, taken, [*found, *(Path(path) for _, path in changed)])
            self._take_in(folder, waiting, taken)
            if _place_of(folder.path) != place:
                return

    def _notice(self, waiting: "Waiting", taken: dict[Path, FileStamp], paths: list[Path]) -> None:
        for path in dict.fromkeys(map(opened_file, paths)):
            stamp = stamp_of(path)
            if stamp is None:
                waiting.forget(path)
            elif tuple(taken.get(one) for one in own_files(path)) != stamp:
                waiting.see(path, stamp)

    def _take_in(self, folder: WatchedFolder, waiting: "Waiting", taken: dict[Path, FileStamp]) -> None:
        ready = sorted(waiting.take_ready(stamp_of).items())
        # Folder by folder, so that one that cannot be taken in holds up no other.
        for _, together in groupby(ready, lambda one: one[0].parent):
            stamps = dict(together)
            try:
                self._slides.take_in(list(stamps), folder.organisation_id or self._home)
            except (HemalumError, OSError, sa.exc.SQLAlchemyError) as error:
                _LOG.warning("watched folder %s: %s; it is tried again", folder.path, error)
                for path, stamp in stamps.items():
                    waiting.see(path, stamp)
                continue
            for path, stamp in stamps.items():
                taken.update(zip(own_files(path), stamp, strict=False))


class Waiting:
    """Files that were seen and are watched until they stop changing."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[Path, tuple[Stamp, float]] = {}

    def see(self, path: Path, stamp: Stamp) -> None:
        """A file is there in this state."""
        known = self._seen.get(path)
        if known is None or known[0] != stamp:
            self._seen[path] = (stamp, self._clock())

    def forget(self, path: Path) -> None:
        """A file is gone."""
        self._seen.pop(path, None)

    def take_ready(self, stamp: Callable[[Path], Stamp | None]) -> dict[Path, Stamp]:
        """The files that did not change for `STABLE_S`; they are no longer waited for.

        Files of one folder wait for each other, so that a series that is being written arrives whole.
        """
        for path in list(self._seen):
            now = stamp(path)
            if now is None:
                self.forget(path)
            else:
                self.see(path, now)
        restless = {
            path.parent for path, (_, since) in self._seen.items() if self._clock() - since < STABLE_S
        }
        ready = {path: found for path, (found, _) in self._seen.items() if path.parent not in restless}
        for path in ready:
            self.forget(path)
        return ready


def opened_file(path: Path) -> Path:
    """The file that a changed one belongs to: of the data of a MIRAX slide the one beside their folder."""
    mirax = path.parent.with_name(f"{path.parent.name}.mrxs")
    return mirax if mirax.is_file() else path


def stamp_of(path: Path) -> Stamp | None:
    """The state of a regular file worth trying and of those that belong to it; None when it is not one."""
    if not path.is_file() or path.is_symlink() or not is_image_name(path):
        return None
    try:
        found = [one.lstat() for one in own_files(path)]
    except OSError:
        return None
    return tuple((one.st_size, one.st_mtime_ns) for one in found) if found[0].st_size else None


def _place_of(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of the same name: device and number; None when there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino)
