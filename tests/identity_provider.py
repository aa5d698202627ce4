"""An identity provider that is not ours, in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from tests.processes import free_port

_STARTS_WITHIN_S = 60


@contextmanager
def provider_of(people: Sequence[Mapping[str, Any]], *options: str) -> Iterator[str]:
    """The address of a provider that knows these people (claims of each), once it answers."""
    port = free_port()
    claims = [word for each in people for word in ("--user-claims", json.dumps(each))]
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port), *options, *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/.well-known/openid-configuration")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str) -> None:
    end = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            httpx.get(url)
        except httpx.TransportError:
            assert time.monotonic() < end, "the identity provider did not start"
            time.sleep(0.1)
        else:
            return
