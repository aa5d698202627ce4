"""What people do with annotations: draw, change and remove them, undo and redo, look at who did what."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.analysis.quantities import Scale
from hemalum.capabilities.annotations import exports, policy, store
from hemalum.capabilities.annotations.model import (
    DEFAULT_CLASSES,
    Add,
    AnnotationClass,
    AnnotationsWereChanged,
    Change,
    ChangedMeanwhile,
    Command,
    CommandLabel,
    Done,
    Exported,
    ExportForm,
    HistoryChange,
    HistoryEntry,
    HistoryPage,
    Imported,
    Locked,
    Remove,
    Signed,
    Since,
    Standing,
    State,
    Step,
    check_classes,
    check_content,
    check_id,
)
from hemalum.capabilities.annotations.showing import Asked, measure_of, provenance_of, since_of
from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.annotations.model import Annotation, Geometry
from hemalum.formats.annotations.reading import Read
from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid, NoPhysicalScale, NotPermitted, UnreadableSlide
from hemalum.kernel.ids import new_id
from hemalum.kernel.typed import typed
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.sandbox import Limits, Workers

_CHECKED_HERE = 5_000
"""Positions of a command that are checked in the server itself; more go to a child that can be stopped."""
_CHECK_WALL_S = 30
_CHECK_MEMORY_MIB = 2048
_CHECKERS = 2
_VIA = "annotations"
_MOST_IN_PAGE = 10_000
"""Changes in one page of the history."""
_PATIENT = "slides.view_clinical"


@dataclass(frozen=True)
class Annotations:
    """The use cases of annotations on one node. May be used from many threads."""

    slides: Slides
    workers: Workers
    """Children for what strangers made: long outlines, files."""
    looked: Callable[[Any, str], None] = lambda _permitted, _via: None
    """Told of whoever reads what is drawn (`Openings.ensure_opened`), before they do."""

    # Seeing --------------------------------------------------------------------------------------------

    def list_since(self, actor: Actor, image_id: str, since: int | None = None) -> Since:
        """What is drawn on an image, or what changed after a sequence.

        Raises:
            NotFound: the actor may not see the image, or there is none.
            NotPermitted: the actor may not see what is drawn.
        """
        asked = self._ask(actor, image_id, policy.VIEW)
        self.looked(asked.permitted, _VIA)
        with reading(self.slides.database) as connection:
            return since_of(connection, asked, since)

    def list_history(self, actor: Actor, image_id: str, offset: int, limit: int) -> HistoryPage:
        """What everybody did to what is drawn on an image, oldest first. Raises as `list_since` does.

        A page ends early once it holds many changes: an import is one command.
        """
        asked = self._ask(actor, image_id, policy.VIEW)
        self.looked(asked.permitted, _VIA)
        with reading(self.slides.database) as connection:
            total, commands = store.list_commands(connection, image_id, offset, limit)
            items: list[HistoryEntry] = []
            for done in commands:
                items.append(_entry(connection, image_id, done))
                if sum(len(entry.changes) for entry in items) > _MOST_IN_PAGE:
                    break
        return HistoryPage(total, offset, tuple(items))

    # Drawing -------------------------------------------------------------------------------------------

    def give(self, actor: Actor, image_id: str, command: Command, since: int | None = None) -> Since:
        """Do all of a command or nothing; answers what changed after `since`, or by the command.

        A command that was done already is not done again.

        Raises:
            NotFound: the actor may not see the image, or there is none.
            NotPermitted: the actor may not draw on it, or not change what others drew.
            Invalid: something cannot be drawn.
            ChangedMeanwhile: the actor saw an older version of something. Nothing was done.
            Locked: something is locked.
        """
        asked = self._ask(actor, image_id, policy.DRAW)
        self._check(asked, command.steps)
        with transaction(self.slides.database) as connection:
            last = store.lock(connection, image_id)
            earlier = _find_earlier(connection, image_id, command.id, actor)
            if earlier is None:
                states = self._states_by(connection, asked, command.steps)
                store.close_undone(connection, image_id, actor.person_id)
                done = Done(
                    last + 1, command.id, command.label, self._signed(actor), None, Standing.DONE, last + 1
                )
                self._write(connection, asked, done, states)
            else:
                last = earlier.sequence - 1
            return since_of(connection, asked, last if since is None else min(since, last))

    def undo(
        self, actor: Actor, image_id: str, command_id: str | None = None, since: int | None = None
    ) -> Since:
        """Take back what the actor did last on an image and has not taken back.

        Raises:
            Conflict: there is nothing to take back.
            ChangedMeanwhile: somebody changed it since. Nothing was done.
            NotFound, NotPermitted: as `give` does.
        """
        return self._take_back(actor, image_id, Standing.DONE, command_id, since)

    def redo(
        self, actor: Actor, image_id: str, command_id: str | None = None, since: int | None = None
    ) -> Since:
        """Do again what the actor undid last, unless they did something else since. Raises as `undo` does."""
        return self._take_back(actor, image_id, Standing.UNDONE, command_id, since)

    def _take_back(
        self, actor: Actor, image_id: str, standing: Standing, command_id: str | None, since: int | None
    ) -> Since:
        asked = self._ask(actor, image_id, policy.DRAW)
        command_id = command_id or new_id()
        check_id(command_id)
        with transaction(self.slides.database) as connection:
            last = store.lock(connection, image_id)
            earlier = _find_earlier(connection, image_id, command_id, actor)
            if earlier is not None:
                last = earlier.sequence - 1
                return since_of(connection, asked, last if since is None else min(since, last))
            stack = store.find_stack(connection, image_id, actor.person_id)
            target = stack.undo if standing is Standing.DONE else stack.redo
            if target is None and standing is Standing.DONE:
                raise Conflict("There is nothing to undo.")
            if target is None:
                raise Conflict("There is nothing to do again.")
            states = self._states_before(connection, asked, target.effect)
            undo_of = target.sequence if standing is Standing.DONE else target.effect
            done = Done(
                last + 1, command_id, target.label, self._signed(actor), undo_of, Standing.CLOSED, last + 1
            )
            self._write(connection, asked, done, states)
            other = Standing.UNDONE if standing is Standing.DONE else Standing.DONE
            store.move(connection, image_id, target.sequence, other, done.sequence)
            return since_of(connection, asked, last if since is None else min(since, last))

    def _states_by(self, connection: sa.Connection, asked: Asked, steps: Sequence[Step]) -> list[State]:
        """The states that a command leaves."""
        latest = store.find_latest(connection, asked.image.id, map(_id_of, steps))
        _check_versions(steps, latest)
        self._check_owners(connection, asked, latest.values())
        signed = self._signed(asked.actor)
        states = []
        for step in steps:
            if isinstance(step, Add):
                states.append(State(step.annotation.id, step.annotation, 1, 1, signed, signed))
                continue
            before = latest[step.id]
            self._check_unlocked(connection, asked, before, step)
            after, version = _changed(before, step), before.version + 1
            same_as = 0 if after is None else version
            states.append(State(before.id, after, version, same_as, before.created, signed))
        return states

    def _states_before(self, connection: sa.Connection, asked: Asked, sequence: int) -> list[State]:
        """The states that bring back what was before a command."""
        left = store.list_states(connection, asked.image.id, sequence)
        before = store.find_before(connection, asked.image.id, sequence)
        latest = store.find_latest(connection, asked.image.id, (state.id for state in left))
        changed = [state.id for state in left if latest[state.id].same_as != state.same_as]
        if changed:
            raise _changed_meanwhile(changed)
        self._check_owners(connection, asked, latest.values())
        signed = self._signed(asked.actor)
        states = []
        for state in left:
            now, then = latest[state.id], before.get(state.id)
            annotation = None if then is None else then.annotation
            same_as = 0 if then is None else then.same_as
            states.append(State(state.id, annotation, now.version + 1, same_as, now.created, signed))
        return states

    def _check_owners(self, connection: sa.Connection, asked: Asked, states: Iterable[State]) -> None:
        """Refuse changes to what others drew unless the actor may make them."""
        if any(state.created.person_id != asked.actor.person_id for state in states):
            self.slides.check(connection, asked.actor, asked.image.id, policy.REVISE)

    def _check_unlocked(
        self, connection: sa.Connection, asked: Asked, before: State, step: Change | Remove
    ) -> None:
        """Refuse a change of what is locked, unless it unlocks it and the actor drew it or may unlock it."""
        assert before.annotation is not None
        if not before.annotation.locked:
            return
        unlocks = isinstance(step, Change) and step.fields.get("locked") is False
        if unlocks and before.created.person_id == asked.actor.person_id:
            return
        only = isinstance(step, Change) and set(step.fields) == {"locked"}
        if not (unlocks and only and self._may_unlock(connection, asked)):
            raise Locked(
                "This annotation is locked; {person}, who drew it, can unlock it.",
                person=before.created.person_name,
            )

    def _may_unlock(self, connection: sa.Connection, asked: Asked) -> bool:
        try:
            self.slides.check(connection, asked.actor, asked.image.id, policy.UNLOCK)
        except NotPermitted:
            return False
        return True

    def _write(self, connection: sa.Connection, asked: Asked, done: Done, states: Sequence[State]) -> None:
        """Record a command in the log of the node, write it, and tell of it."""
        now = done.by.at
        summary = asked.image.summary
        kept = msgspec.json.encode(
            [[state.id, state.version, state.annotation] for state in states], order="sorted"
        )
        is_import = done.label is CommandLabel.IMPORT and done.undo_of is None
        self.slides.tell(
            asked.actor,
            "annotations.import" if is_import else "annotations.change",
            summary,
            sequence=done.sequence,
            label=done.label.value,
            undo_of=done.undo_of,
            annotations=len(states),
            sha256=hashlib.sha256(kept).hexdigest(),
        )
        measured = {
            state.id: (
                msgspec.to_builtins(asked.scale),
                msgspec.to_builtins(measure_of(state.annotation, asked.scale)),
            )
            for state in states
            if state.annotation is not None and asked.scale is not None
        }
        store.append(connection, summary.id, done, states, measured)
        event = AnnotationsWereChanged(
            now, summary.id, summary.organisation_id, asked.actor.person_id, done.sequence
        )
        outbox.publish(connection, event)

    def _check(self, asked: Asked, steps: Iterable[Step]) -> None:
        """Refuse what cannot be drawn, before anybody waits for it."""
        drawn: list[Geometry] = []
        for step in steps:
            if isinstance(step, Add):
                check_content(step.annotation)
                drawn.append(step.annotation.geometry)
                plane = step.annotation.plane
            elif isinstance(step, Change):
                plane = step.fields.get("plane")
                if "geometry" in step.fields:
                    drawn.append(step.fields["geometry"])
            else:
                continue
            _check_plane(plane, asked.description)
        self._check_drawn(asked, drawn)

    def _check_drawn(self, asked: Asked, drawn: Sequence[Geometry]) -> None:
        from hemalum.formats.annotations import geometry

        size = asked.description.size
        if sum(geometry.count_positions(geometry.check_form(one)[1]) for one in drawn) <= _CHECKED_HERE:
            geometry.check_all(drawn, size.width_px, size.height_px)
            return
        arguments = {"geometries": drawn, "width_px": size.width_px, "height_px": size.height_px}
        try:
            self.workers.call("hemalum.formats.annotations.geometry:check_all", arguments)
        except UnreadableSlide as error:
            raise Invalid("The outline is too intricate to be checked; simplify it.") from error

    # Files ---------------------------------------------------------------------------------------------

    def import_file(
        self, actor: Actor, image_id: str, content: bytes, form: str | None, since: int | None = None
    ) -> Imported:
        """Add what stands in a file of another program. One command, so that one undo takes it away.

        Raises:
            Invalid: it is no such file.
            UnreadableSlide: reading it took too long or too much memory.
            NotFound, NotPermitted: as `give` does.
        """
        asked = self._ask(actor, image_id, policy.DRAW)
        size = asked.description.size
        arguments = {
            "content": content,
            "form": form,
            "width_px": size.width_px,
            "height_px": size.height_px,
            "downsamples": self._downsamples(asked.image),
        }
        answer = self.workers.call("hemalum.formats.annotations.files:read_file", arguments)
        read = typed(answer, Read)
        annotations = self._with_fresh_ids(asked, self._acceptable(asked, read))
        if not annotations:
            return Imported(0, tuple(read.skipped), self.list_since(actor, image_id, since))
        command = Command(new_id(), CommandLabel.IMPORT, [Add(one) for one in annotations])
        return Imported(len(annotations), tuple(read.skipped), self.give(actor, image_id, command, since))

    def _acceptable(self, asked: Asked, read: Read) -> Iterator[Annotation]:
        """What can be kept of what was read; the rest is skipped with its reason."""
        for one in read.annotations:
            try:
                check_content(one)
                _check_plane(one.plane, asked.description)
            except Invalid as error:
                read.skip(one.name or one.id, error.sentence)
            else:
                yield one

    def _with_fresh_ids(self, asked: Asked, annotations: Iterable[Annotation]) -> list[Annotation]:
        """The annotations, those with an id that the image knows already under another."""
        found = list(annotations)
        with reading(self.slides.database) as connection:
            taken = store.find_latest(connection, asked.image.id, (one.id for one in found))
        return [replace(one, id=new_id()) if one.id in taken else one for one in found]

    def export(self, actor: Actor, image_id: str, form: ExportForm) -> Exported:
        """What is drawn on an image as a file; that it leaves the node stands in the log first.

        Raises:
            NotFound: the actor may not see the image, or there is none.
            NotPermitted: the actor may not take away what is drawn.
        """
        asked = self._ask(actor, image_id, policy.EXPORT)
        with reading(self.slides.database) as connection:
            since = since_of(connection, asked, None)
            states = store.find_latest(connection, image_id, (one.id for one in since.annotations))
        found = [(states[one.id], one.measured) for one in since.annotations]
        colours = {one.name: one.colour for one in self.list_classes(actor)}
        if form in (ExportForm.DICOM_ANN, ExportForm.DICOM_SR):
            exported = self._export_dicom(asked, form, found, colours)
        else:
            exported = exports.write(form, found, colours)
        summary = asked.image.summary
        self.slides.tell(
            asked.actor,
            policy.EXPORT,
            summary,
            form=form.value,
            sequence=since.sequence,
            annotations=len(found) - exported.left_out,
        )
        return exported

    def _export_dicom(
        self, asked: Asked, form: ExportForm, found: exports.Found, colours: Mapping[str, str]
    ) -> Exported:
        """A DICOM object. It names the patient only to whoever may read what the file says of the patient."""
        instances = self.slides.list_instances(asked.image.id)
        base = next((one for one in instances if one.level == 0), None)
        if base is None:
            raise Conflict("This image has no DICOM form yet; try again in a while.")
        arguments: dict[str, Any] = {
            "header": self.slides.read_header(base),
            "annotations": [msgspec.to_builtins(state.annotation) for state, _ in found],
            "measured": [exports.values_of(measured) for _, measured in found],
            "names_patient": self.slides.may(asked.actor, asked.image.id, _PATIENT),
            "creator": asked.actor.called,
        }
        if form is ExportForm.DICOM_SR:
            answer = self.workers.call("hemalum.formats.annotations.dicom_report:write_report", arguments)
        else:
            arguments |= {"colours": colours}
            answer = self.workers.call("hemalum.formats.annotations.dicom_bulk:write_bulk", arguments)
        return Exported(answer["content"], "application/dicom", "dcm", answer["left_out"])

    def _downsamples(self, image: Image) -> dict[str, float]:
        """Of the DICOM instances of an image by SOP Instance UID."""
        assert image.description is not None
        levels = image.description.levels
        return {
            one.sop_instance_uid: levels[0].size.width_px / levels[one.level].size.width_px
            for one in self.slides.list_instances(image.id)
            if one.level is not None and one.level < len(levels)
        }

    # Classes -------------------------------------------------------------------------------------------

    def list_classes(self, actor: Actor) -> tuple[AnnotationClass, ...]:
        """The classes that annotations are given where the actor acts."""
        with reading(self.slides.database) as connection:
            found = store.find_classes(connection, actor.organisation_id)
        return DEFAULT_CLASSES if found is None else found

    def define_classes(self, actor: Actor, classes: Sequence[AnnotationClass]) -> tuple[AnnotationClass, ...]:
        """State the classes of the actor's organisation. What has another class keeps it.

        Raises:
            Invalid: the list cannot be kept.
        """
        check_classes(classes)
        with transaction(self.slides.database) as connection:
            self.slides.record(
                Record(
                    policy.DEFINE,
                    actor,
                    target=f"organisation/{actor.organisation_id}",
                    organisation_id=actor.organisation_id,
                    detail={"classes": [one.name for one in classes]},
                )
            )
            now = self.slides.clock()
            store.put_classes(connection, actor.organisation_id, classes, actor.person_id, now)
        return tuple(classes)

    # ---------------------------------------------------------------------------------------------------

    def _ask(self, actor: Actor, image_id: str, action: str) -> Asked:
        """The image, if the actor may see it and do this."""
        permitted = self.slides.permit(actor, image_id, action, who_views=True)
        description = permitted.image.description
        if description is None:
            raise Conflict("An image can be drawn on once it is available.")
        try:
            spacing = description.get_measurable_um()
        except NoPhysicalScale as error:
            return Asked(permitted.image, permitted.actor, description, None, error.sentence, permitted)
        scale = Scale(spacing, provenance_of(permitted.image))
        return Asked(permitted.image, permitted.actor, description, scale, None, permitted)

    def _signed(self, actor: Actor) -> Signed:
        return Signed(actor.person_id, actor.called, self.slides.clock())


def open_annotations(slides: Slides) -> Annotations:
    """Annotations of a node. Child processes start on demand."""
    limits = Limits(
        memory_mib=_CHECK_MEMORY_MIB,
        cpu_s=_CHECK_WALL_S,
        stall_s=_CHECK_WALL_S,
        wall_s=_CHECK_WALL_S,
        idle_s=slides.settings.worker_idle_s,
    )
    return Annotations(slides, Workers(_CHECKERS, limits, loads="hemalum.formats.annotations.geometry"))


def _check_plane(plane: int | None, description: SlideDescription) -> None:
    count = len(description.planes)
    if plane is not None and not 0 <= plane < count:
        raise Invalid("The slide has {count} focal planes, counted from 0.", count=count)


def _find_earlier(connection: sa.Connection, image_id: str, command_id: str, actor: Actor) -> Done | None:
    """The same command, if it arrived already."""
    earlier = store.find_command(connection, image_id, command_id)
    if earlier is not None and earlier.by.person_id != actor.person_id:
        raise Conflict("Somebody else gave a command of this id.")
    return earlier


def _id_of(step: Step) -> str:
    return step.annotation.id if isinstance(step, Add) else step.id


def _check_versions(steps: Iterable[Step], latest: Mapping[str, State]) -> None:
    """Refuse a command whose giver did not see what is there now."""
    taken, changed = [], []
    for step in steps:
        now = latest.get(_id_of(step))
        if isinstance(step, Add):
            if now is not None:
                taken.append(now.id)
        elif now is None or now.annotation is None or now.version != step.version:
            changed.append(step.id)
    if changed:
        raise _changed_meanwhile(changed)
    if taken:
        raise Conflict("There is or was an annotation {id} already.", id=taken[0])


def _changed_meanwhile(ids: Sequence[str]) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        "Somebody changed this meanwhile, so nothing was done ({ids}).", ids=", ".join(sorted(ids))
    )


def _changed(before: State, step: Step) -> Annotation | None:
    """An annotation after a step; None when it is removed."""
    if not isinstance(step, Change):
        return None
    assert before.annotation is not None
    fields = dict(step.fields)
    if "geometry" in fields:
        # A frame belongs to its outline.
        fields.setdefault("shape", None)
    if "class_name" in fields:
        # The colour is that of the class in the file it came from.
        fields["colour"] = None
    after = replace(before.annotation, **fields)
    check_content(after)
    return after


def _entry(connection: sa.Connection, image_id: str, done: Done) -> HistoryEntry:
    before = store.find_before(connection, image_id, done.sequence)
    changes = [
        HistoryChange(state.id, before[state.id].annotation if state.id in before else None, state.annotation)
        for state in store.list_states(connection, image_id, done.sequence)
    ]
    return HistoryEntry(done, tuple(changes))
