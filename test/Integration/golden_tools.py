"""What the golden tests share: safetensors files, comparison, running tools.

Needs numpy and nothing else.
"""

import json
import pathlib
import struct
import subprocess

import numpy as np

GOLDEN = pathlib.Path(__file__).parent / "golden"

DTYPES = {
    # Raw bits: numpy has no bfloat16.
    "BF16": np.uint16,
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "U8": np.uint8,
}


def read_tensors(path):
    """All tensors of a safetensors file, by name."""
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"])
    return tensors


def write_tensors(path, tensors, bf16=()):
    """Writes arrays by name; those named in `bf16` must be exact in bf16."""
    codes = {np.dtype(kind): code for code, kind in DTYPES.items()}
    header, parts, offset = {}, [], 0
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        code = codes[array.dtype]
        if name in bf16:
            array = (array.view(np.uint32) >> 16).astype(np.uint16)
            code = "BF16"
        header[name] = {
            "dtype": code,
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
        parts.append(array)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            file.write(part.tobytes())


def run(*command):
    """Runs a tool and returns what it prints; raises with its errors."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


class Comparison:
    """Collects comparisons, prints one line each, remembers failures."""

    def __init__(self):
        self.failures = 0

    def _report(self, name, good, text):
        print(f"{'ok  ' if good else 'FAIL'} {name}: {text}")
        self.failures += not good

    def close(self, name, got, want, bound):
        """Passes if no element is further than `bound` from the expected."""
        if got is None or got.shape != want.shape:
            shape = None if got is None else got.shape
            self._report(name, False, f"shape {shape}, expected {want.shape}")
            return
        error = np.max(np.abs(got.astype(np.float64) - want), initial=0.0)
        self._report(name, bool(error <= bound), f"error {error:.2e} of {bound:.2e}")

    def near(self, name, got, want, bound):
        """Passes if the root mean square of errors is at most `bound` of the expected's."""
        if got is None or got.shape != want.shape:
            shape = None if got is None else got.shape
            self._report(name, False, f"shape {shape}, expected {want.shape}")
            return
        error = float(np.sum((got.astype(np.float64) - want) ** 2)) ** 0.5
        size = float(np.sum(want.astype(np.float64) ** 2)) ** 0.5
        # A NaN is no success.
        self._report(name, error <= bound * size, f"relative rms {error / size:.2e} of {bound:.2e}")

    def equal(self, name, got, want):
        """Passes if all elements are the same."""
        got, want = np.asarray(got), np.asarray(want)
        same = got.shape == want.shape and np.array_equal(got, want)
        wrong = int(np.sum(got != want)) if got.shape == want.shape else "all"
        self._report(name, same, "equal" if same else f"{wrong} elements differ")
