"""Checks the ops' reference: every op has each part, in order, and an example
that one of the ops*.mlir tests parses.

Usage: check_reference.py TD_FOLDER TEST_FOLDER
"""

import pathlib
import re
import sys

PARTS = ["- Shapes:", "- Units:", "- Numerics:", "- C1:", "- Source:", "Example:"]
OPTIONAL = {"- Units:"}


def normalized(text):
    """Text without names of values and layout, to compare IR by."""
    return re.sub(r"%[\w:#]+", "%", re.sub(r"\s+", " ", text)).strip()


def problems(op, record, tests):
    """What is missing in the record of one op."""
    if not re.search(r'let summary = "[a-z].*[^.]";', record):
        yield f"{op}: expected a summary in lower case without full stop"
    found = [part for part in PARTS if part in record]
    for part in PARTS:
        if part not in found and part not in OPTIONAL:
            yield f"{op}: expected '{part}'"
    if sorted(found, key=record.index) != found:
        yield f"{op}: expected its parts in order, but got them otherwise"
    example = re.search(r"```mlir\n(.*?)```", record, re.S)
    if example and normalized(example.group(1)) not in tests:
        yield f"{op}: expected its example in ops*.mlir"


def main():
    td_folder, test_folder = map(pathlib.Path, sys.argv[1:])
    tests = normalized("".join(p.read_text() for p in test_folder.glob("ops*.mlir")))
    count, failures = 0, []
    for path in sorted(td_folder.glob("*Ops.td")):
        for match in re.finditer(r"def MiniMax_(\w+Op) :.*?\n}\n", path.read_text(), re.S):
            count += 1
            failures += problems(match.group(1), match.group(0), tests)
    print(*failures, f"{count} ops, {len(failures)} problems", sep="\n")
    return 1 if failures or not count else 0


sys.exit(main())
