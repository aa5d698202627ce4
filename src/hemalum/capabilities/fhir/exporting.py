"""Exports in bulk (FHIR Bulk Data Access 1.0.1): all resources of an organisation as files, one a line.

A durable job writes the files, each sealed among the blobs under a key of its export, which is destroyed
with it.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hemalum.capabilities.access.model import Grant, GrantKind
from hemalum.capabilities.fhir import policy, store
from hemalum.capabilities.fhir.finding import Position
from hemalum.capabilities.fhir.model import Export, ExportPart, ExportState, Kind
from hemalum.capabilities.fhir.service import Fhir
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.blobs import Blobs, key_name
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import JobQueue, JobState

EXPORT_JOB = "fhir.export"
"""The name lives in the queue."""
KEPT_FOR = timedelta(hours=24)
_MOST_RUNNING = 2
_LINES_A_PART = 2_000
_PAGE = "200"
_ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
_GIVEN_UP = Sentence("The export failed for a reason inside the node; ask for it again.")


@dataclass(frozen=True)
class Exporting:
    """Exports of a node. May be used from several threads."""

    fhir: Fhir
    queue: JobQueue
    base: str = ""
    """Where resources say that DICOMweb is, when nobody asks by an address."""

    # By whoever asks ------------------------------------------------------------------------------------

    def begin(
        self,
        actor: Actor,
        kinds: Sequence[Kind],
        since: datetime | None,
        request: str,
        *,
        is_of_patients: bool,
    ) -> Export:
        """Begin an export of what the actor may read. That it was asked for is recorded.

        Raises:
            NotPermitted: the actor may not export, or not read one of the kinds.
            Conflict: too many exports of the organisation are being written.
        """
        policy.check_export(actor, kinds)
        now = self._ledger.clock()
        asking = self._ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT)
        export = Export(
            new_id(),
            asking.organisation_id,
            asking.person_id,
            asking.permissions,
            tuple(kinds),
            is_of_patients,
            since,
            request,
            now,
        )
        self._tell("export", asking, export, kinds=[kind.value for kind in kinds])
        with transaction(self._ledger.database) as connection:
            if store.count_running(connection, asking.organisation_id) >= _MOST_RUNNING:
                raise Conflict("Other exports are being written; wait for them, or cancel one.")
            store.add_export(connection, export)
        self._hand_in(export.id)
        return export

    def get(self, actor: Actor, export_id: str) -> Export:
        """An export that the actor began.

        Raises:
            NotFound: there is none, or it expired.
        """
        with reading(self._ledger.database) as connection:
            export = store.get_export(connection, export_id)
        if (export.person_id, export.organisation_id) != (actor.person_id, actor.organisation_id):
            raise NotFound("There is no such export.")
        return export

    def read_part(self, actor: Actor, export_id: str, number: int) -> Iterator[bytes]:
        """A file of an export, in pieces. That it was taken is recorded first.

        Raises:
            NotFound: there is no such file of the actor's.
        """
        export = self.get(actor, export_id)
        if export.state is not ExportState.DONE or not 0 <= number < len(export.parts):
            raise NotFound("There is no such export.")
        part = export.parts[number]
        self._tell("take_export", actor, export, kind=part.kind, count=part.count)
        return self._blobs.pieces(part.key)

    def cancel(self, actor: Actor, export_id: str) -> None:
        """Stop an export, and remove what was written of it. Raises as `get`."""
        export = self.get(actor, export_id)
        self._tell("cancel_export", actor, export)
        self.queue.cancel(_job(export.id))
        self._remove(export.id)

    # By the node itself ---------------------------------------------------------------------------------

    def find(self, export_id: str) -> Export | None:
        """An export that is to be written; None when it was cancelled."""
        with reading(self._ledger.database) as connection, suppress(NotFound):
            return store.get_export(connection, export_id)
        return None

    def write_part(
        self, export_id: str, kind: Kind, number: int, position: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Write the next file of a kind; answers its part, and where the one after it begins, if any. The
        same once more writes the same place.

        Raises:
            NotPermitted: whoever began it may not read this any more.
        """
        export = self.find(export_id)
        if export is None:
            return {"part": None, "position": None}
        actor = self._actor(export)
        at = _first(export, kind) if position is None else typed(position, Position)
        lines: list[bytes] = []
        rest: Position | None = at
        while rest is not None and len(lines) < _LINES_A_PART:
            found, rest = self.fhir.find_page(actor, rest, self.base)
            lines += [msgspec.json.encode(one) for one in found if _is_wanted(export, one)]
        if not lines:
            return {"part": None, "position": rest and msgspec.to_builtins(rest)}
        key = f"{_folder(export_id)}/{kind.value}.{number}.ndjson"
        self._blobs.put(key, b"".join(line + b"\n" for line in lines))
        part = msgspec.to_builtins(ExportPart(kind.value, key, len(lines)))
        return {"part": part, "position": rest and msgspec.to_builtins(rest)}

    def end(self, export_id: str, parts: Sequence[dict[str, Any]], failure: Sentence | None = None) -> None:
        """Write down that all files are there, or why not."""
        state = ExportState.DONE if failure is None else ExportState.FAILED
        said = None if failure is None else msgspec.to_builtins(failure)
        values = {"state": state.value, "parts": list(parts), "failure": said}
        with transaction(self._ledger.database) as connection:
            store.end_export(connection, export_id, **values, ended_at=self._ledger.clock())

    def pick_up(self) -> None:
        """Hand in again what a crash left without a job, and end what its job gave up. Safe to repeat."""
        with reading(self._ledger.database) as connection:
            running = store.list_running(connection)
        for export_id in running:
            state = self.queue.find_state(_job(export_id))
            if state is None:
                self._hand_in(export_id)
            elif state in _ENDED:
                self.end(export_id, [], _GIVEN_UP)

    def tidy(self) -> None:
        """Remove exports that expired."""
        with reading(self._ledger.database) as connection:
            expired = store.list_begun_before(connection, self._ledger.clock() - KEPT_FOR)
        for export_id in expired:
            self._remove(export_id)

    # ----------------------------------------------------------------------------------------------------

    @property
    def _ledger(self) -> Any:
        return self.fhir.cases.ledger

    @property
    def _blobs(self) -> Blobs:
        blobs: Blobs = self._ledger.slides.blobs
        return blobs

    def _actor(self, export: Export) -> Actor:
        """Whoever began an export, as they may act now and by what they came with then."""
        grant = Grant(
            f"fhir {export.id}",
            GrantKind.WORK,
            export.person_id,
            export.begun_at,
            organisation_id=export.organisation_id,
            scopes=export.permissions,
        )
        with reading(self._ledger.database) as connection:
            actor = self.fhir.access.actor_of(connection, grant)
        if actor is None or policy.EXPORT not in actor.permissions:
            raise NotPermitted("Whoever began this export may not do so any more.")
        return replace(actor, purpose=Purpose.CARE)

    def _hand_in(self, export_id: str) -> None:
        self.queue.enqueue(EXPORT_JOB, {"export_id": export_id}, job_id=_job(export_id), background=True)

    def _remove(self, export_id: str) -> None:
        with transaction(self._ledger.database) as connection:
            store.delete_export(connection, export_id)
        self._blobs.delete_all(_folder(export_id))
        with suppress(NotFound):
            self._blobs.keys.destroy(key_name(f"{_folder(export_id)}/"))

    def _tell(self, action: str, actor: Actor, export: Export, **detail: object) -> None:
        self._ledger.slides.record(
            Record(
                f"fhir.{action}",
                actor,
                target=f"export/{export.id}",
                organisation_id=export.organisation_id,
                detail=detail,
            )
        )


def _first(export: Export, kind: Kind) -> Position:
    since = () if export.since is None else (("_lastUpdated", f"ge{export.since.isoformat()}"),)
    return Position(kind.value, (*since, ("_count", _PAGE)))


def _is_wanted(export: Export, resource: Resource) -> bool:
    if not export.is_of_patients or resource["resourceType"] == Kind.PATIENT:
        return True
    subject: Resource = resource.get("subject") or resource.get("for") or {}
    return str(subject.get("reference", "")).startswith("Patient/")


def kinds_of(stated: str | None, *, is_of_patients: bool) -> tuple[Kind, ...]:
    """The kinds that `_type` names; all, without it. Of what is about patients, Provenance is nothing."""
    known = [kind for kind in Kind if not (is_of_patients and kind is Kind.PROVENANCE)]
    if stated is None:
        return tuple(known)
    names = [one.strip() for one in stated.split(",")]
    unknown = [one for one in names if one not in known]
    if unknown:
        raise NotFound("Resources of this type are not served here.")
    return tuple(kind for kind in known if kind.value in names)


def _job(export_id: str) -> str:
    return f"fhir-export-{export_id}"


def _folder(export_id: str) -> str:
    return f"fhir-{export_id}"
