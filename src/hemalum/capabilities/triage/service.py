"""What people do with operating points, and what the node does with runs that have ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.audit.service import Audit
from hemalum.capabilities.cases.model import CLOSED, GONE, Case, Mark, Material
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.inference.model import InferenceRun
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Fitness, Version
from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.triage import store
from hemalum.capabilities.triage.learning import Learning
from hemalum.capabilities.triage.looking import Looking
from hemalum.capabilities.triage.model import (
    MANAGE,
    MOST_REASON,
    VIEW,
    CaseRisk,
    FitAsked,
    Labelled,
    OperatingPoint,
    OperatingPointChanged,
    Rule,
    SlideRisk,
    SlideVerdict,
    TriageOutcome,
    check_rule,
    verdict_of,
    worst_of,
)
from hemalum.capabilities.triage.weighing import UNSCANNED, WITHDRAWN, reason_of, silent, weigh
from hemalum.formats.model.contract import Status
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.identifiers import parse
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import check_permission


@dataclass(frozen=True, slots=True)
class ShownRisk:
    """Why a case stands where it does."""

    history: list[CaseRisk]
    """The newest first."""
    slides: list[tuple[str, SlideRisk]]
    """By image, what points said of runs."""
    points: Mapping[str, OperatingPoint]


@dataclass(frozen=True)
class Triage:
    """The use cases of triage on one node. May be used from many threads."""

    cases: Cases
    inference: Inference
    audit: Audit

    @property
    def looking(self) -> Looking:
        """How long cases wait for a first look."""
        return Looking(self.cases, self.audit)

    # Points ---------------------------------------------------------------------------------------------

    def list_points(self, actor: Actor) -> list[OperatingPoint]:
        """The points of the actor's organisation, the newest first, with those that have ended.

        Raises:
            NotPermitted: the actor may not see them.
        """
        check_permission(actor, VIEW)
        with reading(self._database) as connection:
            return store.list_points(connection, actor.organisation_id)

    def fit(self, actor: Actor, asked: FitAsked, slides: Sequence[Labelled], reason: str) -> OperatingPoint:
        """Fit a rule on labelled slides on which the version has run, and put it in force.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such version.
            Invalid: too few slides, or they do not tell what is asked.
        """
        check_permission(actor, MANAGE)
        version = self.inference.models.get_version(actor.organisation_id, asked.version_id)
        _reason(reason)
        if asked.class_name not in _classes(version):
            raise Invalid("The model has no class {name}.", name=asked.class_name)
        rule = Learning(self.cases, self.inference).fit(actor, version, asked, slides)
        return self.set(actor, version.id, rule, reason)

    def set(self, actor: Actor, version_id: str, rule: Rule, reason: str) -> OperatingPoint:
        """Put a rule in force for a version, in the place of its earlier one for the same purpose.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such version.
            Conflict: the version is withdrawn.
            Invalid: there is no reason, or the rule cannot be applied to the version.
        """
        check_permission(actor, MANAGE)
        said = _reason(reason)
        version = self.inference.models.get_version(actor.organisation_id, version_id)
        if version.status is Status.WITHDRAWN:
            raise Conflict("The version is withdrawn.")
        check_rule(rule, _classes(version))
        identity = version.contract.identity
        now = self.cases.ledger.clock()
        with transaction(self._database) as connection:
            point = OperatingPoint(
                new_id(),
                actor.organisation_id,
                version.id,
                identity.id,
                identity.version,
                identity.name,
                store.next_number(connection, actor.organisation_id, version.id),
                rule,
                said,
                now,
                actor.called,
            )
            self._tell(actor, "set_point", point, purpose=rule.purpose.value, threshold=rule.threshold)
            for each in store.list_points(connection, actor.organisation_id, in_force=True):
                if each.version_id == version.id and each.rule.purpose is rule.purpose:
                    store.end_point(connection, each.id, actor.called, now)
            store.add_point(connection, point)
            _publish(connection, point, now)
        return point

    def end(self, actor: Actor, point_id: str, reason: str) -> OperatingPoint:
        """Take a point out of force: no case stands where it does by it any more.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such point.
            Conflict: it has ended.
            Invalid: there is no reason.
        """
        check_permission(actor, MANAGE)
        said = _reason(reason)
        now = self.cases.ledger.clock()
        with transaction(self._database) as connection:
            point = store.get_point(connection, actor.organisation_id, point_id)
            if point.ended_at is not None:
                raise Conflict("This operating point has already ended.")
            self._tell(actor, "end_point", point, reason=said)
            store.end_point(connection, point.id, actor.called, now)
            _publish(connection, point, now)
        return replace(point, ended_at=now, ended_by_name=actor.called)

    # Looking --------------------------------------------------------------------------------------------

    def show_case(self, actor: Actor, case_id: str) -> ShownRisk:
        """What was said of a case and of its slides, of those that the actor may see. Raises as `get_case`.

        Raises:
            NotPermitted: the actor may not.
        """
        check_permission(actor, VIEW)
        shown = self.cases.get_case(actor, case_id)
        visible = {image for piece in shown.material for image in piece.image_ids}
        with reading(self._database) as connection:
            history = store.list_case_risks(connection, shown.case.id)
            slides = store.list_slide_risks(connection, sorted(visible))
            points = store.list_points(connection, actor.organisation_id)
        told = [one for one in history if one.image_id is None or one.image_id in visible]
        # Whoever is not told the mark of a case, as a second reader, is not told its history either.
        if shown.case.mark is None:
            told, slides = [], []
        return ShownRisk(told, slides, {one.id: one for one in points})

    # By the node ----------------------------------------------------------------------------------------

    def weigh_run(self, run_id: str) -> None:
        """Say what the points of a version make of a run that has ended, and order its case by it. Safe to
        repeat."""
        run = self.inference.find_for_node(run_id)
        if run is None:
            return
        try:
            image = self.cases.ledger.slides.get_image_of_any(run.image_id)
            version = self.inference.models.get_version(run.organisation_id, run.version_id)
        except NotFound:
            return
        is_silent = run.is_shadow or version.status is not Status.CLINICAL
        with transaction(self._database) as connection:
            now = self.cases.ledger.clock()
            for point in store.list_points(connection, run.organisation_id, in_force=True):
                if point.version_id == run.version_id:
                    risk = self._weighed(point, version, run, image)
                    store.add_slide_risk(
                        connection, run.organisation_id, image.id, risk, now, is_shadow=is_silent
                    )
        self.consider_images(run.organisation_id, [run.image_id])

    def consider_images(self, organisation_id: str, image_ids: Sequence[str]) -> int:
        """Order the open cases of these images anew; how many there were. Safe to repeat."""
        with reading(self._database) as connection:
            linked = self.cases.marking.list_linked(connection, OrganisationId(organisation_id), image_ids)
        for case_id in sorted(set(linked.values())):
            self.consider(organisation_id, case_id)
        return len(set(linked.values()))

    def consider(self, organisation_id: str, case_id: str) -> None:
        """Say where a case stands, by everything that is known of its slides now. Safe to repeat."""
        with transaction(self._database) as connection:
            try:
                case, slides = self.cases.marking.hold(connection, organisation_id, case_id)
            except NotFound:
                return
            if case.status in CLOSED:
                return
            # Asked once the case is held: whoever ended a point meanwhile has it considered after this.
            points = self._points_that_count(organisation_id)
            risk = self._risk_of(case, slides, points) if points else None
            mark = None if risk is None else Mark(risk.band, risk.reason, risk.image_id)
            if risk is not None and _is_news(store.list_case_risks(connection, case.id), risk):
                store.add_case_risk(connection, risk)
            self.cases.marking.mark(connection, case, mark)

    def reconsider(self, organisation_id: str, version_id: str, after: str, most: int) -> str | None:
        """Order the cases anew of images on which a version has run, those after one; the last of them, or
        None where there are no more."""
        images = self.inference.list_images_of_version(organisation_id, version_id, after, most)
        self.consider_images(organisation_id, images)
        return images[-1] if len(images) == most else None

    # ----------------------------------------------------------------------------------------------------

    def _points_that_count(self, organisation_id: str) -> list[tuple[OperatingPoint, Version]]:
        """Points in force whose versions are for patients, or were: what is withdrawn is told by name."""
        with reading(self._database) as connection:
            points = store.list_points(connection, organisation_id, in_force=True)
        if not points:
            return []
        versions = {each.id: each for each in self.inference.models.versions_of(organisation_id)}
        return [
            (point, versions[point.version_id])
            for point in points
            if point.version_id in versions
            and versions[point.version_id].status in (Status.CLINICAL, Status.WITHDRAWN)
        ]

    def _risk_of(
        self, case: Case, slides: Iterable[Material], points: Sequence[tuple[OperatingPoint, Version]]
    ) -> CaseRisk | None:
        verdicts, images = [], []
        for piece in slides:
            if not piece.image_ids:
                if piece.stage not in GONE:
                    verdicts.append(SlideVerdict(_label(piece), None, UNSCANNED))
                continue
            image = self.cases.ledger.slides.get_image_of_any(piece.image_ids[-1])
            images.append(image)
            verdicts.append(SlideVerdict(_label(piece), image.id, self._verdict(image, points)))
        if not images:
            return None
        worst = worst_of(verdicts)
        by_id = {point.id: point for point, _ in points}
        point = by_id.get(worst.risk.point_id)
        came = [image.summary.available_at for image in images if image.summary.available_at is not None]
        return CaseRisk(
            case.id,
            case.organisation_id,
            worst.risk.band,
            worst.risk.outcome,
            reason_of(worst, point),
            worst.image_id,
            None if point is None else point.id,
            worst.risk.probability,
            tuple(image.id for image in images),
            min(came, default=None),
            self.cases.ledger.clock(),
        )

    def _verdict(self, image: Image, points: Sequence[tuple[OperatingPoint, Version]]) -> SlideRisk:
        runs = self.inference.list_of_image_for_node(image.id)
        risks = {}
        for point, version in points:
            # What a version said in shadow stays in the shadow, also once it is released.
            said = (one for one in runs if one.version_id == version.id and not one.is_shadow)
            risks[point.id] = self._weighed(point, version, next(said, None), image)
        return verdict_of(risks)

    def _weighed(
        self, point: OperatingPoint, version: Version, run: InferenceRun | None, image: Image
    ) -> SlideRisk:
        if version.status is Status.WITHDRAWN:
            return silent(point, run, TriageOutcome.WITHDRAWN, WITHDRAWN)
        if run is None:
            # A version that may not run on a slide does not begin by itself, so there is no run to say so.
            fit = self.inference.fit(version, image)
            if fit.verdict is Fitness.REFUSED:
                return silent(point, run, TriageOutcome.REFUSED, fit.reasons[0])
        return weigh(point, run, image.generation, image.summary.organisation_id)

    def _tell(self, actor: Actor, verb: str, point: OperatingPoint, **detail: Any) -> None:
        self.cases.ledger.slides.record(
            Record(
                f"triage.{verb}",
                actor,
                target=f"point/{point.id}",
                organisation_id=point.organisation_id,
                detail={"model": point.model_id, "version": point.model_version, **detail},
            )
        )

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database


def _publish(connection: sa.Connection, point: OperatingPoint, now: datetime) -> None:
    outbox.publish(connection, OperatingPointChanged(now, point.version_id, point.organisation_id))


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > MOST_REASON:
        raise Invalid("State the reason, in at most {most} characters.", most=MOST_REASON)
    return said


def _classes(version: Version) -> frozenset[str]:
    return frozenset(one.name for output in version.contract.outputs for one in output.classes)


def _label(piece: Material) -> str:
    """What tells a slide from others of its case: part, block and number."""
    code = parse(piece.identifier)
    return f"{code.part}/{code.block}/{code.slide}"


def _is_news(history: Sequence[CaseRisk], risk: CaseRisk) -> bool:
    return not history or replace(history[0], at=risk.at) != risk
