"""minimax.sample against a sort in float64.

    sampling.py --tools DIR [--target NAME]

Rows of every kind of parameters: greedy, temperatures, top-k, top-p and all of
them, with ties, masked logits, NaN and rows without a finite maximum. A token
may differ from the reference's only where top_p or the random number lies
within the rounding of f32 sums of a boundary, which few rows do.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
from artifact import Artifact, best_target, target_flags

SIZES = [1, 2, 31, 251, 1025]
ROWS = 48

# Relative error of an f32 sum of a few thousand weights.
NOISE = 4e-6

PROGRAM = """
func.func @sample(%logits: tensor<?x{size}xf32> {{minimax.name = "logits"}},
    %temperatures: tensor<?xf32> {{minimax.name = "temperatures"}},
    %top_k: tensor<?xi32> {{minimax.name = "top_k"}},
    %top_p: tensor<?xf32> {{minimax.name = "top_p"}},
    %uniforms: tensor<?xf32> {{minimax.name = "uniforms"}})
    -> (tensor<?xi32> {{minimax.name = "next_tokens"}}) attributes {{minimax.entry}} {{
  %tokens = minimax.sample %logits, %temperatures, %top_k, %top_p, %uniforms
      : (tensor<?x{size}xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xi32>
  return %tokens : tensor<?xi32>
}}
"""


def reference(logits, temperature, top_k, top_p, uniform):
    """The op's formula, by sorting."""
    if np.isnan(logits).any() or np.isinf(logits.max()):
        return -1
    if temperature < 2.0**-64 or top_k == 1:
        return int(logits.argmax())
    with np.errstate(under="ignore"):
        weights = np.exp((logits.astype(np.float64) - logits.max()) / temperature)
    kept = np.argsort(-logits, kind="stable")
    if 0 < top_k < len(kept):
        kept = kept[:top_k]
    if top_p < 1:
        sums = np.cumsum(weights[kept])
        kept = kept[: np.searchsorted(sums, top_p * sums[-1]) + 1]
    kept = np.sort(kept)
    sums = np.cumsum(weights[kept])
    return int(kept[min(np.searchsorted(sums, uniform * sums[-1], side="right"), len(kept) - 1)])


def make_rows(size, rng):
    """Logits and parameters; the last rows have no token."""
    logits = rng.normal(0, 3, (ROWS, size)).astype(np.float32)
    logits[1::4] = np.rint(logits[1::4])
    logits[2::4][rng.random((len(logits[2::4]), size)) < 0.5] = -np.inf
    logits[2::4, rng.integers(size)] = 0.5
    logits[-3, rng.integers(size)] = np.nan
    logits[-2] = -np.inf
    logits[-1, rng.integers(size)] = np.inf
    choose = lambda values: rng.choice(values, ROWS)
    return {
        "logits": logits,
        "temperatures": choose([0, 0.3, 1, 1, 20]).astype(np.float32),
        "top_k": choose([0, 0, 1, 2, 7, size - 1, size, 1 << 30]).astype(np.int32),
        "top_p": choose([1, 1, 0.01, 0.5, 0.9, 0.999]).astype(np.float32),
        "uniforms": choose([0, 1 - 2.0**-24, *rng.random(30)]).astype(np.float32),
    }


def allowed(row):
    """The tokens that rounding may lead to, the exact one first."""
    logits, temperature, top_k, top_p, uniform = row
    tokens = []
    for p in (0, -NOISE, NOISE):
        for u in (0, -NOISE, NOISE):
            # Rounding keeps no more than all.
            share = min(float(top_p) + p, 1.0) if top_p < 1 else 1.0
            tokens.append(reference(logits, float(temperature), int(top_k), share, float(uniform) + u))
    return tokens


def check(size, args, directory):
    source = directory / f"sample{size}.mlir"
    source.write_text(PROGRAM.format(size=size))
    library = source.with_suffix(".so")
    golden.run(args.tools / "minimax-compile", source, "-o", library, *target_flags(args.target))
    artifact = Artifact(library, args.tools / "../lib/libserial_runtime.so", args.target)
    inputs = make_rows(size, np.random.default_rng(size))
    got = artifact.call("sample", inputs, {}, {"T": ROWS, "N": ROWS, "S": 1, "C": 1})["next_tokens"]
    wrong = exact = 0
    for n, row in enumerate(zip(*inputs.values())):
        tokens = allowed(row)
        exact += got[n] == tokens[0]
        if got[n] not in tokens:
            wrong += 1
            print(f"     row {n}: {got[n]}, expected {tokens[0]} of {row[1:]}")
    ok = wrong == 0 and exact >= ROWS - 2
    print(f"{'ok  ' if ok else 'FAIL'} {size}: {exact} of {ROWS} rows equal")
    return ok


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--target", default=best_target())
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        results = [check(size, args, pathlib.Path(directory)) for size in SIZES]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
