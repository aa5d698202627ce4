"""Every capability of the node, lowest first. This tuple is the only registration there is."""

from hemalum.capabilities.access.capability import capability as access
from hemalum.capabilities.annotations.capability import capability as annotations
from hemalum.capabilities.appraisal.capability import capability as appraisal
from hemalum.capabilities.apps.capability import capability as apps
from hemalum.capabilities.audit.capability import capability as audit
from hemalum.capabilities.cases.capability import capability as cases
from hemalum.capabilities.conformity.capability import capability as conformity
from hemalum.capabilities.custody.capability import capability as custody
from hemalum.capabilities.fhir.capability import capability as fhir
from hemalum.capabilities.grossing.capability import capability as grossing
from hemalum.capabilities.inference.capability import capability as inference
from hemalum.capabilities.interfaces.capability import capability as interfaces
from hemalum.capabilities.layers.capability import capability as layers
from hemalum.capabilities.modalities.capability import capability as modalities
from hemalum.capabilities.models.capability import capability as models
from hemalum.capabilities.orders.capability import capability as orders
from hemalum.capabilities.quality.capability import capability as quality
from hemalum.capabilities.reading.capability import capability as reading
from hemalum.capabilities.registration.capability import capability as registration
from hemalum.capabilities.reports.capability import capability as reports
from hemalum.capabilities.slides.capability import capability as slides
from hemalum.capabilities.triage.capability import capability as triage
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import Permissions, Policies

CAPABILITIES: tuple[Capability, ...] = (
    access,
    audit,
    slides,
    cases,
    custody,
    grossing,
    orders,
    reports,
    annotations,
    layers,
    reading,
    registration,
    conformity,
    appraisal,
    quality,
    models,
    inference,
    triage,
    interfaces,
    apps,
    fhir,
    modalities,
)


def permissions_by(policies: Policies) -> Permissions:
    """What people may ever do, of all that capabilities name, by these policies."""
    return Permissions(
        policies, {name: probe for each in CAPABILITIES for name, probe in each.permissions.items()}
    )
