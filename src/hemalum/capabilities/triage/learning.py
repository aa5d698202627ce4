"""Rules made of labelled slides: which runs they have, and what a rule reaches on those held out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hemalum.capabilities.cases.service import Cases, wilson
from hemalum.capabilities.inference.model import InferenceRun
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.triage.model import MOST_LABELLED, Claim, FitAsked, Labelled, Rule
from hemalum.capabilities.triage.weighing import answers_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.kernel.identifiers import NoIdentifier, parse
from hemalum.kernel.ids import ImageId
from hemalum.kernel.typed import typed
from hemalum.runtime.db import reading

_FIT = "hemalum.capabilities.triage.fitting:fit"


@dataclass(frozen=True, slots=True)
class _Known:
    """A labelled slide with a finished run."""

    image_id: ImageId
    is_positive: bool
    score: float
    site: str
    group: str
    """The case, so that slides of one patient do not stand on both sides."""


@dataclass(frozen=True)
class Learning:
    """Fitting on the slides of a node."""

    cases: Cases
    inference: Inference

    def fit(self, actor: Actor, version: Version, asked: FitAsked, slides: Sequence[Labelled]) -> Rule:
        """A rule fitted on slides that the actor may see, with what it reached on those held out.

        Raises:
            Invalid: what is asked makes no sense, a slide has two labels, or there are too few.
        """
        _check(asked, slides)
        known = self._known(actor, version, asked.class_name, slides)
        found = self.inference.workers.call(
            _FIT,
            {
                "scores": [one.score for one in known],
                "positive": [one.is_positive for one in known],
                "sites": [one.site for one in known],
                "groups": [one.group for one in known],
                "method": asked.method.value,
                "sensitivity": asked.sensitivity,
                "alpha": asked.alpha,
            },
        )
        rule = typed(
            {
                "purpose": asked.purpose.value,
                "class_name": asked.class_name,
                "threshold": found["threshold"],
                "calibration": found["calibration"],
                "alpha": asked.alpha,
                "sites": found["sites"],
            },
            Rule,
        )
        return _with_claim(rule, found["held"])

    def _known(
        self, actor: Actor, version: Version, class_name: str, slides: Sequence[Labelled]
    ) -> list[_Known]:
        labels = self._by_image(actor, slides)
        runs = self._newest_runs(version, labels.keys())
        visible = self.cases.ledger.slides.visible_among(actor, labels.keys())
        with reading(self.cases.ledger.database) as connection:
            linked = self.cases.marking.list_linked(connection, actor.organisation_id, list(labels))
        known = []
        for image_id, is_positive in labels.items():
            run = runs.get(image_id)
            if run is None or image_id not in visible or class_name not in run.scores:
                continue
            summary = self.cases.ledger.slides.find_summary(image_id)
            if summary is None:
                continue
            group = linked.get(image_id, image_id)
            score = run.scores[class_name]
            known.append(_Known(image_id, is_positive, score, summary.organisation_id, group))
        return known

    def _newest_runs(self, version: Version, image_ids: Collection[str]) -> Mapping[str, InferenceRun]:
        identity = version.contract.identity
        done = self.inference.list_done_for_node(
            version.organisation_id, identity.id, identity.version, image_ids
        )
        return {one.image_id: one for one in done if not one.outside}

    def _by_image(self, actor: Actor, slides: Sequence[Labelled]) -> dict[ImageId, bool]:
        """Labels by image; a slide stands for its newest scan."""
        found: dict[ImageId, bool] = {}
        for one in slides:
            image_id = self._image_of(actor, one.slide)
            if found.setdefault(image_id, one.is_positive) is not one.is_positive:
                raise Invalid("The slide {name} has two labels.", name=one.slide)
        return found

    def _image_of(self, actor: Actor, name: str) -> ImageId:
        try:
            wanted = str(parse(name))
        except NoIdentifier:
            return ImageId(name.strip())
        shown = self.cases.find_case(actor, wanted)
        scans = [image for piece in shown.material if piece.identifier == wanted for image in piece.image_ids]
        return scans[-1] if scans else ImageId(name.strip())


def _check(asked: FitAsked, slides: Sequence[Labelled]) -> None:
    if not 0.5 <= asked.sensitivity < 1:
        raise Invalid("A threshold is set for a sensitivity from 0.5 on and below 1.")
    if not 0.001 <= asked.alpha <= 0.5:
        raise Invalid("The chance of an error lies between 0.001 and 0.5.")
    if not 0 < len(slides) <= MOST_LABELLED:
        raise Invalid("Between 1 and {most} slides are labelled.", most=MOST_LABELLED)


def _with_claim(rule: Rule, held: Sequence[Mapping[str, Any]]) -> Rule:
    """A rule with what it reaches on slides that were held out, those of which it would say nothing, too."""
    reached = {True: 0, False: 0}
    many = {True: 0, False: 0}
    abstained = 0
    for one in held:
        is_positive, probability = bool(one["positive"]), float(one["probability"])
        many[is_positive] += 1
        reached[is_positive] += (probability >= rule.threshold) is is_positive
        negative, positive = answers_of(rule, probability, one["site"])
        abstained += negative is positive
    claim = Claim(
        many[True],
        many[False],
        _share(reached[True], many[True]),
        *wilson(reached[True], many[True]),
        _share(reached[False], many[False]),
        *wilson(reached[False], many[False]),
        _share(abstained, len(held)),
    )
    return replace(rule, claim=claim)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
