"""Compiled programs against the interpreter on variants of the family.

    variants.py --tools DIR --config CONFIG --tokens FILE

Random checkpoints that differ in storage (dtype, shards, stacked experts, tied
embeddings) and in architecture (pre-norm, heads that are no power of two, a
shared expert, one layer, all experts chosen).
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden

MAKE = pathlib.Path(__file__).parents[2] / "lib" / "make_checkpoint.py"

VARIANTS = {
    "f16, stacked, sharded": "--dtype f16 --stacked --shards 3 --buffers",
    "bf16, transformers": "--dtype bf16 --shards 2 --spelling transformers",
    "f32, stacked, transformers": "--dtype f32 --stacked --spelling transformers",
    "tied embeddings": "--dtype f16 --set tie_word_embeddings=true",
    "pre-norm": "--dtype bf16 --set postnorm=false",
    "six heads": "--set num_attention_heads=6 --set num_key_value_heads=3"
    " --set head_dim=8 --set rotary_dim=4",
    "shared expert": "--dtype bf16 --set shared_intermediate_size=21",
    "one layer, all experts": "--set num_hidden_layers=1 --set attn_type_list=[0]"
    " --set num_experts_per_tok=5",
}

# Relative to the largest logit: f32 rounding of sums of a few hundred terms.
TOLERANCE = 5e-6


def run_variant(options, folder, flags):
    """Logits of the compiled program and of the interpreter."""
    checkpoint = folder / "checkpoint"
    golden.run(sys.executable, MAKE, checkpoint, "--config", options.config, *flags.split())
    compiler = options.tools / "minimax-compile"
    golden.run(compiler, checkpoint, "-o", folder / "model.so")
    module = folder / "model.mlir"
    module.write_text(golden.run(compiler, checkpoint, "--emit=mlir", "--stop-after=import"))
    common = [f"--weights={checkpoint}", f"--tokens-file={options.tokens}"]
    golden.run(options.tools / "minimax-run", "score", folder / "model.so", *common,
               "--weights-cache=off", f"--logits={folder / 'got'}")
    golden.run(options.tools / "minimax-interpret", module, *common,
               f"--logits={folder / 'want'}")
    return golden.read_tensors(folder / "got"), golden.read_tensors(folder / "want")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--tokens", required=True)
    options = parser.parse_args()
    comparison = golden.Comparison()
    for name, flags in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            got, want = run_variant(options, pathlib.Path(folder), flags)
        comparison.equal(f"{name} sequences", sorted(got), sorted(want))
        for key, logits in want.items():
            bound = TOLERANCE * np.abs(logits).max()
            comparison.close(f"{name} {key}", got[key], logits, bound)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
