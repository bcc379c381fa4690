#!/usr/bin/env python3
"""minimax-bench's kernels on a GPU by PyTorch and flash-linear-attention.

    torch_gpu_peer.py --cases=SUITE/NAME/DTYPE,... [--repetitions=N]
                      [--min-time=S]

Products are torch.nn.functional.linear (cuBLASLt), softmax attention is
scaled_dot_product_attention, lightning attention is fla's simple_gla with
g_gamma = -slope and scale = 1 (docs/SPEC.md 2). Times are those of events
around calls that are captured as a graph. Prints the JSON that minimax-bench
prints, and nothing but that to stdout; exits with 77 without a GPU.
"""

import argparse
import json
import math
import re
import statistics
import sys

DTYPE = "bf16"
HEADS, GROUPS, DIM = 64, 8, 128


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1)
    return parser.parse_args()


def load_torch():
    try:
        import torch
    except ImportError as error:
        print(f"torch: not installed, skipped ({error})", file=sys.stderr)
        sys.exit(77)
    if not torch.cuda.is_available():
        print("torch: finds no GPU, skipped", file=sys.stderr)
        sys.exit(77)
    return torch


class Calls:
    """The call of each case, or None where there is no peer."""

    def __init__(self, torch):
        self.torch = torch
        self.patterns = {
            r"gemm/(\d+)x(\d+)x(\d+)": self.product,
            r"gemv/(\d+)x(\d+)/batch(\d+)": self.few_rows,
            r"attention/prefill/(\d+)": self.prefill,
            r"attention/decode/(\d+)": self.decode,
            r"lightning/64x128/(\d+)": self.lightning,
            r"lightning/64x128/decode/batch(\d+)": self.lightning_decode,
        }

    def make(self, name):
        for pattern, make in self.patterns.items():
            if match := re.fullmatch(pattern, name):
                return make(*map(int, match.groups()))
        return None

    def random(self, *shape):
        torch = self.torch
        return torch.randn(shape, device="cuda", dtype=torch.float32).to(torch.bfloat16)

    def product(self, rows, depth, columns):
        x, weight = self.random(rows, depth), self.random(columns, depth)
        return lambda: self.torch.nn.functional.linear(x, weight)

    def few_rows(self, depth, columns, rows):
        return self.product(rows, depth, columns)

    def attention(self, tokens, keys):
        attend = self.torch.nn.functional.scaled_dot_product_attention
        query = self.random(1, HEADS, tokens, DIM)
        key, value = self.random(1, GROUPS, keys, DIM), self.random(1, GROUPS, keys, DIM)
        causal = tokens > 1
        return lambda: attend(query, key, value, is_causal=causal, enable_gqa=True)

    def prefill(self, tokens):
        return self.attention(tokens, tokens)

    def decode(self, keys):
        return self.attention(1, keys)

    def simple_gla(self, name, batch, tokens):
        try:
            import fla.ops.simple_gla as ops
        except ImportError as error:
            print(f"fla: not installed, skipped ({error})", file=sys.stderr)
            return None
        torch = self.torch
        query, key, value = (self.random(batch, tokens, HEADS, DIM) for _ in range(3))
        exponent = -8 * torch.arange(1, HEADS + 1, device="cuda") / HEADS
        decay = -torch.exp2(exponent.float())
        state = torch.zeros(batch, HEADS, DIM, DIM, device="cuda")
        call = getattr(ops, name)
        return lambda: call(
            query, key, value, g_gamma=decay, scale=1.0, initial_state=state, output_final_state=True
        )

    def lightning(self, tokens):
        return self.simple_gla("chunk_simple_gla", 1, tokens)

    def lightning_decode(self, batch):
        return self.simple_gla("fused_recurrent_simple_gla", batch, 1)


def capture(torch, call):
    """`call` as a graph; itself where it cannot be captured."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            call()
    except RuntimeError:
        return call
    return graph.replay


def measure(torch, call, options):
    run = capture(torch, call)

    def seconds(iterations):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(iterations):
            run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e-3 / iterations

    iterations = max(1, math.ceil(options.min_time / max(seconds(1), 1e-6)))
    times = [seconds(iterations) for _ in range(options.repetitions)]
    return {
        "repetitions": len(times),
        "iterations": iterations,
        "median_s": statistics.median(times),
        "min_s": min(times),
        "max_s": max(times),
    }


def main():
    options = parse_arguments()
    torch = load_torch()
    torch.manual_seed(0)
    calls, results = Calls(torch), []
    for case in options.cases.split(","):
        suite, _, rest = case.partition("/")
        name, _, dtype = rest.rpartition("/")
        call = calls.make(name) if suite == "kernels" and dtype == DTYPE else None
        if call:
            times = measure(torch, call, options)
            results.append({"suite": suite, "name": name, "dtype": dtype, **times})
    environment = {"program": "torch", "version": torch.__version__, "device": torch.cuda.get_device_name()}
    print(json.dumps({"schema": 1, "environment": environment, "results": results}))


if __name__ == "__main__":
    main()
