"""Attention at odd sizes against float64, compiled for this machine.

    attention_sizes.py [--tools DIR] [--target NAME] [--dtype f32|bf16] [--only WORD]

Heads of many widths and groups of many sizes; sequences of no token, one, and
around the sizes of chunks and tiles, in two steps: prompts, then single tokens
beside pieces of prompts. Caches hold f32 and bf16, programs are as they are by
default and deterministic. For a GPU target they run in the emulator, with its
checks on, whole and in parts.

With --dtype=bf16 the bound is the noise of rounded factors: one rounding to
bf16 has a relative rms of 1.7e-3, and an output meets up to five that are
independent (query, key, weight or state, value twice): sqrt(5) * 1.7e-3. The rms
of few tokens scatters more.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
from artifact import Artifact, best_target, target_flags
from ops_golden import cumulated

# (query heads, key heads, width, cache, rotated dimensions[, operands and output])
ATTENTION = [
    (2, 2, 12, "f32", 0), (3, 1, 16, "f32", 16), (8, 1, 24, "bf16", 0), (6, 2, 64, "f32", 32),
    (16, 2, 128, "f32", 64), (4, 4, 128, "bf16", 0), (5, 1, 128, "f32", 0), (20, 1, 40, "f32", 6),
    (4, 2, 32, "bf16", 16), (3, 1, 96, "bf16", 96),
]
# With a sequence that fills every ring of tiles and more; operands of bf16.
LONG_ATTENTION = [
    (5, 1, 128, "bf16", 64), (6, 2, 64, "bf16", 0, "bf16"), (2, 1, 24, "f32", 12, "bf16"),
    (3, 1, 48, "bf16", 0, "bf16"),
]
THETA = 1e4
BF16_NOISE = 3.9e-3
FEW_TOKENS = 16
# (heads, width, operands, output); the third slope is beyond what blocks of
# tokens may scale.
LIGHTNING = [
    (3, 12, "f32", "f32"), (3, 16, "f32", "f32"), (4, 128, "f32", "f32"), (2, 128, "bf16", "f32"),
    (4, 64, "f32", "f32"), (3, 32, "f32", "f32"), (3, 96, "f32", "f32"), (3, 12, "bf16", "bf16"),
    (4, 128, "bf16", "bf16"), (4, 64, "bf16", "bf16"), (3, 112, "bf16", "bf16"),
]
SLOPES = [0.9170132132451033, 4.95e-5, 30.0, 0.1]
# Tokens of each sequence in the first and the second step.
STEPS = [[0, 1, 63, 64, 65, 131, 7, 2], [5, 1, 1, 67, 1, 1, 0, 130]]
LONG_STEPS = [[3, 420, 1], [0, 100, 1]]
# So few heads' tokens that GPUs cut them into segments, and so many that a
# decay's rounding, up to 3e-8 a token, would compound beyond the bound for f32.
SEGMENT_STEPS = [[2300, 300], [1, 2650]]
SEGMENTS = [(2, 64, "bf16", "bf16"), (3, 16, "f32", "f32")]
# Lightning attention of bf16 passes through a ring of stages of 128 tokens.
RING_STEPS = [[0, 1, 63, 64, 65, 131, 523, 2], [5, 1, 1, 67, 1, 385, 0, 130]]


def rows(heads, width, dtype="f32"):
    return f"tensor<?x{heads}x{width}x{dtype}>"


def shaped(name, heads, width, dtype="f32"):
    """An argument with a row for each token of the step."""
    shape = f"affine_map<(t, n, s, c) -> (t, {heads}, {width})>"
    return f'%{name}: {rows(heads, width, dtype)} {{minimax.name = "{name}", minimax.shape = {shape}}}'


def module(arguments, state, op, out):
    """An entry that begins `state` (name, type) and returns the op's results."""
    inputs = ", ".join(arguments)
    batch = "%cu_seqlens, %positions, %slots"
    name, kind = state
    return (
        f'func.func @main({inputs}, %cu_seqlens: tensor<?xi32> {{minimax.name = "cu_seqlens"}},'
        f' %positions: tensor<?xi32> {{minimax.name = "positions"}},'
        f' %slots: tensor<?xi32> {{minimax.name = "slots"}}, %state: {kind} {{minimax.name = "{name}"}})'
        f' -> ({out} {{minimax.name = "out"}}, {kind} {{minimax.name = "next"}})'
        " attributes {minimax.entry} {\n"
        f"  %begun = minimax.begin_sequences %state, {batch}"
        f" : ({kind}, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> {kind}\n"
        f"  %o, %next = {op} -> ({out}, {kind})\n  return %o, %next : {out}, {kind}\n}}\n"
    )


