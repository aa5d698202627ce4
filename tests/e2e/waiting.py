"""Waiting for what a page does in its own time, on a machine of any speed."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

PATIENCE_S = 15.0
STEP_MS = 50


def eventually(page: Page, holds: Callable[[], bool]) -> bool:
    """Whether something comes true before the patience ends; the page goes on meanwhile."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            return False
        page.wait_for_timeout(STEP_MS)
    return True
