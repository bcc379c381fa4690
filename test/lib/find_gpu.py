"""Prints capability, CUDA version of the driver and name of the first GPU.

One line, "90 12040 NVIDIA H200"; without a GPU one line on stderr and exit code
77. MMRT_CUDA_DRIVER names another driver, as for minimax-run.
"""

import ctypes
import os
import sys

MAJOR, MINOR = 75, 76  # attributes: compute capability


def find():
    """(capability, version, name); raises OSError if there is none."""
    driver = ctypes.CDLL(os.environ.get("MMRT_CUDA_DRIVER") or "libcuda.so.1")
    value, device = ctypes.c_int(), ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    result = driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(device), 0)
    if result:
        raise OSError(f"the driver finds none (CUDA error {result})")
    driver.cuDeviceGetName(name, 127, device)
    capability = 0
    for factor, attribute in ((10, MAJOR), (1, MINOR)):
        driver.cuDeviceGetAttribute(ctypes.byref(value), attribute, device)
        capability += factor * value.value
    driver.cuDriverGetVersion(ctypes.byref(value))
    return capability, value.value, name.value.decode()


if __name__ == "__main__":
    try:
        found = find()
    except OSError as error:
        print(f"check-gpu: no GPU: {error}", file=sys.stderr)
        sys.exit(77)
    if found[0] < 80:
        print(f"check-gpu: no GPU of sm_80 or later: {found[2]} is sm_{found[0]}", file=sys.stderr)
        sys.exit(77)
    print(*found)
