"""Compares a compiled demo model with models/kjv-tiny/expected.json.

usage: kjv_tiny.py MODEL ARTIFACT [--bound X] [--no-tokens] [--prompts N]
                   [--no-perplexity] [-- RUN_FLAGS...]

MODEL is the folder with expected.json and eval.txt. Greedy tokens of every
prompt (of the first N) must be equal, alone and with all prompts in one batch;
the perplexity of eval.txt must agree to a relative error of X.
"""

import argparse
import json
import pathlib
import subprocess
import sys


def run(*command):
    """Runs minimax-run with --json and returns its sequences."""
    command = ["minimax-run", *map(str, command), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["sequences"]


def check_tokens(generations, artifact, flags):
    """How many of the prompts give other tokens than the reference."""
    prompts = [f"--prompt={wanted['prompt']}" for wanted in generations]
    count = f"--max-new-tokens={len(generations[0]['tokens'])}"
    together = run("generate", artifact, *prompts, count, *flags)
    first = run("generate", artifact, prompts[0], count, *flags)
    wrong = first[0]["tokens"] != together[0]["tokens"]
    for wanted, got in zip(generations, together, strict=True):
        for what in ("prompt_tokens", "tokens", "text"):
            if got[what] != wanted[what]:
                print(f"FAIL {what} of '{wanted['prompt']}': {got[what]}")
                wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("artifact", type=pathlib.Path)
    parser.add_argument("--bound", type=float, default=1e-4)
    parser.add_argument("--no-tokens", action="store_true")
    parser.add_argument("--no-perplexity", action="store_true")
    parser.add_argument("--prompts", type=int)
    mark = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:mark])
    expected = json.loads((options.model / "expected.json").read_text())
    flags = [f"--weights={options.model}", *sys.argv[mark + 1 :]]

    wrong = 0
    if not options.no_tokens:
        generations = expected["generations"][: options.prompts]
        wrong = check_tokens(generations, options.artifact, flags)
        print(f"{'FAIL' if wrong else 'ok'} tokens of {len(generations)} prompts")
    if options.no_perplexity:
        return 1 if wrong else 0

    text = options.model / expected["eval"]["file"]
    [score] = run("score", options.artifact, f"--text-file={text}", *flags)
    want, got = expected["eval"]["perplexity"], score["perplexity"]
    error = abs(got / want - 1)
    good = error <= options.bound and score["tokens"] == expected["eval"]["tokens"]
    print(f"{'ok' if good else 'FAIL'} perplexity {got}: error {error:.1e} of {options.bound:.0e}")
    return 1 if wrong or not good else 0


if __name__ == "__main__":
    sys.exit(main())
