"""Children that crash, hang, lie or ask too much do no harm."""

import os
import resource
import select
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.sandbox import Cancelled, Limits, Workers

FUNCTIONS = """
import os, signal, struct, sys, time
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence

def add(a, b):
    return a + b

def report(progress, count):
    for number in range(count):
        progress("counting", number + 1, count)
    return count

def refuse():
    raise Invalid("{name} is refused: {why}", name="{name}", why=Sentence("It is {size} mm.", {"size": 26.5}))

def lie():
    error = Invalid("")
    error.sentence = {"template": "{0.__class__}", "values": {"0": [1]}}
    raise error

def lie_long():
    error = Invalid("")
    error.sentence = {"template": "x" * 5000 + "{x}", "values": {"x": "y"}}
    raise error

def lie_of_progress(progress, message):
    os.write(progress._answers, struct.pack("<I", len(message)) + message)

def fail():
    raise ZeroDivisionError("secret detail")

def crash():
    os.kill(os.getpid(), signal.SIGSEGV)

def leave():
    os._exit(3)

def hang():
    while True:
        pass

def sleep(seconds):
    time.sleep(seconds)

def eat(megabytes):
    return len(bytearray(megabytes << 20))

def reserve(megabytes):
    import mmap
    with mmap.mmap(-1, megabytes << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ):
        return megabytes

def spoil():
    os.write(1, b"noise on standard output")
    print("more noise")
    return "clean"

def environment():
    return sorted(os.environ)

def loaded(name):
    return name in sys.modules
"""


