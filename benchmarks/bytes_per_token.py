"""The bytes that a layer's kernels move for each token, by kind of layer.

    bytes_per_token.py REPORT.json... > TABLE.md

Reports are those of `minimax-compile --kernel-report=json`; bytes are each op's
operands and results, once, as the cost interface counts them.
"""

import collections
import json
import pathlib
import sys

# Names of ops, by what they do in a layer.
GROUPS = {
    "products": ("linear", "grouped_matmul"),
    "attention": ("lightning_attention", "attention"),
    "norms, casts": ("rms_norm", "cast"),
    "routing": ("route", "permute", "sort_copies", "unpermute"),
}


def group_of(op):
    return next((name for name, ops in GROUPS.items() if op in ops), "other")


def sum_bytes(report):
    """Layer -> group -> bytes for each token."""
    tokens = report["tokens"] * report["sequences"]
    layers = collections.defaultdict(collections.Counter)
    for kernel in report["kernels"]:
        if kernel.get("function", "").endswith("_layer"):
            layers[kernel["function"]][group_of(kernel["op"])] += kernel["bytes"] / tokens
    return layers


def main():
    reports = [json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:]]
    groups = [*GROUPS, "other"]
    print(f"| layer | step | {' | '.join(f'{group}, KB' for group in groups)} | all, KB |")
    print("|---|---|" + "---|" * (len(groups) + 1))
    for report in sorted(reports, key=lambda r: -r["tokens"] * 1000 + r["sequences"]):
        step = f"{report['sequences']} x {report['tokens']} at {report['position']}"
        for layer, found in sum_bytes(report).items():
            numbers = [found[group] for group in groups] + [sum(found.values())]
            print(f"| {layer} | {step} | {' | '.join(f'{n / 1e3:.0f}' for n in numbers)} |")


if __name__ == "__main__":
    main()
