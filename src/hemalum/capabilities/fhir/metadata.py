"""What this node says that it can do (CapabilityStatement, R4 5.2)."""

from hemalum.capabilities.fhir.model import CREATED, Kind
from hemalum.formats.fhir.searching import INCLUDED, PARAMETERS
from hemalum.formats.fhir.values import MEDIA_TYPE, VERSION, Resource, concept

_PUBLISHED = "2026-11-28"
"""When this last changed; a statement has a date."""


def capability_statement(base: str, version: str) -> Resource:
    """The statement of the node at this address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED,
        "kind": "instance",
        "software": {"name": "Hemalum", "version": version},
        "implementation": {"description": "Pathology cases, images and reports", "url": f"{base}/fhir/R4"},
        "fhirVersion": VERSION,
        "format": [MEDIA_TYPE],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": True,
                    "service": [concept("Bearer token")],
                    "description": "A token of a person or of a service account, as Authorization: Bearer.",
                },
                "resource": [_resource(kind) for kind in Kind] + [_binary()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _resource(kind: Kind) -> Resource:
    interactions = ["read", "vread", "history-instance", "search-type"]
    stated: Resource = {
        "type": kind.value,
        "versioning": "versioned",
        "readHistory": kind in (Kind.DIAGNOSTIC_REPORT, Kind.OBSERVATION),
        "searchInclude": [f"{kind.value}:{name}" for name in sorted(INCLUDED[kind.value])],
        "searchParam": [
            {"name": name, "type": one.kind.value} for name, one in PARAMETERS[kind.value].items()
        ],
    }
    if not stated["searchInclude"]:
        del stated["searchInclude"]
    if kind in CREATED:
        interactions.append("create")
        stated["conditionalCreate"] = True
    return stated | {"interaction": [{"code": one} for one in interactions]}


def _binary() -> Resource:
    return {"type": "Binary", "interaction": [{"code": "read"}]}