@pytest.fixture
def make_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Workers]]:
    (tmp_path / "sandboxed.py").write_text(FUNCTIONS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("A_SECRET", "hunter2")
    made: list[Workers] = []

    def make(size: int = 1, loads: str = "", **limits: Any) -> Workers:
        made.append(Workers(size, Limits(**limits), loads=loads))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


def test_results_come_back_and_the_child_is_used_again(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers()
    assert workers.call("sandboxed:add", {"a": 2, "b": 3}) == 5
    first = workers.call("os:getpid", {})
    assert workers.call("os:getpid", {}) == first
    assert workers.call("sandboxed:add", {"a": b"x" * 3_000_000, "b": b"y"}) == b"x" * 3_000_000 + b"y"


def test_a_child_that_was_started_ahead_has_loaded_its_module(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers(loads="sandboxed")
    workers.start()
    assert workers.call("sandboxed:loaded", {"name": "sandboxed"})
    first = workers.call("os:getpid", {})
    assert workers.call("os:getpid", {}) == first


def test_a_child_that_was_started_ahead_stays_when_idle(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers(idle_s=0.05)
    workers.start()
    first = workers.call("os:getpid", {})
    time.sleep(0.5)
    assert workers.call("os:getpid", {}) == first


def test_a_module_that_cannot_be_loaded_is_one_sentence(make_workers: Callable[..., Workers]) -> None:
    with pytest.raises(UnreadableSlide, match="stopped unexpectedly"):
        make_workers(loads="no.such.module").call("os:getpid", {})


def test_progress_is_heard(make_workers: Callable[..., Workers]) -> None:
    heard: list[tuple[str, int, int]] = []
    workers = make_workers()
    assert workers.call("sandboxed:report", {"count": 5}, progress=lambda *step: heard.append(step)) == 5
    assert heard[-1] == ("counting", 5, 5)


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("fail", "damaged or not supported (ZeroDivisionError)"),
        ("crash", "crashed on this file (signal 11)"),
        ("leave", "stopped unexpectedly"),
    ],
)
def test_death_is_one_sentence_and_the_next_call_works(
    make_workers: Callable[..., Workers], function: str, sentence: str
) -> None:
    workers = make_workers()
    with pytest.raises(UnreadableSlide) as raised:
        workers.call(f"sandboxed:{function}", {})
    assert sentence in str(raised.value)
    assert "secret" not in str(raised.value)
    assert workers.call("sandboxed:add", {"a": 1, "b": 1}) == 2


def test_domain_errors_keep_their_class(make_workers: Callable[..., Workers]) -> None:
    with pytest.raises(Invalid, match="is refused"):
        make_workers().call("sandboxed:refuse", {})


def test_what_an_error_says_comes_back_whole(make_workers: Callable[..., Workers]) -> None:
    with pytest.raises(Invalid) as raised:
        make_workers().call("sandboxed:refuse", {})
    assert str(raised.value) == "{name} is refused: It is 26.5 mm."
    inner = Sentence("It is {size} mm.", {"size": 26.5})
    assert raised.value.sentence == Sentence("{name} is refused: {why}", {"name": "{name}", "why": inner})


def test_a_child_cannot_say_what_it_likes(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers()
    with pytest.raises(UnreadableSlide, match="cannot be understood"):
        workers.call("sandboxed:lie", {})
    with pytest.raises(Invalid) as raised:
        workers.call("sandboxed:lie_long", {})
    assert str(raised.value) == "x" * 1000


@pytest.mark.parametrize(
    "message", [b"nothing", {"progress": 5}, {"progress": ["half", "way", 2]}, {"error": 5}, [], 7]
)
def test_what_a_child_says_out_of_turn_is_a_fault_of_the_file(
    make_workers: Callable[..., Workers], message: object
) -> None:
    said = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    workers = make_workers()
    with pytest.raises(UnreadableSlide, match="cannot be understood"):
        workers.call("sandboxed:lie_of_progress", {"message": said}, progress=lambda *_: None)
    assert workers.call("sandboxed:add", {"a": 1, "b": 1}) == 2


def test_too_much_memory_is_refused(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers(memory_mib=512)
    with pytest.raises(UnreadableSlide, match="more memory"):
        workers.call("sandboxed:eat", {"megabytes": 2000})
    assert workers.call("sandboxed:eat", {"megabytes": 10}) == 10 << 20


@pytest.mark.parametrize("limit", ["stall_s", "wall_s"])
def test_a_hanging_child_is_stopped(make_workers: Callable[..., Workers], limit: str) -> None:
    workers = make_workers(**{limit: 0.5})
    started = time.monotonic()
    with pytest.raises(UnreadableSlide, match="was stopped"):
        workers.call("sandboxed:hang", {})
    assert time.monotonic() - started < 30


def test_processor_time_is_limited(make_workers: Callable[..., Workers]) -> None:
    with pytest.raises(UnreadableSlide, match="signal 24"):
        make_workers(cpu_s=1).call("sandboxed:hang", {})


def test_work_is_cancelled(make_workers: Callable[..., Workers]) -> None:
    asked = threading.Event()
    asked.set()
    with pytest.raises(Cancelled):
        make_workers().call("sandboxed:sleep", {"seconds": 60}, cancelled=asked.is_set)


def test_an_idle_child_leaves_and_another_comes(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers(idle_s=0.2)
    first = workers.call("os:getpid", {})
    with os.fdopen(os.pidfd_open(first)) as ended:
        assert select.select([ended], [], [], 60)[0]
    assert workers.call("os:getpid", {}) != first


def test_noise_on_standard_output_does_no_harm(make_workers: Callable[..., Workers]) -> None:
    assert make_workers().call("sandboxed:spoil", {}) == "clean"


def test_secrets_of_the_parent_are_not_passed_on(make_workers: Callable[..., Workers]) -> None:
    assert "A_SECRET" not in make_workers().call("sandboxed:environment", {})


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """So many that the next one has a number above 1024, as in a busy server."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("this system allows few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    held = [os.open(os.devnull, os.O_RDONLY)]
    while held[-1] < 1100:
        held.append(os.open(os.devnull, os.O_RDONLY))
    yield
    for number in held:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_open_files")
def test_a_process_with_many_open_files_is_served_too(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers()
    assert workers.call("sandboxed:add", {"a": 2, "b": 3}) == 5
    assert workers.call("sandboxed:add", {"a": 2, "b": 4}) == 6


def test_many_threads_share_few_children(make_workers: Callable[..., Workers]) -> None:
    workers = make_workers(2)
    pids: set[int] = set()
    threads = [threading.Thread(target=lambda: pids.add(workers.call("os:getpid", {}))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(pids) <= 2


def test_where_only_data_count_address_space_may_be_reserved(make_workers: Callable[..., Workers]) -> None:
    by_data = make_workers(memory_mib=512, memory="data")
    assert by_data.call("sandboxed:reserve", {"megabytes": 4096}) == 4096
    with pytest.raises(UnreadableSlide, match="more memory than is allowed"):
        by_data.call("sandboxed:eat", {"megabytes": 1024})
    with pytest.raises(UnreadableSlide):
        make_workers(memory_mib=512).call("sandboxed:reserve", {"megabytes": 4096})


def test_variables_that_are_named_are_passed_on(
    make_workers: Callable[..., Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_workers()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    workers = Workers(1, passes_on=("CUDA_VISIBLE_DEVICES", "NOT_SET"))
    seen = workers.call("sandboxed:environment", {})
    workers.close()
    assert "CUDA_VISIBLE_DEVICES" in seen
    assert "A_SECRET" not in seen
