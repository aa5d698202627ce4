"""Chromium as people have it: told what to do over its own pipe, with nothing in it that watches requests.

Playwright watches the network of a page, and of what is watched the page keeps the answers, tile by tile:
under it memory grows by what was looked at. The protocol is that of
https://chromedevtools.github.io/devtools-protocol.
"""

import fcntl
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from measure import BENCH_DATA, program

_READS, _WRITES = 3, 4
"""Where Chromium reads what it is told and writes what it answers."""
_FREE_FROM = 10
_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.05
_KEYS = {
    "PageUp": 33,
    "PageDown": 34,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "d": 68,
}
"""Virtual key codes."""


class Chromium:
    """One browser with one page, in a profile of its own that is made anew."""

    def __init__(self, arguments: list[str], width: int, height: int) -> None:
        profile = Path(BENCH_DATA / "chromium-profile")
        subprocess.run(["rm", "-rf", profile], check=True)
        command = [program("chromium", "chromium"), "--headless", "--remote-debugging-pipe", *arguments]
        command += ["--no-first-run", f"--user-data-dir={profile}", "about:blank"]
        told, self._tell = os.pipe()
        self._hear, heard = os.pipe()
        ends = [fcntl.fcntl(one, fcntl.F_DUPFD, _FREE_FROM) for one in (told, heard)]

        def put_in_place() -> None:
            os.dup2(ends[0], _READS)
            os.dup2(ends[1], _WRITES)

        self.process = subprocess.Popen(
            command, preexec_fn=put_in_place, pass_fds=(_READS, _WRITES), stderr=subprocess.DEVNULL
        )
        for one in (told, heard, *ends):
            os.close(one)
        self._left = b""
        self._number = 0
        self._session: str | None = None
        (page,) = (each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self._tell)
        os.close(self._hear)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What a command of the protocol answers.

        Raises:
            RuntimeError: it failed, or Chromium has ended.
        """
        self._number += 1
        command: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._tell, json.dumps(command).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            pass
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            piece = os.read(self._hear, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium has ended.")
            self._left += piece
        line, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def call(self, function: str, *arguments: Any) -> Any:
        """What a function of the page answers, or comes to answer."""
        expression = f"({function})({', '.join(map(json.dumps, arguments))})"
        found = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"].get("description", expression))
        return found["result"].get("value")

    def wait(self, function: str, *arguments: Any) -> None:
        """Until a function of the page answers that it is so.

        Raises:
            TimeoutError: it does not come to be.
        """
        end = time.monotonic() + _WITHIN_S
        while not self.call(function, *arguments):
            if time.monotonic() > end:
                raise TimeoutError(function)
            time.sleep(_LOOK_EVERY_S)

    def press(self, key: str) -> None:
        """A key, down and up."""
        stated = {"key": key, "code": "KeyD" if key == "d" else key, "windowsVirtualKeyCode": _KEYS[key]}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **stated)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **stated)
