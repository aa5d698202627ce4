"""Tests side by side: collected once, run by forks of the process that has collected them.

To collect every test takes half a minute of processor time, to start what `hemalum` commands fork from three
seconds: here one process does both for all (`pytest --forks 3`). Forks ask for work unit by unit and tell of
each report as it comes: reports, exit code and what is captured are those of a single process.
"""

import gc
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

import pytest
from _pytest.tmpdir import TempPathFactory

from tests.processes import start_forks

SERVICE, E2E = (Path(__file__).with_name(name) for name in ("service", "e2e"))
WHOLE = {SERVICE / name for name in ("access", "inference", "interfaces", "serving")}
"""Folders whose tests share a node that takes many seconds to make: one fork runs all of each."""
CRASHED = "The process that ran this test ended ({code}) before the test did."
ENDED = "A process that ran tests ended with {code} and not with {expected}; it says why above."


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--forks 3`; without it, tests run in this process."""
    parser.addoption("--forks", type=int, default=0, help="how many processes share the tests, unit by unit")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of a folder run one after the other, however they are shuffled: they share its node.

    Tests of whole services come first: a file of them may take minutes, and processes that share the units
    are to end at about the same time.
    """
    folders: dict[Path, tuple[bool, bool, int]] = {}
    for item in items:
        folder = item.path.parent
        folders.setdefault(folder, (folder not in WHOLE, SERVICE not in folder.parents, len(folders)))
    items.sort(key=lambda item: folders[item.path.parent])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Share the tests out, when asked to and when there is something to share."""
    options = session.config.option
    if not options.forks or options.collectonly or session.testsfailed or not session.items:
        return None
    return _Shared(session).run(options.forks)


def unit_of(item: pytest.Item) -> Path:
    """What one fork runs from its first test to its last: a file, or a whole folder."""
    return item.path.parent if item.path.parent in WHOLE else item.path


@dataclass
class _Fork:
    """A process that runs tests, as the one that it is a fork of knows it."""

    pid: int
    units: tuple[list[int], ...] = ()
    """What it was given."""
    done: int = 0
    """How many tests of that have ended."""
    failed: bool = False


class _Shared:
    """Units that wait, and the forks that work on others."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._hook = session.config.hook
        self._pid, self._number = os.getpid(), 0
        numbered = groupby(enumerate(session.items), lambda each: unit_of(each[1]))
        units = [(E2E in path.parents, [number for number, _ in unit]) for path, unit in numbered]
        # A test takes about as long as another in a browser, so the longest of these units come first.
        units.sort(key=lambda each: -len(each[1]) * each[0])
        self._waiting = deque(unit for _, unit in units)
        self._forks: dict[Connection, _Fork] = {}

    def run(self, forks: int) -> bool:
        """Run every test. Each fork returns from here, too, when it has run its own."""
        _make_ready(self._session)
        try:
            while self._waiting or self._forks:
                while self._waiting and len(self._forks) < forks:
                    if (line := self._fork()) is not None:
                        return _Worker(self._session, line).work()
                for one in wait(list(self._forks)):
                    assert isinstance(one, Connection)
                    self._listen(one, self._forks[one])
                if self._session.shouldfail or self._session.shouldstop:
                    self._waiting.clear()
        finally:
            if os.getpid() == self._pid:
                for fork in self._forks.values():
                    os.kill(fork.pid, signal.SIGKILL)
        if self._session.shouldfail:
            raise self._session.Failed(self._session.shouldfail)
        if self._session.shouldstop:
            raise self._session.Interrupted(self._session.shouldstop)
        return True

    def _fork(self) -> Connection | None:
        """In the fork, its end of the line; here None."""
        ours, theirs = Pipe()
        self._number += 1
        sys.stdout.flush()
        sys.stderr.flush()
        if (pid := os.fork()) == 0:
            for each in (ours, *self._forks):
                each.close()
            _leave(self._session, self._number)
            return theirs
        theirs.close()
        self._forks[ours] = _Fork(pid)
        return None

    def _listen(self, line: Connection, fork: _Fork) -> None:
        try:
            said, told = line.recv()
        except EOFError:
            self._end(line, fork)
            return
        match said:
            case "next":
                line.send(self._next(fork))
            case "ended":
                fork.done += 1
            case "report":
                report = self._hook.pytest_report_from_serializable(config=self._session.config, data=told)
                fork.failed |= report.failed
                self._hook.pytest_runtest_logreport(report=report)
            case "warned":
                self._hook.pytest_warning_recorded.call_historic(kwargs=told)

    def _next(self, fork: _Fork) -> list[int]:
        """The numbers of the tests of the next unit; none when there is no more."""
        if not self._waiting:
            return []
        unit = self._waiting.popleft()
        fork.units += (unit,)
        return unit

    def _end(self, line: Connection, fork: _Fork) -> None:
        """See how a fork ended. One that ended too early has failed, and so has all that it was given."""
        line.close()
        del self._forks[line]
        code = os.waitstatus_to_exitcode(os.waitpid(fork.pid, 0)[1])
        given = [number for unit in fork.units for number in unit]
        expected = int(pytest.ExitCode.TESTS_FAILED if fork.failed else pytest.ExitCode.OK)
        for number in given[fork.done :]:
            self._fail(self._session.items[number], CRASHED.format(code=code))
        if fork.done == len(given) and code != expected:
            assert given, ENDED.format(code=code, expected=expected)
            self._fail(self._session.items[given[-1]], ENDED.format(code=code, expected=expected))

    def _fail(self, item: pytest.Item, why: str) -> None:
        keywords: dict[str, Any] = {}
        report = pytest.TestReport(item.nodeid, item.location, keywords, "failed", why, "call")
        self._hook.pytest_runtest_logreport(report=report)


def _make_ready(session: pytest.Session) -> None:
    """What all forks share."""
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    if any(folder in item.path.parents for item in session.items for folder in (SERVICE, E2E)):
        start_forks()
    # What was collected is there to the end: nobody need look through it for what could go.
    gc.collect()
    gc.freeze()


def _leave(session: pytest.Session, number: int) -> None:
    """Leave, in a fork, what belongs to the process it came from: its terminal, its capture, its folder."""
    session.testsfailed = 0
    config, plugins = session.config, session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    capture = plugins.getplugin("capturemanager")
    assert capture is not None
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    folder = config._tmp_path_factory.getbasetemp() / f"fork{number}"  # type: ignore[attr-defined]
    config.option.basetemp = str(folder)
    config._tmp_path_factory = TempPathFactory.from_config(config, _ispytest=True)  # type: ignore[attr-defined]
    # What keeps results from run to run leaves that to the process that hears all of them.
    config.workerinput = {"workerid": f"fork{number}"}  # type: ignore[attr-defined]


class _Worker:
    """In a fork: runs what it is given, and tells what came of it."""

    def __init__(self, session: pytest.Session, line: Connection) -> None:
        self._session = session
        self._line = line
        self._config = session.config
        self._config.pluginmanager.register(self)

    def work(self) -> bool:
        """Run unit after unit."""
        numbers = self._numbers()
        number = next(numbers, None)
        while number is not None:
            # What comes after decides which fixtures end; so it is asked for before.
            after = next(numbers, None)
            items = self._session.items
            following = None if after is None else items[after]
            self._config.hook.pytest_runtest_protocol(item=items[number], nextitem=following)
            self._line.send(("ended", None))
            number = after
        return True

    def _numbers(self) -> Iterator[int]:
        while True:
            self._line.send(("next", None))
            if not (unit := self._line.recv()):
                return
            yield from unit

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._line.send(("report", told))

    def pytest_warning_recorded(
        self, warning_message: Any, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        told = {"warning_message": warning_message, "when": when, "nodeid": nodeid, "location": location}
        self._line.send(("warned", told))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        traceback.print_exception(excinfo.value)
