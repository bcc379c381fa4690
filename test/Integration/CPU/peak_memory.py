"""Compares the peak memory of a run with what was expected.

    peak_memory.py EXPLAINED COMMAND...

EXPLAINED is what --explain-memory has printed. The command gets a prompt of
3000 tokens that reaches all experts.
"""

import os
import random
import re
import subprocess
import sys

TOLERANCE = 0.02

text = open(sys.argv[1]).read()
expected = int(re.search(r"^total.*?\s(\d+)\s+[\d.]+$", text, re.M).group(1))
draw = random.Random(1)
tokens = " ".join(str(draw.randrange(1024)) for _ in range(3000))
process = subprocess.Popen(
    sys.argv[2:] + [f"--tokens={tokens}"], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
assert status == 0, status
measured = usage.ru_maxrss * 1024
error = measured / expected - 1
print(f"expected {expected}, measured {measured}: {100 * error:+.2f} %")
sys.exit(abs(error) > TOLERANCE)
