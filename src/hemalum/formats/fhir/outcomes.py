"""What is wrong with a resource, as FHIR says it (OperationOutcome, R4 section 2.43)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hemalum.formats.fhir.values import Resource
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.sentence import Sentence

_SYSTEM = "urn:hemalum:problem"
_MOST_ISSUES = 50


class Fault(StrEnum):
    """Kinds of issues (value set issue-type) that are used here."""

    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    CODE_INVALID = "code-invalid"
    NOT_SUPPORTED = "not-supported"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, and where."""

    fault: Fault
    expression: str
    """A FHIRPath expression, such as `DiagnosticReport.result[0]`; empty for all of it."""
    sentence: Sentence


class BadResource(Invalid):
    """A resource does not say what it has to, or says what cannot be. Its issues say where."""

    code = "bad-resource"
    issues: Sequence[Issue] = ()

    @classmethod
    def because(cls, issues: Iterable[Issue]) -> "BadResource":
        """The error of these issues; its sentence is that of the first."""
        found = tuple(issues)
        error = cls.saying(found[0].sentence)
        error.issues = found
        return error


_TYPES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    428: "required",
    429: "throttled",
    501: "not-supported",
    507: "no-store",
}
"""The issue-type of an answer with this status."""


def outcome_of(error: HemalumError) -> Resource:
    """An error as OperationOutcome."""
    if isinstance(error, BadResource) and error.issues:
        return _outcome([_issue(each) for each in error.issues[:_MOST_ISSUES]])
    said = {
        "severity": "error",
        "code": _TYPES.get(error.status, "exception"),
        "details": {"coding": [{"system": _SYSTEM, "code": error.code}], "text": str(error)},
        "diagnostics": str(error),
    }
    return _outcome([said])


def _outcome(issues: list[Resource]) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(issue: Issue) -> Resource:
    said: Resource = {
        "severity": "error",
        "code": issue.fault.value,
        "details": {"text": str(issue.sentence)},
        "diagnostics": str(issue.sentence),
    }
    return said | ({"expression": [issue.expression]} if issue.expression else {})
