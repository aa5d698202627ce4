"""What is wrong with a resource: elements, codes, references and rules that depend on several of them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from hemalum.formats.fhir.definitions import DEFINITIONS, OF_EVERY_RESOURCE, Definition
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.values import LOINC, Resource
from hemalum.kernel.sentence import Sentence

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LOINC = re.compile(r"\d{1,7}-\d")
_UID = re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATES = {"birthDate"}
_TIMES = {
    "authoredOn",
    "receivedTime",
    "lastModified",
    "started",
    "date",
    "effectiveDateTime",
    "occurredDateTime",
}
_INSTANTS = {"issued", "recorded", "effectiveInstant", "end"}
_LISTS = {"contained", "extension", "modifierExtension"}
"""Of every resource."""
_SIGNED = {"final", "amended", "corrected", "appended"}
_MOST_DEPTH = 40

type Found = Iterator[Issue]


def check(resource: Any) -> list[Issue]:
    """All that is wrong with a resource of one of the types in `DEFINITIONS`."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    definition = DEFINITIONS.get(kind) if isinstance(kind, str) else None
    if definition is None:
        said = Sentence(
            "A resource of one of these types is expected: {kinds}.", {"kinds": ", ".join(DEFINITIONS)}
        )
        return [Issue(Fault.STRUCTURE, "Resource", said)]
    assert isinstance(kind, str)
    shape = [*_check_shape(resource, kind, definition)]
    if shape:
        # What is of another shape than it should be cannot be looked into.
        return shape
    return [
        *_check_required(resource, kind, definition),
        *_check_codes(resource, kind, definition),
        *_check_references(resource, kind, definition),
        *_check_times(resource, kind),
        *_check_codings(resource, kind),
        *_check_rules(resource, kind),
    ]


def require_sound(resource: Any) -> None:
    """Raise BadResource where something is wrong."""
    issues = check(resource)
    if issues:
        raise BadResource.because(issues)


def is_loinc(code: str) -> bool:
    """Whether this can be a LOINC code: its shape and check digit (Mod 10, LOINC Users' Guide, app. C)."""
    if not _LOINC.fullmatch(code):
        return False
    digits, _, stated = code.partition("-")
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return (10 - total % 10) % 10 == int(stated)


# Elements -----------------------------------------------------------------------------------------------


def _check_shape(resource: Resource, kind: str, definition: Definition) -> Found:
    for name, value in resource.items():
        where = f"{kind}.{name}"
        bare = name.removeprefix("_")
        if bare not in definition.elements | OF_EVERY_RESOURCE:
            said = Sentence("{kind} has no element {name}.", {"kind": kind, "name": name})
            yield Issue(Fault.STRUCTURE, where, said)
        elif value in (None, "", [], {}):
            yield Issue(Fault.STRUCTURE, where, Sentence("{where} is empty.", {"where": where}))
        elif name in definition.lists | _LISTS and not isinstance(value, list):
            yield Issue(Fault.STRUCTURE, where, Sentence("{where} must be a list.", {"where": where}))
        elif isinstance(value, list) and bare not in definition.lists | _LISTS:
            yield Issue(Fault.STRUCTURE, where, Sentence("{where} must not be a list.", {"where": where}))
    yield from _check_depth(resource, kind, 0)
    if isinstance(resource.get("id", ""), str) and "id" in resource and not _ID.fullmatch(resource["id"]):
        yield Issue(Fault.VALUE, f"{kind}.id", Sentence("This is not a valid id."))
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        name = "modifierExtension" if resource.get("modifierExtension") else "implicitRules"
        said = Sentence(
            "{where} changes what the rest means, and is not understood here.", {"where": f"{kind}.{name}"}
        )
        yield Issue(Fault.NOT_SUPPORTED, f"{kind}.{name}", said)
    for choice in definition.choices:
        stated = [one for one in resource if _is_choice(one, choice) and one in definition.elements]
        if len(stated) > 1:
            said = Sentence("Only one of {names} may be there.", {"names": ", ".join(stated)})
            yield Issue(Fault.STRUCTURE, f"{kind}.{choice}", said)


def _check_depth(value: Any, where: str, depth: int) -> Found:
    if depth > _MOST_DEPTH:
        yield Issue(Fault.STRUCTURE, where.partition(".")[0], Sentence("The resource is nested too deeply."))
        return
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _check_depth(item, where, depth + 1)


def _is_choice(name: str, choice: str) -> bool:
    return name.startswith(choice) and name[len(choice) : len(choice) + 1].isupper()


def _check_required(resource: Resource, kind: str, definition: Definition) -> Found:
    for path in definition.required:
        holder, _, name = path.rpartition(".")
        for where, held in walk(resource, kind, holder):
            if not isinstance(held, dict) or (name not in held and f"_{name}" not in held):
                place = f"{where}.{name}"
                yield Issue(Fault.REQUIRED, place, Sentence("{where} is missing.", {"where": place}))


def _check_codes(resource: Resource, kind: str, definition: Definition) -> Found:
    for path, known in definition.codes.items():
        for where, code in walk(resource, kind, path):
            if not isinstance(code, str) or code not in known:
                said = Sentence(
                    "{where} must be one of {codes}.", {"where": where, "codes": ", ".join(sorted(known))}
                )
                yield Issue(Fault.CODE_INVALID, where, said)


