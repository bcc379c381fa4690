"""Checks files of minimax-bench --format=json and csv against each other and
against benchmarks/README.md's schema."""

import csv
import json
import pathlib
import sys

README = pathlib.Path(__file__).parents[4] / "benchmarks/README.md"


def example():
    """The JSON that the documentation shows."""
    text = README.read_text()
    return json.loads(text.split("```json\n")[1].split("```")[0])


def check(result):
    assert result["repetitions"] == 2 and result["iterations"] >= 1
    assert 0 < result["min_s"] <= result["median_s"] <= result["max_s"]
    assert result["fraction_min"] <= result["fraction"] <= result["fraction_max"]
    assert result["rate"] > 0 and result["bound_s"] > 0


documented = example()
with open(sys.argv[1]) as file:
    report = json.load(file)
with open(sys.argv[2], newline="") as file:
    table = list(csv.DictReader(file))
for part in ("environment", "peaks"):
    assert list(report[part]) == list(documented[part]), report[part]
fields = list(documented["results"][0])
for result in report["results"]:
    assert list(result) == fields, result
    check(result)
assert list(table[0]) == fields, table[0]
print(f"json: {len(report['results'])} results, csv: {len(table)} results")
for result in report["results"]:
    print(result["name"], result["dtype"], round(result["flops"]))
