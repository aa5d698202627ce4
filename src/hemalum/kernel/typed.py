"""Plain values into our dataclasses, from any thread.

msgspec learns a type when it first meets it, and what is half learnt crashes the process in a thread that
comes meanwhile (seen with msgspec 0.22.0). So each type is learnt by one thread at a time, before it is used.
"""

from threading import Lock
from typing import Any

import msgspec

_learnt: set[Any] = set()
_learning = Lock()


def typed[T](plain: Any, wanted: type[T], **options: Any) -> T:
    """What plain values (of JSON, TOML, rows) say, as a type; `options` are those of `msgspec.convert`.

    Raises:
        msgspec.ValidationError: they do not fit.
    """
    _learn(wanted)
    made: T = msgspec.convert(plain, wanted, **options)
    return made


def typed_json[T](content: bytes | str, wanted: type[T]) -> T:
    """What a JSON text says, as a type.

    Raises:
        msgspec.DecodeError: it is no JSON, or does not fit (`msgspec.ValidationError`).
    """
    _learn(wanted)
    return msgspec.json.decode(content, type=wanted)


def _learn(wanted: Any) -> None:
    if wanted not in _learnt:
        with _learning:
            msgspec.json.Decoder(wanted)
            _learnt.add(wanted)
