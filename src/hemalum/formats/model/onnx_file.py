"""What an ONNX file asks for, read from its bytes without running or loading anything of it.

The file is a protocol buffer (onnx.proto, ONNX 1.23); only the fields that tell what is asked for are looked
at. What is wanted here is to know, before a runtime opens it, whether it would read other files or need
operators that come as native code.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hemalum.formats.model.reading import BadModel

STANDARD_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Whose operators every build of onnxruntime brings along."""

_MOST_DEPTH = 12
_MOST_PARTS = 2_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EXTERNAL = 1
"""TensorProto.DataLocation"""

# Numbers of fields in onnx.proto, by message. Of a message here, all that can hold a tensor or a node.
_INSIDE = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_DOMAIN_OF_NODE = 7
_DATA_LOCATION_OF_TENSOR = 14
_EXTERNAL_DATA_OF_TENSOR = 13
_DOMAIN_OF_FUNCTION = 10
_KEY_OF_ENTRY, _VALUE_OF_ENTRY = 1, 2


@dataclass(frozen=True, slots=True)
class OnnxSummary:
    """What a network asks for."""

    nodes: int
    domains: frozenset[str]
    """Of its operators, without those that it defines itself."""
    has_external_data: bool
    external_files: frozenset[str] = frozenset()
    """The files that its tensors name as holding them."""


def summarise(content: bytes) -> OnnxSummary:
    """What this network asks for.

    Raises:
        BadModel: the bytes are no ONNX file.
    """
    reader = _Reader()
    try:
        reader.read("model", memoryview(content), 0)
    except (IndexError, ValueError) as error:
        raise BadModel("The network is not an ONNX file, or it is cut off.") from error
    if not reader.nodes:
        raise BadModel("The network is not an ONNX file, or it is empty.")
    domains = frozenset(reader.domains - reader.own)
    return OnnxSummary(reader.nodes, domains, reader.is_external, frozenset(reader.files))


def check_self_contained(content: bytes, weights: str = "") -> OnnxSummary:
    """As `summarise`, of a network that needs no operators from elsewhere, and no file but that of `weights`.

    Raises:
        BadModel: it does, or the bytes are no ONNX file.
    """
    found = summarise(content)
    if found.has_external_data and not weights:
        raise BadModel("The network keeps its weights in another file; export it as one file.")
    strange_file = min(found.external_files - {weights}, default=None)
    if strange_file is not None:
        raise BadModel("The network keeps weights in a file that its contract does not name.")
    strange = min(found.domains - STANDARD_DOMAINS, default=None)
    if strange is not None:
        raise BadModel("The network needs operators of “{domain}”, which are not standard.", domain=strange)
    return found


class _Reader:
    """Walks a file once and gathers what it asks for."""

    def __init__(self) -> None:
        self.nodes = 0
        self.domains = set[str]()
        self.own = set[str]()
        self.files = set[str]()
        self.is_external = False
        self._parts = 0

    def read(self, message: str, content: memoryview, depth: int) -> None:
        self._parts += 1
        if depth > _MOST_DEPTH or self._parts > _MOST_PARTS:
            raise ValueError
        inside = _INSIDE[message]
        self.nodes += message == "node"
        domain = ""
        for number, value in _fields(content):
            if isinstance(value, int):
                if message == "tensor" and number == _DATA_LOCATION_OF_TENSOR and value == _EXTERNAL:
                    self.is_external = True
            elif number in inside:
                self.read(inside[number], value, depth + 1)
            elif message == "tensor" and number == _EXTERNAL_DATA_OF_TENSOR:
                self.is_external = True
                self._note_file(value)
            elif message == "node" and number == _DOMAIN_OF_NODE:
                domain = bytes(value).decode()
            elif message == "function" and number == _DOMAIN_OF_FUNCTION:
                self.own.add(bytes(value).decode())
        if message == "node":
            self.domains.add(domain)

    def _note_file(self, entry: memoryview) -> None:
        """The file that an entry of `external_data` names, as the runtime reads it."""
        said = {number: bytes(value) for number, value in _fields(entry) if not isinstance(value, int)}
        if said.get(_KEY_OF_ENTRY) == b"location":
            self.files.add(said.get(_VALUE_OF_ENTRY, b"").decode())


def _fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field of a message; fixed numbers, which nothing here needs, as 0."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(content, at)
            yield number, value
        elif kind == _BYTES:
            length, at = _varint(content, at)
            if at + length > len(content):
                raise ValueError
            yield number, content[at : at + length]
            at += length
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
            if at > len(content):
                raise ValueError
            yield number, 0
        else:
            raise ValueError


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError
