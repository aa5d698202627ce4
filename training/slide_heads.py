"""Learns a slide head from the labels of a laboratory: `python training/slide_heads.py --help`.

Gated attention and the mean of all tiles are both tried by cross-validation with patients kept together. The
better one is learnt anew from all slides and written as a folder that `hemalum models add` takes, with a card
that names the results of both. If it is no better than chance for sure, only the card is written.
"""

import argparse
import datetime
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from bags import BadBags, Cohort, read_cohort
from head_trial import ATTENTION, FOLDS, MEAN, HeadTrial, try_heads
from heads import AttentionHead, Head, MeanHead, learn_attention, learn_mean
from hemalum.analysis.agreement import Interval
from hemalum.analysis.golden import check_golden, write_golden
from hemalum.formats.model.folder import read_model_folder, seal_folder

_TEMPLATE = Path(__file__).parent / "contracts/slide-head.toml"
_SEED = 20261128
_GOLDEN_TILES = 64
_OPSET = 17
_ATTENTION = """
[[outputs]]
name = "attention"
spatial = "tile"
title = "Attention"
title_zh = "注意力"
"""


@dataclass(frozen=True, slots=True)
class Named:
    """What a head is called."""

    id: str
    version: str
    name: str
    publisher: str
    cohort: str
    stains: tuple[str, ...]
    organs: tuple[str, ...]


def make_head(cohort: Cohort, trial: HeadTrial, named: Named, folder: Path) -> None:
    """Writes the folder of the head that serves, with its card."""
    classes = len(cohort.classes)
    head: Head = (
        learn_attention(cohort.bags, classes, _SEED)
        if trial.better == ATTENTION
        else learn_mean(cohort.bags, classes)
    )
    (folder / "golden").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(network_of(head))
    tiles = cohort.bags[0].features[:_GOLDEN_TILES]
    np.save(folder / "golden/1.npy", tiles)
    expected = {"scores": head.logits(tiles.astype(np.float64))[None].astype(np.float32)}
    if isinstance(head, AttentionHead):
        expected["attention"] = head.attention(tiles.astype(np.float64)).astype(np.float32)
    write_golden(folder / "golden/1.npz", expected)
    _write_contract(cohort, trial, named, folder)
    (folder / "CARD.md").write_text(card_of(cohort, trial, named), "utf-8")
    seal_folder(folder)


