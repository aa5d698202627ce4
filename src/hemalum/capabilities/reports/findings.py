"""What programs find, in the form in which they hand it in: numbers, classes, counts, presence. No I/O."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from hemalum.capabilities.reports.model import Language, Source, Support
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence

FORM: Final = 1
"""Of what is handed in; another number is another form."""
MOST_FINDINGS = 200
MOST_SUPPORTS = 50


class FindingKind(StrEnum):
    """What a finding states."""

    MEASUREMENT = "measurement"
    """A number with a unit, best with its 95 % interval."""
    CLASS = "class"
    """One label of several, with its calibrated probability."""
    COUNT = "count"
    """A whole number of things."""
    PRESENCE = "presence"
    """That something is there, or is not."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which numbers a value lies with 95 % confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a model found, or would not say."""

    id: str
    """Within what is handed in."""
    name: str
    """What was looked for, as templates call it: `tumour_extent`, `mitotic_density`."""
    kind: FindingKind
    model: Source
    number: float | None = None
    unit: str = ""
    """UCUM: mm, um, mm2, /mm2, % and so on."""
    interval: Interval | None = None
    label: str = ""
    is_present: bool | None = None
    probability: float | None = None
    """Calibrated, 0 to 1, that the label is right, or that presence or absence is."""
    has_abstained: bool = False
    """The model would not say; then nothing else is stated."""
    why: str | Sentence = ""
    """Why it abstained: a sentence that can be said in every language, or the words of a program."""
    supports: tuple[Support, ...] = ()
    """Where it can be looked at."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Findings of one case that a program hands in together."""

    id: str
    """Chosen by the program: handing in the same once more changes nothing."""
    findings: tuple[Finding, ...]
    template: str = ""
    """Id of the template to fill; without it that of the report, or one that fits the specimen."""
    language: Language | None = None
    """Of the draft, where there is no report yet."""

    @property
    def sha256(self) -> str:
        """By which the same submission is known again."""
        plain = msgspec.to_builtins(self)
        for finding, told in zip(self.findings, plain["findings"], strict=True):
            told["why"] = str(finding.why)
        return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


# Units --------------------------------------------------------------------------------------------------

_UNITS = {
    "": ("number", 1.0),
    "1": ("share", 100.0),
    "%": ("share", 1.0),
    "nm": ("length", 1e-6),
    "um": ("length", 1e-3),
    "mm": ("length", 1.0),
    "cm": ("length", 10.0),
    "um2": ("area", 1e-6),
    "mm2": ("area", 1.0),
    "cm2": ("area", 100.0),
    "/um2": ("density", 1e6),
    "/mm2": ("density", 1.0),
    "/cm2": ("density", 0.01),
    "uL": ("volume", 1e-3),
    "mL": ("volume", 1.0),
}
"""UCUM code: what it measures, and how many of the first unit of that it is."""
_WRITTEN = {
    "um": "µm",
    "um2": "µm²",
    "mm2": "mm²",
    "cm2": "cm²",
    "/um2": "/µm²",
    "/mm2": "/mm²",
    "/cm2": "/cm²",
}
_CODES = {written: code for code, written in _WRITTEN.items()} | {"ml": "mL"}


def code_of(unit: str) -> str:
    """The UCUM code of a unit as templates write it."""
    return _CODES.get(unit, unit)


def is_unit(code: str) -> bool:
    return code in _UNITS


def written(code: str) -> str:
    """A unit as people write it."""
    return _WRITTEN.get(code, code)


def convert(number: float, unit: str, into: str) -> float | None:
    """A number of a unit in another one; None where the two do not measure the same.

    Raises:
        Invalid: there is no such unit.
    """
    if unit not in _UNITS:
        raise Invalid("There is no unit {unit} for findings.", unit=unit)
    (kind, size), (other, step) = _UNITS[unit], _UNITS[into]
    return number * size / step if kind == other else None


# Checks -------------------------------------------------------------------------------------------------


def check_submission(submission: Submission) -> None:
    """Raise Invalid where something handed in does not say what its kind has to say."""
    findings = submission.findings
    if not 1 <= len(findings) <= MOST_FINDINGS:
        raise Invalid("Between 1 and {most} findings are handed in at once.", most=MOST_FINDINGS)
    ids = [one.id for one in findings]
    names = [one.name for one in findings]
    for name in (*_repeated(ids), *_repeated(names)):
        raise Invalid("The finding {finding} is there twice.", finding=name)
    for one in findings:
        _check(one)


def _check(finding: Finding) -> None:
    stated = {
        FindingKind.MEASUREMENT: finding.number is not None,
        FindingKind.COUNT: finding.number is not None,
        FindingKind.CLASS: bool(finding.label),
        FindingKind.PRESENCE: finding.is_present is not None,
    }
    others = (finding.number is not None, bool(finding.label), finding.is_present is not None)
    if finding.has_abstained:
        if any(others) or finding.interval is not None:
            raise Invalid("The finding {finding} abstains and states something.", finding=finding.id)
        return
    is_more = sum(others) != 1 or (finding.interval is not None and finding.number is None)
    if not stated[finding.kind] or is_more:
        raise Invalid(
            "The finding {finding} does not state what a {kind} states, or more than that.",
            finding=finding.id,
            kind=finding.kind.value,
        )
    if finding.probability is not None and not 0 <= finding.probability <= 1:
        raise Invalid("The probability of {finding} is not between 0 and 1.", finding=finding.id)
    if finding.number is not None:
        _check_number(finding, finding.number)


def _check_number(finding: Finding, number: float) -> None:
    interval = finding.interval or Interval(number, number)
    numbers = (interval.low, number, interval.high)
    if not all(map(math.isfinite, numbers)) or list(numbers) != sorted(numbers):
        raise Invalid("The number of {finding} does not lie within its interval.", finding=finding.id)
    if finding.kind is FindingKind.COUNT and (number < 0 or number != int(number) or finding.unit):
        raise Invalid("The count {finding} is no whole number without a unit.", finding=finding.id)
    if not is_unit(finding.unit):
        raise Invalid("There is no unit {unit} for findings.", unit=finding.unit)


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({one for one in names if names.count(one) > 1})
