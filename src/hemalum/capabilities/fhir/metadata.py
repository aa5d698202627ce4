"""What this node says that it can do (CapabilityStatement, R4 5.2)."""

from hemalum.capabilities.fhir.model import CREATED, Kind
from hemalum.formats.fhir.searching import INCLUDED, PARAMETERS
from hemalum.formats.fhir.values import MEDIA_TYPE, VERSION, Resource, coding, concept

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_BULK_DATA = "http://hl7.org/fhir/uv/bulkdata"
_PUBLISHED = "2026-11-29"
"""When this last changed; a statement has a date."""


def capability_statement(base: str, version: str) -> Resource:
    """The statement of the node at this address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED,
        "kind": "instance",
        "instantiates": [f"{_BULK_DATA}/CapabilityStatement/bulk-data"],
        "software": {"name": "Hemalum", "version": version},
        "implementation": {"description": "Pathology cases, images and reports", "url": f"{base}/fhir/R4"},
        "fhirVersion": VERSION,
        "format": [MEDIA_TYPE],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "extension": [_oauth(base)],
                    "cors": True,
                    "service": [concept("SMART-on-FHIR", coding(_SERVICES, "SMART-on-FHIR"))],
                    "description": "A token of an application (SMART App Launch 2.0), of a person or of a "
                    "service account, as Authorization: Bearer.",
                },
                "resource": [
                    *(_resource(kind) for kind in Kind),
                    _plain("Subscription", "read", "search-type", "create", "delete"),
                    _plain("Binary", "read"),
                    _plain("Practitioner", "read"),
                ],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [_exports("export")],
            }
        ],
    }


def _resource(kind: Kind) -> Resource:
    interactions = ["read", "vread", "history-instance", "search-type"]
    stated: Resource = {
        "type": kind.value,
        "versioning": "versioned-update" if kind is Kind.SERVICE_REQUEST else "versioned",
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
    if kind is Kind.SERVICE_REQUEST:
        interactions.append("update")
        stated["updateCreate"] = False
    if kind is Kind.PATIENT:
        stated["operation"] = [_exports("patient-export")]
    return stated | {"interaction": [{"code": one} for one in interactions]}


def _plain(kind: str, *interactions: str) -> Resource:
    """A type without versions and parameters."""
    return {"type": kind, "interaction": [{"code": one} for one in interactions]}


def _exports(operation: str) -> Resource:
    """`$export` (Bulk Data Access 1.0.1), by which of its operations it is."""
    return {"name": "export", "definition": f"{_BULK_DATA}/OperationDefinition/{operation}"}


def _oauth(base: str) -> Resource:
    """Where applications get their tokens (SMART App Launch 1.0, 4; 2.0 has them in a file of their own)."""
    named = ("authorize", "token", "revoke", "introspect")
    return {
        "url": _OAUTH_URIS,
        "extension": [{"url": name, "valueUri": f"{base}/oauth/{name}"} for name in named],
    }
