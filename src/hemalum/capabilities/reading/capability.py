"""What reading lends to the application. Its permission is that to view the slide."""

from typing import Any

from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.reading.routes import router

    return router


capability = Capability(name="reading", router=_router)
