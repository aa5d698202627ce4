"""What reports lend to the application."""

from typing import Any

from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.reports.routes.reports import router

    return router


capability = Capability(name="reports", router=_router)
