"""What answers to a template amount to: which elements are asked, what follows, what is missing or wrong."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from hemalum.capabilities.reports.conditions import holds
from hemalum.capabilities.reports.model import (
    MOST_VALUE,
    Content,
    Section,
    Text,
    Value,
)
from hemalum.capabilities.reports.rules import RULES
from hemalum.capabilities.reports.templates import Computed, Element, ElementKind, Template
from hemalum.kernel.errors import Invalid


class ProblemKind(StrEnum):
    """Why a report cannot be signed as it is."""

    MISSING = "missing"
    OUT_OF_RANGE = "out_of_range"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that has to be put right before a signature."""

    kind: ProblemKind
    subject: str
    """`element/<id>` or `section/<name>`; empty for a contradiction."""
    text: Text
    """What is missing, by its label, or what contradicts what."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Answers as the report holds them."""

    values: Mapping[str, Value]
    """Of elements that are asked, with those that follow by rules."""
    shown: tuple[str, ...]
    required: tuple[str, ...]
    problems: tuple[Problem, ...]


_SECTIONS = {
    Section.MACROSCOPY: Text("Gross description", "肉眼所见"),
    Section.MICROSCOPY: Text("Microscopic description", "镜下所见"),
    Section.DIAGNOSIS: Text("Diagnosis", "病理诊断"),
    Section.COMMENT: Text("Comment", "备注"),
}


def label_of_section(section: Section) -> Text:
    return _SECTIONS[section]


def fill(template: Template, answers: Mapping[str, Value]) -> Filled:
    """Look at answers from the first element to the last; what is not asked any more is left out.

    Raises:
        Invalid: an answer is none that its element takes, or there is no such element.
    """
    for name in answers:
        if template.element(name) is None:
            raise Invalid(
                "The template {template} has no element {element}.", template=template.id, element=name
            )
    values: dict[str, Value] = {}
    shown, required, problems = [], [], []
    for element in template.elements:
        if element.shown_when is not None and not holds(element.shown_when, values):
            continue
        shown.append(element.id)
        value = _answer(element, answers.get(element.id), values)
        if value is not None:
            values[element.id] = value
            problems += _out_of_range(element, value)
        if element.required or (element.required_when is not None and holds(element.required_when, values)):
            required.append(element.id)
            if value is None:
                problems.append(Problem(ProblemKind.MISSING, f"element/{element.id}", element.label))
    for one in template.contradictions:
        if holds(one.when, values):
            problems.append(Problem(ProblemKind.CONTRADICTION, "", Text(one.en, one.zh)))
    return Filled(values, tuple(shown), tuple(required), tuple(problems))


def settle(template: Template | None, content: Content) -> tuple[Content, Filled]:
    """A content as it is kept, with what follows from its answers, and what speaks against signing it."""
    if template is None and content.values:
        raise Invalid("Answers need the template that they are answers to.")
    filled = Filled({}, (), (), ()) if template is None else fill(template, content.values)
    problems = list(filled.problems)
    if not content.sections.get(Section.DIAGNOSIS, "").strip():
        subject = f"section/{Section.DIAGNOSIS}"
        problems.append(Problem(ProblemKind.MISSING, subject, label_of_section(Section.DIAGNOSIS)))
    sections = {name: text for name, text in content.sections.items() if text.strip()}
    kept = replace(content, values=filled.values, sections=sections)
    return kept, replace(filled, problems=tuple(problems))


def _answer(element: Element, value: Value | None, values: Mapping[str, Value]) -> Value | None:
    """The answer in the form it is kept; None for none."""
    if element.computed is not None:
        return _follows(element.computed, values)
    if value is None or value in ("", ()):
        return None
    if not _is_answer(element, value):
        raise Invalid("This is no answer to {element}.", element=element.id)
    if isinstance(value, tuple):
        # In the order of the template, so that the same answer is always kept in the same way.
        return tuple(option.id for option in element.options if option.id in value)
    return value


def _follows(computed: Computed, values: Mapping[str, Value]) -> Value | None:
    inputs = [values[one] for one in computed.inputs if one in values]
    return RULES[computed.rule].compute(inputs) if len(inputs) == len(computed.inputs) else None


def _is_answer(element: Element, value: Value) -> bool:
    options = {one.id for one in element.options}
    match element.kind:
        case ElementKind.CHOICE:
            return isinstance(value, str) and value in options
        case ElementKind.CHOICES:
            return isinstance(value, tuple) and set(value) <= options
        case ElementKind.NUMBER:
            return isinstance(value, float) and math.isfinite(value)
        case ElementKind.TEXT:
            return isinstance(value, str) and len(value) <= MOST_VALUE
        case ElementKind.YES_NO:
            return isinstance(value, bool)


def _out_of_range(element: Element, value: Value) -> list[Problem]:
    if not isinstance(value, float):
        return []
    low, high = element.minimum, element.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return []
    span = f"{'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"
    text = Text(f"{element.en} ({span})", f"{element.zh}（{span}）")
    return [Problem(ProblemKind.OUT_OF_RANGE, f"element/{element.id}", text)]
