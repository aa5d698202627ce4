"""Prose out of answers, by the sentences of the template and by nothing else."""

import re
from collections.abc import Mapping

from hemalum.capabilities.reports.conditions import holds
from hemalum.capabilities.reports.model import Language, Section, Value
from hemalum.capabilities.reports.templates import FIELD, Element, ElementKind, Phrase, Template

_YES = {Language.EN: "yes", Language.ZH: "是"}
_NO = {Language.EN: "no", Language.ZH: "否"}
_NAME = re.compile(r"[A-Z][a-z]")
"""What begins like an ordinary word may begin small in a sentence; HER2 and H&E may not."""


def compose(template: Template, values: Mapping[str, Value], language: Language) -> dict[Section, str]:
    """What the answers say, as text for sections. Answers that no sentence tells are not told here."""
    told: dict[Section, list[str]] = {}
    for phrase in template.phrases:
        said = _said(template, phrase, values, language)
        if said is not None:
            told.setdefault(phrase.section, []).append(said)
    between = "" if language is Language.ZH else " "
    return {section: between.join(sentences) for section, sentences in told.items()}


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


def _said(template: Template, phrase: Phrase, values: Mapping[str, Value], language: Language) -> str | None:
    pattern = phrase.zh if language is Language.ZH else phrase.en
    fields = FIELD.findall(pattern)
    if any(field not in values for field in fields):
        return None
    if phrase.when is not None and not holds(phrase.when, values):
        return None
    words = {}
    for field in fields:
        element = template.element(field)
        assert element is not None
        words[field] = _inline(element, values[field], language)
    # Whatever an answer holds, braces too, is put in once and not looked at again.
    said = FIELD.sub(lambda found: words[found[1]], pattern)
    return said[:1].upper() + said[1:]


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