def _check_references(resource: Resource, kind: str, definition: Definition) -> Found:
    contained = {
        one["id"]: one.get("resourceType")
        for one in resource.get("contained", [])
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    }
    for path, kinds in definition.targets.items():
        for where, made in walk(resource, kind, path):
            yield from _check_reference(made, where, kinds, contained)


def _check_reference(made: Any, where: str, kinds: frozenset[str], contained: dict[str, Any]) -> Found:
    if not isinstance(made, dict) or not made.keys() & {"reference", "identifier", "display", "extension"}:
        yield Issue(Fault.STRUCTURE, where, Sentence("{where} refers to nothing.", {"where": where}))
        return
    target = made.get("reference", "")
    if not isinstance(target, str):
        yield Issue(
            Fault.STRUCTURE, f"{where}.reference", Sentence("{where} refers to nothing.", {"where": where})
        )
        return
    # What is no text is no type, so it is none of those allowed.
    named = {kind_of(target), _as_kind(made.get("type"))} - {None}
    if target.startswith("#"):
        if target[1:] not in contained:
            said = Sentence("{where} refers to a contained resource that is not there.", {"where": where})
            yield Issue(Fault.INVARIANT, f"{where}.reference", said)
            return
        named |= {_as_kind(contained[target[1:]])}
    if kinds and not named <= kinds:
        said = Sentence(
            "{where} must refer to one of {kinds}.", {"where": where, "kinds": ", ".join(sorted(kinds))}
        )
        yield Issue(Fault.VALUE, where, said)


def _as_kind(stated: Any) -> str | None:
    return stated if isinstance(stated, str | None) else ""


def kind_of(target: str) -> str | None:
    """The type that a reference names (2.3.0); None where it names none, as `urn:uuid:` and `#`."""
    if target.startswith(("urn:", "#")) or not target:
        return None
    parts = target.partition("?")[0].partition("#")[0].split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    return parts[-2] if len(parts) > 1 else ""


def _check_times(resource: Resource, kind: str) -> Found:
    for name, value in resource.items():
        where = f"{kind}.{name}"
        if name in _DATES and not _is_date(value):
            yield Issue(Fault.VALUE, where, Sentence("{where} is not a date.", {"where": where}))
        elif name in _INSTANTS and not _is_time(value):
            yield Issue(
                Fault.VALUE, where, Sentence("{where} is not a time with a time zone.", {"where": where})
            )
        elif name in _TIMES and not _is_date(value) and not _is_time(value):
            yield Issue(
                Fault.VALUE,
                where,
                Sentence("{where} is neither a date nor a time with a time zone.", {"where": where}),
            )


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < len("2026-01-01") else value)
    except ValueError:
        return False
    return True


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _check_codings(resource: Resource, kind: str) -> Found:
    for where, held in _every_object(resource, kind):
        code = held.get("code")
        if held.get("system") == LOINC and not (isinstance(code, str) and is_loinc(code)):
            yield Issue(
                Fault.CODE_INVALID,
                f"{where}.code",
                Sentence("{where} is not a LOINC code.", {"where": where}),
            )


def _every_object(value: Any, where: str) -> Iterator[tuple[str, Resource]]:
    if isinstance(value, dict):
        yield where, value
        for name, item in value.items():
            yield from _every_object(item, f"{where}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _every_object(item, f"{where}[{number}]")


# Rules --------------------------------------------------------------------------------------------------


def _check_rules(resource: Resource, kind: str) -> Found:
    """Those of single types, by the numbers that R4 gives them, and our own."""
    for number, one in enumerate(resource.get("identifier", [])):
        if not isinstance(one, dict) or not isinstance(one.get("value"), str) or not one["value"].strip():
            where = f"{kind}.identifier[{number}].value"
            yield Issue(Fault.REQUIRED, where, Sentence("{where} is missing.", {"where": where}))
    if kind == "DiagnosticReport" and str(resource.get("status")) in _SIGNED and "result" not in resource:
        said = Sentence("A final report must have results.")
        yield Issue(Fault.INVARIANT, "DiagnosticReport.result", said)
    if kind == "Observation":
        yield from _check_observation(resource)
    if kind == "ImagingStudy":
        for where, one in walk(resource, kind, "identifier"):
            is_uid = isinstance(one, dict) and one.get("system") == "urn:dicom:uid"
            if is_uid and not _UID.fullmatch(str(one.get("value"))):
                said = Sentence("{where} is not a DICOM UID.", {"where": f"{where}.value"})
                yield Issue(Fault.VALUE, f"{where}.value", said)


def _check_observation(resource: Resource) -> Found:
    has_value = any(_is_choice(name, "value") for name in resource)
    if has_value and "dataAbsentReason" in resource:
        # obs-6
        said = Sentence("An observation must have either a value or a reason why it has none.")
        yield Issue(Fault.INVARIANT, "Observation.dataAbsentReason", said)
    says = has_value or resource.keys() & {"dataAbsentReason", "component", "hasMember"}
    if str(resource.get("status")) in _SIGNED and not says:
        yield Issue(
            Fault.INVARIANT, "Observation.value", Sentence("An observation that is final says something.")
        )


def walk(value: Any, where: str, path: str) -> Iterator[tuple[str, Any]]:
    """Every value at a path, with the expression of where it is."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from walk(item, f"{where}[{number}]", path)
        return
    if not path:
        yield where, value
        return
    name, _, rest = path.partition(".")
    if isinstance(value, dict) and name in value:
        yield from walk(value[name], f"{where}.{name}", rest)
