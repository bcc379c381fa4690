"""Products of int8 weights and 16-bit activations against float64.

    quantized_products.py --tools DIR [--target NAME] [--activations i16|bf16]

Dense products with every epilogue and ragged ones of experts, of sizes that
fill neither panels, pairs, groups nor tiles, with rows of zeros and experts
without rows. Compared are the packed bytes, which numpy computes too; the
results with those of the numbers that products read in double precision, to
f32 noise; and the rounding of the activations alone with that of bf16.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
from artifact import Artifact, best_target, target_flags

GROUP, PANEL = 256, 64
EXPERTS = 3

# (K, N): one, odd, around a group and a panel.
SIZES = [(1, 2), (63, 70), (256, 64), (259, 130), (517, 66)]

# Relative to the largest result: f32 sums of a few scaled groups.
NOISE = 2e-6


# --- the formulas of minimax.quantize, minimax.cast and minimax.pack ---------


def quantize_rows(weight):
    """int8 numbers and f32 scales of the rows of a float32 matrix."""
    scale = np.abs(weight).max(-1) / np.float32(127)
    unit = np.where(scale == 0, np.float32(1), scale)[..., None]
    return np.clip(np.rint(weight / unit), -127, 127).astype(np.int8), scale


def round_to_integers(rows):
    """What 16-bit integers with one scale a group stand for."""
    result = np.zeros(rows.shape)
    for first in range(0, rows.shape[1], GROUP):
        part = rows[:, first : first + GROUP]
        most = np.abs(part).max(-1, keepdims=True)
        small = most < np.float32(2.0**-112)
        factor = np.where(small, np.float32(0), np.float32(32767) / np.where(small, 1, most))
        integers = np.rint(part * factor.astype(np.float32))
        result[:, first : first + GROUP] = integers * (most / np.float32(32767)).astype(np.float64)
    return result


def round_to_bf16(rows):
    bits = rows.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32)


def pack(weight, interleaved):
    """Panels `[E, J, ceil(K/2) + 2, 64, 2]` of int8."""
    numbers, scale = quantize_rows(weight)
    experts, rows, depth = weight.shape
    half = rows // 2
    panels = -(-half // (PANEL // 2)) if interleaved else -(-rows // PANEL)
    pairs = -(-depth // 2)
    packed = np.zeros((experts, panels, pairs + 2, PANEL, 2), np.int8)
    scales = np.zeros((experts, panels, PANEL), np.float32)
    for n in range(rows):
        share = PANEL // 2
        place = (n % half // share, n % half % share + n // half * share)
        panel, column = place if interleaved else divmod(n, PANEL)
        padded = np.zeros((experts, 2 * pairs), np.int8)
        padded[:, :depth] = numbers[:, n]
        packed[:, panel, :pairs, column] = padded.reshape(experts, pairs, 2)
        scales[:, panel, column] = scale[:, n]
    packed[:, :, pairs:] = scales.view(np.int8).reshape(experts, panels, 2, PANEL, 2)
    return packed


def dequantize(weight):
    numbers, scale = quantize_rows(weight)
    return numbers * scale[..., None].astype(np.float64)


# --- the program -------------------------------------------------------------


def program(depth, rows):
    """Dense products with each epilogue and both products of experts."""
    def argument(name, kind, shape=""):
        return f'%{name}: tensor<{kind}> {{minimax.name = "{name}"{shape}}}'

    def tokens(columns):
        return f", minimax.shape = affine_map<(t, n, s, c) -> (t, {columns})>"

    x, y, h = f"?x{depth}xf32", f"?x{rows}xf32", f"?x{rows // 2}xf32"
    w, e = f"{rows}x{depth}xbf16", f"{EXPERTS}x{rows}x{depth}xf32"
    linear = f"(tensor<{x}>, tensor<{w}>) -> tensor<{y}>"
    grouped = f"(tensor<{x}>, tensor<{e}>, tensor<{EXPERTS + 1}xi32>) ->"
    results = [("plain", y), ("silu", y), ("residual", y), ("experts", y), ("swiglu", h)]
    return f"""
