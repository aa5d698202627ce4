"""What people do with photographs: hand them in, look at them, read their scale, say that one is wrong."""

import hashlib
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Kind
from hemalum.capabilities.cases.service import Cases, check_reason
from hemalum.capabilities.grossing import store
from hemalum.capabilities.grossing.model import (
    MOST_BYTES,
    MOST_OF_A_CASE,
    PRINTED_PX,
    EnteredInError,
    Photograph,
    PhotographId,
    Ruler,
    scale_of,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.runtime.blobs import Blobs
from hemalum.runtime.db import reading, transaction

VIEW_CASE = "cases.view"
PROCESS = "cases.process"
_CLEAN = "hemalum.formats.photographs:clean"
_SHRINK = "hemalum.formats.photographs:shrink"
_SHOWN = (Kind.PART, Kind.BLOCK)


@dataclass(frozen=True)
class Grossing:
    """The photographs of a node. May be used from several threads."""

    cases: Cases

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    @property
    def _blobs(self) -> Blobs:
        return self.cases.ledger.slides.blobs

    def add(self, actor: Actor, material_id: str, content: bytes) -> Photograph:
        """Keep a photograph of a part or block; the same picture once more is the one that there is.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such piece in the actor's organisation.
            Invalid: it is no photograph, too large, or of a slide.
            Conflict: the case has very many.
        """
        ledger = self.cases.ledger
        asking = ledger.ask(actor, VIEW_CASE, PROCESS)
        with transaction(self._database) as connection:
            case, piece = self.cases.bench.hold(connection, asking, material_id)
        if piece.kind not in _SHOWN:
            raise Invalid("Photographs are of parts and blocks; a slide is scanned.")
        if not 0 < len(content) <= MOST_BYTES:
            raise Invalid("A photograph has at most {most} MiB.", most=MOST_BYTES >> 20)
        made = ledger.slides.workers.call(_CLEAN, {"content": content, "printed_px": PRINTED_PX})
        picture: bytes = made["photograph"]
        digest = hashlib.sha256(picture).hexdigest()
        with reading(self._database) as connection:
            same = store.find_same(connection, piece.id, digest)
        if same is not None:
            return same
        photograph = Photograph(
            PhotographId(new_id()),
            case.organisation_id,
            case.id,
            piece.id,
            piece.identifier,
            case.patient_id,
            digest,
            made["width_px"],
            made["height_px"],
            made["taken_at"],
            ledger.clock(),
            asking.called,
        )
        for name in ("photograph", "printed", "thumbnail"):
            self._put(photograph, name, made[name])
        return self._keep(asking, photograph)

    def _keep(self, actor: Actor, photograph: Photograph) -> Photograph:
        """Write a photograph down whose pixels are there; of two that come at once, the first one counts."""
        with transaction(self._database) as connection:
            case, piece = self.cases.bench.hold(connection, actor, photograph.material_id)
            same = store.find_same(connection, piece.id, photograph.sha256)
            if same is not None:
                self._blobs.delete_all(_folder(photograph))
                return same
            if len(store.list_of(connection, case.id)) >= MOST_OF_A_CASE:
                self._blobs.delete_all(_folder(photograph))
                raise Conflict("A case has at most {most} photographs.", most=MOST_OF_A_CASE)
            store.add(connection, photograph)
            self.cases.ledger.note(
                connection,
                case,
                actor,
                "add_photograph",
                subject=piece.identifier,
                after=photograph.id,
                capability="grossing",
            )
        return photograph

    def list_of_case(self, actor: Actor, case_id: str) -> list[Photograph]:
        """The photographs of a case, those entered in error among them.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor sees no cases, or may not know the patient of this one.
        """
        self._check_patient(actor, case_id)
        with reading(self._database) as connection:
            return store.list_of(connection, case_id)

    def read(self, actor: Actor, photograph_id: str, *, small: bool = False) -> bytes:
        """A photograph as JPEG. That it was looked at is recorded first.

        Raises:
            NotFound: there is none in the actor's organisation, or it was erased with its patient.
            EnteredInError: it was entered in error.
            NotPermitted: as `list_of_case`.
        """
        photograph = self._get(actor, photograph_id)
        _check_right(photograph)
        if not small:
            self._tell(actor, photograph, "view_photograph")
        return self._open(photograph, "thumbnail" if small else "photograph")

    def read_printed(self, actor: Actor, photograph_id: str) -> bytes:
        """A photograph for a report on paper, as JPEG of `PRINTED_PX` at most. Recorded as a look at it.

        Raises:
            NotFound, EnteredInError, NotPermitted: as `read`.
        """
        photograph = self._get(actor, photograph_id)
        _check_right(photograph)
        self._tell(actor, photograph, "view_photograph")
        return self._printed(photograph)

    def read_sent(self, photograph_id: str) -> bytes:
        """A photograph for a signed report that the node sends out by itself, which is recorded.

        Raises:
            NotFound, EnteredInError: as `read`.
        """
        with reading(self._database) as connection:
            photograph = store.get(connection, None, photograph_id)
        _check_right(photograph)
        self._tell(None, photograph, "print_photograph")
        return self._printed(photograph)

    def known_of(self, connection: sa.Connection, case_id: str) -> dict[str, Photograph]:
        """The photographs of a case by id, those entered in error among them, for what a person who may know
        its patient does in this transaction."""
        return {one.id: one for one in store.list_of(connection, case_id)}

    def set_scale(self, actor: Actor, photograph_id: str, ruler: Ruler | None) -> Photograph:
        """State the scale by the ruler in a photograph, or take it back.

        Raises:
            Invalid: the ruler can be none.
            EnteredInError, NotFound, NotPermitted: as `read`.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE, PROCESS)
        photograph = self._get(actor, photograph_id)
        _check_right(photograph)
        um_per_px = None if ruler is None else scale_of(ruler, photograph)
        with transaction(self._database) as connection:
            case, _ = self.cases.bench.hold(connection, asking, photograph.material_id)
            store.change(connection, photograph.id, um_per_px=um_per_px)
            self.cases.ledger.note(
                connection,
                case,
                asking,
                "scale_photograph",
                subject=photograph.identifier,
                before=_said(photograph.um_per_px),
                after=_said(um_per_px),
                capability="grossing",
            )
        return replace(photograph, um_per_px=um_per_px)

    def withdraw(self, actor: Actor, photograph_id: str, reason: str) -> Photograph:
        """Say that a photograph was entered in error. It stays, and is shown no more.

        Raises:
            Invalid: there is no reason.
            EnteredInError: it was said already.
            NotFound, NotPermitted: as `read`.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE, PROCESS)
        said = check_reason(reason, needed=True)
        photograph = self._get(actor, photograph_id)
        with transaction(self._database) as connection:
            case, _ = self.cases.bench.hold(connection, asking, photograph.material_id)
            _check_right(store.get(connection, case.organisation_id, photograph.id))
            store.change(connection, photograph.id, wrong_because=said)
            self.cases.ledger.note(
                connection,
                case,
                asking,
                "withdraw_photograph",
                subject=photograph.identifier,
                before=photograph.id,
                reason=said,
                capability="grossing",
            )
        return replace(photograph, wrong_because=said)

    # Parts ----------------------------------------------------------------------------------------------

    def _get(self, actor: Actor, photograph_id: str) -> Photograph:
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            photograph = store.get(connection, asking.organisation_id, photograph_id)
        self._check_patient(actor, photograph.case_id)
        return photograph

    def _check_patient(self, actor: Actor, case_id: str) -> None:
        """A photograph may show whose it is."""
        if self.cases.get_case(actor, case_id).is_withheld:
            raise NotPermitted("Photographs of this case are for those who may know its patient.")

    def _open(self, photograph: Photograph, name: str) -> bytes:
        place = _place(photograph, name)
        content = self.cases.ledger.vault.open_text(photograph.patient_id, place, self._blobs.get(place))
        if content is None:
            raise NotFound("This photograph was erased with its patient.")
        return content

    def _put(self, photograph: Photograph, name: str, content: bytes) -> None:
        place = _place(photograph, name)
        self._blobs.put(place, self.cases.ledger.vault.seal_text(photograph.patient_id, place, content))

    def _printed(self, photograph: Photograph) -> bytes:
        """What is printed of a photograph; of one that was handed in without it, made once."""
        if self._blobs.exists(_place(photograph, "printed")):
            return self._open(photograph, "printed")
        arguments = {"content": self._open(photograph, "photograph"), "longest_px": PRINTED_PX}
        made: bytes = self.cases.ledger.slides.workers.call(_SHRINK, arguments)
        self._put(photograph, "printed", made)
        return made

    def _tell(self, actor: Actor | None, photograph: Photograph, verb: str) -> None:
        self.cases.ledger.slides.record(
            Record(
                f"grossing.{verb}",
                actor,
                target=f"case/{photograph.case_id}",
                organisation_id=photograph.organisation_id,
                detail={"photograph": photograph.id},
            )
        )


def _check_right(photograph: Photograph) -> None:
    if photograph.wrong_because is not None:
        raise EnteredInError("This photograph was entered in error.")


def _folder(photograph: Photograph) -> str:
    return f"photographs/{photograph.id}"


def _place(photograph: Photograph, name: str) -> str:
    return f"{_folder(photograph)}/{name}"


def _said(um_per_px: float | None) -> str | None:
    return None if um_per_px is None else f"{um_per_px:.3f} um/px"
