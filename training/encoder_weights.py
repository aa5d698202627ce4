"""Weights of a foundation encoder, from the file of its publisher to the names and shapes of timm."""

import re
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from hemalum.formats.model.encoders import Encoder, Naming

type State = dict[str, Tensor]

_SHOWN = 3
_NOT_USED = re.compile(r"mask_token|embeddings\.mask_token|head(_dist)?\..*|dino_head\..*")
_LAYER = re.compile(r"encoder\.layer\.(\d+)\.(.+)")
_OF_TRANSFORMERS = {
    "embeddings.cls_token": "cls_token",
    "embeddings.register_tokens": "reg_token",
    "embeddings.position_embeddings": "pos_embed",
    "embeddings.patch_embeddings.projection.weight": "patch_embed.proj.weight",
    "embeddings.patch_embeddings.projection.bias": "patch_embed.proj.bias",
    "layernorm.weight": "norm.weight",
    "layernorm.bias": "norm.bias",
}
_IN_LAYER = {
    "attention.output.dense": "attn.proj",
    "layer_scale1.lambda1": "ls1.gamma",
    "layer_scale2.lambda1": "ls2.gamma",
    "mlp.weights_in": "mlp.fc1",
    "mlp.weights_out": "mlp.fc2",
}


class BadWeights(Exception):
    """The weights are not those of the encoder. The sentence says how."""


def find_weights(encoder: Encoder, folder: Path) -> Path:
    """The file of weights in a folder. Raises BadWeights where there is none."""
    found = next((folder / name for name in encoder.files if (folder / name).is_file()), None)
    if found is None:
        raise BadWeights(
            f"{folder} holds no weights of {encoder.name} ({' or '.join(encoder.files)}); "
            f"they are given out at {encoder.source}."
        )
    return found


def read_weights(path: Path) -> State:
    """The tensors of a file by name, in single precision; nothing of it is run.

    Raises:
        BadWeights: it is no such file.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise BadWeights(f"{path.name} cannot be read as weights: {error}") from error
    for name in ("teacher", "model", "state_dict"):
        if isinstance(state, dict) and isinstance(state.get(name), dict):
            state = state[name]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise BadWeights(f"{path.name} holds something else than tensors by name.")
    return {name: value.float() for name, value in state.items()}


def as_timm(state: State, encoder: Encoder) -> State:
    """The same weights under the names of timm, with positions for the tiles of the encoder."""
    plain = {name.removeprefix("backbone.").removeprefix("dinov2."): value for name, value in state.items()}
    kept = {name: value for name, value in plain.items() if not _NOT_USED.fullmatch(name)}
    if encoder.naming is Naming.TRANSFORMERS:
        kept = _fused({_of_transformers(name): value for name, value in kept.items()})
    elif encoder.naming is Naming.DINOV2:
        kept = {_of_dinov2(name): value for name, value in kept.items()}
    if encoder.naming is not Naming.TIMM:
        kept = _with_positions(kept, encoder)
    return kept


def check(state: State, wanted: State, encoder: Encoder) -> None:
    """Whether weights are all those that the network has, and no others.

    Raises:
        BadWeights: they are not.
    """
    missing, strange = sorted(wanted.keys() - state.keys()), sorted(state.keys() - wanted.keys())
    if missing or strange:
        parts = [
            f"{len(names)} {what} ({', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''})"
            for names, what in ((missing, "missing"), (strange, "not of this network"))
            if names
        ]
        raise BadWeights(f"These are not the weights of {encoder.name}: {'; '.join(parts)}.")
    for name, value in state.items():
        if value.shape != wanted[name].shape:
            raise BadWeights(
                f"These are not the weights of {encoder.name}: {name} is {_form(value)}, "
                f"not {_form(wanted[name])}."
            )


def feed_forward_of(state: State) -> dict[str, object]:
    """The arguments of the feed-forward layers of these weights: gated where both halves are there."""
    inner, outer = state.get("blocks.0.mlp.fc1.weight"), state.get("blocks.0.mlp.fc2.weight")
    if inner is None or outer is None:
        raise BadWeights("The weights have no feed-forward layers.")
    ratio = inner.shape[0] / inner.shape[1]
    if inner.shape[0] == 2 * outer.shape[1]:
        return {"mlp_ratio": ratio, "mlp_layer": "SwiGLUPacked", "act_layer": "SiLU"}
    return {"mlp_ratio": ratio}


def _of_dinov2(name: str) -> str:
    name = name.replace("mlp.w12.", "mlp.fc1.").replace("mlp.w3.", "mlp.fc2.")
    # Checkpoints of training keep blocks in parts: blocks.2.25.norm1 is block 25.
    name = re.sub(r"^blocks\.\d+\.(\d+)\.", r"blocks.\1.", name)
    return "reg_token" if name == "register_tokens" else name


def _of_transformers(name: str) -> str:
    if name in _OF_TRANSFORMERS:
        return _OF_TRANSFORMERS[name]
    found = _LAYER.fullmatch(name)
    if found is None:
        return name
    inner = found[2]
    for theirs, ours in _IN_LAYER.items():
        inner = inner.replace(theirs, ours)
    return f"blocks.{found[1]}.{inner}"


def _fused(state: State) -> State:
    """Query, key and value of each layer as the one matrix that timm has."""
    fused: State = {}
    for name, value in state.items():
        found = re.fullmatch(r"(blocks\.\d+\.)attention\.attention\.(query|key|value)\.(weight|bias)", name)
        if found is None:
            fused[name] = value
        elif found[2] == "query":
            parts = [
                state.get(f"{found[1]}attention.attention.{part}.{found[3]}")
                for part in ("query", "key", "value")
            ]
            if any(part is None for part in parts):
                raise BadWeights(f"{name} is there without its key or value.")
            fused[f"{found[1]}attn.qkv.{found[3]}"] = torch.cat(parts)
    return fused


def _with_positions(state: State, encoder: Encoder) -> State:
    """Positions for the grid of the encoder's tiles; beside registers that of the class joins its token."""
    positions, patch = state.get("pos_embed"), state.get("patch_embed.proj.weight")
    if positions is None or patch is None:
        return state
    of_class, of_patches = positions[:, :1], positions[:, 1:]
    side, wanted = round(of_patches.shape[1] ** 0.5), encoder.tile_px // patch.shape[-1]
    if side != wanted:
        grid = of_patches.reshape(1, side, side, -1).permute(0, 3, 1, 2)
        grid = functional.interpolate(
            grid,
            size=(wanted, wanted),
            mode="bicubic",
            align_corners=False,
            antialias=encoder.position_antialias,
        )
        of_patches = grid.permute(0, 2, 3, 1).reshape(1, wanted * wanted, -1)
    if "reg_token" in state:
        return {**state, "cls_token": state["cls_token"] + of_class, "pos_embed": of_patches}
    return {**state, "pos_embed": torch.cat([of_class, of_patches], 1)}


def _form(value: Tensor) -> str:
    return " x ".join(map(str, value.shape))
