"""Runs a command, prints all it printed, and checks its exit code.

usage: exit_code.py CODE COMMAND...
"""

import subprocess
import sys

done = subprocess.run(
    sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
)
sys.stdout.write(done.stdout)
lines = done.stdout.count("\n")
if done.returncode != int(sys.argv[1]) or lines != 1:
    sys.exit(f"expected exit code {sys.argv[1]} and one line, "
             f"but got {done.returncode} and {lines}")
