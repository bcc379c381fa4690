"""The targets of the CPU back end and what a run says about them.

A target is a row of text: what, the target, the figures, met or missed.
"""

import re

GEMM = re.compile(r"gemm/(512|1024|1536|2048)x\1x\1")
GROUPED = re.compile(r"grouped_gemm/.*")
LIGHTNING = re.compile(r"lightning/\d+x128/\d+")
LONG = re.compile(r"lightning/\d+")
COMPUTE = re.compile(r"gemm/(1024|1536|2048)x\1x\1|mid/prefill/4096")


def verdict(value, limit, below=False):
    """Met, or missed and by how much."""
    if value is None:
        return "not measured"
    if value <= limit if below else value >= limit:
        return "met"
    return f"missed by {abs(value / limit - 1):.1%}"


def at_least(what, limit, figures, unit=""):
    """`figures` are labelled values, of which the lowest counts."""
    lowest = min((value for _, value in figures), default=None)
    text = ", ".join(f"{label} {value:.2f}{unit}" for label, value in figures)
    return what, f"≥ {limit:.2f}{unit}", text, verdict(lowest, limit)


def fractions(results, suite, pattern, dtype, threads=1):
    return [
        (row["name"].split("/", 1)[1], row["fraction"])
        for row in results.ours(suite, pattern)
        if row["dtype"] == dtype and row["threads"] == threads
    ]


def fraction_of(results, suite, name, dtypes):
    rows = [(dtype, results.find(suite, name, dtype)) for dtype in dtypes]
    return [(dtype, row["fraction"]) for dtype, row in rows if row]


def ratio_to(results, suite, pattern, program, variant="", threads=(1,)):
    """Ratios to one peer, labelled by case."""
    return [
        (f"{row['name'].split('/', 1)[1]} {row['dtype']} {row['threads']}t", ratio)
        for row in results.ours(suite, pattern)
        for kind, ratio in results.ratios(row, program).items()
        if kind == variant and row["threads"] in threads
    ]


def kernel_targets(results):
    for dtype in ("f32", "bf16"):
        yield at_least(f"GEMM {dtype}, 512–2048, of peak", 0.92,
                       fractions(results, "kernels", GEMM, dtype))
    for dtype in ("f32", "bf16"):
        yield at_least(f"grouped GEMM {dtype}, skewed, of peak", 0.90,
                       fractions(results, "kernels", GROUPED, dtype))
    yield at_least("grouped GEMM against ggml's `mul_mat_id`", 3,
                   ratio_to(results, "kernels", GROUPED, "ggml"), "×")
    for dtype in ("f32", "bf16", "w8a16"):
        yield at_least(f"decode GEMV {dtype}, batch 1, of read bandwidth", 0.95,
                       fraction_of(results, "kernels", "gemv/8192x8192/batch1", [dtype]))
    yield at_least("lightning core against the hand-written kernel", 0.95,
                   ratio_to(results, "kernels", LIGHTNING, "hand-written"), "×")
    yield at_least("lightning core against ggml's graph at ubatch 512", 8,
                   ratio_to(results, "kernels", LIGHTNING, "ggml", "ubatch 512"), "×")


def model_targets(results):
    yield at_least("`mid`, prefill 4096, bf16, of peak", 0.80,
                   fraction_of(results, "model", "mid/prefill/4096", ["bf16"]))
    for dtype in ("bf16", "w8a16"):
        yield at_least(f"`mid`, decode, batch 1, {dtype}, of weights / bandwidth", 0.90,
                       fraction_of(results, "model", "mid/decode/batch1", [dtype]))
    mid = re.compile(r"mid/.*")
    yield at_least("`mid` against transformers + torch", 3,
                   ratio_to(results, "model", mid, "torch", threads=(1, 2)), "×")


def long_targets(results):
    rows = results.ours("long", LONG)
    for dtype in dict.fromkeys(row["dtype"] for row in rows):
        chosen = [row for row in rows if row["dtype"] == dtype]
        times = [1e6 * row["median_s"] / row["tokens"] for row in chosen]
        first, last = (row["name"].split("/")[1] for row in (chosen[0], chosen[-1]))
        spread = max(times) / min(times) - 1
        text = f"{min(times):.2f}–{max(times):.2f} µs a token, {spread:.1%} apart"
        yield (f"{first} to {last} tokens, lightning layers, {dtype}, time a token",
               "within 5 %", text, verdict(spread, 0.05, below=True))
        growth = max(row["rss_growth_bytes"] for row in chosen) - min(
            row["rss_growth_bytes"] for row in chosen)
        yield (f"{first} to {last} tokens, lightning layers, {dtype}, memory growth",
               "≤ 1 MB", f"{growth / 1e6:.1f} MB", verdict(growth, 1e6, below=True))
    if not rows:
        yield ("8192 to 1048576 tokens, lightning layers, time a token", "within 5 %", "",
               "not measured")


def thread_target(results):
    figures = []
    for suite in ("kernels", "model"):
        for row in results.ours(suite, COMPUTE):
            two = results.find(suite, row["name"], row["dtype"], 2)
            if row["threads"] == 1 and two:
                label = f"{row['name'].split('/', 1)[1]} {row['dtype']}"
                figures.append((label, row["median_s"] / two["median_s"]))
    return at_least("2 threads against 1 where compute-bound", 1.9, figures, "×")


def fact_target(results, what, name, limit, unit, scale):
    value = results.facts.get(name)
    text = "" if value is None else f"{value * scale:.3g} {unit}"
    return (what, f"< {limit * scale:g} {unit}", text, verdict(value, limit, below=True))


def all_targets(results):
    """Rows of four texts."""
    yield from kernel_targets(results)
    yield from model_targets(results)
    yield from long_targets(results)
    yield thread_target(results)
    yield fact_target(results, "compile M1 without weights", "compile_m1_s", 5, "s", 1)
    yield fact_target(results, "start-up to the first step, kjv-tiny, warm cache",
                      "startup_s", 0.05, "ms", 1e3)
