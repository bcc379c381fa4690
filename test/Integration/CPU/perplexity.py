"""How arithmetic changes the likelihood of a text.

    perplexity.py MODEL NAME=ARTIFACT... [--bound X]

Scores MODEL's eval.txt with each artifact and prints its perplexity and the
change from the first, which may be X times the first's at most.
"""

import argparse
import json
import pathlib
import subprocess
import sys


def perplexity(artifact, model):
    command = ["minimax-run", "score", artifact, f"--weights={model}", "--weights-cache=off",
               f"--text-file={model / 'eval.txt'}", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    [sequence] = json.loads(done.stdout)["sequences"]
    return sequence["perplexity"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("artifacts", nargs="+")
    parser.add_argument("--bound", type=float, required=True)
    options = parser.parse_args()
    failures, first = 0, None
    for item in options.artifacts:
        name, artifact = item.split("=", 1)
        value = perplexity(artifact, options.model)
        first = first or value
        change = value / first - 1
        good = abs(change) <= options.bound
        failures += not good
        print(f"{'ok' if good else 'FAIL'} {name}: perplexity {value:.5f}, {change:+.1e}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
