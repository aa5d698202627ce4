"""Runs of a comparison give both texts back, whatever the texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.capabilities.reports.differences import RunKind, runs_of

WORDS = st.lists(st.sampled_from(["carcinoma", " ", "胃", "癌", "\n", ".", "3", "é", ""]), max_size=30)


@settings(deadline=None)
@given(before=WORDS.map("".join) | st.text(), after=WORDS.map("".join) | st.text())
def test_both_texts_can_be_read_off_the_runs(before: str, after: str) -> None:
    runs = list(runs_of(before, after))
    assert "".join(run.text for run in runs if run.kind is not RunKind.ADDED) == before
    assert "".join(run.text for run in runs if run.kind is not RunKind.REMOVED) == after
    assert all(run.text for run in runs)


def test_chinese_is_compared_by_character() -> None:
    runs = [(run.kind.value, run.text) for run in runs_of("胃窦慢性炎", "胃体慢性炎")]
    assert runs == [("same", "胃"), ("removed", "窦"), ("added", "体"), ("same", "慢性炎")]


def test_long_texts_are_compared_by_line() -> None:
    before = "".join(f"line {number}\n" for number in range(4_000))
    after = before.replace("line 7\n", "line seven\n")
    changed = [run.text for run in runs_of(before, after) if run.kind is not RunKind.SAME]
    assert changed == ["line 7\n", "line seven\n"]
