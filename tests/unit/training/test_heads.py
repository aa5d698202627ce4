"""Slide heads: what they learn from bags whose truth is known, and that noise teaches nothing."""

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bags import BadBags, Bag, Cohort, EncoderUsed, read_cohort
from head_trial import ATTENTION, HeadTrial, folds_of, mean_auc, try_heads
from heads import AttentionHead, MeanHead, Scale, learn_attention, learn_mean, slopes_of
from hemalum.analysis.agreement import Interval, auc
from hemalum.analysis.calibration import softmax
from hemalum.analysis.golden import check_golden
from hemalum.analysis.inference import open_network
from hemalum.formats.model.folder import read_model_folder
from slide_heads import Named, card_of, make_head, network_of

DIMENSIONS, TILES, WITNESSES = 12, 40, 4
ENCODER = EncoderUsed("sample.encoder", "1.0.0", "0" * 64)
NAMED = Named("county.sample", "1.0.0", "Sample", 'County "C"', "sample slides", ("he",), ())


def bags_of(seed: int, shift: float, count: int = 40) -> tuple[list[Bag], list[np.ndarray]]:
    """Slides of two classes, two of each patient; in the second some tiles, the witnesses, lie apart."""
    random = np.random.default_rng(seed)
    bags, witnesses = [], []
    for number in range(count):
        label = number // 2 % 2
        features = random.normal(size=(TILES, DIMENSIONS)).astype(np.float32)
        is_witness = np.zeros(TILES, bool)
        if label:
            is_witness[random.choice(TILES, WITNESSES, replace=False)] = True
        features[is_witness, :2] += shift
        bags.append(Bag(f"s{number}", f"p{number // 2}", label, features))
        witnesses.append(is_witness)
    return bags, witnesses


def random_head(seed: int) -> AttentionHead:
    random = np.random.default_rng(seed)
    scale = Scale(random.normal(size=5), random.uniform(0.5, 2, 5))
    shapes = [(5, 4), (5, 4), (4,), (5, 3), (3,)]
    return AttentionHead(scale, *(random.normal(size=shape) for shape in shapes))


def test_attention_finds_the_witnesses_and_beats_the_mean() -> None:
    bags, _ = bags_of(1, 3.0)
    trial = try_heads(bags, 2, progress=lambda _: None)
    assert trial.better == ATTENTION
    assert trial.beats_chance
    assert trial.attention.value > 0.85
    assert (trial.slides, trial.patients) == (40, 20)
    unseen, witnesses = bags_of(2, 3.0)
    head = learn_attention(bags, 2, seed=3)
    found = [
        auc(head.attention(bag.features.astype(np.float64)), own).value
        for bag, own in zip(unseen, witnesses, strict=True)
        if own.any()
    ]
    assert np.mean(found) > 0.9


def test_noise_teaches_nothing() -> None:
    bags, _ = bags_of(5, 0.0)
    assert not try_heads(bags, 2, progress=lambda _: None).beats_chance


def test_slopes_are_those_of_finite_differences() -> None:
    head, features = random_head(1), np.random.default_rng(2).normal(size=(7, 5))

    def loss(changed: AttentionHead) -> float:
        return -float(np.log(softmax(changed.logits(features))[1]))

    for name, slope in slopes_of(head, features, 1).items():
        weights = getattr(head, name)
        for place in np.ndindex(weights.shape):
            kept, step = weights[place], 1e-6
            weights[place] = kept + step
            above = loss(head)
            weights[place] = kept - step
            below = loss(head)
            weights[place] = kept
            assert slope[place] == pytest.approx((above - below) / (2 * step), abs=1e-6)


def test_patients_are_kept_together() -> None:
    bags, _ = bags_of(1, 0.0)
    folds = folds_of(bags, 2)
    assert sorted(number for fold in folds for number in fold) == list(range(len(bags)))
    patients = [{bags[number].patient for number in fold} for fold in folds]
    assert sum(map(len, patients)) == len(set.union(*patients))
    assert all({bags[number].label for number in fold} == {0, 1} for fold in folds)


def test_too_few_patients_are_refused() -> None:
    bags, _ = bags_of(1, 0.0, count=12)
    with pytest.raises(BadBags, match="at least 5"):
        folds_of(bags, 2)


