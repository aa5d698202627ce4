"""Threads share the heaps of the C library."""

import ctypes
import subprocess
import sys

import pytest

_TRIED = """
import ctypes, sys, threading
from hemalum.runtime.heap import give_back, share_heaps

if sys.argv[1] == "shared":
    share_heaps()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
both = threading.Barrier(9)


def work():
    library.malloc(4096)
    both.wait()
    both.wait()


threads = [threading.Thread(target=work) for _ in range(8)]
for one in threads:
    one.start()
both.wait()
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
both.wait()
for one in threads:
    one.join()
give_back()
"""


def heaps(way: str) -> int:
    done = subprocess.run([sys.executable, "-c", _TRIED, way], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
def test_threads_share_two_heaps() -> None:
    assert heaps("shared") == 2 < heaps("apart")
