"""Prose out of answers, by the sentences of the template and by nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hemalum.capabilities.reports.conditions import holds
from hemalum.capabilities.reports.findings import Interval
from hemalum.capabilities.reports.model import Language, Section, Value
from hemalum.capabilities.reports.templates import FIELD, Element, ElementKind, Phrase, Template, fields_of

_YES = {Language.EN: "yes", Language.ZH: "是"}
_NO = {Language.EN: "no", Language.ZH: "否"}
_NAME = re.compile(r"[A-Z][a-z]")
"""What begins like an ordinary word may begin small in a sentence; HER2 and H&E may not."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a template, with the elements that it tells."""

    section: Section
    text: str
    elements: tuple[str, ...]


def compose(template: Template, values: Mapping[str, Value], language: Language) -> dict[Section, str]:
    """What the answers say, as text for sections. Answers that no sentence tells are not told here."""
    return join(tell(template, values, language, {}), language)


def tell(
    template: Template,
    values: Mapping[str, Value],
    language: Language,
    intervals: Mapping[str, Interval],
) -> list[Said]:
    """The sentences that the answers make, in the order of the template, numbers with their intervals."""
    return list(_sentences(template, values, language, intervals))


def join(said: list[Said], language: Language) -> dict[Section, str]:
    """Sentences as text for sections."""
    between = "" if language is Language.ZH else " "
    sections = dict.fromkeys(one.section for one in said)
    return {section: between.join(one.text for one in said if one.section is section) for section in sections}


def say(element: Element, value: Value, language: Language) -> str:
    """An answer as it stands in a table."""
    if isinstance(value, bool):
        return (_YES if value else _NO)[language]
    if isinstance(value, float):
        return f"{value:g} {element.unit}".rstrip()
    if isinstance(value, tuple):
        separator = "、" if language is Language.ZH else "; "
        return separator.join(_option(element, one, language) for one in value)
    return _option(element, value, language) if element.kind is ElementKind.CHOICE else value


def _sentences(
    template: Template,
    values: Mapping[str, Value],
    language: Language,
    intervals: Mapping[str, Interval],
) -> Iterator[Said]:
    for phrase in template.phrases:
        text = _said(template, phrase, values, language, intervals)
        if text is not None:
            pattern = phrase.zh if language is Language.ZH else phrase.en
            yield Said(phrase.section, text, tuple(dict.fromkeys(fields_of(pattern))))


def _said(
    template: Template,
    phrase: Phrase,
    values: Mapping[str, Value],
    language: Language,
    intervals: Mapping[str, Interval],
) -> str | None:
    pattern = phrase.zh if language is Language.ZH else phrase.en
    if any(field not in values for field in fields_of(pattern)):
        return None
    if phrase.when is not None and not holds(phrase.when, values):
        return None

    def word(found: re.Match[str]) -> str:
        name, one, several = found.groups()
        if several is not None:
            return str(one if values[name] == 1 else several)
        element = template.element(name)
        assert element is not None
        return _inline(element, values[name], language) + _within(element, intervals.get(name), language)

    # Whatever an answer holds, braces too, is put in once and not looked at again.
    said = FIELD.sub(word, pattern)
    return said[:1].upper() + said[1:]


def _within(element: Element, interval: Interval | None, language: Language) -> str:
    if interval is None:
        return ""
    span = f"{interval.low:g}–{interval.high:g} {element.unit}".rstrip()
    return f"（95% CI：{span}）" if language is Language.ZH else f" (95 % CI {span})"


def _inline(element: Element, value: Value, language: Language) -> str:
    said = say(element, value, language)
    is_own_word = element.kind is not ElementKind.TEXT and language is Language.EN
    if not is_own_word or isinstance(value, bool | float):
        return said
    parts = said.split("; ") if isinstance(value, tuple) else [said]
    small = [one[0].lower() + one[1:] if _NAME.match(one) else one for one in parts]
    return small[0] if len(small) == 1 else f"{', '.join(small[:-1])} and {small[-1]}"


def _option(element: Element, option_id: str, language: Language) -> str:
    option = element.option(option_id)
    return option_id if option is None else option.label.of(language)
