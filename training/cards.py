"""Writes the card of a network for people (docs/models) and its `model.toml` for the software."""

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hemalum.analysis.agreement import Interval

_TEMPLATES = Path(__file__).parent / "contracts"
_MARK = re.compile(r"(?<== )\{\w+\}$", re.MULTILINE)
"""What stands for a number or a list in a template, until it is filled in."""
_METRICS_ZH = {
    "Accuracy": "准确率",
    "Sensitivity": "灵敏度",
    "Dice": "Dice",
    "PQ": "全景质量（PQ）",
    "F1": "F1",
    "Mean F1 of classes": "各类别 F1 的均值",
    "F1 at IoU 0.5": "F1（IoU 0.5）",
    "AUC": "AUC",
    "mean of pictures": "各图像均值",
    "mean of ink, fold, out of focus, edge": "墨迹、折叠、失焦和边缘的均值",
    "adenocarcinoma": "腺癌",
    "squamous": "鳞状细胞癌",
    "benign": "良性",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One number of the network, of its baseline, and what it gains."""

    what: str
    network: Interval
    baseline: Interval
    gain: Interval

    def __str__(self) -> str:
        return f"| {self.what} | {_said(self.network)} | {_said(self.baseline)} | {_said(self.gain)} |"


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers beside those of another baseline."""

    title: str
    baseline: str
    rows: list[Row]
    count: int = 0
    """Of what was counted in it, where that is not what its card counts."""

    def __str__(self) -> str:
        return "\n".join(
            [
                f"| {self.title} | network | {self.baseline} | gain |",
                "|---|---|---|---|",
                *map(str, self.rows),
            ]
        )


@dataclass(frozen=True, slots=True)
class Card:
    """What a trial of a network gave."""

    id: str
    done: datetime.date
    learnt: str
    tested: str
    count: int
    rows: list[Row]
    """The first decides."""
    note: str
    """May hold tables of its own."""
    others: tuple[Table, ...] = ()
    held_back: str = ""
    """Why it is not given on whatever its numbers are, such as the terms of what it learnt from."""

    @property
    def beats_baseline(self) -> bool:
        return self.rows[0].gain.lower > 0

    @property
    def is_shipped(self) -> bool:
        return self.beats_baseline and not self.held_back


def write_card(card: Card, spent: str, folder: Path) -> None:
    """The page of the network: what is told of it by hand, and the numbers of this trial.

    `spent` is a sentence on how long it learnt.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = (_TEMPLATES / f"{card.id}.md").read_text("utf-8")
    tables = "\n\n".join(map(str, (Table("", "baseline", card.rows), *card.others)))
    numbers = (
        f"Trial of {card.done.isoformat()}, written by `training/ship.py`. Learnt from {card.learnt}; "
        f"tested on {card.tested}. {spent}"
        "In brackets 95 % intervals, whole sources drawn anew 1,000 times.\n\n"
        f"{tables}\n\n{card.note}\n\n{_verdict(card)}\n"
    )
    (folder / f"{card.id}.md").write_text(told.replace("{numbers}\n", numbers), "utf-8")


def _verdict(card: Card) -> str:
    if not card.beats_baseline:
        return "**Not shipped**: it does not beat its baseline for sure. The card is kept all the same."
    if card.held_back:
        return f"**Not shipped**, although the lower limit of its gain is above 0: {card.held_back}."
    return "**Shipped**: the lower limit of its gain is above 0."


def write_contract(card: Card, golden: int, folder: Path) -> None:
    """`model.toml` in the folder of the model."""
    told = (_TEMPLATES / f"{card.id}.toml").read_text("utf-8")
    titles = _chinese_titles(told)
    tiles = ", ".join(
        f'{{ input = "golden/{number}.png", expected = "golden/{number}.npz" }}'
        for number in range(1, golden + 1)
    )
    # Of a further baseline, the row that decides: the card for people has them all.
    beside = {f"{{metrics_{number}}}": one.rows[:1] for number, one in enumerate(card.others, 1)}
    filled = {
        **{mark: _metrics(rows, titles) for mark, rows in {"{metrics}": card.rows, **beside}.items()},
        "{tiles}": f"[{tiles}]",
        "{done}": card.done.isoformat(),
        "{count}": str(card.count),
        **{f"{{count_{number}}}": str(one.count) for number, one in enumerate(card.others, 1)},
        "{tested}": card.tested,
        "{learnt}": card.learnt,
    }
    for mark, value in filled.items():
        told = told.replace(mark, value)
    (folder / "model.toml").write_text(told, "utf-8")


def _metrics(rows: Sequence[Row], titles: Mapping[str, str]) -> str:
    """A TOML list of metrics, one a line."""
    lines = (
        f'  {{ name = "{row.what}", value = {row.network.value:.4f}, low = {row.network.lower:.4f}, '
        f"high = {row.network.upper:.4f}, baseline = {row.baseline.value:.4f}, "
        f'name_zh = "{in_chinese(row.what, titles)}" }},\n'
        for row in rows
    )
    return f"[\n{''.join(lines)}]"


def in_chinese(what: str, titles: Mapping[str, str]) -> str:
    """The name of a metric, which may end with a comma and a class of the model, whose names `titles` has."""
    head, comma, tail = what.partition(", ")
    said = _METRICS_ZH.get(head, head)
    return f"{said}，{titles.get(tail) or _METRICS_ZH.get(tail, tail)}" if comma else said


def _chinese_titles(template: str) -> dict[str, str]:
    """By the name of a class, what it is called in Chinese."""
    told = tomllib.loads(_MARK.sub("0", template))
    return {one["name"]: one["title_zh"] for output in told["outputs"] for one in output.get("classes", [])}


def _said(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.lower:.3f} to {interval.upper:.3f})"
