"""bf16 products against f32 products on the same weights.

    bf16.py F32_DIR BF16_DIR [--median]

Each folder holds hidden.safetensors and states.safetensors of one run. Hidden
states may differ by bf16's rounding, which accumulates like a random walk over
layers; states must be f32 in both. With --median that of the median token
counts: rounding may send single tokens to other experts.
"""

import argparse
import pathlib
import re
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden

# Half a unit in the last place of bf16, and what one layer's products make of it.
ROUNDING = 2.0**-9
PER_LAYER = 6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=pathlib.Path, nargs=2)
    parser.add_argument("--median", action="store_true")
    options = parser.parse_args()
    wide, narrow = options.folders
    a = golden.read_tensors(wide / "hidden.safetensors")
    b = golden.read_tensors(narrow / "hidden.safetensors")
    comparison = golden.Comparison()
    for name in sorted(n for n in a if n.startswith("hidden.layer_")):
        layer = int(re.match(r"hidden.layer_(\d+)", name)[1])
        error = np.linalg.norm(a[name] - b[name]) / np.linalg.norm(a[name])
        if options.median:
            norm, distance = (np.linalg.norm(x, axis=-1) for x in (a[name], a[name] - b[name]))
            error = np.median(distance / norm)
        bound = PER_LAYER * ROUNDING * (layer + 1) ** 0.5
        comparison.close(name, np.array(error), np.array(0.0), bound)
        comparison.equal(f"{name} differs", error > 0, True)
    states = golden.read_tensors(narrow / "states.safetensors")
    for name, state in states.items():
        comparison.equal(f"{name} is f32", state.dtype == np.float32, True)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
