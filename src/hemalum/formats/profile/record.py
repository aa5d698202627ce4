"""What is known of a slide in the one published form, as values, as canonical JSON and as a JSON Schema."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hemalum.formats.profile.terms import Code
from hemalum.kernel.errors import Invalid
from hemalum.kernel.typed import typed

VERSION = "1.0"
"""Of the profile. A record of another version is not read as if it were of this one."""
SCHEMA_ID = "urn:hemalum:metadata-profile:1.0"
MOST_BYTES = 1 << 20

Line = Annotated[str, Meta(max_length=500)]
Positive = Annotated[float, Meta(gt=0)]


class BadRecord(Invalid):
    """These bytes are no record of the profile. The sentence says where it goes wrong."""

    code = "bad-record"


@dataclass(frozen=True, slots=True)
class Concept:
    """A coded element: its codes, or where nobody knows those what was written."""

    codes: tuple[Code, ...] = ()
    said: Line = ""
    """What was written; empty in a record whose codes are known."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """What lies on the glass (DICOM PS3.3 C.7.6.22)."""

    identifier: Line = ""
    site: Concept | None = None
    laterality: Concept | None = None
    collection: Concept | None = None
    fixative: Concept | None = None
    embedding: Concept | None = None
    thickness_um: Positive | None = None
    """Of the section."""
    stain: Concept | None = None
    """Its codes are the substances and antibodies used."""


@dataclass(frozen=True, slots=True)
class Scan:
    """How it was scanned (DICOM PS3.3 C.8.12)."""

    spacing_um: tuple[Positive, Positive] | None = None
    """um per pixel, across and down."""
    spacing_source: Literal["file", "unverified", "person"] | None = None
    """Whether the file states it in a field whose meaning is known, in another one, or a person does."""
    objective_power: Positive | None = None
    vendor: Line = ""
    scanner_model: Line = ""
    focus_method: Literal["auto", "manual"] | None = None
    colour_profile_sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Of the ICC profile of the file; empty where it has none."""
    acquired_at: Line = ""
    """ISO 8601 with the offset from UTC."""


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where it was made."""

    name: Line = ""


@dataclass(frozen=True, slots=True)
class History:
    """What whoever asked for the examination knew. Personal."""

    text: Annotated[str, Meta(max_length=20_000)] = ""
    language: Annotated[str, Meta(pattern="^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")] = ""
    """BCP 47, such as zh or en."""
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All that the profile tells of one slide."""

    specimen: Specimen = Specimen()
    scan: Scan = Scan()
    laboratory: Laboratory = Laboratory()
    history: History | None = None
    """None where it is not known, or not for whoever gets the record."""
    diagnoses: tuple[Code, ...] = ()
    profile: Literal["1.0"] = "1.0"


def to_json(record: Record) -> bytes:
    """The record as canonical JSON: sorted names, UTF-8, nothing empty. Equal records give equal bytes."""
    return msgspec.json.encode(_without_empty(msgspec.to_builtins(record)), order="sorted")


def from_json(content: bytes) -> Record:
    """The record that these bytes are.

    Raises:
        BadRecord: they are none: too long, no JSON, an unknown or wrong element, another version.
    """
    if len(content) > MOST_BYTES:
        raise BadRecord("A record has at most {most} bytes.", most=MOST_BYTES)
    try:
        plain = msgspec.json.decode(content)
        if isinstance(plain, dict) and plain.get("profile") != VERSION:
            raise BadRecord("This is no record of version {version} of the profile.", version=VERSION)
        record = typed(plain, Record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("This is no record of the profile: {complaint}", complaint=str(error)) from error
    unknown = find_unknown(plain, record)
    if unknown is not None:
        raise BadRecord("The profile has no element {pointer}.", pointer=unknown)
    return record


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record, as it is published."""
    (root,), parts = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    del root
    for part in parts.values():
        part["additionalProperties"] = False
    parts["Record"]["required"] = ["profile"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "$ref": "#/$defs/Record",
        "$defs": parts,
    }


def _without_empty(plain: Any) -> Any:
    if isinstance(plain, dict):
        kept = {name: _without_empty(value) for name, value in plain.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", {}, [], ())}
    if isinstance(plain, list | tuple):
        return [_without_empty(each) for each in plain]
    return plain


def find_unknown(plain: Any, value: Any, pointer: str = "") -> str | None:
    """Where `plain` has an element that `value`, dataclasses read from it, has not; below `pointer`."""
    if isinstance(plain, dict) and is_dataclass(value):
        names = {each.name for each in fields(value)}
        for name, inner in plain.items():
            here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in names:
                return here
            found = find_unknown(inner, getattr(value, name), here)
            if found is not None:
                return found
    elif isinstance(plain, list) and isinstance(value, tuple):
        for number, (inner, each) in enumerate(zip(plain, value, strict=True)):
            found = find_unknown(inner, each, f"{pointer}/{number}")
            if found is not None:
                return found
    return None
