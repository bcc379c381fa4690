"""Runs minimax-bench with the given flags; prints its exit code and stderr.

Fails unless stderr is one line and stdout is empty.
"""

import subprocess
import sys

done = subprocess.run(["minimax-bench", *sys.argv[1:]], capture_output=True, text=True)
lines = done.stderr.splitlines()
print(done.returncode, *lines)
sys.exit(len(lines) != 1 or done.stdout != "")