def network_of(head: Head) -> bytes:
    """An ONNX file from `features` (tiles, dimensions) to `scores` (1, classes), and `attention` if any."""
    assert isinstance(head, MeanHead | AttentionHead)
    dimensions, classes = head.weights.shape
    weights: dict[str, NDArray[np.float64]] = {
        "mean": head.scale.mean,
        "spread": head.scale.spread,
        "weights": head.weights,
        "offset": head.offset,
    }
    nodes = [("Sub", ["features", "mean"], "centred", {}), ("Div", ["centred", "spread"], "scaled", {})]
    outputs = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, classes])]
    if isinstance(head, AttentionHead):
        weights |= {"tangent": head.tangent, "gate": head.gate, "chosen": head.chosen}
        nodes += [
            ("MatMul", ["scaled", "tangent"], "tangents", {}),
            ("Tanh", ["tangents"], "bent", {}),
            ("MatMul", ["scaled", "gate"], "gates", {}),
            ("Sigmoid", ["gates"], "open", {}),
            ("Mul", ["bent", "open"], "gated", {}),
            ("MatMul", ["gated", "chosen"], "raw", {}),
            ("Softmax", ["raw"], "attention", {"axis": 0}),
            ("Unsqueeze", ["attention", "first"], "row", {}),
            ("MatMul", ["row", "scaled"], "pooled", {}),
        ]
        outputs.append(helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n"]))
    else:
        nodes.append(("ReduceMean", ["scaled"], "pooled", {"axes": [0], "keepdims": 1}))
    nodes += [("MatMul", ["pooled", "weights"], "weighed", {}), ("Add", ["weighed", "offset"], "scores", {})]
    kept = [
        helper.make_tensor(name, TensorProto.FLOAT, value.shape, value.astype(np.float32).ravel())
        for name, value in weights.items()
    ]
    if isinstance(head, AttentionHead):
        kept.append(helper.make_tensor("first", TensorProto.INT64, [1], [0]))
    graph = helper.make_graph(
        [helper.make_node(kind, given, [gives], **options) for kind, given, gives, options in nodes],
        "head",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", dimensions])],
        outputs,
        kept,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def card_of(cohort: Cohort, trial: HeadTrial, named: Named) -> str:
    """The page of the head: both results, and which one serves."""
    verdict = (
        f"**Served by {trial.better}.**"
        if trial.beats_chance
        else "**Nothing is served**: neither is better than chance for sure."
    )
    return "\n".join(
        [
            f"# {named.id}",
            "",
            f"{named.name}. **Research, not validated for clinical use.**",
            "",
            f"- Classes: {', '.join(cohort.classes)}.",
            f"- Encoder: {cohort.encoder.id} {cohort.encoder.version} (address {cohort.encoder.address}).",
            f"- Slides: {trial.slides} of {trial.patients} patients, {named.cohort}.",
            f"- Trial: {FOLDS} folds, all slides of a patient in one; 95 % intervals over patients, "
            "drawn anew 1,000 times.",
            "",
            "| | area under the ROC curve |",
            "|---|---|",
            f"| {ATTENTION} (M. Ilse et al. 2018) | {_said(trial.attention)} |",
            f"| {MEAN} and logistic regression | {_said(trial.mean)} |",
            f"| gain of attention | {_said(trial.gain)} |",
            "",
            verdict,
            "",
        ]
    )


def _write_contract(cohort: Cohort, trial: HeadTrial, named: Named, folder: Path) -> None:
    attends = trial.better == ATTENTION
    served, other = (trial.attention, trial.mean) if attends else (trial.mean, trial.attention)
    classes = "\n".join(
        f'[[outputs.classes]]\nname = "{_name_of(label)}"\ntitle = {json.dumps(label, ensure_ascii=False)}\n'
        for label in cohort.classes
    )
    filled = {
        **{key: _escaped(getattr(named, key)) for key in ("id", "version", "name", "publisher", "cohort")},
        "stains": json.dumps(list(named.stains)),
        "organs": json.dumps(list(named.organs)),
        "served": trial.better,
        "other": MEAN if attends else ATTENTION,
        "encoder": cohort.encoder.id,
        "encoder_version": cohort.encoder.version,
        "dimensions": str(cohort.bags[0].features.shape[1]),
        "slides": str(trial.slides),
        "patients": str(trial.patients),
        "folds": str(FOLDS),
        "value": f"{served.value:.4f}",
        "low": f"{served.lower:.4f}",
        "high": f"{served.upper:.4f}",
        "baseline": f"{other.value:.4f}",
        "done": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "classes": classes,
        "attention": _ATTENTION if attends else "",
    }
    told = _TEMPLATE.read_text("utf-8")
    for mark, value in filled.items():
        told = told.replace(f"{{{mark}}}", value)
    (folder / "model.toml").write_text(told, "utf-8")


def _escaped(text: str) -> str:
    """A text between the quotes of TOML, which are those of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _name_of(label: str) -> str:
    """A label as the contract names classes."""
    plain = "".join(each if each.isascii() and each.isalnum() else "-" for each in label.lower()).strip("-")
    return plain or "class-" + label.encode().hex()[:32]


def _said(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.lower:.3f} to {interval.upper:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--exports", type=Path, required=True, help="folder of SLIDE.npz, as a node exports them"
    )
    parser.add_argument("--labels", type=Path, required=True, help="CSV: slide, patient, label")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the head, not there yet")
    parser.add_argument("--id", required=True, help="such as county.metastasis")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--name", required=True)
    parser.add_argument("--publisher", required=True)
    parser.add_argument("--cohort", required=True, help="whose slides these are, in a few words")
    parser.add_argument("--stain", action="append", default=[], help="term of the metadata profile")
    parser.add_argument("--organ", action="append", default=[], help="term of the metadata profile")
    asked = parser.parse_args()
    if asked.out.exists():
        sys.exit(f"{asked.out} is there already.")
    named = Named(
        asked.id,
        asked.version,
        asked.name,
        asked.publisher,
        asked.cohort,
        tuple(asked.stain),
        tuple(asked.organ),
    )
    try:
        cohort = read_cohort(asked.exports, asked.labels)
        trial = try_heads(cohort.bags, len(cohort.classes))
    except BadBags as error:
        sys.exit(str(error))
    print(card_of(cohort, trial, named))
    if not trial.beats_chance:
        asked.out.mkdir(parents=True)
        (asked.out / "CARD.md").write_text(card_of(cohort, trial, named), "utf-8")
        sys.exit("No head is written.")
    make_head(cohort, trial, named, asked.out)
    checked = check_golden(read_model_folder(asked.out))
    print(f"onnxruntime is within {checked.greatest_difference:.1e} of what was learnt")


if __name__ == "__main__":
    main()
