"""How what findings answer joins what stands in a report already: what a person wrote is never touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hemalum.capabilities.reports.composing import Said, join, tell
from hemalum.capabilities.reports.drawing import Drawn, Outcome
from hemalum.capabilities.reports.filling import settle
from hemalum.capabilities.reports.findings import Interval
from hemalum.capabilities.reports.model import (
    Content,
    Language,
    Section,
    Source,
    SourceKind,
    Statement,
    SupportKind,
    TemplateRef,
    Value,
    said_in,
    untaken,
)
from hemalum.capabilities.reports.templates import Template

_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Merged:
    """A report with what findings answer, and what became of each."""

    content: Content
    drawn: tuple[Drawn, ...]
    said: Mapping[Language, list[Said]]
    """What the sentences of the template tell of the answers, in both languages."""


def merge(template: Template, before: Content, drawn: Sequence[Drawn], language: Language) -> Merged:
    """The content with the answers of a model where no person answered, and sentences where none wrote.

    What an earlier model said and nobody took on gives way; where the later one will not say, it goes.
    """
    values, statements = dict(before.values), {one.subject: one for one in before.statements}
    settled = []
    for one in drawn:
        subject = one.statement.subject
        if _is_of_a_person(statements.get(subject), said=one.element in before.values):
            settled.append(replace(one, outcome=Outcome.KEPT))
            continue
        settled.append(one)
        statements[subject] = one.statement
        values.pop(one.element, None)
        if one.value is not None:
            values[one.element] = one.value
    content = replace(before, template=_ref(template), values=values)
    kept, filled = settle(template, content)
    outcomes = tuple(_settled(one, filled.shown) for one in settled)
    for one in outcomes:
        if one.outcome is Outcome.NOT_ASKED:
            statements.pop(one.statement.subject, None)
    said = tell_both(template, kept.values, intervals_of(outcomes))
    kept = replace(kept, statements=tuple(statements.values()))
    return Merged(put_sections(kept, join(said[language], language), _models(kept)), outcomes, said)


def tell_both(
    template: Template, values: Mapping[str, Value], intervals: Mapping[str, Interval]
) -> dict[Language, list[Said]]:
    """The sentences of a template in both languages."""
    return {one: tell(template, values, one, intervals) for one in Language}


def intervals_of(drawn: Sequence[Drawn]) -> dict[str, Interval]:
    """Between which numbers the answers lie, where it is known."""
    return {
        one.element: one.interval
        for one in drawn
        if one.outcome is Outcome.FILLED and one.interval is not None
    }


def put_sections(content: Content, texts: Mapping[Section, str], source: Source | None) -> Content:
    """The content with these texts in sections that no person wrote; without a source, without any."""
    sections, statements = dict(content.sections), {one.subject: one for one in content.statements}
    for section in Section:
        subject = f"section/{section.value}"
        if _is_of_a_person(statements.get(subject), said=bool(sections.get(section, "").strip())):
            continue
        sections.pop(section, None)
        statements.pop(subject, None)
        if source is not None and texts.get(section):
            sections[section] = texts[section]
            statements[subject] = Statement(subject, source)
    return replace(content, sections=sections, statements=tuple(statements.values()))


def mark_as_program(content: Content, before: Content, source: Source, template: Template | None) -> Content:
    """What a program wrote on `before`: all that it says anew is a model's, and nobody has taken it on.

    What it leaves as it was keeps its statement. What follows by a rule of the template is nobody's words.
    """
    elements = () if template is None else template.elements
    follows = {f"element/{one.id}" for one in elements if one.computed is not None}
    known, said_before = {one.subject: one for one in before.statements}, said_in(before)
    stated = {one.subject: one for one in content.statements}
    statements = []
    for subject, said in said_in(content).items():
        if subject in follows or said_before.get(subject) == said:
            statement = known.get(subject)
        else:
            statement = stated.get(subject, Statement(subject, source))
            of_model = statement.source if statement.source.kind is SourceKind.MODEL else source
            statement = replace(statement, source=of_model, is_accepted=False)
        statements += [] if statement is None else [statement]
    return replace(content, statements=tuple(statements))


def _is_of_a_person(statement: Statement | None, *, said: bool) -> bool:
    """Whether a person, or a template at their command, wrote it, took it on, or took it away."""
    if statement is None:
        return said
    if statement.source.kind is SourceKind.MODEL:
        return said and statement.is_accepted
    return said or any(one.kind is SupportKind.MODEL for one in statement.supports)


def _settled(one: Drawn, shown: Sequence[str]) -> Drawn:
    if one.outcome is not Outcome.KEPT and one.element not in shown:
        return replace(one, outcome=Outcome.NOT_ASKED)
    return one


def _models(content: Content) -> Source | None:
    """The models whose answers stand there and nobody took on, by name."""
    models = {one.source for one in untaken(content) if one.subject.startswith("element/")}
    if len(models) == 1:
        return models.pop()
    names = ", ".join(sorted(f"{one.name} {one.version}".strip() for one in models))
    return Source(SourceKind.MODEL, names[:_MOST_NAMES]) if models else None


def _ref(template: Template) -> TemplateRef:
    return TemplateRef(template.id, template.version, template.digest)
