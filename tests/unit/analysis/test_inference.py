"""Networks give what can be worked out by hand, and say what is wrong with them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hemalum.analysis.golden import GoldenMismatch, check_golden
from hemalum.analysis.inference import Network, NetworkFailed, NotANumber, WrongShape, open_network
from hemalum.formats.model.folder import read_model_folder, seal_folder
from hemalum.formats.model.reading import BadModel
from hemalum.testing.models import WEIGHTS, network_of, scoring_network, write_model


def test_a_network_gives_what_the_hand_gives() -> None:
    network = open_network(scoring_network(8))
    batch = np.random.default_rng(1).random((5, 3, 8, 8)).astype(np.float32)
    found = network.run(batch)
    assert np.allclose(found["scores"], batch.mean((2, 3)) @ WEIGHTS, atol=1e-5)
    assert network.run(batch)["scores"].tobytes() == found["scores"].tobytes()
    assert network.input.form == "n x 3 x 8 x 8"


def test_memory_of_the_network_comes_from_its_arena() -> None:
    """From the heap, 512 patches grew it to 890 MB in 7 of 25 runs; 130 MB of that were in use."""
    network = open_network(scoring_network(8))
    assert network._session.get_session_options().enable_cpu_mem_arena


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("[ONNXRuntimeError] : 1 : FAIL : [node a] : it is so\nand more", "it is so"),
        ("[ONNXRuntimeError] : 1 : FAIL : [node a] : ", "RuntimeError"),
        (" \n", "RuntimeError"),
        ("", "RuntimeError"),
    ],
)
def test_a_failure_that_says_nothing_is_told_by_its_kind(said: str, kept: str) -> None:
    class Failing:
        def get_inputs(self) -> list[Any]:
            return [SimpleNamespace(name="image", type="tensor(float)", shape=["n"])]

        get_outputs = get_inputs

        def run(self, *_asked: Any) -> None:
            raise RuntimeError(said)

    with pytest.raises(NetworkFailed, match=f": {kept}$"):
        Network(Failing()).run(np.zeros(1, np.float32))


def test_a_batch_of_another_form_is_refused() -> None:
    network = open_network(scoring_network(8))
    with pytest.raises(WrongShape, match="n x 3 x 8 x 8"):
        network.run(np.zeros((1, 3, 8, 9), np.float32))
    with pytest.raises(WrongShape, match="uint8"):
        network.run(np.zeros((1, 3, 8, 8), np.uint8))
    with pytest.raises(WrongShape, match="takes image and is given picture"):
        network.run({"picture": np.zeros((1, 3, 8, 8), np.float32)})


def test_nan_never_passes_for_a_score() -> None:
    network = open_network(scoring_network(8, np.full((3, 2), np.nan, np.float32)))
    with pytest.raises(NotANumber, match="scores"):
        network.run(np.ones((1, 3, 8, 8), np.float32))


def test_a_file_that_is_no_network() -> None:
    whole = scoring_network(8)
    for content in (b"", b"ORTM" * 20, b"\x80\x02]q\x00.", whole[: len(whole) // 2]):
        with pytest.raises(BadModel):
            open_network(content)


def test_weights_in_another_file_are_refused_before_anything_is_opened() -> None:
    model = onnx.load_from_string(scoring_network(8))
    weights = model.graph.initializer[1]
    weights.ClearField("float_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../secret")
    with pytest.raises(BadModel, match="another file"):
        open_network(model.SerializeToString())


def test_weights_in_another_file_are_found_inside_a_branch() -> None:
    hidden = helper.make_tensor("hidden", TensorProto.FLOAT, [1], [1.0])
    hidden.data_location = TensorProto.EXTERNAL
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=hidden)],
        "branch",
        [],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, [1])],
    )
    model = onnx.load_from_string(scoring_network(8))
    model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch))
    with pytest.raises(BadModel, match="another file"):
        open_network(model.SerializeToString())


def test_operators_from_elsewhere_are_refused() -> None:
    nodes = [helper.make_node("Mine", ["image"], ["scores"], domain="org.example")]
    network = network_of(nodes, [], (3, 8, 8), {"scores": (2,)}, {"": 18, "org.example": 1})
    with pytest.raises(BadModel, match=r"org\.example"):
        open_network(network)


def test_an_unknown_operator_of_the_standard_is_refused() -> None:
    model = onnx.load_from_string(scoring_network(8))
    model.graph.node[0].op_type = "ReduceMeaning"
    with pytest.raises(BadModel, match="cannot be opened"):
        open_network(model.SerializeToString())


def test_golden_tiles_hold(tmp_path: Path) -> None:
    checked = check_golden(read_model_folder(write_model(tmp_path / "model")))
    assert checked.tiles == 1
    assert checked.greatest_difference <= 1e-4


def test_a_network_that_gives_something_else_is_found_out(tmp_path: Path) -> None:
    network = scoring_network(weights=WEIGHTS * np.float32(1.01))
    folder = read_model_folder(write_model(tmp_path / "model", network=network))
    with pytest.raises(GoldenMismatch, match="off by"):
        check_golden(folder)


def test_a_network_of_another_form_than_its_contract_is_found_out(tmp_path: Path) -> None:
    folder = read_model_folder(write_model(tmp_path / "size", network=scoring_network(64)))
    with pytest.raises(WrongShape, match="n x 3 x 64 x 64"):
        check_golden(folder)
    three = scoring_network(weights=np.zeros((3, 3), np.float32))
    folder = read_model_folder(write_model(tmp_path / "classes", network=three))
    with pytest.raises(WrongShape, match="n x 3 for scores, and the contract states n x 2"):
        check_golden(folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x93NUMPY"])
def test_golden_files_that_hold_nothing(tmp_path: Path, content: bytes) -> None:
    folder = write_model(tmp_path / "model", sealed=False)
    (folder / "golden/1.npz").write_bytes(content)
    seal_folder(folder)
    with pytest.raises(BadModel, match="holds no arrays"):
        check_golden(read_model_folder(folder))


def test_a_golden_tile_of_another_size(tmp_path: Path) -> None:
    folder = write_model(
        tmp_path / "model",
        edit=lambda text: text.replace("tile_px = 32", "tile_px = 64").replace("shape = [2]", ""),
        network=scoring_network(64),
    )
    with pytest.raises(BadModel, match="is not 64 px wide"):
        check_golden(read_model_folder(folder))


def with_weights_beside(folder: Path) -> tuple[Path, Path]:
    """The sample network with its weights in a second file, as the package onnx writes them."""
    model = onnx.load_from_string(scoring_network(8))
    weights = model.graph.initializer[1]
    # Only tensors kept as plain bytes are put there.
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights), weights.name))
    onnx.save_model(
        model,
        folder / "model.onnx",
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.weights",
        size_threshold=20,
    )
    return folder / "model.onnx", folder / "model.weights"


def test_weights_may_lie_in_a_second_file_that_is_named(tmp_path: Path) -> None:
    network, weights = with_weights_beside(tmp_path)
    batch = np.random.default_rng(1).random((1, 3, 8, 8), np.float32)
    found = open_network(network, weights).run(batch)["scores"]
    assert found == pytest.approx(batch.mean(axis=(2, 3)) @ WEIGHTS, abs=1e-5)
    # The runtime is given bytes: a file of that name is not asked for.
    content = weights.read_bytes()
    weights.unlink()
    assert open_network(network.read_bytes(), content, "model.weights").run(batch)["scores"] == pytest.approx(
        found
    )


def test_weights_in_a_file_of_another_name_are_refused(tmp_path: Path) -> None:
    network, weights = with_weights_beside(tmp_path)
    with pytest.raises(BadModel, match="does not name"):
        open_network(network, weights.read_bytes(), "other.weights")
    with pytest.raises(BadModel, match="another file"):
        open_network(network)


def test_weights_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    network, weights = with_weights_beside(tmp_path)
    weights.write_bytes(weights.read_bytes()[:4])
    with pytest.raises(BadModel):
        open_network(network, weights)
