"""Writes a checkpoint of random bf16 weights for a configuration.

    random_checkpoint.py CONFIG FOLDER [--zeros] [--layers 0,1]

For runs whose numbers do not matter: profiles, start-up, memory. All matrices
repeat one block of normal numbers, scaled by a power of two near 1/sqrt(inputs).
With --zeros the file is a hole that takes no room, for compiling in full size.
"""

import argparse
import json
import math
import pathlib
import struct

import numpy as np

BLOCK = 1 << 22


def tensor_shapes(config):
    """Names and shapes of the checkpoint's tensors (SPEC 1.3)."""
    h, f, v = (config[k] for k in ("hidden_size", "intermediate_size", "vocab_size"))
    experts = config["num_local_experts"]
    wide = config["num_attention_heads"] * config["head_dim"]
    narrow = config["num_key_value_heads"] * config["head_dim"]
    shapes = {"model.embed_tokens.weight": (v, h), "lm_head.weight": (v, h)}
    shapes["model.norm.weight"] = (h,)
    for layer, kind in enumerate(config["attn_type_list"]):
        at = f"model.layers.{layer}."
        shapes |= {at + "input_layernorm.weight": (h,), at + "post_attention_layernorm.weight": (h,)}
        shapes[at + "block_sparse_moe.gate.weight"] = (experts, h)
        for e in range(experts):
            expert = at + f"block_sparse_moe.experts.{e}."
            shapes |= {expert + "w1.weight": (f, h), expert + "w3.weight": (f, h)}
            shapes[expert + "w2.weight"] = (h, f)
        at += "self_attn."
        if kind == 0:
            shapes |= {at + "qkv_proj.weight": (3 * wide, h), at + "output_gate.weight": (wide, h)}
            shapes |= {at + "norm.weight": (wide,), at + "out_proj.weight": (h, wide)}
        else:
            shapes |= {at + "q_proj.weight": (wide, h), at + "o_proj.weight": (h, wide)}
            shapes |= {at + "k_proj.weight": (narrow, h), at + "v_proj.weight": (narrow, h)}
    return shapes


def random_block():
    """Standard normal numbers as bits of bf16."""
    values = np.random.default_rng(0).standard_normal(BLOCK, dtype=np.float32)
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def write_tensor(file, shape, block):
    count = math.prod(shape)
    if len(shape) == 1:
        return file.write(np.full(count, 0x3F80, np.uint16).tobytes())
    exponent = round(math.log2(shape[-1]) / 2)
    scaled = block - np.uint16(exponent << 7)
    for begin in range(0, count, BLOCK):
        file.write(scaled[: count - begin].tobytes())


def write_checkpoint(folder, config, zeros):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    shapes, header, end = tensor_shapes(config), {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    block = None if zeros else random_block()
    partial = folder / "model.safetensors.partial"
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        if zeros:
            file.truncate(file.tell() + end)
        for shape in () if zeros else shapes.values():
            write_tensor(file, shape, block)
    partial.rename(folder / "model.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--zeros", action="store_true")
    parser.add_argument("--layers", help="kinds of the layers in place of the configuration's")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    names = ["linear_attention", "full_attention"]
    named = "layer_types" in config
    if named:
        config["attn_type_list"] = [names.index(kind) for kind in config["layer_types"]]
    if arguments.layers:
        config["attn_type_list"] = [int(kind) for kind in arguments.layers.split(",")]
        config["num_hidden_layers"] = len(config["attn_type_list"])
    if named:
        config["layer_types"] = [names[kind] for kind in config["attn_type_list"]]
    write_checkpoint(arguments.folder, config, arguments.zeros)


if __name__ == "__main__":
    main()
