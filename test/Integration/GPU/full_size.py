"""Checks the kernel report of a program: no spills to speak of, no lost speed.

    full_size.py REPORT.json...

Every kernel must spill at most 64 bytes and have been assembled; ptxas must not
have warned of serialised or injected instructions (C75xx).
"""

import json
import sys

MOST_SPILLED = 64


def reports(path):
    """The JSON values of a file, one report for each target."""
    with open(path) as file:
        text = file.read()
    decoder, place = json.JSONDecoder(), 0
    while place < len(text.rstrip()):
        report, place = decoder.raw_decode(text, place)
        while place < len(text) and text[place].isspace():
            place += 1
        yield report


def problems(report):
    """What is wrong with the kernels of one target."""
    yield from report["warnings"]
    for kernel in report["kernels"]:
        if "registers" not in kernel:
            yield f"{kernel['name']}: not assembled"
        for what in ("spill_store_bytes", "spill_load_bytes"):
            if kernel[what] > MOST_SPILLED:
                yield f"{kernel['name']}: {what} {kernel[what]}"


def main():
    wrong = 0
    for path in sys.argv[1:]:
        for report in reports(path):
            found = list(problems(report))
            wrong += len(found)
            for problem in found:
                print(f"FAIL {report['target']} {problem}")
            print(f"{'FAIL' if found else 'ok  '} {report['target']} {len(report['kernels'])} kernels")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
