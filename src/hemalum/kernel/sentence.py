"""Sentences for people, kept so that they can be said in another language."""

import errno
import math
import numbers
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_FIELD = re.compile(r"\{(\w+)\}")
_MAX_TEMPLATE_LENGTH = 1000
_MAX_TEXT_LENGTH = 500
_MAX_DEPTH = 3

type Value = str | int | float | Sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for a person, or a part of one: English with {named} fields, and the values that fill them.

    The English template is the key by which the web app finds the sentence in another language
    (web/src/i18n/sentences.zh.ts), so in the sources it is always a literal. Values are plain JSON or
    sentences themselves; what comes from a file is only ever a value, cut to a length that can be shown. A
    field without a value stays as it is written, braces and all. `str(sentence)` is English.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A child that a hostile file has taken over may send any sentence: this bounds what it can say.
        template = self.template[:_MAX_TEMPLATE_LENGTH]
        fields = {name: _plain(self.values[name]) for name in _FIELD.findall(template) if name in self.values}
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", fields)

    def __str__(self) -> str:
        # Not str.format, which would look into the values.
        return _FIELD.sub(lambda found: _said(self.values.get(found[1], found[0])), self.template)

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def depth(self) -> int:
        """1 for a sentence whose values are all plain, 2 for one that holds such a sentence, and so on."""
        return 1 + max((one.depth for one in self.values.values() if isinstance(one, Sentence)), default=0)


def _plain(value: object) -> Value:
    """The value as JSON can hold it."""
    if isinstance(value, Sentence) and value.depth < _MAX_DEPTH:
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return float(value)
    # Half a surrogate pair, as in names of files that are not UTF-8, cannot be written anywhere.
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[: _MAX_TEXT_LENGTH - 1]}…"


def _said(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_CAUSES = {
    errno.ENOENT: Sentence("No such file or directory"),
    errno.EACCES: Sentence("Permission denied"),
    errno.EPERM: Sentence("Operation not permitted"),
    errno.EIO: Sentence("Input/output error"),
    errno.ENOSPC: Sentence("No space left on device"),
    errno.EDQUOT: Sentence("Disk quota exceeded"),
    errno.EROFS: Sentence("Read-only file system"),
    errno.EISDIR: Sentence("Is a directory"),
    errno.ENOTDIR: Sentence("Not a directory"),
    errno.ELOOP: Sentence("Too many levels of symbolic links"),
    errno.EMFILE: Sentence("Too many open files"),
    errno.ESTALE: Sentence("Stale file handle"),
}
"""What the operating system says most often, in its own words."""


def cause_of(error: OSError) -> Sentence | str:
    """What the operating system says of a failure, to stand at the end of a sentence."""
    return _CAUSES.get(error.errno or 0) or error.strerror or str(error)
