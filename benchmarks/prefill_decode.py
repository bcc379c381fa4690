"""Prefill and decode speed of one configuration with random bf16 weights.

    prefill_decode.py CONFIG [--tools DIR] [--tokens N] [--repeat N]

Writes a checkpoint, compiles it in f32 and bf16 and runs `minimax-run generate`.
Prints a table of medians with their spread. Floating-point operations count
the products with weights only: 2 per weight and token, of experts those chosen.
"""

import argparse
import json
import pathlib
import statistics
import struct
import subprocess
import tempfile

import numpy as np


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


def write_checkpoint(folder, config, shapes):
    (folder / "config.json").write_text(json.dumps(config))
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = np.random.default_rng(0)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for shape in shapes.values():
            count = int(np.prod(shape))
            value = np.ones(count, np.float32)
            if len(shape) == 2:
                value = random.standard_normal(count, dtype=np.float32) * 0.02
            file.write((value.view(np.uint32) >> 16).astype(np.uint16).tobytes())


def weights_per_token(config, shapes):
    share = config["num_experts_per_tok"] / config["num_local_experts"]
    return sum(
        np.prod(shape) * (share if "experts" in name else 1)
        for name, shape in shapes.items()
        if len(shape) == 2 and "embed" not in name and "lm_head" not in name
    )


def run(tools, artifact, folder, prompt, threads):
    command = [tools / "minimax-run", "generate", artifact, f"--weights={folder}",
               f"--tokens-file={prompt}", "--max-new-tokens=33", "--json",
               "--chunk=2048", f"--threads={threads}", "--ignore-eos"]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True)
    timing = json.loads(done.stdout)["timing"]
    return (timing["prefill_tokens"] / timing["prefill_seconds"],
            timing["decode_tokens"] / timing["decode_seconds"])


def spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f}–{max(values):.0f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--tokens", type=int, default=2048)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    shapes = tensor_shapes(config)
    active = weights_per_token(config, shapes)
    print("| products | threads | prefill tokens/s | prefill GFLOP/s | decode tokens/s | decode weights GB/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_checkpoint(folder, config, shapes)
        prompt = folder / "prompt"
        ids = np.random.default_rng(1).integers(0, config["vocab_size"], options.tokens)
        prompt.write_text(" ".join(map(str, ids)))
        for dtype in ("f32", "bf16"):
            artifact = folder / f"{dtype}.so"
            subprocess.run([options.tools / "minimax-compile", folder, "-o", artifact,
                            f"--dtype={dtype}"], check=True)
            run(options.tools, artifact, folder, prompt, 1)  # packs the weights
            for threads in (1, 2):
                runs = [run(options.tools, artifact, folder, prompt, threads)
                        for _ in range(options.repeat)]
                prefill, decode = zip(*runs)
                gflops = [p * 2 * active / 1e9 for p in prefill]
                gbytes = statistics.median(decode) * 2 * active / 1e9
                print(f"| {dtype} | {threads} | {spread(prefill)} | {spread(gflops)} "
                      f"| {spread(decode)} | {gbytes:.1f} |")


if __name__ == "__main__":
    main()
