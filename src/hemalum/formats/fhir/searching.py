"""What a search looks for (FHIR R4, Search, 3.1.1), and whether a resource is it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from hemalum.formats.fhir.checks import walk
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.sentence import Sentence

MOST_COUNT = 200
USUAL_COUNT = 50
_MOST_VALUES = 200
_DATE = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:.+)?)?)?")
_MINUTES = len("T08:00")
_PLAIN = frozenset({"_format", "_pretty", "_total", "purpose"})
"""Say how to answer, or why somebody asks, and narrow nothing."""


class Kind(StrEnum):
    """Types of search parameters (3.1.1.4)."""

    TOKEN = "token"  # noqa: S105 - a type, no secret
    REFERENCE = "reference"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a type is searched by, and where it stands."""

    kind: Kind
    paths: tuple[str, ...]
    targets: tuple[str, ...] = ()
    """Types that a reference without one may mean."""


def _token(*paths: str) -> Parameter:
    return Parameter(Kind.TOKEN, paths)


def _date(*paths: str) -> Parameter:
    return Parameter(Kind.DATE, paths)


def _refers(*paths: str, to: str) -> Parameter:
    return Parameter(Kind.REFERENCE, paths, tuple(to.split()))


_OF_ALL = {"_id": _token("id"), "_lastUpdated": _date("meta.lastUpdated")}
_SUBJECT = {"patient": _refers("subject", to="Patient"), "subject": _refers("subject", to="Patient")}
_IDENTIFIER = {"identifier": _token("identifier")}
_STATUS = {"status": _token("status")}
_BASED_ON = {"based-on": _refers("basedOn", to="ServiceRequest")}

PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "Patient": _OF_ALL | _IDENTIFIER,
    "ServiceRequest": _OF_ALL
    | _SUBJECT
    | _IDENTIFIER
    | _STATUS
    | {
        "authored": _date("authoredOn"),
        "priority": _token("priority"),
        "specimen": _refers("specimen", to="Specimen"),
    },
    "Specimen": _OF_ALL
    | _SUBJECT
    | _STATUS
    | {
        "identifier": _token("identifier"),
        "accession": _token("accessionIdentifier"),
        "parent": _refers("parent", to="Specimen"),
        "type": _token("type"),
    },
    "Task": _OF_ALL
    | _IDENTIFIER
    | _STATUS
    | {
        "patient": _refers("for", to="Patient"),
        "subject": _refers("for", to="Patient"),
        "business-status": _token("businessStatus"),
        "priority": _token("priority"),
        "authored-on": _date("authoredOn"),
        "modified": _date("lastModified"),
        "focus": _refers("focus", to="ServiceRequest"),
        **_BASED_ON,
    },
    "ImagingStudy": _OF_ALL
    | _SUBJECT
    | _IDENTIFIER
    | _STATUS
    | {
        "basedon": _refers("basedOn", to="ServiceRequest"),
        "started": _date("started"),
        "modality": _token("series.modality"),
        "series": _token("series.uid"),
    },
    "DiagnosticReport": _OF_ALL
    | _SUBJECT
    | _IDENTIFIER
    | _STATUS
    | _BASED_ON
    | {
        "code": _token("code"),
        "category": _token("category"),
        "issued": _date("issued"),
        "result": _refers("result", to="Observation"),
        "specimen": _refers("specimen", to="Specimen"),
    },
    "Observation": _OF_ALL
    | _SUBJECT
    | _STATUS
    | _BASED_ON
    | {"code": _token("code"), "date": _date("effectiveDateTime", "issued")},
    "DocumentReference": _OF_ALL
    | _SUBJECT
    | _IDENTIFIER
    | _STATUS
    | {
        "type": _token("type"),
        "date": _date("date"),
        "related": _refers("context.related", to="DiagnosticReport"),
    },
    "Provenance": _OF_ALL
    | {
        "target": _refers("target", to="DiagnosticReport DocumentReference"),
        "recorded": _date("recorded"),
    },
}
INCLUDED: Mapping[str, frozenset[str]] = {
    kind: frozenset(name for name, one in parameters.items() if one.kind is Kind.REFERENCE)
    for kind, parameters in PARAMETERS.items()
}
"""By which references of a type what it refers to may come along."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter with its values, of which one has to fit."""

    name: str
    parameter: Parameter
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, and how much of it is answered at once."""

    kind: str
    conditions: tuple[Condition, ...] = ()
    includes: tuple[str, ...] = ()
    """Names of reference parameters."""
    count: int = USUAL_COUNT

    def values_of(self, name: str) -> tuple[str, ...] | None:
        """The values of a parameter that is stated once; None where it is not, or several have to hold."""
        stated = [one.values for one in self.conditions if one.name == name]
        return stated[0] if len(stated) == 1 else None

    def since(self, *names: str) -> datetime | None:
        """Before which moment nothing is that fits the conditions of these names."""
        bounds = []
        for one in self.conditions:
            stated = [_bounds(value)[0] for value in one.values] if one.name in names else [None]
            known = [each for each in stated if each is not None]
            bounds += [min(known)] if len(known) == len(stated) else []
        return max(bounds, default=None)


def parse_query(kind: str, stated: Iterable[tuple[str, str]]) -> Query:
    """A search for resources of a type.

    Raises:
        BadResource: a parameter is not known here, or cannot be meant. What would be left out of account
            is refused: an answer with more than was asked for may be somebody else's.
    """
    known = PARAMETERS[kind]
    conditions, includes, count = [], [], USUAL_COUNT
    for name, value in stated:
        if name in _PLAIN:
            continue
        if name == "_count":
            count = _count(value)
        elif name == "_include":
            includes.append(_include(kind, value))
        elif name not in known:
            said = Sentence(
                "{kind} is not searched by {name} here; by {known}.",
                {"kind": kind, "name": name, "known": ", ".join(known)},
            )
            raise _bad(name, said, Fault.NOT_SUPPORTED)
        else:
            conditions.append(_condition(name, known[name], value))
    return Query(kind, tuple(conditions), tuple(includes), count)


def matches(resource: Resource, conditions: Sequence[Condition]) -> bool:
    """Whether a resource fulfils them all."""
    return all(_fits(resource, one) for one in conditions)


def token_of(value: str) -> tuple[str | None, str]:
    """System, None for any, and code of a token (3.1.1.4.9)."""
    *system, code = _split(value, "|")
    return (_plain("|".join(system)) if system else None), _plain(code)


def id_of(value: str, kinds: Sequence[str]) -> str:
    """The id in the value of a reference parameter; empty where it names another type."""
    parts = value.split("/")
    if len(parts) == 1:
        return value
    return parts[-1] if parts[-2] in kinds else ""


# Parts --------------------------------------------------------------------------------------------------


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > len("999999"):
        raise _bad("_count", Sentence("A count must be a whole number."))
    return max(1, min(int(value), MOST_COUNT))


def _include(kind: str, value: str) -> str:
    parts = value.split(":")
    if len(parts) < 2 or parts[0] != kind or parts[1] not in INCLUDED[kind]:
        said = Sentence("{value} cannot be included here.", {"value": value})
        raise _bad("_include", said, Fault.NOT_SUPPORTED)
    return parts[1]


def _condition(name: str, parameter: Parameter, value: str) -> Condition:
    values = tuple(one.strip() for one in _split(value, ","))
    if not all(values) or len(values) > _MOST_VALUES:
        said = Sentence("{name} takes 1 to {most} values.", {"name": name, "most": _MOST_VALUES})
        raise _bad(name, said)
    if parameter.kind is Kind.DATE:
        for one in values:
            _bounds(one)
    return Condition(name, parameter, values)


def _split(value: str, mark: str) -> list[str]:
    """The parts between marks that no backslash goes before (3.1.1.4), still escaped."""
    parts = [""]
    characters = iter(value)
    for one in characters:
        if one == mark:
            parts.append("")
        else:
            parts[-1] += one + (next(characters, "") if one == "\\" else "")
    return parts


def _plain(value: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", value)


def _bad(name: str, said: Sentence, fault: Fault = Fault.VALUE) -> BadResource:
    error = BadResource.because([Issue(fault, name, said)])
    error.status = 400
    return error


def _fits(resource: Resource, condition: Condition) -> bool:
    found = [value for path in condition.parameter.paths for _, value in walk(resource, "", path)]
    match condition.parameter.kind:
        case Kind.TOKEN:
            return any(_is_token(each, value) for each in found for value in condition.values)
        case Kind.REFERENCE:
            kinds = condition.parameter.targets
            return any(_refers_to(each, value, kinds) for each in found for value in condition.values)
        case Kind.DATE:
            return any(_is_within(each, value) for each in found for value in condition.values)


def _is_token(found: Any, value: str) -> bool:
    system, code = token_of(value)
    if isinstance(found, str):
        return not system and found == code
    if "coding" in found or "text" in found:
        return any(_is_token(one, value) for one in found.get("coding", [])) or (
            system is None and found.get("text") == code
        )
    said = found.get("value", found.get("code"))
    return (system is None or found.get("system", "") == system) and (
        said == code or (not code and bool(system))
    )


def _refers_to(found: Any, value: str, kinds: Sequence[str]) -> bool:
    target = str(found.get("reference", "")).partition("/_history/")[0]
    if "/" in value:
        return target == "/".join(value.partition("/_history/")[0].split("/")[-2:])
    return any(target == f"{kind}/{value}" for kind in kinds)


def _is_within(found: Any, value: str) -> bool:
    since, until = _bounds(value)
    at = datetime.fromisoformat(found)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (since is None or at >= since) and (until is None or at < until)


def _bounds(value: str) -> tuple[datetime | None, datetime | None]:
    """From when on, and until before when (3.1.1.4.7)."""
    matched = _DATE.fullmatch(value)
    try:
        if matched is None:
            raise ValueError(value)
        prefix, year, month, day_of_month, time = matched.groups()
        begin = datetime.fromisoformat(f"{year}-{month or '01'}-{day_of_month or '01'}{time or ''}")
        begin = (begin if begin.tzinfo else begin.replace(tzinfo=UTC)).astimezone(UTC)
        end = _end(begin, month, day_of_month, time)
    except (ValueError, OverflowError) as error:
        raise _bad("date", Sentence("Write a date as ge2026-01-31 or 2026-01-31T08:00:00Z.")) from error
    match prefix:
        case "ge":
            return begin, None
        case "gt" | "sa":
            return end, None
        case "le":
            return None, end
        case "lt" | "eb":
            return None, begin
    return begin, end


def _end(begin: datetime, month: str | None, day_of_month: str | None, time: str | None) -> datetime:
    """The end of the second, minute, day, month or year that a date means."""
    if time is not None:
        if time.count(":", 0, _MINUTES) == 1 and time[_MINUTES : _MINUTES + 1] != ":":
            return begin + timedelta(minutes=1)
        is_to_the_second = "." not in time
        return begin + (timedelta(seconds=1) if is_to_the_second else timedelta(milliseconds=1))
    if day_of_month is not None:
        return begin + timedelta(days=1)
    if month is not None:
        return (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
    return begin.replace(year=begin.year + 1)
