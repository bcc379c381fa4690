#!/usr/bin/env python3
"""A table of minimax-bench --device=cuda --format=json beside its peers.

    gpu_table.py BENCH.json [PEER.json...]
"""

import json
import pathlib
import sys


def time(seconds):
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.4g} {unit}"
    return f"{seconds:.4g} s"


def read(path):
    text = pathlib.Path(path).read_text()
    return json.loads(text) if text.strip() else None


def key(result):
    return result["suite"], result["name"], result["dtype"]


def main(bench, *paths):
    report = read(bench)
    peers = [peer for peer in map(read, paths) if peer]
    times = [{key(r): r["median_s"] for r in peer["results"]} for peer in peers]
    names = [f"{p['environment']['program']} {p['environment']['version']}" for p in peers]
    environment = report["environment"]
    print(f"{environment['compiler']} for {environment['target']}, {environment['date']}; {environment['device']}.")
    print(f"{environment['note'][:1].upper()}{environment['note'][1:]}.\n")
    head = ["case", "bound", "of", "time", "bound / time"]
    for name in names:
        head += [name, "its time / ours"]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for result in report["results"]:
        mark = " (predicted)" if result["predicted"] else ""
        row = [
            "/".join(key(result)),
            time(result["bound_s"]),
            result["bound"],
            time(result["median_s"]) + mark,
            f"{result['fraction']:.2f}",
        ]
        for peer in times:
            theirs = peer.get(key(result))
            row += [time(theirs), f"{theirs / result['median_s']:.2f}"] if theirs else ["", ""]
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
