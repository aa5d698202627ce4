"""Arrays that go from one process to another over a socket. Used in child processes only.

Wire form: 4 bytes little-endian length, a MessagePack map `{said, arrays: [[name, dtype, shape], ...]}`, then
the bytes of the arrays, one after the other.
"""

import math
import struct
from collections.abc import Mapping
from socket import socket
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

type Array = NDArray[Any]

_MOST_HEAD_BYTES = 64 << 10
_MOST_BYTES = 512 << 20
"""Of all arrays of a message."""
_PLAIN = "biuf"
"""Kinds of numbers whose bytes are taken as they come."""


class _Head(msgspec.Struct, frozen=True):
    """What stands before the arrays of a message."""

    said: Any
    arrays: list[tuple[str, str, list[int]]]


def send(end: socket, said: Any, arrays: Mapping[str, Array] | None = None) -> None:
    """Send plain values and arrays by name. Raises OSError when the other end has gone."""
    whole = {name: np.ascontiguousarray(array) for name, array in (arrays or {}).items()}
    forms = [(name, array.dtype.str, list(array.shape)) for name, array in whole.items()]
    head = msgspec.msgpack.encode(_Head(said, forms))
    end.sendall(struct.pack("<I", len(head)) + head)
    for array in whole.values():
        if array.size:
            end.sendall(memoryview(array.reshape(-1)).cast("B"))


def receive(end: socket) -> tuple[Any, dict[str, Array]] | None:
    """What was sent next; None when the other end has gone.

    Raises:
        ValueError: it is not what `send` sends, or more than is taken.
        OSError: the other end broke off.
    """
    length = _exactly(end, 4)
    if length is None:
        return None
    (size,) = struct.unpack("<I", length)
    body = _exactly(end, size) if size <= _MOST_HEAD_BYTES else None
    if body is None:
        raise ValueError("no head")
    head = msgspec.msgpack.decode(body, type=_Head)
    arrays: dict[str, Array] = {}
    left = _MOST_BYTES
    for name, form, shape in head.arrays:
        dtype = np.dtype(form)
        left -= dtype.itemsize * math.prod(shape)
        if dtype.kind not in _PLAIN or min(shape, default=0) < 0 or left < 0:
            raise ValueError("no array")
        arrays[name] = np.empty(shape, dtype)
        if arrays[name].size and not _filled(end, memoryview(arrays[name].reshape(-1)).cast("B")):
            raise ValueError("broken off")
    return head.said, arrays


def _exactly(end: socket, length: int) -> bytes | None:
    taken = bytearray(length)
    return bytes(taken) if _filled(end, memoryview(taken)) else None


def _filled(end: socket, view: memoryview) -> bool:
    """Whether so many bytes came before the other end went."""
    while view:
        count = end.recv_into(view)
        if not count:
            return False
        view = view[count:]
    return True
