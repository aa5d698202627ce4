"""Makes a model of the weights of a foundation encoder: `python training/encoders.py --help`.

Weights are supplied by whoever has them and may use them; none are fetched. What comes out is a folder that
`hemalum models add` takes. Its golden tiles hold what PyTorch gives, so that every later check compares
onnxruntime with PyTorch.
"""

import argparse
import datetime
import hashlib
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from encoder_weights import BadWeights, as_timm, check, feed_forward_of, find_weights, read_weights
from exporting import export
from hemalum.analysis.batches import prepare
from hemalum.analysis.golden import check_golden, write_golden
from hemalum.formats.model.contract import Input
from hemalum.formats.model.encoders import Encoder, Pooling, encoders
from hemalum.formats.model.folder import read_model_folder, seal_folder

_LAYERS = {"SwiGLUPacked": timm.layers.SwiGLUPacked, "SiLU": nn.SiLU}
_TEMPLATE = Path(__file__).parent / "contracts/encoder.toml"
_GOLDEN_SEEDS = (11, 12)
_ONE_FILE_BYTES = 1 << 30
"""Larger networks keep their weights in a file of their own: a protocol buffer holds 2 GiB."""
_MIB = 1 << 20


class Embedding(nn.Module):
    """A transformer whose answer is the embedding of a tile, as the publisher takes it from the tokens."""

    def __init__(self, net: nn.Module, pooling: Pooling) -> None:
        super().__init__()
        self.net = net
        self._pooling = pooling
        self._prefix = net.num_prefix_tokens

    def forward(self, tiles: Tensor) -> Tensor:
        tokens = self.net.forward_features(tiles)
        if self._pooling is Pooling.CLASS:
            return tokens[:, 0]
        return torch.cat([tokens[:, 0], tokens[:, self._prefix :].mean(1)], -1)


def build(encoder: Encoder, **changed: Any) -> nn.Module:
    """The architecture of an encoder with random weights; `changed` arguments make a smaller one."""
    timm.layers.set_fused_attn(False)
    arguments = {**encoder.arguments, **changed}
    arguments = {name: _LAYERS.get(value, value) for name, value in arguments.items()}
    # `token` keeps the last normalisation where all tokens pass it.
    return timm.create_model(
        encoder.architecture, pretrained=False, num_classes=0, global_pool="token", **arguments
    ).eval()


def make_model(encoder: Encoder, weights: Path, folder: Path, **changed: Any) -> None:
    """Writes the folder of the model of an encoder.

    Raises:
        BadWeights: the folder of weights holds none that are those of the encoder.
    """
    path = find_weights(encoder, weights)
    state = as_timm(read_weights(path), encoder)
    if encoder.feed_forward_as_weights:
        changed = {**feed_forward_of(state), **changed}
    with torch.device("meta"):
        net = build(encoder, **changed)
    check(state, net.state_dict(), encoder)
    net.load_state_dict(state, assign=True)
    embedding = Embedding(net, encoder.pooling)
    (folder / "golden").mkdir(parents=True)
    _export(embedding, encoder, folder)
    greatest = _write_golden(embedding, encoder, folder)
    licence = next(iter(sorted(weights.glob("LICENSE*"))), None)
    if licence is not None:
        shutil.copyfile(licence, folder / "LICENSE")
    _write_contract(encoder, folder, path, greatest, has_licence=licence is not None)
    seal_folder(folder)


def _export(embedding: nn.Module, encoder: Encoder, folder: Path) -> None:
    example = torch.zeros(1, 3, encoder.tile_px, encoder.tile_px)
    size = sum(value.numel() * value.element_size() for value in embedding.state_dict().values())
    with torch.no_grad(), tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "model.onnx"
        export(embedding, example, made, "embedding")
        if size <= _ONE_FILE_BYTES:
            shutil.move(made, folder / "model.onnx")
            return
        onnx.save_model(
            onnx.load(made),
            folder / "model.onnx",
            save_as_external_data=True,
            all_tensors_to_one_file=True,
            location="model.weights",
        )


