"""What one version says otherwise than another: answer by answer, and text by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from hemalum.capabilities.reports.composing import say
from hemalum.capabilities.reports.model import Content, Figure, Language, Section, SpecimenFigure, Text, Value
from hemalum.capabilities.reports.templates import Template

_WORD = re.compile(r"\s+|[A-Za-z0-9À-ɏ]+|.", re.DOTALL)
"""A run of spaces, a word or number of an alphabet, or any other character by itself, as those of Chinese."""
_LINE = re.compile(r"[^\n]*\n?")
_MOST_WORDS = 3_000
"""Beyond, texts are compared by line: by word it would take their lengths multiplied."""


class RunKind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text that is in both, in the earlier alone, or in the later alone."""

    kind: RunKind
    text: str


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An element that is answered otherwise."""

    element: str
    label: Text
    before: Text | None
    """None where it was not answered."""
    after: Text | None


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section whose words are others."""

    section: Section
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that two versions say otherwise."""

    answers: tuple[AnswerChange, ...]
    sections: tuple[SectionChange, ...]
    figures_removed: tuple[Figure, ...]
    figures_added: tuple[Figure, ...]
    photographs_removed: tuple[SpecimenFigure, ...]
    photographs_added: tuple[SpecimenFigure, ...]


def compare(
    before: Content, after: Content, before_template: Template | None, after_template: Template | None
) -> Difference:
    """What the later content says otherwise than the earlier one."""
    return Difference(
        tuple(_answers(before, after, before_template, after_template)),
        tuple(
            SectionChange(one, tuple(runs_of(before.sections.get(one, ""), after.sections.get(one, ""))))
            for one in Section
            if before.sections.get(one, "") != after.sections.get(one, "")
        ),
        tuple(one for one in before.figures if one not in after.figures),
        tuple(one for one in after.figures if one not in before.figures),
        tuple(one for one in before.photographs if one not in after.photographs),
        tuple(one for one in after.photographs if one not in before.photographs),
    )


def runs_of(before: str, after: str) -> Iterator[Run]:
    """Two texts as runs that give the earlier without what was added, and the later without what was
    removed."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        old, new = _LINE.findall(before), _LINE.findall(after)
    matched = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matched.get_opcodes():
        if tag == "equal":
            yield Run(RunKind.SAME, "".join(old[old_start:old_end]))
            continue
        if old_start < old_end:
            yield Run(RunKind.REMOVED, "".join(old[old_start:old_end]))
        if new_start < new_end:
            yield Run(RunKind.ADDED, "".join(new[new_start:new_end]))


def _answers(
    before: Content, after: Content, before_template: Template | None, after_template: Template | None
) -> Iterator[AnswerChange]:
    names = dict.fromkeys([*_order(after_template), *_order(before_template)])
    for name in names:
        old, new = before.values.get(name), after.values.get(name)
        if old == new and type(old) is type(new):
            continue
        yield AnswerChange(
            name,
            _label(name, (after_template, before_template)),
            _said(name, old, before_template),
            _said(name, new, after_template),
        )


def _order(template: Template | None) -> list[str]:
    return [] if template is None else [one.id for one in template.elements]


def _label(name: str, templates: Sequence[Template | None]) -> Text:
    found = [one.element(name) for one in templates if one is not None]
    return next((one.label for one in found if one is not None), Text(name, name))


def _said(name: str, value: Value | None, template: Template | None) -> Text | None:
    element = None if template is None else template.element(name)
    if value is None or element is None:
        return None
    return Text(say(element, value, Language.EN), say(element, value, Language.ZH))
