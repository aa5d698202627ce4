"""What FHIR lends to the application."""

from typing import Any

from hemalum.kernel.capability import Capability


def _pages() -> Any:
    from hemalum.capabilities.fhir.routes import router

    return router


capability = Capability(name="fhir", pages=_pages)