def attention_module(heads, groups, width, cache, rotary, dtype):
    q, k = rows(heads, width, dtype), rows(groups, width, dtype)
    kind = f"!minimax.kv_cache<{groups}x{width}x{cache}>"
    return module(
        [shaped(*x, width, dtype) for x in (("query", heads), ("key", groups), ("value", groups))],
        ("main.kv_cache", kind),
        "minimax.attention %query, %key, %value, %cu_seqlens, %positions, %slots, %begun"
        f" scale = {width ** -0.5!r} theta = {THETA!r} rotary_dim = {rotary} : ({q}, {k}, {k}, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, {kind})",
        q,
    )


def lightning_module(heads, width, operands, output):
    x, y = rows(heads, width, operands), rows(heads, width, output)
    kind = f"!minimax.lightning_state<{heads}x{width}x{width}xf32>"
    slope = f'%slope: tensor<{heads}xf32> {{minimax.name = "slope"}}'
    return module(
        [shaped(name, heads, width, operands) for name in ("query", "key", "value")] + [slope],
        ("main.lightning_state", kind),
        "minimax.lightning_attention %query, %key, %value, %slope, %cu_seqlens, %slots, %begun chunk = 64"
        f" : ({x}, {x}, {x}, tensor<{heads}xf32>, tensor<?xi32>, tensor<?xi32>, {kind})",
        y,
    )


def to_bf16(x):
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


def widened(x):
    """An array of f32; bf16 comes as its bits."""
    return x if x.dtype != np.uint16 else (x.astype(np.uint32) << 16).view(np.float32)


def rotate(x, rotary):
    """SPEC 2.5; the angle is a product in f32."""
    half = rotary // 2
    frequency = (THETA ** (-2.0 * np.arange(half) / max(rotary, 1))).astype(np.float32)
    angle = (np.arange(len(x), dtype=np.float32)[:, None] * frequency).astype(np.float64)[:, None]
    a, b, rest = np.split(x.astype(np.float64), [half, rotary], axis=2)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.concatenate([a * cosine - b * sine, b * cosine + a * sine, rest], axis=2)


def attention_reference(q, k, v, cache, rotary, cached):
    """Outputs of one whole sequence; a bf16 cache's rotated keys as they were
    rounded, to `cached`."""
    q, k = rotate(q, rotary), rotate(k, rotary)
    if cache == "bf16":
        k, v = cached if rotary else to_bf16(k), to_bf16(v)
    group = q.shape[1] // k.shape[1]
    k, v = (np.repeat(x.astype(np.float64), group, axis=1) for x in (k, v))
    scores = np.einsum("thd,jhd->htj", q.astype(np.float64), k) * q.shape[2] ** -0.5
    scores[:, np.triu(np.ones(scores.shape[1:], bool), 1)] = -np.inf
    e = np.exp(scores - scores.max(axis=2, initial=-np.inf, keepdims=True))
    return np.einsum("htj,jhd->thd", e / e.sum(axis=2, keepdims=True), v)


def check_cached(comparison, label, k, cached, rotary):
    """Sines in f32 may round a key to the other neighbour: each is within half a
    unit of bf16's last place, and what f32 rounds."""
    exact = rotate(k, rotary)
    excess = np.abs(cached - exact) - 2.0**-8 * np.abs(exact)
    comparison.close(label, np.maximum(excess, 0), np.zeros(k.shape), 1e-6)


def lightning_reference(q, k, v, slope):
    state = np.zeros((q.shape[1], q.shape[2], q.shape[2]))
    out = np.zeros(q.shape)
    keep = np.exp(-slope.astype(np.float64))[:, None, None]
    for t in range(len(q)):
        state = keep * state + np.einsum("hd,he->hde", k[t].astype(np.float64), v[t])
        out[t] = np.einsum("hd,hde->he", q[t], state)
    return out


def cached_keys(states, slots, lengths):
    """Keys of all sequences, f32, from a cache of bf16."""
    pool = next(iter(states.values()))
    if pool.dtype != np.uint16:
        return [None] * len(lengths)
    wide = widened(pool)
    return [wide[slot, :n] for slot, n in zip(slots, lengths)]


