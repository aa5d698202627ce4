"""Kinds of resources, what their ids are made of, and systems of our own codes. No I/O."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from hemalum.formats.fhir.values import Resource, instant
from hemalum.kernel.errors import Conflict, HemalumError
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

CASE_NUMBER = "urn:hemalum:case"
LABEL = "urn:hemalum:label"
"""System of what stands on the labels of parts, blocks and slides."""
PERSON = "urn:hemalum:person"
ORGANISATION = "urn:hemalum:organisation"
MODEL = "urn:hemalum:model"
DIGEST = "urn:hemalum:report-sha256"
STAGE = "urn:hemalum:stage"
STATUS = "urn:hemalum:case-status"
MATERIAL = "urn:hemalum:material"
SUPPORT = "urn:hemalum:support"


class Kind(StrEnum):
    """Types of resources that are read and searched here."""

    PATIENT = "Patient"
    SERVICE_REQUEST = "ServiceRequest"
    SPECIMEN = "Specimen"
    TASK = "Task"
    IMAGING_STUDY = "ImagingStudy"
    DIAGNOSTIC_REPORT = "DiagnosticReport"
    OBSERVATION = "Observation"
    DOCUMENT_REFERENCE = "DocumentReference"
    PROVENANCE = "Provenance"


CREATED = (Kind.PATIENT, Kind.SERVICE_REQUEST)
"""What can be created by itself; a Specimen comes with its order."""
OF_REPORTS = frozenset({Kind.DIAGNOSTIC_REPORT, Kind.OBSERVATION, Kind.DOCUMENT_REFERENCE, Kind.PROVENANCE})


class Gone(HemalumError):
    """There was such a resource, and it was erased."""

    status = 410
    code = "gone"


class SeveralFound(Conflict):
    """A conditional create fits several resources."""

    status = 412
    code = "several-found"


class VersionNeeded(HemalumError):
    """A resource is changed only by whoever says which version they know."""

    status = 428
    code = "version-needed"


class ChangedSince(Conflict):
    """A resource is not any more what somebody knows of it."""

    status = 412
    code = "changed-since"


class ExportState(StrEnum):
    """Where an export in bulk is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExportPart:
    """A file of an export: one resource a line."""

    kind: str
    key: str
    """Of its blob."""
    count: int


@dataclass(frozen=True, slots=True)
class Export:
    """All resources of some kinds, for somebody who asked for them."""

    id: str
    organisation_id: OrganisationId
    person_id: PersonId
    permissions: frozenset[str]
    """What whoever asked could do then, by the token that they came with."""
    kinds: tuple[Kind, ...]
    is_of_patients: bool
    """Only what is about a patient."""
    since: datetime | None
    request: str
    """The address that was asked."""
    begun_at: datetime
    state: ExportState = ExportState.RUNNING
    parts: tuple[ExportPart, ...] = ()
    failure: Sentence | None = None
    ended_at: datetime | None = None


class SubscriptionState(StrEnum):
    """Whether somebody is told (value set subscription-status)."""

    ACTIVE = "active"
    ERROR = "error"
    """The last time nobody answered."""
    OFF = "off"
    """Nobody answered so often that nobody is told any more."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Of what somebody is told, and where: kept sealed."""

    criteria: str
    reason: str
    endpoint: str
    payload: str
    """A media type, for the resource itself; empty for nothing but that something happened."""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """That another system is told when something is signed or ordered."""

    id: str
    organisation_id: OrganisationId
    person_id: PersonId
    permissions: frozenset[str]
    """What whoever made it could do then, by the token that they came with."""
    kind: Kind
    channel: Channel
    made_at: datetime
    ends_at: datetime | None = None
    state: SubscriptionState = SubscriptionState.ACTIVE
    failures: int = 0
    """So often nobody answered, since somebody did."""
    failure: Sentence | None = None


def key_of(*parts: str) -> str:
    """A short name for something that cannot stand in an id itself."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def finish(resource: Resource, at: Any, version: str = "") -> Resource:
    """A resource with its version: what it says, so that a version never means two things."""
    digest = hashlib.sha256(msgspec.json.encode(resource, order="sorted")).hexdigest()[:16]
    version_id = f"{version}-{digest}" if version else digest
    return resource | {"meta": {"versionId": version_id, "lastUpdated": instant(at)}}
