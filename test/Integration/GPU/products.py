"""Kernels of products, casts and expert routing against float64.

    products.py --tools DIR [--target NAME]

Dense and grouped products with every epilogue in each arithmetic, of sizes that
fill neither panels, tiles nor chunks of copies, for numbers of rows around
every tile, with experts that own no row; those that write bf16 against the
rounded results of those that write f32, bit by bit; on few multiprocessors, whose
blocks compute several tiles of skewed experts. Routing, permutation and weighted sum
back, with ties and with more copies than the sort takes at a time. The
emulator's checks are on.
"""

import argparse
import itertools
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "CPU"))
import golden_tools as golden
import quantized_products as quantized
from artifact import Artifact, target_flags

# (K, N of experts, experts, arithmetic, rows of each call, products); dense
# products have one column more.
PRODUCTS = [
    (12, 8, 1, "f32", [0, 1, 2, 65], "silu silu_bf16 head experts swiglu"),
    (48, 34, 5, "f32xbf16", [0, 1, 7, 63, 130], "plain experts gathered"),
    (129, 250, 5, "f32xbf16", [2, 64], "residual swiglu swiglu_bf16"),
    (64, 64, 8, "bf16", [0, 1, 7, 65, 130], "silu silu_bf16 experts experts_bf16 gathered gathered_bf16"),
    (100, 96, 5, "bf16", [2, 64, 130], "residual residual_bf16 swiglu swiglu_bf16 gathered"),
    (129, 250, 1, "bf16", [1, 63], "sigmoid head"),
    # On Hopper those of warpgroups, which take rows of whole chunks: one stage,
    # a part of a second, more stages than the ring has.
    (64, 200, 5, "bf16", [127, 129, 257, 650], "silu swiglu swiglu_bf16"),
    (72, 64, 1, "bf16", [63, 128, 130], "plain plain_bf16 experts experts_bf16"),
    (520, 130, 5, "bf16", [60, 300, 900], "residual sigmoid swiglu experts gathered"),
    # Smaller tiles, whose warpgroups share the inner dimension, eight blocks of
    # them each; a weight with panels enough that they need not.
    (840, 70, 3, "bf16", [5, 16, 17, 49, 65, 192], "residual silu swiglu swiglu_bf16 experts gathered"),
    (64, 16896, 1, "bf16", [66], "plain"),
    (96, 66, 8, "w8a16", [0, 1, 7, 64, 130], "residual swiglu swiglu_bf16"),
    (517, 34, 1, "w8a16", [2, 65], "plain experts gathered"),
    # int8 weights by bf16 on matrix units: rows of whole chunks and others.
    (96, 66, 8, "w8bf16", [0, 1, 7, 64, 130], "residual swiglu"),
    (517, 34, 1, "w8bf16", [2, 65], "plain experts gathered"),
    # Few columns and a long inner dimension, which 2, 4 or 8 blocks share; of
    # experts also with rows for more than one turn.
    (300, 34, 1, "f32", [1], "silu head"),
    (1100, 34, 3, "f32", [1, 5], "silu experts swiglu gathered"),
    (2057, 66, 3, "bf16", [1, 6, 21], "residual residual_bf16 swiglu swiglu_bf16"),
    (2100, 34, 3, "w8a16", [1, 3, 21], "residual swiglu"),
    (8400, 34, 1, "w8a16", [1], "plain"),
    (2602, 34, 3, "w8bf16", [1, 6], "residual swiglu"),
    (840, 70, 1, "w8bf16", [16, 49], "residual swiglu"),
    (456, 70, 1, "bf16", [16, 49], "residual swiglu"),
    (520, 130, 5, "w8bf16", [60, 300, 900], "sigmoid swiglu experts gathered"),
    (200, 70, 3, "w8bf16", [2, 5, 16, 17, 49, 65, 192], "residual silu swiglu"),
]
# The same on two multiprocessors, with the rows of experts cut in every way of
# CUTS: tiles of 16 rows of more experts than a warp has lanes, in more than one
# group of neighbours, of 128 rows and one panel, of 256 rows and two.
SCHEDULED = [
    (64, 70, 40, "bf16", [400], "swiglu"),
    (136, 70, 3, "bf16", [130, 300], "plain swiglu gathered"),
    (72, 130, 3, "bf16", [700], "plain gathered"),
    (136, 70, 3, "w8bf16", [130], "swiglu"),
]
# Few tiles on four multiprocessors: pairs of blocks compute several tiles of 64
# rows each.
PAIRED = [(456, 62, 5, "bf16", [300], "swiglu")]
FLAGS = {
    "f32": [],
    "f32xbf16": [],
    "bf16": ["--dtype=bf16"],
    "w8a16": ["--quantize=w8a16", "--quantize-scope=all"],
    "w8bf16": ["--quantize=w8a16", "--quantize-scope=all", "--dtype=bf16"],
}

