#!/usr/bin/env python3
"""Writes small random checkpoints of the MiniMax family for tests.

    make_checkpoint.py OUT [--config FILE] [--set hidden_size=48 ...] [options]

OUT gets config.json and safetensors. The configuration is the `nano` model
below, or FILE in either spelling, with the fields of --set on top (JSON values,
names of the original release). Everything is deterministic in --seed, and needs
nothing but Python. The options below --seed break the checkpoint on purpose.
"""

import argparse
import array
import json
import math
import pathlib
import random
import struct

NANO = {
    "model_type": "minimax_text_01",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "attn_type_list": [0, 1],
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "rotary_dim": 6,
    "rope_theta": 10000000.0,
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "intermediate_size": 24,
    "shared_intermediate_size": 0,
    "vocab_size": 96,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "postnorm": True,
    "layernorm_full_attention_alpha": 1.4142135623730951,
    "layernorm_full_attention_beta": 1.0,
    "layernorm_linear_attention_alpha": 1.4142135623730951,
    "layernorm_linear_attention_beta": 1.0,
    "layernorm_mlp_alpha": 1.4142135623730951,
    "layernorm_mlp_beta": 1.0,
    "tie_word_embeddings": False,
    "eos_token_id": None,
}

# Original name -> name in transformers, where they differ.
FACTORS = {
    f"layernorm_{ours}_{factor}": f"{theirs}_{factor}_factor"
    for ours, theirs in [
        ("full_attention", "full_attn"),
        ("linear_attention", "linear_attn"),
        ("mlp", "mlp"),
    ]
    for factor in ["alpha", "beta"]
}
LAYER_TYPES = ["linear_attention", "full_attention"]

DTYPES = {  # name here: (in safetensors, in config.json, bytes)
    "f32": ("F32", "float32", 4),
    "bf16": ("BF16", "bfloat16", 2),
    "f16": ("F16", "float16", 2),
    "i8": ("I8", None, 1),
    "i64": ("I64", None, 8),
}


def to_original(config):
    """The configuration with the names of the original release."""
    if config["model_type"] != "minimax":
        return dict(config)
    out = dict(config, model_type="minimax_text_01", postnorm=True)
    types = out.pop("layer_types")
    out["attn_type_list"] = [LAYER_TYPES.index(name) for name in types]
    for ours, theirs in FACTORS.items():
        out[ours] = out.pop(theirs, 1.0)
    out.setdefault("shared_intermediate_size", 0)
    return out


def to_transformers(config):
    """The configuration with the names of transformers."""
    out = dict(config, model_type="minimax")
    types = out.pop("attn_type_list")
    out["layer_types"] = [LAYER_TYPES[kind] for kind in types]
    for ours, theirs in FACTORS.items():
        out[theirs] = out.pop(ours, 1.0)
    for name in ("postnorm", "shared_intermediate_size"):
        out.pop(name, None)
    return out


def attention_shapes(config, kind):
    hidden = config["hidden_size"]
    width = config["num_attention_heads"] * config["head_dim"]
    groups = config["num_key_value_heads"] * config["head_dim"]
    if kind == 0:
        return {
            "qkv_proj.weight": [3 * width, hidden],
            "output_gate.weight": [width, hidden],
            "norm.weight": [width],
            "out_proj.weight": [hidden, width],
        }
    return {
        "q_proj.weight": [width, hidden],
        "k_proj.weight": [groups, hidden],
        "v_proj.weight": [groups, hidden],
        "o_proj.weight": [hidden, width],
    }


def moe_shapes(config, stacked):
    hidden, ffn = config["hidden_size"], config["intermediate_size"]
    experts = config["num_local_experts"]
    if stacked:
        shapes = {
            "mlp.gate.weight": [experts, hidden],
            "mlp.experts.gate_up_proj": [experts, 2 * ffn, hidden],
            "mlp.experts.down_proj": [experts, hidden, ffn],
        }
    else:
        shapes = {"block_sparse_moe.gate.weight": [experts, hidden]}
        for expert in range(experts):
            base = f"block_sparse_moe.experts.{expert}"
            shapes[f"{base}.w1.weight"] = [ffn, hidden]
            shapes[f"{base}.w2.weight"] = [hidden, ffn]
            shapes[f"{base}.w3.weight"] = [ffn, hidden]
    shared = config.get("shared_intermediate_size", 0)
    if shared:
        shapes["shared_mlp.gate_proj.weight"] = [shared, hidden]
        shapes["shared_mlp.up_proj.weight"] = [shared, hidden]
        shapes["shared_mlp.down_proj.weight"] = [hidden, shared]
        shapes["coefficient.weight"] = [1, hidden]
    return shapes


