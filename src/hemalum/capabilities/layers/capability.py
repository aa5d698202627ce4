"""What layers lend to the application."""

from typing import Any

from hemalum.kernel.capability import Capability


def _tiles(state: Any) -> Any:
    """The bare application that serves parts of layers."""
    from hemalum.capabilities.layers.serving import LayerServer
    from hemalum.runtime.frames import Holders

    return LayerServer(state.layers, state.tickets, Holders().check)


def _router() -> Any:
    from hemalum.capabilities.layers import routes

    return routes.router


capability = Capability(name="layers", router=_router, mounts={"/layer-tiles/": _tiles})