def run(loaded, sequences, steps, extra):
    """Outputs and cached keys of all sequences, given as (query, key, value),
    after all steps."""
    narrow = next(i["dtype"] for i in loaded.manifest["entries"][0]["inputs"] if i["name"] == "query") == "bf16"
    count = len(sequences)
    states = loaded.new_states(count + 1, max(len(s[0]) for s in sequences) + 1, fill=0x55)
    slots, done = np.arange(count, dtype=np.int32)[::-1], [0] * count
    results = [[] for _ in sequences]
    for lengths in steps:
        pieces = [[x[a : a + n] for x in s] for s, a, n in zip(sequences, done, lengths)]
        inputs = {n: np.concatenate(p) for n, p in zip(("query", "key", "value"), zip(*pieces))}
        if narrow:
            inputs = {n: (x.view(np.uint32) >> 16).astype(np.uint16) for n, x in inputs.items()}
        inputs |= extra | {"cu_seqlens": cumulated(lengths), "slots": slots}
        inputs["positions"] = np.concatenate([a + np.arange(n) for a, n in zip(done, lengths)])
        pool = next(iter(states.values()))
        dims = {"T": sum(lengths), "N": count, "S": pool.shape[0], "C": pool.shape[1]}
        out = widened(loaded.call("main", inputs, states, dims)["out"])
        for result, part in zip(results, np.split(out, np.cumsum(lengths)[:-1])):
            result.append(part)
        done = [a + n for a, n in zip(done, lengths)]
    return [np.concatenate(parts) for parts in results], cached_keys(states, slots, done)


def attention_case(steps, heads, groups, width, cache, rotary, dtype="f32"):
    return (
        f"attention {heads}/{groups} x {width} {cache}" + (" of bf16" if dtype == "bf16" else ""),
        attention_module(heads, groups, width, cache, rotary, dtype),
        (heads, groups, width, dtype), steps, {}, rotary,
        lambda *s: attention_reference(*s[:3], cache, rotary, s[3]),
    )


def lightning_case(heads, width, operands, output, steps):
    slope = np.array(SLOPES[:heads], np.float32)
    return (
        f"lightning {heads} x {width} {operands} to {output}",
        lightning_module(heads, width, operands, output),
        (heads, heads, width, operands), steps, {"slope": slope}, 0,
        lambda *s: lightning_reference(*s[:3], slope),
    )


def cases():
    """(name, module, (heads, key heads, width, operands), steps, inputs, rotated, reference)"""
    for case in ATTENTION:
        yield attention_case(STEPS, *case)
    for case in LIGHTNING:
        yield lightning_case(*case, RING_STEPS if case[2] == "bf16" else STEPS)
    for case in LONG_ATTENTION:
        yield attention_case(LONG_STEPS, *case)
    for case in SEGMENTS:
        yield lightning_case(*case, SEGMENT_STEPS)


def variants(number, options):
    """Flags of the programs of a case. The emulator takes its time: every third is cut in parts."""
    dtype = [f"--dtype={options.dtype}"] if options.dtype != "f32" else []
    if not options.target.startswith("cuda"):
        return dtype, [*dtype, "--deterministic"]
    parts = ["--split-keys", "--chunk-parallel"]
    return (dtype, [*dtype, *parts]) if number % 3 == 0 else (dtype,)


def check(comparison, loaded, case, sequences, flags, dtype):
    """Runs one program and compares all that it computes."""
    name, _, (*_, operands), steps, extra, rotary, reference = case
    results, cached = run(loaded, sequences, steps, extra)
    for result, sequence, keys in zip(results, sequences, cached):
        label = f"{name} {' '.join(flags)} {len(result)} tokens"
        if rotary and keys is not None:
            check_cached(comparison, f"{label}, keys", sequence[1], keys, rotary)
        want = reference(*sequence, keys)
        if dtype == operands == "f32":
            comparison.close(label, result, want, 4e-6 * np.abs(want).max())
        else:
            scatter = 1.5 if len(result) < FEW_TOKENS else 1.0
            comparison.near(label, result, want, scatter * BF16_NOISE)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--target", default=best_target())
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--only", default="", help="cases whose names match this")
    options = parser.parse_args()
    comparison = golden.Comparison()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path, binary = pathlib.Path(folder) / "op.mlir", pathlib.Path(folder) / "op"
        for number, case in enumerate(cases()):
            name, text, (heads, groups, width, operands), steps, *_ = case
            if not re.search(options.only, name):
                continue
            path.write_text(text)
            shapes = [(heads, width), (groups, width), (groups, width)]
            sequences = [
                [random.standard_normal((n, *s)).astype(np.float32) for s in shapes] for n in np.sum(steps, axis=0)
            ]
            if operands == "bf16":
                sequences = [[to_bf16(x) for x in s] for s in sequences]
            for flags in variants(number, options):
                artifact = f"{binary}{len(list(pathlib.Path(folder).iterdir()))}.so"
                golden.run(options.tools / "minimax-compile", path, "-o", artifact,
                           *target_flags(options.target), *flags)
                loaded = Artifact(artifact, options.tools / "../lib/libserial_runtime.so", options.target)
                check(comparison, loaded, case, sequences, flags, options.dtype)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