def model_shapes(config, stacked, buffers):
    """Name -> shape of every tensor of the model."""
    hidden, vocab = config["hidden_size"], config["vocab_size"]
    heads = config["num_attention_heads"]
    shapes = {"model.embed_tokens.weight": [vocab, hidden]}
    for layer, kind in enumerate(config["attn_type_list"]):
        base = f"model.layers.{layer}."
        shapes[base + "input_layernorm.weight"] = [hidden]
        shapes[base + "post_attention_layernorm.weight"] = [hidden]
        for name, shape in attention_shapes(config, kind).items():
            shapes[base + "self_attn." + name] = shape
        for name, shape in moe_shapes(config, stacked).items():
            shapes[base + name] = shape
        if buffers and kind == 0:
            shapes[base + "self_attn.slope_rate"] = [heads, 1, 1]
            shapes[base + "self_attn.query_decay"] = [heads, 8, 1]
            shapes[base + "self_attn.key_decay"] = [heads, 8, 1]
            shapes[base + "self_attn.diagonal_decay"] = [1, heads, 8, 8]
    shapes["model.norm.weight"] = [hidden]
    if not config.get("tie_word_embeddings"):
        shapes["lm_head.weight"] = [vocab, hidden]
    return shapes


def random_values(rng, shape, period):
    """Norms around 1, matrices that keep the size of what they multiply; drawn
    are at most `period` values, which then repeat."""
    count = math.prod(shape)
    mean, scale = (1.0, 0.1) if len(shape) == 1 else (0.0, shape[-1] ** -0.5)
    drawn = min(count, period)
    values = array.array("f", (rng.gauss(mean, scale) for _ in range(drawn)))
    return (values * -(-count // drawn))[:count] if drawn else values


def encode(values, dtype):
    if dtype == "f16":
        return struct.pack(f"<{len(values)}e", *values)
    raw = values.tobytes()
    if dtype == "f32":
        return raw
    if dtype == "bf16":  # the upper half of each float, truncated
        out = bytearray(len(raw) // 2)
        out[0::2], out[1::2] = raw[2::4], raw[3::4]
        return bytes(out)
    return bytes(len(values) * DTYPES[dtype][2])


def write_safetensors(path, tensors):
    """Largest elements first, so that every tensor is aligned."""
    header, offset, parts = {}, 0, []
    order = sorted(tensors, key=lambda n: (-DTYPES[tensors[n][0]][2], n))
    for name in order:
        dtype, shape, data = tensors[name]
        header[name] = {
            "dtype": DTYPES[dtype][0],
            "shape": shape,
            "data_offsets": [offset, offset + len(data)],
        }
        offset += len(data)
        parts.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def write_checkpoint(out, tensors, shards):
    if shards == 1:
        write_safetensors(out / "model.safetensors", tensors)
        return
    weight_map, total = {}, 0
    names = list(tensors)
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = {name: tensors[name] for name in names[shard::shards]}
        write_safetensors(out / file, part)
        weight_map.update((name, file) for name in part)
        total += sum(len(data) for _, _, data in part.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    path = out / "model.safetensors.index.json"
    path.write_text(json.dumps(index, indent=1))


def parse_shape(text):
    return [int(size) for size in text.split("x")] if text else []


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--config", type=pathlib.Path, help="config.json")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON")
    parser.add_argument("--unset", action="append", default=[], metavar="KEY")
    parser.add_argument(
        "--spelling", choices=["original", "transformers"], default="original"
    )
    parser.add_argument("--dtype", choices=["f32", "bf16", "f16"], default="bf16")
    parser.add_argument(
        "--router-dtype", choices=["f32", "bf16", "f16"], default="f32"
    )
    parser.add_argument("--stacked", action="store_true", help="stack experts")
    parser.add_argument("--buffers", action="store_true", help="decay buffers")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--no-weights", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--period", type=int, default=1 << 62,
        help="values to draw for a tensor before they repeat: for large files"
    )
    parser.add_argument("--drop", action="append", default=[], metavar="TENSOR")
    parser.add_argument(
        "--add", action="append", default=[], metavar="TENSOR:DTYPE:4x8"
    )
    parser.add_argument(
        "--reshape", action="append", default=[], metavar="TENSOR:4x8"
    )
    parser.add_argument(
        "--retype", action="append", default=[], metavar="TENSOR:DTYPE"
    )
    return parser.parse_args()


def read_config(args):
    """The configuration in the original spelling."""
    config = dict(NANO)
    if args.config:
        config = to_original(json.loads(args.config.read_text()))
    for item in args.set:
        key, value = item.split("=", 1)
        config[key] = json.loads(value)
    config["torch_dtype"] = DTYPES[args.dtype][1]
    return config


def main():
    args = parse_arguments()
    config = read_config(args)
    shapes = model_shapes(config, args.stacked, args.buffers)
    dtypes = {
        name: args.router_dtype if ".gate.weight" in name else args.dtype
        for name in shapes
    }
    for name in args.drop:
        del shapes[name]
    for item in args.add:
        name, dtypes[name], shape = item.split(":")
        shapes[name] = parse_shape(shape)
    for item in args.reshape:
        name, shape = item.split(":")
        shapes[name] = parse_shape(shape)
    dtypes.update(item.split(":") for item in args.retype)

    if args.spelling == "transformers":
        config = to_transformers(config)
    for key in args.unset:
        del config[key]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    if args.no_weights:
        return
    tensors = {}
    for name, shape in shapes.items():
        # Independent of what other tensors there are.
        rng = random.Random(f"{args.seed} {name}")
        values = random_values(rng, shape, args.period)
        tensors[name] = (dtypes[name], shape, encode(values, dtypes[name]))
    write_checkpoint(args.out, tensors, args.shards)


if __name__ == "__main__":
    main()
