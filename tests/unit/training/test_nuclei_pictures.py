"""Windows of synthetic slides from which nuclei and their classes are learnt, and how they are judged."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from baselines import histograms, histograms_within
from hemalum.analysis.inference import Network
from nuclei_drawn import CLASSES, DrawnNuclei, slides_learnt, slides_tested, windows_of
from nuclei_trial import classes_beside_colours, found_in, outlines_beside_floor


@pytest.fixture(scope="module")
def drawn() -> DrawnNuclei:
    return windows_of(slides_learnt(1, 5), 1, 5)


def test_every_nucleus_of_a_window_has_a_number_and_one_class(drawn: DrawnNuclei) -> None:
    seen = set()
    for labels, classes in zip(drawn.labels, drawn.classes, strict=True):
        assert set(np.unique(labels)) == set(range(labels.max() + 1))
        assert not classes[labels == 0].any()
        for number in range(1, labels.max() + 1):
            (of_class,) = np.unique(classes[labels == number])
            seen.add(int(of_class))
    assert seen >= {1, 2, 3}


def test_what_is_tested_has_a_stain_and_a_scanner_of_its_own() -> None:
    learnt, tested = list(slides_learnt(36, 5)), list(slides_tested(8, 5))
    assert not {each.stain for each in learnt} & {each.stain for each in tested}
    assert not {each.scanner for each in learnt} & {each.scanner for each in tested}
    assert {each.tissue for each in tested} > {each.tissue for each in learnt}
    assert len({(each.tissue, each.stain, each.scanner) for each in learnt}) == 36


def test_windows_are_kept_as_they_are(drawn: DrawnNuclei, tmp_path: Path) -> None:
    drawn.save(tmp_path / "drawn.npz")
    kept = DrawnNuclei.load(tmp_path / "drawn.npz")
    np.testing.assert_array_equal(kept.labels, drawn.labels)
    np.testing.assert_array_equal(kept.rgb, drawn.rgb)


def test_colours_within_an_outline_are_those_of_its_pixels() -> None:
    random = np.random.default_rng(3)
    rgb = random.integers(0, 256, (8, 12, 3)).astype(np.uint8)
    labels = np.zeros((8, 12), np.int32)
    labels[:, :4], labels[2:6, 6:] = 2, 1
    first, second = histograms_within(labels, rgb)
    np.testing.assert_allclose(first, histograms(rgb[None, 2:6, 6:])[0])
    np.testing.assert_allclose(second, histograms(rgb[None, :, :4])[0])
    assert histograms_within(np.zeros_like(labels), rgb).shape == (0, 512), "a window may hold no nucleus"


class _Told(Network):
    """Outlines as they are drawn, and for each nucleus the class after its own."""

    def __init__(self, drawn: DrawnNuclei) -> None:
        self._drawn = drawn

    def run(self, batch: np.ndarray, outputs: object = None) -> dict[str, np.ndarray]:  # type: ignore[override]
        (at,) = (
            number
            for number, rgb in enumerate(self._drawn.rgb)
            if np.array_equal(rgb.transpose(2, 0, 1) / np.float32(255), batch[0])
        )
        labels, classes = self._drawn.labels[at], self._drawn.classes[at].astype(np.int64)
        depth = np.zeros(labels.shape)
        for number in range(1, int(labels.max()) + 1):
            own = np.pad(labels == number, 1)
            distance = ndimage.distance_transform_edt(own)
            depth += (distance / max(distance.max(), 1))[1:-1, 1:-1]
        maps = np.stack([np.where(labels > 0, 9.0, -9.0), 8 * depth - 4])
        told = 9.0 * np.eye(len(CLASSES))[classes % len(CLASSES)].transpose(2, 0, 1)
        return {"maps": maps[None].astype(np.float32), "classes": told[None].astype(np.float32)}


def test_a_network_that_is_always_wrong_is_beaten_by_colours(drawn: DrawnNuclei) -> None:
    network = _Told(drawn)
    found = found_in(drawn, network)
    assert set(found.truth) >= {0, 1, 2}
    assert (found.answers == (found.truth + 1) % len(CLASSES)).mean() > 0.98
    fine, coarse = classes_beside_colours(found, found)
    for mean_f1, accuracy, *of_classes in (fine, coarse):
        assert (mean_f1.what, accuracy.what) == ("Mean F1 of classes", "Accuracy")
        assert accuracy.network.value < 0.02
        assert accuracy.baseline.value > 0.8
        assert accuracy.gain.upper < 0
        assert [each.what for each in of_classes] == [f"F1, {name}" for name in CLASSES]
    outlines, _ = outlines_beside_floor(drawn, network)
    assert outlines.network.value > outlines.baseline.value
