"""How templates draw answers from findings: which finding answers which element, and what stays open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hemalum.capabilities.reports.findings import (
    Finding,
    FindingKind,
    Interval,
    code_of,
    convert,
    written,
)
from hemalum.capabilities.reports.model import Source, Statement, Support, SupportKind, Value
from hemalum.capabilities.reports.templates import Draw, Element, ElementKind, Template
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence


class Outcome(StrEnum):
    """What became of a finding in a report."""

    FILLED = "filled"
    """It answers the element now, until somebody takes it on, changes or rejects it."""
    KEPT = "kept"
    """A person had answered, or rejected an answer; nothing of theirs was touched."""
    NOT_ASKED = "not_asked"
    """The element is not asked with the other answers as they are."""
    ABSTAINED = "abstained"
    """The model would not say."""
    UNCERTAIN = "uncertain"
    """Not probable enough, or the interval reaches over a limit between two answers."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a finding answers an element with."""

    finding: str
    """Its id."""
    element: str
    outcome: Outcome
    statement: Statement
    value: Value | None = None
    interval: Interval | None = None
    """In the unit of the element, where it is answered with a number."""
    why: Sentence | None = None
    """Why the model would not say."""


def draw(template: Template, findings: Sequence[Finding]) -> list[Drawn]:
    """What the findings answer, as far as they can, in the order of the template.

    Raises:
        Invalid: the template asks for nothing of that name, or it is of another kind, or in a unit that
            does not measure the same, or has a label that is no answer.
    """
    by_name = {one.name: one for one in findings}
    asked = {one.finding for one in template.draws}
    for finding in findings:
        if finding.name not in asked:
            raise Invalid(
                "The template {template} has no element for the finding {finding}.",
                template=template.id,
                finding=finding.name,
            )
    draws = {one.element: one for one in template.draws if one.finding in by_name}
    return [
        _drawn(element, draws[element.id], by_name[draws[element.id].finding])
        for element in template.elements
        if element.id in draws
    ]


def said_by(finding: Finding) -> str:
    """What a finding states, in a line that is the same in every language."""
    if finding.has_abstained:
        return f"{finding.name}: –"
    if finding.number is None:
        stated = finding.label or {True: "+", False: "−"}[bool(finding.is_present)]
        return f"{finding.name}: {stated}"
    stated = f"{finding.number:g} {written(finding.unit)}".rstrip()
    if finding.interval is not None:
        stated += f" (95 %: {finding.interval.low:g}–{finding.interval.high:g})"
    return f"{finding.name}: {stated}"


def _drawn(element: Element, rule: Draw, finding: Finding) -> Drawn:
    if finding.kind is not rule.kind:
        raise Invalid(
            "The finding {finding} is a {kind}, and {element} is answered from a {other}.",
            finding=finding.name,
            kind=finding.kind.value,
            element=element.id,
            other=rule.kind.value,
        )
    model = Source(finding.model.kind, finding.model.name, finding.model.version)
    # A sentence is in no language until it is shown, and this line is in none.
    is_told = finding.has_abstained and isinstance(finding.why, str) and finding.why
    why = f" {finding.why}" if is_told else ""
    told = Support(
        SupportKind.MODEL, f"{model.name} {model.version}".strip(), said=f"{said_by(finding)}{why}"[:200]
    )
    statement = Statement(
        f"element/{element.id}", model, finding.probability, supports=(told, *finding.supports)
    )
    if finding.has_abstained:
        return Drawn(finding.id, element.id, Outcome.ABSTAINED, statement, why=_why(finding))
    if finding.probability is not None and finding.probability < rule.least_probability:
        return Drawn(finding.id, element.id, Outcome.UNCERTAIN, statement)
    value, interval = _answer(element, rule, finding)
    if value is None:
        return Drawn(finding.id, element.id, Outcome.UNCERTAIN, statement)
    return Drawn(finding.id, element.id, Outcome.FILLED, statement, value, interval)


def _why(finding: Finding) -> Sentence | None:
    why = finding.why
    return why if isinstance(why, Sentence) else Sentence("It says: {told}", {"told": why}) if why else None


def _answer(element: Element, rule: Draw, finding: Finding) -> tuple[Value | None, Interval | None]:
    if finding.kind is FindingKind.CLASS:
        return _option(element, rule.options, finding.label, finding), None
    if finding.kind is FindingKind.PRESENCE:
        is_present = bool(finding.is_present)
        if element.kind is ElementKind.YES_NO:
            return is_present, None
        return _option(element, rule.options, "present" if is_present else "absent", finding), None
    assert finding.number is not None
    unit = rule.unit or code_of(element.unit)
    number = _in_unit(finding, finding.number, unit)
    span = finding.interval
    low = number if span is None else _in_unit(finding, span.low, unit)
    high = number if span is None else _in_unit(finding, span.high, unit)
    if not rule.thresholds:
        interval = None if span is None else Interval(round(low, rule.decimals), round(high, rule.decimals))
        return float(round(number, rule.decimals)), interval
    chosen = {_within(rule, one) for one in (low, number, high)}
    return (chosen.pop() if len(chosen) == 1 else None), None


def _in_unit(finding: Finding, number: float, unit: str) -> float:
    found = convert(number, finding.unit, unit)
    if found is None:
        raise Invalid(
            "The finding {finding} is in {unit}, which cannot be turned into {other}.",
            finding=finding.name,
            unit=finding.unit or "1",
            other=unit or "1",
        )
    return found


def _within(rule: Draw, number: float) -> str:
    """The answer that a number stands for; the last has no limit above."""
    below = (one.option for one in rule.thresholds if one.below is not None and number < one.below)
    return next(below, rule.thresholds[-1].option)


def _option(element: Element, options: Mapping[str, str], label: str, finding: Finding) -> str:
    option = options.get(label, label)
    if element.option(option) is None:
        raise Invalid(
            "The finding {finding} says {label}, which is no answer to {element}.",
            finding=finding.name,
            label=label,
            element=element.id,
        )
    return option
