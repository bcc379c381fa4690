"""Executes a tutorial, so that what it shows is true.

Usage: run_tutorial.py TUTORIAL.md SOURCE_DIR SCRATCH_DIR

Fenced blocks are taken by language, in order:
  mlir, python          its first line names a file of the scratch folder, to
                        which the rest is written;
  sh                    each line `$ command` is run there, and the lines below
                        it must be what the command prints;
  cpp, tablegen, cmake  the first line names a file of the project, which must
                        hold the rest word for word.
"""

import pathlib
import re
import subprocess
import sys


def blocks(text):
    """Yields (language, content) of each fenced block."""
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        yield match.group(1), match.group(2)


def split_name(content):
    """The file that a block's first line names, and the other lines."""
    first, rest = content.split("\n", 1)
    return re.sub(r"^(//|#)\s*", "", first), rest


def run_commands(content, folder):
    """Runs each command of a block; returns what did not come out as shown."""
    failures = []
    for step in re.split(r"^\$ ", content, flags=re.M)[1:]:
        command, expected = step.split("\n", 1)
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, capture_output=True, text=True
        )
        if done.stdout.strip() != expected.strip():
            failures.append(
                f"$ {command}\nexpected:\n{expected}\nbut got:\n"
                f"{done.stdout}{done.stderr}"
            )
    return failures


def main():
    tutorial, source, scratch = map(pathlib.Path, sys.argv[1:])
    scratch.mkdir(parents=True, exist_ok=True)
    failures, commands = [], 0
    for language, content in blocks(tutorial.read_text()):
        if language == "sh":
            commands += content.count("$ ")
            failures += run_commands(content, scratch)
            continue
        name, rest = split_name(content)
        if language in ("mlir", "python"):
            (scratch / name).write_text(rest)
        elif rest.rstrip() not in (source / name).read_text():
            failures.append(f"expected {name} to hold:\n{rest}")
    print(*failures, f"{commands} commands, {len(failures)} failures", sep="\n")
    return 1 if failures or not commands else 0


sys.exit(main())
