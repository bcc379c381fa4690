"""Runs a command that may write files of at most 64 KiB, as a full disk would
have it, and fails if anything is left in a folder.

usage: full_disk.py FOLDER COMMAND...
"""

import os
import resource
import shutil
import signal
import subprocess
import sys

folder = sys.argv[1]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)


def limit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))


done = subprocess.run(sys.argv[2:], preexec_fn=limit)
if os.listdir(folder):
    sys.exit(f"left behind: {os.listdir(folder)}")
sys.exit(done.returncode)