def test_the_area_of_several_classes_is_the_mean_of_each() -> None:
    likely = np.eye(3)[[0, 1, 2, 0, 1, 2]]
    labels = np.array([0, 1, 2, 0, 1, 2])
    assert mean_auc(likely, labels) == 1
    assert mean_auc(likely, labels[::-1]) == pytest.approx((0.25 + 1 + 0.25) / 3)


@pytest.mark.parametrize("attends", [True, False])
def test_the_network_gives_what_was_learnt(attends: bool) -> None:
    head = random_head(4)
    if not attends:
        plain = MeanHead(head.scale, head.weights, head.offset)
    features = np.random.default_rng(5).normal(size=(9, 5))
    learnt = head if attends else plain
    given = open_network(network_of(learnt)).run(features.astype(np.float32))
    assert given["scores"][0] == pytest.approx(learnt.logits(features), abs=1e-4)
    assert ("attention" in given) is attends
    if attends:
        assert given["attention"] == pytest.approx(head.attention(features), abs=1e-5)


def test_the_folder_of_a_head_keeps_the_contract_and_names_both_results(tmp_path: Path) -> None:
    bags, _ = bags_of(1, 3.0, count=20)
    cohort = Cohort(tuple(bags), ("no tumour", "肿瘤"), ENCODER)
    trial = HeadTrial(20, 10, Interval(0.91, 0.8, 0.97), Interval(0.84, 0.7, 0.9), Interval(0.07, -0.01, 0.2))
    make_head(cohort, trial, NAMED, tmp_path / "head")
    folder = read_model_folder(tmp_path / "head")
    assert check_golden(folder).tiles == 1
    (validation,) = folder.contract.validation
    assert (validation.metrics[0].value, validation.metrics[0].baseline) == (0.91, 0.84)
    assert [one.title for one in folder.contract.outputs[0].classes] == ["no tumour", "肿瘤"]
    card = card_of(cohort, trial, NAMED)
    assert "0.910 (0.800 to 0.970)" in card
    assert "0.840 (0.700 to 0.900)" in card
    assert "Served by gated attention" in card


def test_the_mean_serves_where_attention_gains_nothing() -> None:
    same = Interval(0.8, 0.7, 0.9)
    trial = HeadTrial(20, 10, same, same, Interval(0.0, -0.1, 0.1))
    assert trial.better != ATTENTION
    assert isinstance(learn_mean(bags_of(1, 3.0, count=20)[0], 2), MeanHead)


def write_export(path: Path, features: np.ndarray, version: str = "1.0.0") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in (("embedding", features), ("abstained", np.zeros(len(features), bool))):
            held = io.BytesIO()
            np.save(held, array)
            archive.writestr(f"{name}.npy", held.getvalue())
        about = {"model_id": "sample.encoder", "model_version": version, "address": "0" * 64}
        archive.writestr("about.json", json.dumps(about))


def write_labels(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("slide", "patient", "label"), *rows])
    return path


def test_exports_and_labels_are_read(tmp_path: Path) -> None:
    for slide in ("one", "two"):
        write_export(tmp_path / f"{slide}.npz", np.ones((3, 2), np.float32))
    labels = write_labels(tmp_path / "labels.csv", [("one", "p1", "b"), ("two", "p2", "a")])
    cohort = read_cohort(tmp_path, labels)
    assert cohort.classes == ("a", "b")
    assert [bag.label for bag in cohort.bags] == [1, 0]
    assert cohort.encoder == ENCODER


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("one", "p1", "a"), ("two", "p2", "a")], "one class"),
        ([("one", "p1", "a"), ("gone", "p2", "b")], "no export"),
        ([("one", "p1", "a"), ("one", "p1", "b")], "twice"),
        ([("one", "", "a"), ("two", "p2", "b")], "empty field"),
        ([("../one", "p1", "a"), ("two", "p2", "b")], "cannot be a file"),
        ([("one", "p1", "a"), ("other", "p2", "b")], "different encoders"),
    ],
)
def test_bad_tables_are_refused(tmp_path: Path, rows: list[tuple[str, str, str]], said: str) -> None:
    for slide, version in (("one", "1.0.0"), ("two", "1.0.0"), ("other", "2.0.0")):
        write_export(tmp_path / f"{slide}.npz", np.ones((3, 2), np.float32), version)
    with pytest.raises(BadBags, match=said):
        read_cohort(tmp_path, write_labels(tmp_path / "labels.csv", rows))
