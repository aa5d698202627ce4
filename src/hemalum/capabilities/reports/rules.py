"""What templates compute from answers, each rule with its published source.

A rule is named in a template by its key in `RULES`; its inputs are ids of elements in the order stated here.
Numbers come in as they were answered, options by their ids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hemalum.capabilities.reports.model import Value


@dataclass(frozen=True, slots=True)
class Rule:
    """A computation that was published."""

    inputs: int
    compute: Callable[[Sequence[Value]], Value | None]
    """None where nothing follows from the answers."""
    source: str


def _number(value: Value) -> float:
    """The number that is answered, or that an option's id ends with, as in `pattern_4`."""
    return value if isinstance(value, float) else float(str(value).rpartition("_")[2])


def _gleason_sum(inputs: Sequence[Value]) -> Value:
    return _number(inputs[0]) + _number(inputs[1])


def _grade_group(inputs: Sequence[Value]) -> Value:
    primary, secondary = map(_number, inputs)
    total = primary + secondary
    if total <= 6:
        return "group_1"
    if total == 7:
        return "group_2" if primary == 3 else "group_3"
    return "group_4" if total == 8 else "group_5"


def _nottingham_sum(inputs: Sequence[Value]) -> Value:
    return sum(map(_number, inputs))


def _nottingham_grade(inputs: Sequence[Value]) -> Value:
    total = sum(map(_number, inputs))
    if total <= 5:
        return "grade_1"
    return "grade_2" if total <= 7 else "grade_3"


_OLGA = ((0, 1, 2, 2), (1, 1, 2, 3), (2, 2, 3, 4), (3, 3, 4, 4))
"""Rows: antrum with the incisura; columns: body; none, mild, moderate, severe."""


def _olga_stage(inputs: Sequence[Value]) -> Value:
    antrum, body = (int(_number(one)) for one in inputs)
    return f"stage_{_OLGA[antrum][body]}"


_WITHIN_THE_WALL = {"submucosa", "muscle"}


def _dukes_stage(inputs: Sequence[Value]) -> Value | None:
    depth, examined, positive = inputs
    if depth == "none" or not examined:
        return None
    if positive:
        return "stage_c"
    return "stage_a" if depth in _WITHIN_THE_WALL else "stage_b"


_IASLC_LOW = {"lepidic"}
_IASLC_MIDDLE = {"acinar", "papillary"}
_IASLC_HIGH_SHARE_PERCENT = 20.0


def _iaslc_grade(inputs: Sequence[Value]) -> Value | None:
    predominant, high_percent = inputs
    if not isinstance(high_percent, float):
        return None
    if high_percent >= _IASLC_HIGH_SHARE_PERCENT:
        return "grade_3"
    if predominant in _IASLC_LOW:
        return "grade_1"
    return "grade_2" if predominant in _IASLC_MIDDLE else None


RULES = {
    "gleason_sum": Rule(2, _gleason_sum, "Epstein et al., Am J Surg Pathol 2016;40:244"),
    "prostate_grade_group": Rule(2, _grade_group, "Epstein et al., Am J Surg Pathol 2016;40:244"),
    "nottingham_sum": Rule(3, _nottingham_sum, "Elston and Ellis, Histopathology 1991;19:403"),
    "nottingham_grade": Rule(3, _nottingham_grade, "Elston and Ellis, Histopathology 1991;19:403"),
    "olga_stage": Rule(2, _olga_stage, "Rugge et al., Gut 2007;56:631"),
    "dukes_stage": Rule(3, _dukes_stage, "Dukes, J Pathol Bacteriol 1932;35:323"),
    "iaslc_grade": Rule(2, _iaslc_grade, "Moreira et al., J Thorac Oncol 2020;15:1599"),
}
