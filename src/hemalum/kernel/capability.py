"""What a capability lends to the application."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from hemalum.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `hemalum doctor`: is this ready, and if not, what to do."""

    name: str
    ready: bool
    detail: str
    remedy: str = ""


type OpenNode = Callable[..., AbstractContextManager[Any]]
"""How a command gets the node of a data directory, which only the application can put together: the object of
click's context. `open_node(data, jobs=False, watch=False, early=None)` gives `app.node.Parts`.
With `jobs` this process runs the node's jobs meanwhile, unless another one does; with `watch` it looks after
watched folders. `early` is what the command has begun already (`slides.early.Early`)."""


@dataclass(frozen=True)
class Capability:
    """One folder of `hemalum.capabilities`, as `hemalum.app.registry` lists it.

    `router` makes a FastAPI router mounted at `/api/<name>`, `pages` one mounted at the root; both import
    their routes only when they are called: commands serve nothing and would start half as fast. `shortcut`
    wraps the framework, given the state of the node, in an ASGI application that answers what needs no
    framework and is not counted against anybody's rate. `mounts` makes, by path prefix, bare ASGI
    applications from the state of the started node. `jobs` are durable functions by stable name
    (the name lives in the queue). `commands` are click commands. `permissions` are probes by name
    (`runtime.policy.Probe`).
    """

    name: str
    router: Callable[[], Any] | None = None
    pages: Callable[[], Any] | None = None
    shortcut: Callable[[Any, Any], Any] | None = None
    mounts: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    subscribers: Mapping[type[Event], tuple[str, ...]] = field(default_factory=dict)
    permissions: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[Any, ...] = ()
    checks: tuple[Callable[..., Check], ...] = ()
