"""Foundation encoders: the table, and models made of weights of the true architectures, fewer layers deep."""

from pathlib import Path

import pytest

from hemalum.formats.model.contract import Access
from hemalum.formats.model.encoders import Encoder, Naming, Pooling, encoders
from hemalum.formats.model.folder import read_model_folder

DEPTH = 2
BY_ID = {each.id: each for each in encoders()}


def test_the_table_names_licences_that_allow_research_and_no_weights_are_bundled() -> None:
    assert len(BY_ID) == len(encoders()) >= 6
    assert {each.licence for each in encoders()} <= {"Apache-2.0", "MIT"}
    assert all(each.access is not Access.BUNDLED and each.note_zh for each in encoders())


def test_a_class_token_and_a_mean_are_twice_as_long() -> None:
    """By M. Karasikov et al. 2025 and E. Vorontsov et al. 2024."""
    assert BY_ID["kaiko.midnight-12k"].dimensions == 2 * 1536
    assert BY_ID["paige.virchow"].dimensions == 2 * 1280
    doubled = {each.id for each in encoders() if each.pooling is Pooling.CLASS_AND_MEAN}
    assert doubled == {"kaiko.midnight-12k", "paige.virchow"}


def published(encoder: Encoder, folder: Path) -> None:
    """Random weights of the true width under the names of timm, as some publishers give them out."""
    import torch

    from encoders import build

    torch.manual_seed(1)
    net = build(encoder, depth=DEPTH)
    for value in net.parameters():
        torch.nn.init.normal_(value, 0, 0.05)
    torch.save(net.state_dict(), folder / "pytorch_model.bin")


@pytest.mark.filterwarnings("ignore")  # PyTorch announces the end of its older exporter
def test_onnxruntime_gives_what_pytorch_gives(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("timm")
    from encoders import make_model
    from hemalum.analysis.golden import check_golden

    encoder = BY_ID["microsoft.gigapath-flash"]
    published(encoder, tmp_path)
    make_model(encoder, tmp_path, tmp_path / "model", depth=DEPTH)
    folder = read_model_folder(tmp_path / "model")
    checked = check_golden(folder)
    assert checked.tiles == 2
    assert checked.greatest_difference < 1e-4
    assert folder.contract.licence.needs_acceptance
    assert not folder.contract.licence.clinical_use
    assert "SHA-256" in folder.contract.licence.obtained_from
    assert folder.contract.outputs[0].shape == (384,)


def test_other_weights_are_refused_by_name(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("timm")
    from encoder_weights import BadWeights
    from encoders import make_model

    encoder = BY_ID["microsoft.gigapath-flash"]
    with pytest.raises(BadWeights, match="given out at https://"):
        make_model(encoder, tmp_path, tmp_path / "model", depth=DEPTH)
    published(encoder, tmp_path)
    state = torch.load(tmp_path / "pytorch_model.bin", weights_only=True)
    state["strange"] = state.pop("cls_token")
    torch.save(state, tmp_path / "pytorch_model.bin")
    with pytest.raises(BadWeights, match=r"1 missing \(cls_token\); 1 not of this network \(strange\)"):
        make_model(encoder, tmp_path, tmp_path / "model", depth=DEPTH)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("naming", [Naming.DINOV2, Naming.TRANSFORMERS])
def test_names_of_publishers_are_those_of_timm(naming: Naming) -> None:
    torch = pytest.importorskip("torch")
    from encoder_weights import as_timm

    encoder = next(each for each in encoders() if each.naming is naming)
    side = 518 // 14
    theirs = {
        Naming.DINOV2: {
            "cls_token": (1, 1, 8),
            "register_tokens": (1, 4, 8),
            "mask_token": (1, 8),
            "pos_embed": (1, 1 + side * side, 8),
            "patch_embed.proj.weight": (8, 3, 14, 14),
            "blocks.3.mlp.w12.weight": (32, 8),
        },
        Naming.TRANSFORMERS: {
            "embeddings.cls_token": (1, 1, 8),
            "embeddings.mask_token": (1, 8),
            "embeddings.position_embeddings": (1, 1 + side * side, 8),
            "embeddings.patch_embeddings.projection.weight": (8, 3, 14, 14),
            "encoder.layer.3.mlp.weights_in.weight": (32, 8),
            "encoder.layer.3.attention.attention.query.weight": (8, 8),
            "encoder.layer.3.attention.attention.key.weight": (8, 8),
            "encoder.layer.3.attention.attention.value.weight": (8, 8),
        },
    }
    state = as_timm({name: torch.zeros(shape) for name, shape in theirs[naming].items()}, encoder)
    assert state["blocks.3.mlp.fc1.weight"].shape == (32, 8)
    positions = 256 if naming is Naming.DINOV2 else 257
    assert state["pos_embed"].shape == (1, positions, 8)
    if naming is Naming.DINOV2:
        assert state["reg_token"].shape == (1, 4, 8)
    else:
        assert state["blocks.3.attn.qkv.weight"].shape == (24, 8)
    assert not [name for name in state if "mask" in name or "embeddings" in name]
