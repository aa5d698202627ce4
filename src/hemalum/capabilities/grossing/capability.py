"""What grossing lends to the application. Its permissions are those of cases."""

from typing import Any

from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.grossing.routes import router

    return router


capability = Capability(name="grossing", router=_router)
