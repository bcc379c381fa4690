#!/usr/bin/env python3
"""Times of a program's ops on a GPU beside the least that its memory and
arithmetic allow.

    gpu_times.py MODEL [--tools DIR] [--target NAME] [--gpu NAME]
                 [--tokens N] [--batch N] [-- COMPILE_FLAGS...]

Compiles the model folder with its kernel report, profiles prompts of N tokens
and decoding of a batch behind prompts of 64 tokens, and prints a table for each.
A time is the median over layers and all steps but the first, from events in
the GPU's stream: gaps in which it waits for the host count too.
"""

import argparse
import collections
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

PROMPT = 64
NEW_TOKENS = 12


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"gpu_times: {' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


def least_times(report):
    """(function, label) -> for each op of that label in its order, the names of
    its kernels and its least time in us."""
    found, kernels = collections.defaultdict(list), []
    for kernel in report["kernels"]:
        if "op" in kernel:
            kernels = []
            label = f"{kernel['op']} {kernel['weight']}".strip()
            found[kernel["function"], label].append((kernels, kernel["roofline_us"]))
        kernels.append(kernel["name"])
    return found


def op_times(trace, tokens, sequences):
    """(function, label) -> for each op of that label in its order, its times in
    us, in the steps of these sizes but the first."""
    events = [e for e in trace["traceEvents"] if e["ph"] == "X" and e["tid"] == 0]
    steps = [
        e["args"]["step"] for e in events if e.get("cat") != "op"
        and (e["args"]["tokens"], e["args"]["sequences"]) == (tokens, sequences)
    ]
    times = collections.defaultdict(lambda: collections.defaultdict(list))
    for event in events:
        if event.get("cat") == "op" and event["args"]["step"] in steps[1:]:
            op = event["args"]
            times[op["function"], event["name"]][op["op"]].append(event["dur"])
    return {key: [ops[number] for number in sorted(ops)] for key, ops in times.items()}


class Program:
    """One model, compiled once for each kind of step."""

    def __init__(self, options, flags, scratch):
        self.options, self.flags, self.scratch = options, flags, scratch
        self.artifact = scratch / "model.so"
        config = json.loads((options.model / "config.json").read_text())
        self.vocab = config["vocab_size"]

    def report(self, tokens, sequences, position):
        text = run(
            self.options.tools / "minimax-compile", self.options.model, "-o", self.artifact,
            f"--target={self.options.target}", "--kernel-report=json",
            f"--kernel-report-gpu={self.options.gpu}",
            f"--kernel-report-step={tokens},{sequences},{position}", *self.flags,
        )
        return json.loads(text)

    def profile(self, command, prompts, tokens, *flags):
        numbers = random.Random(0)
        lines = [" ".join(str(numbers.randrange(self.vocab)) for _ in range(tokens))
                 for _ in range(prompts)]
        (self.scratch / "tokens").write_text("\n".join(lines) + "\n")
        run(
            self.options.tools / "minimax-run", command, self.artifact, "--device=cuda",
            f"--weights={self.options.model}", "--weights-cache=off",
            f"--tokens-file={self.scratch / 'tokens'}", f"--chunk={tokens}",
            f"--profile={self.scratch / 'trace'}", *flags,
        )
        return json.loads((self.scratch / "trace").read_text())

    def prompts(self):
        tokens = self.options.tokens
        least = least_times(self.report(tokens, 1, 0))
        return least, op_times(self.profile("score", 4, tokens), tokens, 1)

    def decoding(self):
        batch = self.options.batch
        least = least_times(self.report(1, batch, PROMPT + NEW_TOKENS // 2))
        trace = self.profile("generate", batch, PROMPT, "--ignore-eos",
                             f"--max-batch={batch}", f"--max-new-tokens={NEW_TOKENS}")
        return least, op_times(trace, batch, batch)


def print_table(title, least, times):
    rows = []
    for key, ops in times.items():
        known = least.get(key, [])
        for (kernels, bound), durations in zip(known + [([], 0.0)] * len(ops), ops):
            rows.append((" ".join(key), kernels, len(durations), statistics.median(durations), bound))
    if not rows:
        sys.exit("gpu_times: no step of the expected size was recorded")
    rows.sort(key=lambda row: -row[2] * row[3])
    print(f"\n{title}\n\n| op | kernels | calls | us | least us | fraction |\n" + "|---" * 6 + "|")
    for op, kernels, calls, time, bound in rows:
        names = " ".join(kernels[:4]) + (" ..." if len(kernels) > 4 else "")
        print(f"| {op} | {names} | {calls} | {time:.2f} | {bound:.2f} | {bound / max(time, 1e-3):.3f} |")
    total, least_total = (sum(row[2] * row[i] for row in rows) for i in (3, 4))
    print(f"| all | | | {total:.0f} | {least_total:.0f} | {least_total / max(total, 1e-3):.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--target", default="cuda:sm_90a")
    parser.add_argument("--gpu", default="H200", help="whose peaks: A100, H100 or H200")
    parser.add_argument("--tokens", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=8)
    mark = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:mark])
    with tempfile.TemporaryDirectory() as scratch:
        program = Program(options, sys.argv[mark + 1 :], pathlib.Path(scratch))
        where = f"{options.model.name} {' '.join(program.flags)}, {options.target}, peaks of {options.gpu}"
        print_table(f"Prompts of {options.tokens} tokens, {where}", *program.prompts())
        print_table(f"Decoding of {options.batch} sequences, {where}", *program.decoding())


if __name__ == "__main__":
    main()
