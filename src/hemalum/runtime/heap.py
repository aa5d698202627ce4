"""Memory that the C library keeps: shared by the threads of a process, and given back to the system.

glibc lets threads have up to eight heaps for each core, and what is free in one serves no thread of another.
In a node with some fifty threads what was free kept growing while what was used stayed as it was
(docs/benchmarks.md). Other C libraries have none of this, and nothing happens there.
"""

import ctypes

_M_ARENA_MAX = -8
"""Of mallopt(3)."""
_HEAPS = 2


def share_heaps() -> None:
    """Have all threads of this process share two heaps. Only those count that begin afterwards."""
    _call("mallopt", _M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Give pages that hold nothing any more back to the system (malloc_trim(3)); takes some milliseconds."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return
    function(*arguments)