# (experts, chosen, hidden, rows of each call).
ROUTINGS = [(1, 1, 8, [0, 3]), (5, 2, 33, [1, 7, 65]), (40, 3, 300, [2, 130, 1500])]

# Relative to the largest result: f32 sums in another order.
NOISE = 2e-6

# --- products ----------------------------------------------------------------


def argument(name, kind, columns=None):
    shape = ""
    if columns:
        shape = f", minimax.shape = affine_map<(t, n, s, c) -> (t, {columns})>"
    return f'%{name}: {kind} {{minimax.name = "{name}"{shape}}}'


def product_program(depth, rows, experts, weight, names):
    """The products called `names`: dense, the head, of experts."""
    x, y = f"tensor<?x{depth}xf32>", f"tensor<?x{rows + 1}xf32>"
    w, e = f"tensor<{rows + 1}x{depth}x{weight}>", f"tensor<{experts}x{rows}x{depth}x{weight}>"
    o, z, h = f"tensor<{experts + 1}xi32>", f"tensor<?x{rows}xf32>", f"tensor<?x{rows // 2}xf32>"
    r = "tensor<?xi32>"
    order = f'%rows: {r} {{minimax.name = "rows", minimax.shape = affine_map<(t, n, s, c) -> (t)>}}'
    products = {
        "plain": (f"linear %x, %w : ({x}, {w}) ->", y),
        "silu": (f"linear %x, %w activation = silu : ({x}, {w}) ->", y),
        "sigmoid": (f"linear %x, %w activation = sigmoid : ({x}, {w}) ->", y),
        "residual": (f"linear %x, %w residual(%skip) alpha = 3.0 beta = 0.5 : ({x}, {w}, {y}) ->", y),
        "head": (f"lm_head %x, %v : ({x}, {w}) ->", y),
        "experts": (f"grouped_matmul %x, %e, %offsets : ({x}, {e}, {o}) ->", z),
        "swiglu": (f"grouped_matmul %x, %e, %offsets activation = swiglu : ({x}, {e}, {o}) ->", h),
        "gathered": (f"grouped_matmul %x, %e, %offsets rows(%rows) : ({x}, {e}, {o}, {r}) ->", z),
    }
    for name, (text, kind) in [*products.items()]:
        products[f"{name}_bf16"] = text, kind.replace("f32", "bf16")
    types = [products[name][1] for name in names]
    body = "".join(f"  %{n} = minimax.{products[n][0]} {products[n][1]}\n" for n in names)
    return f"""
minimax.weight @w : {w} from ["w"]
minimax.weight @v : {w} from ["w"]
minimax.weight @e : {e} from ["e"]
func.func @main({argument("x", x, depth)}, {argument("skip", y, rows + 1)}, {argument("offsets", o)},
                {order})
    -> ({", ".join(f'{t} {{minimax.name = "{n}"}}' for n, t in zip(names, types))})
    attributes {{minimax.entry}} {{
  %w = minimax.get_weight @w : {w}
  %v = minimax.get_weight @v : {w}
  %e = minimax.get_weight @e : {e}
{body}  return {", ".join(f"%{n}" for n in names)} : {", ".join(types)}
}}
"""


def rounded(arithmetic, x, w, e):
    """Inputs and weights as products read them."""
    if arithmetic == "bf16":
        return quantized.round_to_bf16(x), w, e
    if arithmetic.startswith("w8"):
        round_rows = quantized.round_to_integers if arithmetic == "w8a16" else quantized.round_to_bf16
        return round_rows(x), quantized.dequantize(w), quantized.dequantize(e)
    return x, w, e


