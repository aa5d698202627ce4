"""Values become types in many threads at once, and the process lives."""

import subprocess
import sys

import msgspec
import pytest

from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed, typed_json

# Without the lock, msgspec 0.22.0 ends this by a segmentation fault within the first few rounds.
MANY_AT_ONCE = """
import dataclasses, sys, threading
from hemalum.kernel.typed import typed
sys.setswitchinterval(1e-6)
plain = {f"a{i}": [{f"x{k}": 1 for k in range(20)}] for i in range(20)}
for _ in range(60):
    inner = dataclasses.make_dataclass("Inner", [(f"x{i}", int | None) for i in range(20)])
    outer = dataclasses.make_dataclass("Outer", [(f"a{i}", tuple[inner, ...] | None) for i in range(20)])
    together = threading.Barrier(4)
    def meet():
        together.wait()
        typed(plain, outer)
    threads = [threading.Thread(target=meet) for _ in range(4)]
    for each in threads: each.start()
    for each in threads: each.join()
"""


def test_threads_that_meet_a_type_at_once_all_get_it() -> None:
    done = subprocess.run([sys.executable, "-c", MANY_AT_ONCE], capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_does_not_fit_is_refused() -> None:
    assert typed({"template": "Said."}, Sentence) == typed_json('{"template": "Said."}', Sentence)
    with pytest.raises(msgspec.ValidationError):
        typed({"template": 7}, Sentence)
    with pytest.raises(msgspec.ValidationError):
        typed_json(b'{"template": 7}', Sentence)
