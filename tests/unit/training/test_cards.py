"""What a trial gave stands on the card of a network and in its contract, beside each baseline."""

import datetime
from pathlib import Path

import pytest

from cards import Card, Row, Table, write_card, write_contract
from hemalum.analysis.agreement import Interval
from hemalum.formats.model.contract import Validation
from hemalum.formats.model.reading import read_contract


def _row(what: str, network: float, baseline: float) -> Row:
    values = (network, baseline, network - baseline)
    return Row(what, *(Interval(value, value - 0.01, value + 0.01) for value in values))


COARSE = Table(
    "The same cells", "regression of 64 colours", [_row("Accuracy", 0.9, 0.8), _row("Dice", 0.7, 0.6)]
)
CARD = Card(
    id="hemalum.white-cells",
    done=datetime.date(2026, 11, 29),
    learnt="960 cells",
    tested="the same in 4 folds",
    count=960,
    rows=[_row("Accuracy", 0.9, 0.85), _row("Sensitivity, basophil", 0.95, 0.9)],
    note="",
    others=(COARSE,),
)


@pytest.fixture
def trials(tmp_path: Path) -> tuple[Validation, ...]:
    write_contract(CARD, 2, tmp_path)
    return read_contract((tmp_path / "model.toml").read_bytes()).validation


def test_a_contract_tells_of_each_baseline(trials: tuple[Validation, ...]) -> None:
    first, coarse = trials
    assert [metric.baseline for metric in first.metrics] == [0.85, 0.9]
    assert [(metric.name, metric.value, metric.low, metric.baseline) for metric in coarse.metrics] == [
        ("Accuracy", 0.9, 0.89, 0.8)
    ]
    assert coarse.baseline == "logistic regression of histograms of 64 colours"


def test_a_contract_says_it_in_chinese(trials: tuple[Validation, ...]) -> None:
    first, coarse = trials
    assert first.metrics[1].name_zh == "灵敏度，嗜碱性粒细胞"
    assert coarse.metrics[0].name_zh == "准确率"
    assert "64" in coarse.cohort_zh
    assert "64" in coarse.baseline_zh


def test_a_card_has_a_table_for_each_baseline(tmp_path: Path) -> None:
    write_card(CARD, "", tmp_path)
    told = (tmp_path / "hemalum.white-cells.md").read_text("utf-8")
    assert "| The same cells | network | regression of 64 colours | gain |" in told
    assert "| Accuracy | 0.900 (0.890 to 0.910) | 0.800 (0.790 to 0.810) | 0.100 (0.090 to 0.110) |" in told
    assert "| Dice | 0.700" in told
