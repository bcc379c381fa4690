"""Any cut of the same sequences into steps gives the same logits.

    invariants.py CHECKPOINT ARTIFACT --runtime LIBRARY --chunk B --vocab V

Sequences of lengths around the chunk are run whole and alone; then in random
schedules: up to seven sequences at once in any slots, prefills split anywhere,
decodes beside prefills, sequences that add nothing to a step. Logits must agree
to f32 noise and their best token exactly, except where two logits tie.
"""

import argparse
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
from artifact import Artifact, best_target

# Relative to the largest logit: rounding of a few hundred f32 sums. With bf16 or
# integers another rounding of a sum may move an activation to its neighbour.
TOLERANCES = {"f32": 2e-5, "bf16": 1e-3, "w8a16": 1e-4}


def run_step(loaded, states, pieces, capacity):
    """`pieces`: (slot, position, tokens); returns each piece's logits."""
    lengths = [len(tokens) for _, _, tokens in pieces]
    inputs = {
        "tokens": np.concatenate([t for _, _, t in pieces]),
        "cu_seqlens": np.concatenate([[0], np.cumsum(lengths)]),
        "positions": np.concatenate([p + np.arange(len(t)) for _, p, t in pieces]),
        "slots": np.array([slot for slot, _, _ in pieces]),
    }
    slots = next(iter(states.values())).shape[0]
    dims = {"T": sum(lengths), "N": len(pieces), "S": slots, "C": capacity}
    logits = loaded.call("score", inputs, states, dims)["logits"]
    return np.split(logits, np.cumsum(lengths)[:-1])


def run_schedule(loaded, sequences, random, capacity):
    """Runs all sequences to their ends in random pieces; returns their logits."""
    count = len(sequences)
    # Slots start with garbage: a new sequence must not see it.
    states = loaded.new_states(count + 2, capacity, fill=0x55)
    slots = random.permutation(count + 2)[:count]
    done, logits = [0] * count, [[] for _ in range(count)]
    while any(done[i] < len(s) for i, s in enumerate(sequences)):
        pieces, members = [], []
        for i in random.permutation(count):
            left = len(sequences[i]) - done[i]
            size = min(left, int(random.choice([0, 1, 1, random.integers(0, left + 1), left])))
            if size or random.random() < 0.3:
                pieces.append((slots[i], done[i], sequences[i][done[i] : done[i] + size]))
                members.append(i)
        if not any(len(tokens) for _, _, tokens in pieces):
            continue
        for i, part in zip(members, run_step(loaded, states, pieces, capacity)):
            logits[i].append(part)
            done[i] += len(part)
    return [np.concatenate(parts) for parts in logits]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("artifact", type=pathlib.Path)
    parser.add_argument("--runtime", type=pathlib.Path, required=True)
    parser.add_argument("--chunk", type=int, required=True)
    parser.add_argument("--vocab", type=int, required=True)
    parser.add_argument("--dtype", choices=TOLERANCES, default="f32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", default=best_target())
    options = parser.parse_args()
    loaded = Artifact(options.artifact, options.runtime, options.target)
    loaded.prepare_weights(golden.read_tensors(options.checkpoint / "model.safetensors"))
    random = np.random.default_rng(options.seed)
    print(f"seed {options.seed}")
    b = options.chunk
    lengths = [1, b - 1, b, b + 1, 2 * b + 3, 37, 53]
    capacity = max(lengths)
    sequences = [random.integers(0, options.vocab, n) for n in lengths]
    alone = [
        run_step(loaded, loaded.new_states(1, capacity), [(0, 0, s)], capacity)[0]
        for s in sequences
    ]
    comparison = golden.Comparison()
    for round_number in range(6):
        count = int(random.integers(1, len(sequences) + 1)) if round_number else len(sequences)
        chosen = random.permutation(len(sequences))[:count]
        results = run_schedule(loaded, [sequences[i] for i in chosen], random, capacity)
        for i, got in zip(chosen, results):
            want = alone[i]
            bound = TOLERANCES[options.dtype] * np.abs(want).max()
            label = f"round {round_number} length {len(want)}"
            comparison.close(label, got, want, bound)
            gap = np.diff(np.sort(want)[:, -2:])[:, 0] > 2 * bound
            comparison.equal(f"{label} tokens", got.argmax(1)[gap], want.argmax(1)[gap])
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