def expected(x, skip, offsets, order, w, e):
    """All results but the head's in double precision."""
    plain = x.astype(np.float64) @ w.T.astype(np.float64)
    experts, gathered = np.zeros((2, len(x), e.shape[1]))
    for index, weight in enumerate(e):
        owned = slice(offsets[index], offsets[index + 1])
        experts[owned] = x[owned].astype(np.float64) @ weight.T
        gathered[owned] = x[order[owned]].astype(np.float64) @ weight.T
    half = e.shape[1] // 2
    return {
        "plain": plain,
        "silu": quantized.silu(plain),
        "sigmoid": 1 / (1 + np.exp(-plain)),
        "residual": 3.0 * skip + 0.5 * plain,
        "experts": experts,
        "gathered": gathered,
        "swiglu": quantized.silu(experts[:, :half]) * experts[:, half:],
    }


def cut_rows(random, count, experts):
    """Offsets of experts, of which every other owns no row."""
    cuts = np.sort(random.integers(0, count + 1, experts - 1))
    cuts[1::2] = cuts[0:-1:2][: len(cuts[1::2])]
    return np.array([0, *cuts, count], np.int32)


def cut_by(shares):
    """A way to cut rows: each expert in turn owns its share, the last the rest."""
    def cut(random, count, experts):
        parts = [shares(expert, experts) for expert in range(experts - 1)]
        cuts = np.minimum(np.cumsum(np.array(parts) * count), count)
        return np.array([0, *cuts, count], np.int32)
    return cut


