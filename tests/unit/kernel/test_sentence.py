"""A sentence says what it was given, and can be said again elsewhere."""

import errno
import pickle
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import Conflict, Invalid, UnreadableSlide
from hemalum.kernel.sentence import Sentence, cause_of

PLAIN = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SENTENCES = st.recursive(
    st.builds(Sentence, st.text() | st.just("{a} and {b}"), st.dictionaries(st.sampled_from("abc"), PLAIN)),
    lambda inner: st.builds(Sentence, st.just("{a}: {b}"), st.fixed_dictionaries({"a": PLAIN, "b": inner})),
)


def test_fields_are_filled_with_values() -> None:
    error = Invalid("{count} of {total} mm in {name}.", count=3, total=12.50, name="a.svs")
    assert str(error) == "3 of 12.5 mm in a.svs."
    assert error.sentence.template == "{count} of {total} mm in {name}."
    assert error.sentence.values == {"count": 3, "total": 12.5, "name": "a.svs"}


def test_a_sentence_without_values_is_taken_as_it_is() -> None:
    assert str(Invalid("A {brace} and a {, as written.")) == "A {brace} and a {, as written."


def test_values_are_never_read_as_templates() -> None:
    said = Sentence("{name} is empty.", {"name": "{other} {0} {name.__class__}"})
    assert str(said) == "{other} {0} {name.__class__} is empty."


def test_values_without_a_field_are_dropped_and_long_ones_cut() -> None:
    said = Sentence("{name}", {"name": "x" * 9000, "stray": 1})
    assert set(said.values) == {"name"}
    assert len(str(said)) == 500


def test_sentences_nest_but_not_without_end() -> None:
    said = Sentence("end")
    for _ in range(2000):
        said = Sentence("in {it}", {"it": said})
    assert said.depth <= 3
    assert str(said).startswith("in in in ")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.int64(7), 7),
        (np.float32(0.5), 0.5),
        (float("nan"), "nan"),
        (Path("a/b"), "a/b"),
        ("a\ud800", "a?"),
    ],
)
def test_values_are_plain(given: Any, kept: Any) -> None:
    value = Sentence("{x}", {"x": given}).values["x"]
    assert value == kept
    assert type(value) is type(kept)


@given(SENTENCES)
def test_what_is_stored_comes_back(said: Sentence) -> None:
    back = msgspec.convert(msgspec.json.decode(msgspec.json.encode(said)), Sentence)
    assert back == said
    assert hash(back) == hash(said)


def test_an_error_can_say_the_sentence_of_another() -> None:
    first = UnreadableSlide("{name} is empty.", name="a.svs")
    second = Conflict.saying(first.sentence)
    assert second.sentence == first.sentence
    assert str(pickle.loads(pickle.dumps(second))) == "a.svs is empty."


def test_the_operating_system_is_quoted() -> None:
    assert cause_of(PermissionError(errno.EACCES, "Permission denied")) == Sentence("Permission denied")
    assert cause_of(OSError(errno.EPIPE, "Broken pipe")) == "Broken pipe"
    assert cause_of(OSError("odd")) == "odd"