def _write_golden(embedding: nn.Module, encoder: Encoder, folder: Path) -> float:
    """Pictures and what PyTorch gives for them; the greatest value of all."""
    given = Input(encoder.um_per_px, encoder.tile_px, mean=encoder.mean, std=encoder.std)
    greatest = 0.0
    for number, seed in enumerate(_GOLDEN_SEEDS, 1):
        rgb = _picture(encoder.tile_px, seed)
        Image.fromarray(rgb).save(folder / f"golden/{number}.png")
        with torch.no_grad():
            found = embedding(torch.from_numpy(prepare(rgb[None], given))).numpy()
        write_golden(folder / f"golden/{number}.npz", {"embedding": found})
        greatest = max(greatest, float(np.abs(found).max()))
    return greatest


def _picture(side_px: int, seed: int) -> NDArray[np.uint8]:
    """Blots of colour: a tile that is the same on every machine."""
    coarse = np.random.default_rng(seed).integers(0, 256, (14, 14, 3), np.uint8)
    return np.kron(coarse, np.ones((-(-side_px // 14), -(-side_px // 14), 1), np.uint8))[:side_px, :side_px]


def _write_contract(
    encoder: Encoder, folder: Path, weights: Path, greatest: float, *, has_licence: bool
) -> None:
    large = (folder / "model.weights").exists()
    size = sum(each.stat().st_size for each in folder.glob("model.*"))
    filled = {
        "id": encoder.id,
        "name": encoder.name,
        "publisher": encoder.publisher,
        "paper": encoder.paper,
        "released": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "licence": encoder.licence,
        "licence_text": "LICENSE" if has_licence else "",
        "access": encoder.access.value,
        "obtained_from": f"{encoder.source} ({weights.name}, SHA-256 {_sha256(weights)})",
        "note": encoder.note,
        "weights": "model.weights" if large else "",
        # The file, its copy while it is opened, and what a tile takes.
        "memory_mib": str(2 * size // _MIB + 1024),
        "um_per_px": str(encoder.um_per_px),
        "tile_px": str(encoder.tile_px),
        "mean": str(list(encoder.mean)),
        "std": str(list(encoder.std)),
        "dimensions": str(encoder.dimensions),
        "tolerance": f"{1e-3 * max(1.0, greatest):.3g}",
    }
    told = _TEMPLATE.read_text("utf-8")
    for mark, value in filled.items():
        told = told.replace(f"{{{mark}}}", value)
    tomllib.loads(told)
    (folder / "model.toml").write_text(told, "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _show_all() -> None:
    for each in encoders():
        terms = f"{each.licence:11} {each.access.value:6}"
        print(f"{each.id:26} {each.name:16} {terms} {each.dimensions:5}  {each.source}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="show the encoders that are known")
    parser.add_argument("--encoder", choices=[each.id for each in encoders()])
    parser.add_argument("--weights", type=Path, help="the folder with the weights of the publisher")
    parser.add_argument("--out", type=Path, help="the folder of the model, which must not be there yet")
    parser.add_argument("--accept-licence", metavar="NAME", help="the licence that you accept, by its name")
    asked = parser.parse_args()
    if asked.list:
        _show_all()
        return
    if asked.encoder is None or asked.weights is None or asked.out is None:
        parser.error("state --encoder, --weights and --out, or --list.")
    encoder = next(each for each in encoders() if each.id == asked.encoder)
    if asked.accept_licence != encoder.licence:
        sys.exit(
            f"{encoder.name} is given out under {encoder.licence} ({encoder.source}). {encoder.note} "
            f"Read it, and if you accept it: --accept-licence {encoder.licence}"
        )
    if asked.out.exists():
        sys.exit(f"{asked.out} is there already.")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.out.parent) as scratch:
        made = Path(scratch) / "model"
        try:
            make_model(encoder, asked.weights, made)
        except BadWeights as error:
            sys.exit(str(error))
        checked = check_golden(read_model_folder(made))
        made.rename(asked.out)
    print(f"{encoder.id}: onnxruntime is within {checked.greatest_difference:.1e} of PyTorch")
    print(f"hemalum models add --data DIR {asked.out}")


if __name__ == "__main__":
    main()
