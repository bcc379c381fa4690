"""Checks a trace of `minimax-run generate` on one prompt.

    check_trace.py TRACE CONFIG PROMPT_TOKENS NEW_TOKENS

Products of SPEC 2 counted by hand: 2 FLOPs for each weight that meets a token.
"""

import collections
import json
import sys

CHUNK = 64


def products(config, first, tokens, layer):
    """FLOPs of a layer's products by op, for tokens from position `first`."""
    h, f = config["hidden_size"], config["intermediate_size"]
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    d, k = config["head_dim"], config["num_experts_per_tok"]
    e = config["num_local_experts"]
    dense = lambda rows, columns: 2 * rows * columns * tokens
    flops = {
        "linear router": dense(h, e),
        "grouped_matmul experts_gate_up": dense(h, 2 * f) * k,
        "grouped_matmul experts_down": dense(f, h) * k,
    }
    if config["layer_types"][layer] == "linear_attention":
        pairs = sum(i % CHUNK + 1 for i in range(tokens))
        flops |= {
            "linear qkv_proj": dense(h, 3 * heads * d),
            "linear output_gate": dense(h, heads * d),
            "linear out_proj": dense(heads * d, h),
            "lightning_attention":
                heads * (4 * d * d * tokens + 4 * d * pairs),
        }
    else:
        keys = sum(first + i + 1 for i in range(tokens))
        flops |= {
            "linear q_proj": dense(h, heads * d),
            "linear k_proj": dense(h, groups * d),
            "linear v_proj": dense(h, groups * d),
            "linear o_proj": dense(heads * d, h),
            "attention": 4 * heads * d * keys,
        }
    return flops


def check_step(config, ops, first, tokens):
    for layer in range(config["num_hidden_layers"]):
        found = {op["name"]: op["args"]["flops"] for op in ops
                 if op["args"]["layer"] == layer}
        for name, flops in products(config, first, tokens, layer).items():
            assert found.get(name) == flops, (layer, name, found, flops)
        for name in ["rms_norm input_norm", "route", "permute", "unpermute"]:
            assert name in found, (layer, name)
        kind = config["layer_types"][layer]
        kind = "lightning" if kind == "linear_attention" else "softmax"
        assert all(op["args"]["function"].startswith(kind) for op in ops
                   if op["args"]["layer"] == layer), layer
    head = [op["args"] for op in ops if op["name"] == "lm_head lm_head"]
    h, vocabulary = config["hidden_size"], config["vocab_size"]
    assert len(head) == 1 and head[0]["layer"] == -1, head
    assert head[0]["flops"] == 2 * h * vocabulary, head
    # The vocabulary fills its panels, so nothing is padded.
    stored = vocabulary * h * 2
    assert head[0]["bytes"] == stored + 4 * (h + vocabulary), head


def main():
    trace = json.load(open(sys.argv[1]))["traceEvents"]
    config = json.load(open(sys.argv[2]))
    prompt, new = int(sys.argv[3]), int(sys.argv[4])
    steps = collections.defaultdict(list)
    for event in trace:
        if event.get("cat") == "op":
            assert event["dur"] >= 0 and "fraction_of_bound" in event["args"]
            steps[event["args"]["step"]].append(event)
    assert len(steps) == new, len(steps)
    check_step(config, steps[0], 0, prompt)
    for step in range(1, new):
        check_step(config, steps[step], prompt + step - 1, 1)
    # Slices of a track follow each other.
    for step in steps.values():
        for a, b in zip(step, step[1:]):
            assert a["ts"] + a["dur"] <= b["ts"] + 1e-3, (a, b)
    lanes = {event["args"]["name"] for event in trace if event["ph"] == "M"}
    assert lanes == {"ops", "thread 0 (caller)", "thread 1"}, lanes
    tiles = [event for event in trace if event.get("cat") == "tiles"]
    assert tiles and all(event["args"]["tiles"] > 0 for event in tiles)


main()