CUTS = {
    "halves": cut_by(lambda expert, experts: 0.5 ** (expert + 1)),
    "first": cut_by(lambda expert, experts: float(expert == 0)),
    "middle": cut_by(lambda expert, experts: float(expert == experts // 2)),
    "last": cut_by(lambda expert, experts: 0.0),
}


def check_products(options, folder, case, comparison, cuts={"": cut_rows}, flags=()):
    depth, rows, experts, arithmetic, counts, names = case
    # Kernels of CPUs read rows where permute has put them.
    names = [name for name in names.split()
             if options.target.startswith("cuda") or not name.startswith("gathered")]
    random = np.random.default_rng(depth)
    label = f"{arithmetic} {depth}x{rows}"
    module, library = folder / f"{label}.mlir", folder / f"{label}.so"
    weight = "f32" if arithmetic == "f32" else "bf16"
    module.write_text(product_program(depth, rows, experts, weight, names))
    golden.run(options.tools / "minimax-compile", module, "-o", library,
               *target_flags(options.target), *FLAGS[arithmetic], *flags)
    w, e = (random.standard_normal(shape).astype(np.float32) / np.float32(8)
            for shape in ((rows + 1, depth), (experts, rows, depth)))
    if weight == "bf16":
        w, e = quantized.round_to_bf16(w), quantized.round_to_bf16(e)
    stored = {name: (array.view(np.uint32) >> 16).astype(np.uint16) if weight == "bf16" else array
              for name, array in (("w", w), ("e", e))}
    loaded = Artifact(library, options.tools / "../lib/libserial_runtime.so", options.target)
    loaded.prepare_weights(stored)
    for count, (cut, cut_experts) in itertools.product(counts, cuts.items()):
        x = random.standard_normal((count, depth)).astype(np.float32)
        skip = random.standard_normal((count, rows + 1)).astype(np.float32)
        offsets = cut_experts(random, count, experts)
        order = random.integers(0, max(count, 1), count).astype(np.int32)
        got = loaded.call("main", {"x": x, "skip": skip, "offsets": offsets, "rows": order}, {},
                          {"T": count, "N": 1, "S": 1, "C": 1})
        inputs, *weights = rounded(arithmetic, x, w, e)
        want = expected(inputs, skip, offsets, order, *weights)
        want["head"] = x.astype(np.float64) @ w.T
        for name in names:
            if name.endswith("_bf16"):
                wide = quantized.round_to_bf16(got[name.removesuffix("_bf16")])
                comparison.equal(f"{label} {count} {name}", got[name], wide.view(np.uint32) >> 16)
                continue
            bound = NOISE * max(np.abs(want[name]).max(initial=0), 1)
            comparison.close(f"{label} {count} {cut} {name}".replace("  ", " "), got[name], want[name],
                             bound)


# --- experts -----------------------------------------------------------------


def routing_program(experts, chosen, hidden):
    logits, x = f"tensor<?x{experts}xf32>", f"tensor<?x{hidden}xf32>"
    weights, k = f"tensor<?x{chosen}xf32>", f"tensor<?x{chosen}xi32>"
    offsets = f"tensor<{experts + 1}xi32>"
    results = [("weights", weights), ("chosen", k), ("offsets", offsets), ("rows", k), ("out", x)]
    return f"""
func.func @main({argument("logits", logits, experts)}, {argument("x", x, hidden)})
    -> ({", ".join(f'{t} {{minimax.name = "{n}"}}' for n, t in results)})
    attributes {{minimax.entry}} {{
  %w, %e = minimax.route %logits : ({logits}) -> ({weights}, {k})
  %p, %o, %r = minimax.permute %x, %e : ({x}, {k}) -> ({x}, {offsets}, {k})
  %y = minimax.unpermute %p, %r, %w residual(%x) alpha = 2.0 beta = 0.5
      : ({x}, {k}, {weights}, {x}) -> {x}
  return %w, %e, %o, %r, %y : {", ".join(t for _, t in results)}
}}
"""


def expected_routing(logits, x, chosen):
    order = np.argsort(-logits, axis=1, kind="stable")[:, :chosen].astype(np.int32)
    best = np.take_along_axis(logits.astype(np.float64), order, 1)
    weights = np.exp(best - best[:, :1])
    weights /= weights.sum(1, keepdims=True)
    copies = np.argsort(order.ravel(), kind="stable")
    rows = np.empty(order.size, np.int32)
    rows[copies] = np.arange(order.size, dtype=np.int32)
    counts = np.bincount(order.ravel(), minlength=logits.shape[1])
    permuted = x[copies // chosen]
    rows = rows.reshape(order.shape)
    summed = (weights[..., None] * permuted[rows]).sum(1)
    return {
        "weights": weights,
        "chosen": order,
        "offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "rows": rows,
        "out": 2.0 * x + 0.5 * summed,
    }


def check_routing(options, folder, case, comparison):
    experts, chosen, hidden, counts = case
    random = np.random.default_rng(experts)
    label = f"experts {experts}"
    module, library = folder / f"{label}.mlir", folder / f"{label}.so"
    module.write_text(routing_program(experts, chosen, hidden))
    golden.run(options.tools / "minimax-compile", module, "-o", library,
               *target_flags(options.target))
    loaded = Artifact(library, options.tools / "../lib/libserial_runtime.so", options.target)
    for count in counts:
        # Few values, so that many logits tie.
        logits = random.integers(-6, 6, (count, experts)).astype(np.float32) / 4
        logits[:, experts // 2] = -np.inf if experts > 5 else 0
        x = random.standard_normal((count, hidden)).astype(np.float32)
        got = loaded.call("main", {"logits": logits, "x": x}, {},
                          {"T": count, "N": 1, "S": 1, "C": 1})
        for name, value in expected_routing(logits, x, chosen).items():
            text = f"{label} {count} {name}"
            if name in ("weights", "out"):
                bound = NOISE * max(np.abs(value).max(initial=0), 1)
                comparison.close(text, got[name], value, bound)
            else:
                comparison.equal(text, got[name], value)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--target", default="cuda:sm_90a")
    options = parser.parse_args()
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as folder:
        # Without a GPU int8 weights meet integers (quantized_products.py).
        gpu = options.target.startswith("cuda")
        for case in PRODUCTS:
            if gpu or case[3] != "w8bf16":
                check_products(options, pathlib.Path(folder), case, comparison)
        for case in SCHEDULED if gpu else []:
            check_products(options, pathlib.Path(folder), case, comparison, CUTS,
                           ["--multiprocessors=2"])
        for case in PAIRED if gpu else []:
            check_products(options, pathlib.Path(folder), case, comparison,
                           {name: CUTS[name] for name in ("halves", "last")}, ["--multiprocessors=4"])
        for case in ROUTINGS:
            check_routing(options, pathlib.Path(folder), case, comparison)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
