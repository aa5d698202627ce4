"""What must be known of a scan: a typed record, where each value comes from, and what is wrong with it.

Values come from the vendor's tags, or from a person who states them. What a person states is kept with who
and when, and earlier values stay as history. Nothing is guessed: a physical scale that nobody stated is
missing.

Sources: elements after DICOM PS3.3 C.8.12 (whole slide microscopy), A.32.8 and the specimen module C.7.6.22,
and after REMBI (Sarkans et al., Nature Methods 2021).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hemalum.capabilities.slides.model import Element, Finding, Problem, Statement
from hemalum.formats.profile.record import Concept
from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import SpacingUm
from hemalum.kernel.sentence import Sentence

PERSON = "person"
"""The source of an element that somebody stated."""

SPACING_RANGE_UM = (0.05, 10.0)
"""Light microscopes resolve about 0.2 um; scanners sample from about 0.1 um/px to macro views."""

_SCALE_RANGE_UM = (4.0, 16.0)
"""Objective power times um/px. It is near 10 for most scanners (40x, 0.25), down to 4.6 for cameras with
small pixels or an extra lens; outside of this one of the two is wrong."""

_MAX_GLASS_MM = 110.0
"""Longer side of the largest slides in use (whole-mount, 102 mm) with some tolerance."""

_THICKNESS_RANGE_UM = (0.05, 500.0)
"""From ultrathin sections to thick slices of cleared tissue."""

_MAX_TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ElementRule:
    """One element of the record."""

    name: str
    title: Sentence
    required: bool


ELEMENTS = (
    ElementRule("specimen", Sentence("specimen"), True),
    ElementRule("organ", Sentence("organ"), True),
    ElementRule("stain", Sentence("stain"), True),
    ElementRule("laterality", Sentence("side"), False),
    ElementRule("collection", Sentence("collection procedure"), False),
    ElementRule("fixative", Sentence("fixative"), False),
    ElementRule("embedding", Sentence("embedding"), False),
    ElementRule("thickness_um", Sentence("section thickness"), False),
    ElementRule("laboratory", Sentence("laboratory"), True),
    ElementRule("vendor", Sentence("scanner maker"), False),
    ElementRule("scanner_model", Sentence("scanner model"), True),
    ElementRule("spacing_um", Sentence("physical scale"), True),
    ElementRule("objective_power", Sentence("objective"), False),
    ElementRule("focus_method", Sentence("focus method"), False),
    ElementRule("colour_profile", Sentence("colour profile"), False),
    ElementRule("acquired_at", Sentence("time of acquisition"), False),
)
"""The record, in the order it is shown."""

_RULES = {rule.name: rule for rule in ELEMENTS}
_PREPARATION = {"laterality", "collection", "fixative", "embedding"}
"""Codes in DICOM headers, words of a person."""
_TEXTS = {"specimen", "organ", "stain", "vendor", "scanner_model", "laboratory"} | _PREPARATION


def elements(file: SlideDescription, statements: Sequence[Statement]) -> tuple[Element, ...]:
    """The record of an image: what people stated last, else what the file says."""
    stated = current_statements(statements)
    record = []
    for rule in ELEMENTS:
        value, source = _file_value(file, rule.name)
        if rule.name in stated:
            value, source = stated[rule.name].value, PERSON
        record.append(Element(rule.name, value, source if value is not None else None, rule.required))
    return tuple(record)


def current_statements(statements: Iterable[Statement]) -> dict[str, Statement]:
    """The statements that hold: the last for each element, unless it was taken back."""
    last = {statement.element: statement for statement in statements}
    return {name: statement for name, statement in last.items() if statement.value is not None}


def as_served(
    file: SlideDescription, statements: Sequence[Statement], served: SlideDescription | None = None
) -> SlideDescription:
    """`served` (or the file's own description) with the record of this image put in."""
    stated = {name: one.value for name, one in current_statements(statements).items()}
    spacing = _spacing(stated["spacing_um"]) if "spacing_um" in stated else file.spacing_um
    return replace(
        served or file,
        spacing_um=spacing,
        scale_is_unverified=file.scale_is_unverified and "spacing_um" not in stated,
        specimen=stated.get("specimen", file.specimen),
        organ=stated.get("organ", file.organ),
        stain=stated.get("stain", file.stain),
        vendor=stated.get("vendor", file.vendor),
        scanner_model=stated.get("scanner_model", file.scanner_model),
        objective_power=stated.get("objective_power", file.objective_power),
        acquired_at=stated.get("acquired_at", file.acquired_at),
        focus_method=stated.get("focus_method", file.focus_method),
        laboratory=stated.get("laboratory", file.laboratory),
    )


def check_statement(element: str, value: Any, now: datetime) -> Any:
    """The value in the form it is kept, or None, which takes a stated value back.

    Raises:
        Invalid: there is no such element, a person cannot state it, or the value cannot be true.
    """
    if element not in _RULES or element == "colour_profile":
        raise Invalid("{element} is not an element that can be stated.", element=element)
    if value is None:
        return None
    if element == "spacing_um":
        return _checked_spacing(value)
    if element == "objective_power":
        return _checked_number(value, Sentence("The objective"), 0.5, 200)
    if element == "thickness_um":
        return _checked_number(value, Sentence("The section thickness in um"), *_THICKNESS_RANGE_UM)
    if element == "acquired_at":
        return _checked_time(value, now)
    if element == "focus_method":
        if value not in ("auto", "manual"):
            raise Invalid("The focus method is auto or manual.")
        return value
    assert element in _TEXTS
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT_LENGTH:
        raise Invalid(
            "The {element} must be text of at most {most} characters.",
            element=_RULES[element].title,
            most=_MAX_TEXT_LENGTH,
        )
    return value.strip()


def findings(file: SlideDescription, statements: Sequence[Statement], now: datetime) -> tuple[Finding, ...]:
    """What a person should look at: missing, contradictory and implausible elements, one sentence each."""
    described = as_served(file, statements)
    found = [Finding("file", Problem.CONTRADICTORY, warning) for warning in file.warnings]
    found.extend(_missing(file, statements))
    found.extend(_scale(described))
    found.extend(_times(described, now))
    found.extend(_against_the_file(file, statements))
    return tuple(found)


def _missing(file: SlideDescription, statements: Sequence[Statement]) -> Iterable[Finding]:
    for element in elements(file, statements):
        if not element.required or element.value is not None:
            continue
        if element.name == "spacing_um":
            message = Sentence(
                "The file states no physical scale; nothing can be measured until a person states it."
            )
        else:
            message = Sentence("The {element} is not stated.", {"element": _RULES[element.name].title})
        yield Finding(element.name, Problem.MISSING, message)


def _scale(described: SlideDescription) -> Iterable[Finding]:
    spacing, power = described.spacing_um, described.objective_power
    if power is not None and not 0.5 <= power <= 200:
        yield Finding(
            "objective_power",
            Problem.IMPLAUSIBLE,
            Sentence("No objective magnifies {power} times.", {"power": power}),
        )
    if spacing is None:
        return
    if described.scale_is_unverified:
        yield Finding(
            "spacing_um",
            Problem.UNVERIFIED,
            Sentence(
                "{x_um} µm/px in the file is not verified; nothing can be measured until a person states the"
                " scale.",
                {"x_um": spacing.x_um},
            ),
        )
    low, high = SPACING_RANGE_UM
    if not (low <= spacing.x_um <= high and low <= spacing.y_um <= high):
        yield Finding(
            "spacing_um",
            Problem.IMPLAUSIBLE,
            Sentence(
                "{x_um} µm/px is outside the {low_um} to {high_um} µm/px of slide scanners.",
                {"x_um": spacing.x_um, "low_um": low, "high_um": high},
            ),
        )
        return
    if not 0.9 <= spacing.x_um / spacing.y_um <= 1.1:
        yield Finding(
            "spacing_um",
            Problem.IMPLAUSIBLE,
            Sentence(
                "The scale differs between across ({x_um} µm/px) and down ({y_um} µm/px).",
                {"x_um": spacing.x_um, "y_um": spacing.y_um},
            ),
        )
    product = (power or 0) * (spacing.x_um + spacing.y_um) / 2
    if power is not None and not _SCALE_RANGE_UM[0] <= product <= _SCALE_RANGE_UM[1]:
        yield Finding(
            "spacing_um",
            Problem.CONTRADICTORY,
            Sentence(
                "{x_um} µm/px does not go with a {power}× objective, which gives about {usual_um} µm/px.",
                {"x_um": spacing.x_um, "power": power, "usual_um": 10 / power},
            ),
        )
    longer = max(described.size.width_px * spacing.x_um, described.size.height_px * spacing.y_um) / 1000
    if longer > _MAX_GLASS_MM:
        yield Finding(
            "spacing_um",
            Problem.IMPLAUSIBLE,
            Sentence(
                "At this scale the image would be {length_mm} mm long, more than any slide.",
                {"length_mm": round(longer)},
            ),
        )


def _times(described: SlideDescription, now: datetime) -> Iterable[Finding]:
    if described.acquired_at is None:
        return
    moment = _parsed_time(described.acquired_at)
    if moment is None:
        yield Finding(
            "acquired_at",
            Problem.IMPLAUSIBLE,
            Sentence("“{time}” is not a time.", {"time": described.acquired_at}),
        )
    # A time without a zone may be up to 14 hours ahead of UTC.
    elif moment > now + timedelta(hours=14):
        yield Finding(
            "acquired_at",
            Problem.IMPLAUSIBLE,
            Sentence("The time of acquisition, {time}, lies in the future.", {"time": described.acquired_at}),
        )
    elif moment.year < 1990:
        yield Finding(
            "acquired_at",
            Problem.IMPLAUSIBLE,
            Sentence(
                "The time of acquisition, {time}, is older than slide scanners are.",
                {"time": described.acquired_at},
            ),
        )


def _against_the_file(file: SlideDescription, statements: Sequence[Statement]) -> Iterable[Finding]:
    stated = current_statements(statements)
    written = file.measurable_um
    if "spacing_um" in stated and written is not None:
        said = _spacing(stated["spacing_um"].value)
        if abs(said.x_um / written.x_um - 1) > 0.02 or abs(said.y_um / written.y_um - 1) > 0.02:
            yield Finding(
                "spacing_um",
                Problem.CONTRADICTORY,
                Sentence(
                    "A person stated {stated_um} µm/px, but the file says {written_um} µm/px.",
                    {"stated_um": said.x_um, "written_um": written.x_um},
                ),
            )
    if "objective_power" in stated and file.objective_power is not None:
        power = stated["objective_power"].value
        if power != file.objective_power:
            yield Finding(
                "objective_power",
                Problem.CONTRADICTORY,
                Sentence(
                    "A person stated a {stated}× objective, but the file says {written}×.",
                    {"stated": power, "written": file.objective_power},
                ),
            )


def _file_value(file: SlideDescription, name: str) -> tuple[Any, str | None]:
    if name == "spacing_um":
        spacing = file.spacing_um
        value: Any = None if spacing is None else _plain_spacing(spacing)
    elif name == "colour_profile":
        value = None if file.icc_profile is None else f"ICC profile, {len(file.icc_profile)} bytes"
        return value, file.sources.get("icc_profile", "ICC profile")
    elif name == "thickness_um":
        value = None if file.coded is None else file.coded.thickness_um
    elif name in _PREPARATION:
        concept: Concept | None = None if file.coded is None else getattr(file.coded, name)
        value = None if concept is None else ", ".join(code.meaning for code in concept.codes)
    else:
        value = getattr(file, name)
    return value, file.sources.get(name, file.format)


def _spacing(value: float | str) -> SpacingUm:
    """The scale from the form in which it is kept: a number, or two with an x between them."""
    if isinstance(value, str):
        across, _, down = value.partition("x")
        return SpacingUm(float(across), float(down))
    return SpacingUm(float(value), float(value))


def _plain_spacing(spacing: SpacingUm) -> float | str:
    if spacing.x_um == spacing.y_um:
        return spacing.x_um
    return f"{spacing.x_um!r} x {spacing.y_um!r}"


def _checked_spacing(value: Any) -> float | str:
    """A number of um/px, text as "0.25 x 0.26", or a map of x and y."""
    if isinstance(value, dict) and set(value) == {"x", "y"}:
        across, down = value["x"], value["y"]
    elif isinstance(value, str):
        try:
            across, down = (float(part) for part in value.split("x"))
        except ValueError as error:
            raise Invalid("The physical scale is a number of um/px, or two as in 0.25 x 0.26.") from error
    else:
        across = down = value
    low, high = SPACING_RANGE_UM
    title = Sentence("The physical scale in um/px")
    return _plain_spacing(
        SpacingUm(_checked_number(across, title, low, high), _checked_number(down, title, low, high))
    )


def _checked_number(value: Any, title: Sentence, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid("{title} must be a number.", title=title)
    if not low <= value <= high:
        raise Invalid("{title} must lie between {low} and {high}.", title=title, low=low, high=high)
    return float(value)


def _checked_time(value: Any, now: datetime) -> str:
    moment = _parsed_time(value) if isinstance(value, str) else None
    if moment is None:
        raise Invalid("The time of acquisition must be a date and time as in 2026-05-31T14:30:00.")
    if moment > now + timedelta(hours=14):
        raise Invalid("The time of acquisition lies in the future.")
    return str(value)


def _parsed_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
