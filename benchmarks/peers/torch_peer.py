#!/usr/bin/env python3
"""minimax-bench's products and models on PyTorch and transformers.

    torch_peer.py --cases=SUITE/NAME/DTYPE,... [--threads=N] [--repetitions=N]
                  [--min-time=S] [--max-time=S] [--clock=wall|cpu]

Products are torch.nn.functional.linear with weights as a checkpoint has them.
Models are transformers' MiniMaxForCausalLM with the sizes of minimax-bench's,
random weights, everything in the case's type, eager mode. Prints the JSON that
minimax-bench prints, and nothing but that to stdout.
"""

import argparse
import json
import math
import re
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as functional
except ImportError as error:
    sys.exit(f"torch: not installed, skipped ({error})")

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}
# hidden, heads, head_dim, groups, experts, width of an expert, vocabulary
MODELS = {
    "small": (384, 8, 64, 2, 8, 576, 2048),
    "mid": (1536, 16, 128, 4, 16, 2304, 32000),
}
CONTEXT = 4096


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1)
    parser.add_argument("--max-time", type=float, default=60)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    return parser.parse_args()


def measure(run, options):
    """Seconds of calls, as the other peers and minimax-bench time them."""
    clock = time.process_time if options.clock == "cpu" else time.perf_counter
    begin = time.perf_counter()

    def seconds(iterations):
        start = clock()
        for _ in range(iterations):
            run()
        return (clock() - start) / iterations

    once, iterations, times = seconds(1), 1, []
    if once >= 1:
        times.append(once)
    else:
        iterations = max(1, math.ceil(options.min_time / max(seconds(1), 1e-9)))
    while len(times) < options.repetitions and (
        not times or time.perf_counter() - begin < options.max_time
    ):
        times.append(seconds(iterations))
    return {
        "repetitions": len(times),
        "iterations": iterations,
        "median_s": statistics.median(times),
        "min_s": min(times),
        "max_s": max(times),
    }


def product(rows, depth, columns, dtype):
    x = (torch.rand(rows, depth) - 0.5).to(dtype)
    weight = (torch.rand(columns, depth) - 0.5).to(dtype)
    work = {
        "flops": 2 * rows * depth * columns,
        "bytes": weight.numel() * weight.element_size(),
        "tokens": rows,
    }
    return (lambda: functional.linear(x, weight)), work


class Model:
    """A model with random weights, and the cache after its last prompt."""

    def __init__(self, name, dtype):
        from transformers import MiniMaxConfig, MiniMaxForCausalLM
        from transformers.initialization import no_init_weights

        hidden, heads, head_dim, groups, experts, width, vocabulary = MODELS[name]
        config = MiniMaxConfig(
            hidden_size=hidden,
            num_attention_heads=heads,
            head_dim=head_dim,
            num_key_value_heads=groups,
            num_local_experts=experts,
            num_experts_per_tok=2,
            intermediate_size=width,
            vocab_size=vocabulary,
            num_hidden_layers=16,
            layer_types=(["linear_attention"] * 7 + ["full_attention"]) * 2,
            max_position_embeddings=65536,
            block_size=256,
            full_attn_alpha_factor=2.37841423,
            linear_attn_alpha_factor=2.37841423,
            mlp_alpha_factor=2.37841423,
        )
        torch.set_default_dtype(dtype)
        with no_init_weights():
            self.model = MiniMaxForCausalLM(config).eval()
        torch.set_default_dtype(torch.float32)
        self.fill(dtype)
        self.prompt = torch.randint(0, vocabulary, (1, CONTEXT))
        self.cache = None

    @torch.no_grad()
    def fill(self, dtype):
        """Copies of one random row of prime length: drawing all takes long."""
        random = (0.02 * torch.randn(1000003)).to(dtype)
        for parameter in self.model.parameters():
            if parameter.dim() < 2:
                parameter.fill_(1)
                continue
            for part in parameter.view(-1).split(len(random)):
                part.copy_(random[: len(part)])

    def prefill(self, tokens=CONTEXT):
        output = self.model(self.prompt[:, :tokens], use_cache=True, logits_to_keep=1)
        self.cache = output.past_key_values

    def decode(self):
        if self.cache is None:
            self.prefill()
        self.model(self.prompt[:, :1], past_key_values=self.cache, use_cache=True)


class Cases:
    """Keeps one model between the cases that share it."""

    def __init__(self):
        self.key = self.model = None

    def load(self, name, dtype):
        if self.key != (name, dtype):
            self.model = None  # frees it before the next one comes
            self.key, self.model = (name, dtype), Model(name, dtype)
        return self.model

    def make(self, suite, name, dtype):
        """The call of a case and its work, or None if it is unknown."""
        numbers = [int(n) for n in re.findall(r"\d+", name)]
        if suite == "kernels" and re.fullmatch(r"gemm/\d+x\d+x\d+", name):
            return product(*numbers, dtype)
        if suite == "kernels" and name.startswith("gemv/"):
            return product(numbers[2], numbers[0], numbers[1], dtype)
        parts = name.split("/")
        if suite != "model" or parts[0] not in MODELS:
            return None
        if parts[1] == "prefill" and numbers[0] <= CONTEXT:
            model = self.load(parts[0], dtype)
            return (lambda: model.prefill(numbers[0])), {"tokens": numbers[0]}
        if parts[1:] == ["decode", "batch1"]:
            model = self.load(parts[0], dtype)
            if model.cache is None or model.cache.get_seq_length(7) < CONTEXT:
                model.prefill()
            return model.decode, {"tokens": 1}
        return None


@torch.inference_mode()
def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    cases, results = Cases(), []
    for case in options.cases.split(","):
        suite, _, rest = case.partition("/")
        name, _, dtype = rest.rpartition("/")
        made = dtype in DTYPES and cases.make(suite, name, DTYPES[dtype])
        if not made:
            continue
        run, work = made
        where = {"suite": suite, "name": name, "dtype": dtype, "threads": options.threads}
        results.append(
            {**where, **measure(run, options), "flops": 0, "bytes": 0, **work, "variant": ""}
        )
    version = torch.__version__
    if "transformers" in sys.modules:
        version += ", transformers " + sys.modules["transformers"].__version__
    environment = {
        "program": "torch",
        "version": version,
        "threads": options.threads,
        "clock": options.clock,
    }
    print(json.dumps({"schema": 1, "environment": environment, "peaks": {}, "results": results}))


if __name__ == "__main__":
    main()
