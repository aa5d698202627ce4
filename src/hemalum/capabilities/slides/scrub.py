"""Checking that every byte of every slide is still what was written, and making good what is not.

A round walks over all available slides, slide by slide, at a limited speed. What it has done stands in the
database, so a round that was cut off goes on with the slide it was at. Blobs are read as they lie and every
chunk is opened; linked files are hashed anew. What is damaged is named, chunk by chunk, and replaced from the
replica when the copy there is whole.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from hemalum.capabilities.slides import integrity_store, store
from hemalum.capabilities.slides.integrity import (
    Damage,
    Harm,
    IntegrityReport,
    Manifest,
    ManifestEntry,
    Round,
    RoundState,
)
from hemalum.capabilities.slides.manifests import find_manifest, save_manifest, write_manifest
from hemalum.capabilities.slides.model import ImageSummary, ObjectKind
from hemalum.capabilities.slides.replica import repair, repair_manifest
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Damaged, NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime.blobs import Digests, file_pieces
from hemalum.runtime.crypto.keys import KeyDestroyed
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import JobState, Run
from hemalum.runtime.sandbox import Cancelled

SCRUB_JOB = "slides.scrub"

_LOG = logging.getLogger(__name__)
_NAP_S = 0.25
_REST_S = 0.1
"""After each slide: of small ones there are so many in a second that whoever works would wait for them."""
_MEGABYTE = 1_000_000


def begin_round(slides: Slides, actor: Actor | None) -> Round:
    """Begin to check all slides now; the round at work, when there is one.

    Without an actor the round is the one that is due: it begins once a day at most.
    """
    now = slides.clock()
    with transaction(slides.database) as connection:
        last = integrity_store.find_last_round(connection)
        if last is not None and last.state is RoundState.RUNNING:
            return last
        round_id = new_id() if actor is not None else f"{now:%Y-%m-%d}"
        integrity_store.add_round(connection, round_id, now)
        begun = integrity_store.get_round(connection, round_id)
    _hand_in(slides, begun)
    return begun


def report(slides: Slides, organisation_id: str | None = None) -> IntegrityReport:
    """The last round, and how the slides of an organisation, or of all, stand."""
    with reading(slides.database) as connection:
        last = integrity_store.find_last_round(connection)
        count, unchecked = integrity_store.count_standings(connection, organisation_id)
        damaged = integrity_store.list_damaged(connection, organisation_id)
    return IntegrityReport(last, count, unchecked, tuple(damaged))


def keep_rounds_going(slides: Slides) -> None:
    """Begin a round when one is due, and hand in again what a crash left without a job. Safe to repeat.

    A round that came to no good end, as when the blob store did not answer, is followed by one the day after.
    """
    with reading(slides.database) as connection:
        last = integrity_store.find_last_round(connection)
        first = None if last is not None else integrity_store.first_available_at(connection)
    if last is not None and last.state is RoundState.RUNNING:
        state = slides.queue.find_state(last.job_id)
        if state is None:
            _hand_in(slides, last)
        elif state in (JobState.FAILED, JobState.CANCELLED, JobState.DONE):
            _end(slides, last.id, RoundState.CANCELLED)
        return
    since = first if last is None else last.started_at
    days = 1 if last is not None and last.state is RoundState.CANCELLED else slides.settings.scrub_days
    if since is not None and slides.clock() - since >= timedelta(days=days):
        try:
            begin_round(slides, None)
        except sa.exc.IntegrityError:  # another worker was faster
            _LOG.debug("the round was begun already")


def scrub(slides: Slides, run: Run, round_id: str) -> dict[str, str]:
    """The job of a round: check slide after slide until none is left."""

    def walk() -> dict[str, str]:
        pace = Pace(slides.settings.scrub_mb_s, run)
        done = ""
        try:
            while (image_id := _next(slides, round_id, done)) is not None:
                _Check(slides, pace, round_id, image_id).run()
                pace.rest()
                done = image_id
        except Cancelled:
            _end(slides, round_id, RoundState.CANCELLED)
            return {"state": RoundState.CANCELLED.value}
        _end(slides, round_id, RoundState.DONE)
        return {"state": RoundState.DONE.value}

    return run.step("scrub", walk)


class Pace:
    """Keeps reading below a speed, with a rest after each slide; stops it when the job was cancelled."""

    def __init__(self, mb_s: int, run: Run) -> None:
        self._bytes_s = mb_s * _MEGABYTE
        self._run = run
        self._ahead_s = 0.0
        self._last = time.monotonic()
        self.read = 0

    def __call__(self, count: int) -> None:
        """So many bytes were read.

        Raises:
            Cancelled: somebody cancelled the job.
        """
        self.read += count
        self._take(count / self._bytes_s)

    def rest(self) -> None:
        """A slide is done. Raises as the above."""
        self._take(_REST_S)

    def _take(self, seconds: float) -> None:
        now = time.monotonic()
        self._ahead_s = max(0.0, self._ahead_s - (now - self._last)) + seconds
        self._last = now
        while True:
            if self._run.cancelled():
                raise Cancelled("The check was cancelled.")
            if self._ahead_s < _NAP_S:
                return
            time.sleep(_NAP_S)
            self._ahead_s -= _NAP_S
            self._last = time.monotonic()


class _Check:
    """One slide in one round."""

    def __init__(self, slides: Slides, pace: Pace, round_id: str, image_id: str) -> None:
        self._slides = slides
        self._pace = pace
        self._round_id = round_id
        self._image_id = image_id

    def run(self) -> None:
        """Hold the slide against its manifest and keep what was found."""
        before = self._pace.read
        damage = self._damage()
        with reading(self._slides.database) as connection:
            summary = store.find_summary(connection, self._image_id)
        if summary is None:
            return
        self._tell(summary, damage)
        with transaction(self._slides.database) as connection:
            # A slide that is damaged before it ever had a manifest has none now.
            if integrity_store.find_manifest(connection, self._image_id) is None:
                integrity_store.set_manifest(connection, self._image_id, "", "")
            integrity_store.set_checked(
                connection, self._image_id, self._round_id, self._slides.clock(), damage
            )
            integrity_store.add_to_round(connection, self._round_id, self._pace.read - before, damage)

    def _damage(self) -> list[Damage]:
        found: list[Damage] = []
        try:
            manifest = self._manifest()
        except KeyDestroyed:
            return found
        except (Damaged, NotFound) as error:
            harm = Harm.MISSING if isinstance(error, NotFound) else Harm.DAMAGED
            repaired = repair_manifest(self._slides, self._image_id)
            found.append(Damage("manifest", "", harm, repaired=repaired))
            if not repaired:
                return found
            manifest = self._manifest()
        if manifest is None:
            return found
        checked = [self._checked(entry) for entry in manifest.entries]
        self._complete(manifest, tuple(entry for entry, _ in checked))
        return found + [damage for _, damage in checked if damage is not None]

    def _manifest(self) -> Manifest | None:
        found = find_manifest(self._slides, self._image_id)
        if found is not None and self._lists_attached(found):
            return found
        return write_manifest(self._slides, self._image_id)

    def _lists_attached(self, manifest: Manifest) -> bool:
        """Whether it is up to date: a crash may have come between a blob and the manifest that lists it."""
        with reading(self._slides.database) as connection:
            attached = integrity_store.list_attached(connection, self._image_id)
        return {*attached} <= {one.location for one in manifest.entries}

    def _complete(self, manifest: Manifest, entries: tuple[ManifestEntry, ...]) -> None:
        """Write down what was learnt of linked files, unless the slide was built anew meanwhile."""
        with reading(self._slides.database) as connection:
            known = integrity_store.find_manifest(connection, self._image_id)
        if known is None or entries == manifest.entries or self._manifest() != manifest:
            return
        save_manifest(self._slides, replace(manifest, entries=entries), known[0].rpartition("/")[0])

    def _checked(self, entry: ManifestEntry) -> tuple[ManifestEntry, Damage | None]:
        if entry.kind is ObjectKind.LINKED:
            return self._checked_file(entry)
        damage = check_blob(self._slides, entry, self._pace)
        if damage is not None and not self._is_still_listed(entry):
            return entry, None
        if damage is not None and repair(self._slides, entry):
            damage = replace(damage, repaired=check_blob(self._slides, entry, self._pace) is None)
        return entry, damage

    def _is_still_listed(self, entry: ManifestEntry) -> bool:
        """Whether the slide is still made of this: it may have been taken away since the check began."""
        manifest = self._manifest()
        return manifest is not None and any(one.location == entry.location for one in manifest.entries)

    def _checked_file(self, entry: ManifestEntry) -> tuple[ManifestEntry, Damage | None]:
        path = Path(entry.location)
        digests = Digests()
        try:
            before = path.stat()
            for piece in file_pieces(path):
                self._pace(len(piece))
                digests.update(piece)
        except OSError:
            return entry, Damage(entry.name, entry.location, Harm.MISSING)
        if digests.sha256 == entry.sha256 and entry.sm3 in (None, digests.sm3):
            return replace(entry, sm3=digests.sm3), None
        untouched = (before.st_size, before.st_mtime_ns) == (entry.size, entry.mtime_ns)
        return entry, Damage(entry.name, entry.location, Harm.DAMAGED if untouched else Harm.CHANGED)

    def _tell(self, summary: ImageSummary, damage: list[Damage]) -> None:
        """The log names what is ours by its key; of files of others it tells the name only."""
        for one in damage:
            place = one.name if os.path.isabs(one.location) else one.location  # noqa: PTH117 - keys are no paths
            action = "slides.repaired" if one.repaired else "slides.damage_found"
            self._slides.tell(
                None, action, summary, object=place, harm=one.harm.value, chunks=list(one.chunks)
            )


def check_blob(slides: Slides, entry: ManifestEntry, seen: Callable[[int], None]) -> Damage | None:
    """What is wrong with a blob, or None."""
    try:
        checked = slides.blobs.check(entry.location, seen)
    except NotFound:
        return Damage(entry.name, entry.location, Harm.MISSING)
    except Damaged:
        return Damage(entry.name, entry.location, Harm.CUT_OFF)
    found = checked.record
    if found.stored_size != entry.stored_size:
        return Damage(entry.name, entry.location, Harm.CUT_OFF)
    if checked.damaged:
        return Damage(entry.name, entry.location, Harm.DAMAGED, checked.damaged)
    if (found.sha256, found.sm3, found.stored_sha256) != (entry.sha256, entry.sm3, entry.stored_sha256):
        return Damage(entry.name, entry.location, Harm.DAMAGED)
    return None


def _next(slides: Slides, round_id: str, done: str) -> str | None:
    """The slide to check after one; at the end those that came meanwhile, whose ids lie anywhere."""
    with reading(slides.database) as connection:
        found = integrity_store.find_unchecked(connection, round_id, done)
        return found or integrity_store.find_unchecked(connection, round_id, "")


def _hand_in(slides: Slides, begun: Round) -> None:
    slides.queue.enqueue(SCRUB_JOB, {"round_id": begun.id}, job_id=begun.job_id, background=True)


def _end(slides: Slides, round_id: str, state: RoundState) -> None:
    with reading(slides.database) as connection:
        found = integrity_store.get_round(connection, round_id)
    if found.state is not RoundState.RUNNING:
        return
    detail = {"state": state.value, "slides": found.slides, "damaged": found.damaged}
    try:
        slides.record(Record("slides.scrubbed", None, detail=detail | {"repaired": found.repaired}))
    finally:
        with transaction(slides.database) as connection:
            integrity_store.end_round(connection, round_id, state, slides.clock())
