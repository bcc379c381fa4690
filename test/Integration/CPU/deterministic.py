"""With --deterministic, logits are the same bits however a step is made up.

    deterministic.py MODEL [--tools DIR] [FLAG ...]

MODEL is `tiny` or `small` of the golden data; flags go to minimax-compile. Each
of 16 sequences is run whole and alone; then in pieces of one size; then with
others, 1 to 16 at once, in random pieces: prefills split anywhere, decodes
beside prefills, any slots. Bytes are compared, not numbers. At last the runtime
scores them with one and with two threads.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
import model_golden
from artifact import Artifact, best_target
from invariants import run_schedule, run_step

LENGTHS = [1, 2, 3, 5, 8, 17, 37, 53, 63, 64, 65, 67, 100, 127, 129, 150]
PIECES = [1, 7, 37, 64, 65]


def make_model(name, parent):
    if name == "small":
        weights = parent / "small.safetensors"
        model_golden.write_small_weights(weights)
    else:
        weights = golden.GOLDEN / "minimax-tiny/model.safetensors"
    config = model_golden.read_config(f"minimax-{name}", "config.json")
    return model_golden.make_folder(parent, name, config, weights), config["vocab_size"]


def run_pieces(loaded, sequence, size, capacity):
    """Logits of a sequence that comes in pieces of `size` tokens."""
    states = loaded.new_states(1, capacity, fill=0x55)
    parts = [
        run_step(loaded, states, [(0, at, sequence[at : at + size])], capacity)[0]
        for at in range(0, len(sequence), size)
    ]
    return np.concatenate(parts)


def check_bits(comparison, label, got, want):
    comparison.equal(label, got.view(np.uint32), want.view(np.uint32))


def check_threads(comparison, tools, folder, artifact, sequences, scratch):
    tokens = scratch / "tokens.txt"
    tokens.write_text("".join(" ".join(map(str, s)) + "\n" for s in sequences))
    results = []
    for threads in (1, 2):
        path = scratch / f"threads{threads}.safetensors"
        golden.run(
            tools / "minimax-run", "score", artifact, f"--weights={folder}",
            "--weights-cache=off", f"--tokens-file={tokens}",
            f"--threads={threads}", f"--logits={path}",
        )
        files = sorted(scratch.glob(f"threads{threads}.safetensors*"))
        results.append([file.read_bytes() for file in files])
    same = [one == two for one, two in zip(*results)]
    comparison.equal("threads", same, [True] * max(1, len(same)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["tiny", "small"])
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--target", default=best_target())
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options, flags = parser.parse_known_args()
    random = np.random.default_rng(options.seed)
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        folder, vocab = make_model(options.model, scratch)
        artifact = scratch / "model.so"
        golden.run(
            options.tools / "minimax-compile", folder, "-o", artifact,
            "--deterministic", f"--targets={options.target}", *flags,
        )
        loaded = Artifact(
            artifact, options.tools / "../lib/libserial_runtime.so", options.target
        )
        loaded.prepare_weights(golden.read_tensors(folder / "model.safetensors"))
        capacity = max(LENGTHS)
        sequences = [random.integers(0, vocab, n) for n in LENGTHS]
        alone = [run_pieces(loaded, s, len(s), capacity) for s in sequences]
        for size in PIECES:
            for sequence, want in zip(sequences, alone):
                got = run_pieces(loaded, sequence, size, capacity)
                check_bits(comparison, f"pieces of {size} of {len(sequence)}", got, want)
        for count in range(1, options.rounds + 1):
            chosen = random.permutation(len(sequences))[:count]
            results = run_schedule(loaded, [sequences[i] for i in chosen], random, capacity)
            for i, got in zip(chosen, results):
                label = f"batch {count} length {LENGTHS[i]}"
                check_bits(comparison, label, got, alone[i])
        check_threads(comparison, options.tools, folder, artifact, sequences, scratch)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
