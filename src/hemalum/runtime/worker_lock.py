"""Which process runs the jobs of an embedded node: the one that holds the lock of its data directory.

Nothing heavy is imported here: a command asks before it loads the rest of itself.
"""

import fcntl
import os

from hemalum.runtime.settings import Settings


def worker_is_running(settings: Settings) -> bool:
    """Whether some process runs the jobs of this embedded node."""
    if not settings.worker_lock.exists():
        return False
    lock = take_worker_lock(settings)
    if lock is None:
        return True
    os.close(lock)
    return False


def take_worker_lock(settings: Settings) -> int | None:
    """The lock, held until the descriptor is closed or the process dies; None when it is taken."""
    descriptor = os.open(settings.worker_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
