"""Templates of reports: read from TOML, and checked before anybody fills them in.

Structs of msgspec, because it refuses unknown fields and says where.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from hemalum.capabilities.reports.conditions import Condition, elements_of, parts_of
from hemalum.capabilities.reports.findings import FindingKind, code_of, is_unit
from hemalum.capabilities.reports.model import Section, Text, Value
from hemalum.capabilities.reports.rules import RULES, Rule
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed, typed_json

MOST_BYTES = 256 * 1024
_MOST_ELEMENTS = 200
_MOST_OPTIONS = 100
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEMPLATE_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
FIELD = re.compile(r"\{(\w+)(?:\|([^|{}]+)\|([^|{}]+))?\}")
"""`{element}` is where its answer is said; `{element|node|nodes}` the word that goes with its number."""


class BadTemplate(Invalid):
    """A file is no template that could be filled in. The sentence says why."""

    code = "bad-template"


class ElementKind(StrEnum):
    """How an element is answered."""

    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One answer that can be chosen."""

    id: str
    en: str
    zh: str
    code: str = ""
    """For a terminology that a laboratory holds a licence for; the shipped templates have none."""

    @property
    def label(self) -> Text:
        return Text(self.en, self.zh)


class Computed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An element that nobody answers: it follows from others by a published rule."""

    rule: str
    inputs: tuple[str, ...]


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that a report states."""

    id: str
    kind: ElementKind
    en: str
    zh: str
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    required_when: Condition | None = None
    shown_when: Condition | None = None
    """Without it, always."""
    computed: Computed | None = None
    source: str = ""
    """Where its options or limits were published."""
    unverified: bool = False
    """Whether nobody held them against that publication yet."""

    @property
    def label(self) -> Text:
        return Text(self.en, self.zh)

    def option(self, option_id: str) -> Option | None:
        return next((one for one in self.options if one.id == option_id), None)


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sentence that tells answers, with {element} where each is said. Left out when one is missing."""

    section: Section
    en: str
    zh: str
    when: Condition | None = None


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which option a number below a limit stands for; the last has no limit."""

    option: str
    below: float | None = None


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From which finding of a program an element is answered."""

    element: str
    finding: str
    kind: FindingKind
    unit: str = ""
    """Of the limits, where the element has none: UCUM."""
    options: dict[str, str] = {}
    """Option by label, or by `present` and `absent`; what does not stand there is the id of its option."""
    thresholds: tuple[Threshold, ...] = ()
    """For an option by a number, rising."""
    source: str = ""
    """Where the limits were published."""
    unverified: bool = False
    """Whether nobody held them against that publication yet."""
    least_probability: float = 0.5
    """Below, the element stays open."""
    decimals: int = 1


class Contradiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers that cannot all be true."""

    when: Condition
    en: str
    zh: str


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A form of one kind of report."""

    id: str
    version: int
    en: str
    zh: str
    elements: tuple[Element, ...]
    phrases: tuple[Phrase, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    draws: tuple[Draw, ...] = ()
    suggested_for: tuple[str, ...] = ()
    """Words of a specimen, each with several that all have to stand there, as in `stomach biopsy`."""

    @property
    def label(self) -> Text:
        return Text(self.en, self.zh)

    @property
    def digest(self) -> str:
        """By which a report names the very template that it was filled into."""
        return hashlib.sha256(encode_template(self)).hexdigest()

    def element(self, element_id: str) -> Element | None:
        return next((one for one in self.elements if one.id == element_id), None)


def read_template(name: str, content: bytes) -> Template:
    """The template in a TOML file; `name` is how a person knows the file.

    Raises:
        BadTemplate: it cannot be read, or could not be filled in.
    """
    if len(content) > MOST_BYTES:
        raise _bad(name, Sentence("it has more than {most} bytes", {"most": MOST_BYTES}))
    try:
        template = typed(tomllib.loads(content.decode()), Template)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise _bad(name, str(error)) from error
    complaint = next(iter(_complaints(template)), None)
    if complaint is not None:
        raise _bad(name, complaint)
    return template


def encode_template(template: Template) -> bytes:
    """A template in the form it is kept beside reports."""
    return msgspec.json.encode(template, order="sorted")


def decode_template(content: bytes) -> Template:
    """The template that `encode_template` kept."""
    return typed_json(content, Template)


def fields_of(pattern: str) -> list[str]:
    """The elements that a sentence speaks of."""
    return [found[1] for found in FIELD.finditer(pattern)]


def suggest(templates: Iterable[Template], specimen: str) -> list[str]:
    """Ids of templates that fit what came in, the most fitting first."""
    said = specimen.casefold()
    scored = []
    for each in templates:
        fits = [words for words in each.suggested_for if all(one in said for one in words.casefold().split())]
        if fits:
            scored.append((-max(map(len, fits)), each.id))
    return [template_id for _, template_id in sorted(scored)]


def _bad(name: str, complaint: Sentence | str) -> BadTemplate:
    return BadTemplate("The template {name} cannot be used: {complaint}.", name=name, complaint=complaint)


# Checks -------------------------------------------------------------------------------------------------


def _complaints(template: Template) -> Iterable[Sentence]:
    """What is wrong, the worst first."""
    if not _TEMPLATE_ID.fullmatch(template.id) or template.version < 1:
        yield Sentence("it needs an id of small letters, digits and hyphens, and a version from 1 on")
    if not 1 <= len(template.elements) <= _MOST_ELEMENTS:
        yield Sentence("it has to have 1 to {most} elements", {"most": _MOST_ELEMENTS})
    texts: list[Option | Element | Phrase | Contradiction | Template] = [template, *template.elements]
    texts += [option for element in template.elements for option in element.options]
    texts += [*template.phrases, *template.contradictions]
    if any(not one.en.strip() or not one.zh.strip() for one in texts):
        yield Sentence("a text is missing in English or in Chinese")
    yield from _repeated([one.id for one in template.elements])
    known: list[Element] = []
    for element in template.elements:
        yield from _complaints_of(element, known)
        known.append(element)
    for phrase in template.phrases:
        for field in fields_of(phrase.en) + fields_of(phrase.zh):
            if template.element(field) is None:
                yield Sentence("there is no element {element}", {"element": field})
        if phrase.when is not None:
            yield from _complaints_about(phrase.when, template.elements)
    for one in template.contradictions:
        yield from _complaints_about(one.when, template.elements)
    yield from _repeated([one.element for one in template.draws])
    for draw in template.draws:
        yield from _complaints_of_draw(draw, template.element(draw.element))


def _complaints_of(element: Element, before: Sequence[Element]) -> Iterable[Sentence]:
    if not _ID.fullmatch(element.id):
        yield Sentence("{element} is no id of small letters, digits and underscores", {"element": element.id})
    is_chosen = element.kind in (ElementKind.CHOICE, ElementKind.CHOICES)
    if is_chosen and not 2 <= len(element.options) <= _MOST_OPTIONS:
        yield Sentence(
            "{element} has to have 2 to {most} options", {"element": element.id, "most": _MOST_OPTIONS}
        )
    if not is_chosen and element.options:
        yield Sentence("{element} is not chosen, and has options", {"element": element.id})
    is_number = element.kind is ElementKind.NUMBER
    if not is_number and (element.unit or element.minimum is not None or element.maximum is not None):
        yield Sentence("{element} is no number, and has a unit or bounds", {"element": element.id})
    yield from _repeated([one.id for one in element.options])
    if any(not _ID.fullmatch(one.id) for one in element.options):
        yield Sentence(
            "an option of {element} has no id of small letters, digits and underscores",
            {"element": element.id},
        )
    for condition in (element.shown_when, element.required_when):
        if condition is not None:
            yield from _complaints_about(condition, before)
    if element.computed is not None:
        yield from _complaints_of_rule(element, element.computed, before)


def _complaints_of_rule(
    element: Element, computed: Computed, before: Sequence[Element]
) -> Iterable[Sentence]:
    rule = RULES.get(computed.rule)
    if rule is None:
        yield Sentence("there is no rule {rule}", {"rule": computed.rule})
        return
    if len(computed.inputs) != rule.inputs:
        yield Sentence(
            "{element} is computed from {count} elements", {"element": element.id, "count": rule.inputs}
        )
    known = {one.id: one for one in before}
    missing = [one for one in computed.inputs if one not in known]
    for name in missing:
        yield Sentence("there is no element {element} before it is used", {"element": name})
    if not missing and len(computed.inputs) == rule.inputs:
        yield from _complaints_of_inputs(computed.rule, rule, [known[one] for one in computed.inputs])


def _complaints_of_inputs(name: str, rule: Rule, inputs: Sequence[Element]) -> Iterable[Sentence]:
    """A rule computes with numbers, and with each answer that can be chosen."""
    answers: list[list[Value]] = [[one.id for one in each.options] or [1.0] for each in inputs]
    for at, element in enumerate(inputs):
        is_single = element.kind in (ElementKind.CHOICE, ElementKind.NUMBER)
        firsts = [some[0] for some in answers]
        tried = ([*firsts[:at], one, *firsts[at + 1 :]] for one in answers[at])
        if not is_single or not all(_computes(rule, one) for one in tried):
            yield Sentence(
                "the rule {rule} cannot compute with the answers to {element}",
                {"rule": name, "element": element.id},
            )


def _computes(rule: Rule, inputs: Sequence[Value]) -> bool:
    try:
        rule.compute(inputs)
    except (ValueError, LookupError):
        return False
    return True


_DRAWN = {
    FindingKind.MEASUREMENT: {ElementKind.NUMBER, ElementKind.CHOICE},
    FindingKind.COUNT: {ElementKind.NUMBER, ElementKind.CHOICE},
    FindingKind.CLASS: {ElementKind.CHOICE},
    FindingKind.PRESENCE: {ElementKind.YES_NO, ElementKind.CHOICE},
}
"""Which elements a finding can answer."""


def _complaints_of_draw(draw: Draw, element: Element | None) -> Iterable[Sentence]:
    if element is None:
        yield Sentence("there is no element {element}", {"element": draw.element})
        return
    if element.computed is not None or element.kind not in _DRAWN[draw.kind]:
        yield Sentence("{element} cannot be answered from such a finding", {"element": element.id})
    if not is_unit(draw.unit or code_of(element.unit)):
        yield Sentence("there is no unit {unit} for findings", {"unit": draw.unit or element.unit})
    named = [*draw.options.values(), *(one.option for one in draw.thresholds)]
    for option in [one for one in named if element.option(one) is None]:
        yield Sentence("{element} has no option {option}", {"element": element.id, "option": option})
    by_number = draw.kind in (FindingKind.MEASUREMENT, FindingKind.COUNT)
    needs_limits = by_number and element.kind is ElementKind.CHOICE
    limits = [one.below for one in draw.thresholds]
    rising = [one for one in limits[:-1] if one is not None]
    is_told = limits[-1:] == [None] and len(rising) == len(limits) - 1 and rising == sorted(set(rising))
    if needs_limits != bool(limits) or (limits and not (is_told and draw.source)):
        yield Sentence(
            "the limits of {element} do not rise to an open end, or lack their source",
            {"element": element.id},
        )


def _complaints_about(condition: Condition, elements: Sequence[Element]) -> Iterable[Sentence]:
    """A condition may speak only of elements that stand before, so that nothing depends on itself."""
    by_id = {one.id: one for one in elements}
    for name in elements_of(condition):
        if name not in by_id:
            yield Sentence("there is no element {element} before it is used", {"element": name})
    for part in parts_of(condition):
        options = {one.id for one in by_id[part.element].options} if part.element in by_id else set[str]()
        for option in (*part.one_of, *part.none_of):
            if option not in options and part.element in by_id:
                yield Sentence(
                    "{element} has no option {option}", {"element": part.element, "option": option}
                )


def _repeated(ids: Sequence[str]) -> Iterable[Sentence]:
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield Sentence("{element} is there twice", {"element": one})
