"""Norms against float64: gated, of bf16, with a rounded result too.

    norms.py --tools DIR [--target NAME]

Rows of no whole runs of columns, of fewer and more than a block keeps in
registers; a rounded result is that of the f32 one, bit by bit.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "CPU"))
import golden_tools as golden
import quantized_products as quantized
from artifact import Artifact, target_flags

COLUMNS = [1, 6, 64, 97, 100, 1028, 8192, 8196]
ROWS = [0, 1, 9]
EPSILON = 1e-5

# Relative to the largest result: an f32 sum of squares in another order.
NOISE = 2e-6


def argument(name, kind, columns=None):
    shape = ""
    if columns:
        shape = f", minimax.shape = affine_map<(t, n, s, c) -> (t, {columns})>"
    return f'%{name}: {kind} {{minimax.name = "{name}"{shape}}}'


def program(columns):
    x, h, w = f"tensor<?x{columns}xf32>", f"tensor<?x{columns}xbf16>", f"tensor<{columns}xf32>"
    results = [("wide", x), ("rounded", h), ("gated", x), ("narrow", h), ("plain", x)]
    return f"""
func.func @main({argument("x", x, columns)}, {argument("h", h, columns)},
    {argument("g", h, columns)}, {argument("w", w)})
    -> ({", ".join(f'{t} {{minimax.name = "{n}"}}' for n, t in results)})
    attributes {{minimax.entry}} {{
  %wide, %rounded = minimax.rms_norm %x, %w eps = {EPSILON:.1e} : ({x}, {w}) -> ({x}, {h})
  %gated = minimax.rms_norm %x, %w gate(%g) eps = {EPSILON:.1e} : ({x}, {w}, {h}) -> {x}
  %narrow = minimax.rms_norm %h, %w gate(%g) eps = {EPSILON:.1e} : ({h}, {w}, {h}) -> {h}
  %plain = minimax.rms_norm %h, %w gate(%x) eps = {EPSILON:.1e} : ({h}, {w}, {x}) -> {x}
  return {", ".join(f"%{n}" for n, _ in results)} : {", ".join(t for _, t in results)}
}}
"""


def norm(x, weight):
    x = x.astype(np.float64)
    return x / np.sqrt((x * x).mean(1, keepdims=True) + EPSILON) * weight


def bits(array):
    return (array.view(np.uint32) >> 16).astype(np.uint16)


def widen(array):
    return (array.astype(np.uint32) << 16).view(np.float32)


def check(options, folder, columns, comparison):
    random = np.random.default_rng(columns)
    module, library = folder / f"{columns}.mlir", folder / f"{columns}.so"
    module.write_text(program(columns))
    golden.run(options.tools / "minimax-compile", module, "-o", library, *target_flags(options.target))
    loaded = Artifact(library, options.tools / "../lib/libserial_runtime.so", options.target)
    weight = random.standard_normal(columns).astype(np.float32)
    for rows in ROWS:
        x, h, g = (random.standard_normal((rows, columns)).astype(np.float32) for _ in range(3))
        h, g = quantized.round_to_bf16(h), quantized.round_to_bf16(g)
        got = loaded.call("main", {"x": x, "h": bits(h), "g": bits(g), "w": weight}, {},
                          {"T": rows, "N": 1, "S": 1, "C": 1})
        want = {"wide": norm(x, weight), "gated": norm(x, weight) * g, "plain": norm(h, weight) * x}
        for name, value in want.items():
            bound = NOISE * max(np.abs(value).max(initial=0), 1)
            comparison.close(f"{columns} {rows} {name}", got[name], value, bound)
        comparison.equal(f"{columns} {rows} rounded", got["rounded"],
                         bits(quantized.round_to_bf16(got["wide"])))
        value = norm(h, weight) * g
        error = np.abs(widen(got["narrow"]) - value) - 2.0**-8 * np.abs(value)
        bound = NOISE * max(np.abs(value).max(initial=0), 1)
        comparison.close(f"{columns} {rows} narrow", np.maximum(error, 0), np.zeros_like(value), bound)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--target", default="cuda:sm_90a")
    options = parser.parse_args()
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as folder:
        for columns in COLUMNS:
            check(options, pathlib.Path(folder), columns, comparison)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