minimax.weight @w : tensor<{w}> from ["w"]
minimax.weight @e : tensor<{e}> from ["e"]
func.func @main({argument("x", x, tokens(depth))}, {argument("skip", y, tokens(rows))},
    {argument("offsets", f"{EXPERTS + 1}xi32")})
    -> ({", ".join(f'tensor<{t}> {{minimax.name = "{n}"}}' for n, t in results)})
    attributes {{minimax.entry}} {{
  %w = minimax.get_weight @w : tensor<{w}>
  %e = minimax.get_weight @e : tensor<{e}>
  %0 = minimax.linear %x, %w : {linear}
  %1 = minimax.linear %x, %w activation = silu : {linear}
  %2 = minimax.linear %x, %w residual(%skip) alpha = 3.0 beta = 0.5
      : (tensor<{x}>, tensor<{w}>, tensor<{y}>) -> tensor<{y}>
  %3 = minimax.grouped_matmul %x, %e, %offsets : {grouped} tensor<{y}>
  %4 = minimax.grouped_matmul %x, %e, %offsets activation = swiglu : {grouped} tensor<{h}>
  return %0, %1, %2, %3, %4 : tensor<{y}>, tensor<{y}>, tensor<{y}>, tensor<{y}>, tensor<{h}>
}}
"""


def silu(x):
    return x / (1 + np.exp(-x))


def expected(x, skip, offsets, w, e):
    """All results in double precision."""
    plain = x @ w.T
    experts = np.zeros_like(plain)
    for index in range(EXPERTS):
        owned = slice(offsets[index], offsets[index + 1])
        experts[owned] = x[owned] @ e[index].T
    half = plain.shape[1] // 2
    return {
        "plain": plain,
        "silu": silu(plain),
        "residual": 3.0 * skip + 0.5 * plain,
        "experts": experts,
        "swiglu": silu(experts[:, :half]) * experts[:, half:],
    }


def make_weights(random, depth, rows):
    """Float32 matrices, the first exact in bf16, with rows of zeros."""
    w = round_to_bf16(random.standard_normal((rows, depth)).astype(np.float32))
    e = random.standard_normal((EXPERTS, rows, depth)).astype(np.float32)
    w[rows // 2] = 0
    e[1, 0] = 0
    return w / np.float32(8), e / np.float32(8)


def relative(error, want):
    return np.linalg.norm(error) / max(np.linalg.norm(want), 1e-30)


def check_rows(loaded, random, count, w, e, comparison, label, round_rows):
    """One call with `count` rows, of which one expert has none."""
    depth, rows = w.shape[1], w.shape[0]
    # Heavy tails: a few values are far larger than the rest of their group.
    x = random.standard_t(3, (count, depth)).astype(np.float32)
    x[: count // 3, : depth // 2] = 0
    skip = random.standard_normal((count, rows)).astype(np.float32)
    cut = int(random.integers(0, count + 1))
    offsets = np.array([0, cut, cut, count], np.int32)
    dims = {"T": count, "N": 1, "S": 1, "C": 1}
    got = loaded.call("main", {"x": x, "skip": skip, "offsets": offsets}, {}, dims)
    weights = dequantize(w), dequantize(e)
    want = expected(round_rows(x).astype(np.float64), skip, offsets, *weights)
    for name, value in want.items():
        bound = NOISE * max(np.abs(value).max(initial=0), 1)
        comparison.close(f"{label} {name}", got[name], value, bound)
    exact = expected(x.astype(np.float64), skip, offsets, *weights)
    return got["plain"] - exact["plain"], exact["plain"], round_to_bf16(x) @ weights[0].T


def compile_program(options, module, library):
    """minimax-compile with all weights quantised."""
    flags = [*target_flags(options.target), *options.flags]
    quantize = ["--quantize=w8a16", "--quantize-scope=all"]
    if options.activations == "bf16":
        flags.append("--dtype=bf16")
        if not options.target.startswith("cuda"):
            # Without a GPU target the driver would choose integers.
            golden.run(options.tools / "minimax-opt", module, "-o", module,
                       "--minimax-quantize=scope=all activations=bf16")
            quantize = []
    golden.run(options.tools / "minimax-compile", module, "-o", library, *quantize, *flags)


def check_size(options, folder, depth, rows, comparison):
    random = np.random.default_rng(depth)
    label = f"{depth}x{rows}"
    module, library = folder / f"{label}.mlir", folder / f"{label}.so"
    module.write_text(program(depth, rows))
    compile_program(options, module, library)
    round_rows = round_to_integers if options.activations == "i16" else round_to_bf16
    w, e = make_weights(random, depth, rows)
    stored = {"w": (w.view(np.uint32) >> 16).astype(np.uint16), "e": e}
    loaded = Artifact(library, options.tools / "../lib/libserial_runtime.so", options.target)
    loaded.prepare_weights(stored)
    wanted = {"w": pack(w[None], False)[0], "e": pack(e, False), "e.packed": pack(e, True)}
    for described, packed in zip(loaded.manifest["weights"], loaded.weights):
        interleaved = described["packing"] == "interleaved_panels"
        want = wanted["e.packed"] if interleaved else wanted[described["name"].split(".")[0]]
        comparison.equal(f"{label} bytes of {described['name']}", packed, want)
    errors, values, narrow = [], [], []
    for count in options.rows:
        error, exact, bf16 = check_rows(loaded, random, count, w, e, comparison, f"{label} {count}",
                                        round_rows)
        errors.append(error.ravel())
        values.append(exact.ravel())
        narrow.append((bf16 - exact).ravel())
    values = np.concatenate(values)
    ours, bf16 = (relative(np.concatenate(part), values) for part in (errors, narrow))
    print(f"{label} rounding of activations: {ours:.1e}, of bf16 {bf16:.1e}")
    if options.activations == "i16":
        comparison.equal(f"{label} an order below bf16", ours < bf16 / 5, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--target", default=best_target())
    parser.add_argument("--activations", choices=["i16", "bf16"], default="i16")
    parser.add_argument("--rows", type=int, nargs="+", default=[*range(0, 21), 95, 193],
                        help="of each call")
    parser.add_argument("flags", nargs="*", help="for minimax-compile, after --")
    options = parser.parse_args()
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as folder:
        for depth, rows in SIZES:
            check_size(options, pathlib.Path(folder), depth, rows, comparison)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
