#!/usr/bin/env python3
"""Fills the tables of a document from the results of one benchmark run.

    report.py RESULTS DOCUMENT

RESULTS is a folder of JSON files as minimax-bench and the peers print them,
one a run, and maybe facts.json. In DOCUMENT, what stands between
<!-- bench-cpu NAME --> and <!-- end NAME --> is replaced for each NAME that
the run has results for: machine, targets, kernels, layer, model, long. The
rest, and tables of suites that did not run, stay as they are.
"""

import argparse
import os
import pathlib
import re
import sys
import tempfile

from results import OURS, Results
from targets import all_targets


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) or "–" for cell in line) + " |" for line in lines)


def spread(low, middle, high):
    return f"{middle} ({low}–{high})"


def rate(row):
    """The speed in the row's unit with that of the slowest and fastest time."""
    value, unit = row["rate"], row["rate_unit"]
    ends = [row["median_s"] / row[end] for end in ("max_s", "min_s")]
    if unit == "us/token":
        ends = [1 / end for end in reversed(ends)]
    digits = 2 if value < 10 else 1 if value < 100 else 0
    low, high = (f"{value * end:.{digits}f}" for end in ends)
    return spread(low, f"{value:.{digits}f}", high) + " " + unit.replace("us/", "µs/")


def percent(row):
    ends = [row.get(name, row["fraction"]) for name in ("fraction_min", "fraction_max")]
    low, high = (f"{end:.2f}" for end in ends)
    return spread(low, f"{row['fraction']:.2f}", high)


def ratio_cell(results, row, program):
    ratios = results.ratios(row, program)
    return ", ".join(f"{variant} {ratio:.2f}×".strip() for variant, ratio in ratios.items())


def suite_table(results, suite):
    """All cases of a suite with a column for each peer that ran any of them."""
    programs = results.programs(suite)
    header = ["case", "dtype", "threads", "speed", "of bound", "bound"]
    header += [f"against {program}" for program in programs]
    if suite == "long":
        header.append("memory growth, MB")
    rows = []
    for row in results.ours(suite):
        cells = [row["name"], row["dtype"], row["threads"], rate(row), percent(row), row["bound"]]
        cells += [ratio_cell(results, row, program) for program in programs]
        if suite == "long":
            cells.append(f"{row['rss_growth_bytes'] / 1e6:.1f}")
        rows.append(cells)
    return table(header, rows)


def machine(results):
    e, facts = results.environment, results.facts
    sizes = ", ".join(
        f"{name} {e[key] // 1024} KiB"
        for name, key in (("L1d", "l1d_bytes"), ("L2", "l2_bytes"), ("L3", "l3_bytes"))
        if e.get(key)
    )
    lines = [
        f"- {e['date'][:10]}, {facts.get('command', 'minimax-bench')}, commit {facts.get('commit', 'unknown')}",
        f"- {e['cpu']}, {facts.get('cores', e['cores'])} cores, {e['memory_bytes'] / 2**30:.0f} GiB, {sizes}; code for {e['target']}",
        f"- load before each run of {OURS}: {min(results.load):.1f}–{max(results.load):.1f}; clock: {e['clock']}",
    ]
    lines += [f"- {program} {version}" for program, version in results.versions.items()]
    lines += [f"- {line}" for line in facts.get("notes", [])]
    peaks = {}
    for (name, threads), values in results.peaks.items():
        ends = dict.fromkeys(f"{value:.0f}" for value in (min(values), max(values)))
        peaks.setdefault(name, {})[threads] = "–".join(ends)
    threads = sorted({key[1] for key in results.peaks})
    header = ["peak"] + [f"{count} thread{'s' * (count > 1)}" for count in threads]
    names = {
        "f32_gflops": "f32 FMA, GFLOP/s",
        "bf16_gflops": "bf16 dot, GFLOP/s",
        "int16_gops": "int16 dot, GOP/s",
        "int8_gops": "int8 dot, GOP/s",
        "memory_gbytes": "DRAM read, GB/s",
    }
    rows = [[names.get(n, n)] + [by.get(t, "") for t in threads] for n, by in peaks.items()]
    return "\n".join(lines) + "\n\n" + table(header, rows)


def sections(results):
    yield "machine", machine(results)
    yield "targets", table(["what", "target", "measured", "verdict"], all_targets(results))
    for suite in ("kernels", "layer", "model", "long"):
        if results.ours(suite):
            yield suite, suite_table(results, suite)


def fill(text, name, content):
    marker = re.compile(rf"(<!-- [a-z-]+ {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    text, count = marker.subn(lambda m: m[1] + "\n" + content + "\n\n" + m[2], text)
    if count != 1:
        raise ValueError(f"expected the markers of '{name}' once, but found them {count} times")
    return text


def write(path, text):
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    os.replace(file.name, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("document", type=pathlib.Path)
    options = parser.parse_args()
    try:
        results = Results(options.results)
        if not results.environment:
            raise ValueError(f"{options.results}: no result of {OURS}")
        text = options.document.read_text()
        for name, content in sections(results):
            text = fill(text, name, content)
        write(options.document, text)
    except (OSError, ValueError) as error:
        sys.exit(f"report.py: {error}")


if __name__ == "__main__":
    main()
