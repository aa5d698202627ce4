"""The networks, and the loop in which they learn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

import nuclei  # noqa: E402
from augment import Variety, restained, varied  # noqa: E402
from baselines import fit_logistic, histograms  # noqa: E402
from exporting import export  # noqa: E402
from hemalum.analysis.inference import open_network  # noqa: E402
from learning import Course, learn  # noqa: E402
from networks import ArtefactNet, NucleiNet  # noqa: E402
from tile_networks import BesideColours, PretextNet, TileNet, TileTrunk, Turned  # noqa: E402
from tile_trunk import alike  # noqa: E402


def test_turned_answers_do_not_depend_on_how_a_picture_lies() -> None:
    torch.manual_seed(1)
    net = Turned(TileNet(8, 3)).eval()
    rgb = torch.rand(1, 3, 48, 48)
    with torch.no_grad():
        for turned in (rgb.rot90(1, (2, 3)), rgb.flip(2), rgb.transpose(2, 3)):
            torch.testing.assert_close(net(turned), net(rgb), atol=1e-5, rtol=0)


def test_a_trunk_gives_an_embedding_and_learns_by_classes_and_directions() -> None:
    torch.manual_seed(1)
    net = PretextNet(5, colour_step=2).eval()
    with torch.no_grad():
        rgb = torch.rand(2, 3, 64, 64)
        embedding = net.trunk(rgb)
        logits, directions = net(rgb)
    assert embedding.shape == (2, TileTrunk.DIMENSIONS)
    torch.testing.assert_close(net.head(embedding), logits)
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(2))


def test_two_crops_of_a_tile_are_told_from_all_others() -> None:
    """Against equation 1 of T. Chen et al. (ICML 2020), term by term."""
    torch.manual_seed(2)
    first, second = (nn.functional.normalize(torch.randn(3, 4), dim=1) for _ in range(2))
    every, terms = [*first, *second], []
    for i in range(6):
        near = [torch.exp(every[i] @ every[k] / 0.2) for k in range(6) if k != i]
        terms.append(-torch.log(torch.exp(every[i] @ every[(i + 3) % 6] / 0.2) / sum(near)))
    torch.testing.assert_close(alike(first, second), torch.stack(terms).mean())


@pytest.mark.filterwarnings("ignore")  # PyTorch announces the end of its older exporter
def test_colours_beside_a_network_are_the_regression_of_histograms(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    rgb = random.integers(0, 256, (30, 16, 16, 3)).astype(np.uint8)
    rgb[:15, :, :8] = 255
    colours = fit_logistic(histograms(rgb), np.repeat([0, 1], 15), 2)
    weights, offset = torch.from_numpy(colours.weights), torch.from_numpy(colours.offset)
    net = BesideColours(TileNet(4, 2), weights, offset, share=1.0).eval()
    given = torch.from_numpy(rgb.transpose(0, 3, 1, 2) / np.float32(255))
    export(net, given[:1], tmp_path / "net.onnx", "scores")
    found = open_network(tmp_path / "net.onnx").run(given.numpy())["scores"]
    np.testing.assert_allclose(np.exp(found), colours(histograms(rgb)), atol=1e-4)


@pytest.mark.filterwarnings("ignore")  # PyTorch announces the end of its older exporter
def test_maps_have_the_size_of_the_picture(tmp_path: Path) -> None:
    torch.manual_seed(1)
    made, rgb = ArtefactNet(6).eval(), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = made(rgb)
    assert expected.shape == (1, 6, 64, 64)
    export(made, rgb, tmp_path / "net.onnx", "maps")
    given = open_network(tmp_path / "net.onnx").run(rgb.numpy())["maps"]
    np.testing.assert_allclose(given, expected.numpy(), atol=1e-4)


@pytest.mark.filterwarnings("ignore")  # PyTorch announces the end of its older exporter
def test_nuclei_and_their_classes_are_two_outputs_of_one_network(tmp_path: Path) -> None:
    torch.manual_seed(1)
    made, rgb = NucleiNet(4).eval(), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        maps, classes = made(rgb)
    assert (maps.shape, classes.shape) == ((1, 2, 64, 64), (1, 4, 64, 64))
    export(made, rgb, tmp_path / "net.onnx", "maps", "classes")
    given = open_network(tmp_path / "net.onnx").run(rgb.numpy())
    np.testing.assert_allclose(given["maps"], maps.numpy(), atol=1e-4)
    np.testing.assert_allclose(given["classes"], classes.numpy(), atol=1e-4)


def test_pixels_without_a_class_say_nothing_of_classes() -> None:
    torch.manual_seed(3)
    maps_given, maps = torch.randn(2, 2, 8, 8), torch.rand(2, 2, 8, 8).round()
    given, other = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    unknown = torch.full((2, 8, 8), -1)
    torch.testing.assert_close(
        nuclei.loss((maps_given, given), maps, unknown), nuclei.loss((maps_given, other), maps, unknown)
    )
    known = unknown.clone()
    known[0, 0, 0], known[0, 0, 1:5] = 0, 1
    # A class of four pixels weighs twice one of a single pixel.
    entropy = -given.log_softmax(1)
    wanted = (entropy[0, 0, 0, 0] + entropy[0, 1, 0, 1:5].sum() / 2) / 3
    apart = nuclei.loss((maps_given, given), maps, known) - nuclei.loss((maps_given, given), maps, unknown)
    torch.testing.assert_close(apart, nuclei.CLASS_SHARE * wanted)


def test_a_training_that_was_stopped_goes_on(tmp_path: Path) -> None:
    begun = []

    def begin(random: np.random.Generator) -> Callable[[nn.Module], Tensor]:
        begun.append(random)

        def loss(net: nn.Module) -> Tensor:
            x = torch.tensor(random.normal(size=(16, 1)), dtype=torch.float32)
            return ((net(x) - 3 * x) ** 2).mean()

        return loss

    def course(steps: int) -> Course:
        return Course("line", steps, seed=1, learning_rate=0.2, weight_decay=0.0)

    def make() -> nn.Linear:
        return nn.Linear(1, 1)

    learn(make, begin, course(40), tmp_path)
    half = torch.load(tmp_path / "line.checkpoint", weights_only=True)
    assert half["done"] == 40
    net = learn(make, begin, course(300), tmp_path)
    assert torch.load(tmp_path / "line.checkpoint", weights_only=True)["done"] == 300
    assert net.weight.item() == pytest.approx(3, abs=0.2)
    assert len(begun) == 2


def test_pictures_vary_within_their_bounds() -> None:
    random = np.random.default_rng(1)
    given = torch.rand(4, 3, 64, 64)
    out = varied(given, random, Variety(), 32)
    assert out.shape == (4, 3, 32, 32)
    assert 0 <= out.min() <= out.max() <= 1
    plain = Variety(strength=0.0, shade=0.0, noise=0.0)
    torch.testing.assert_close(restained(given.clamp(min=0.01), random, plain), given.clamp(min=0.01))
