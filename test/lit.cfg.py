"""lit configuration of the file tests: IR, tools, models and documents.

Tests run the tools of the build this folder was configured for. A test that
needs more than every machine has says so with REQUIRES and a feature below.
"""

import ctypes
import os
import pathlib
import shutil
import sys

import lit.formats
import lit.util

config.name = "minimax"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "unit", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.minimax_binary_dir, "test")


def python_with_test_packages():
    """The virtual environment that scripts/setup makes, or lit's Python."""
    venv = os.path.join(config.minimax_source_dir, ".venv", "bin", "python")
    return venv if os.path.exists(venv) else sys.executable


def cpu_flags():
    """Names of the processor's features as Linux prints them."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return set()
    for line in cpuinfo.read_text().splitlines():
        if line.startswith("flags"):
            return set(line.split(":", 1)[1].split())
    return set()


def use_toolkit_of_setup():
    """The assembler that scripts/setup installs where there is no toolkit."""
    local = os.path.join(config.minimax_source_dir, ".cuda", "nvidia", "cu13")
    if "CUDA_HOME" not in os.environ and os.path.isdir(local):
        os.environ["CUDA_HOME"] = local


def has_ptxas():
    """Whether minimax-compile finds NVIDIA's assembler."""
    folders = [os.path.join(os.environ[v], "bin")
               for v in ("CUDA_HOME", "CUDA_PATH", "CUDA_ROOT") if v in os.environ]
    folders += [os.environ["PATH"], "/usr/local/cuda/bin"]
    return shutil.which("ptxas", path=os.pathsep.join(folders)) is not None


def cuda_devices():
    """How many devices the CUDA driver sees; 0 without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value


use_toolkit_of_setup()

# Tools first, then FileCheck, not and count.
config.environment["PATH"] = os.pathsep.join(
    [config.minimax_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
)
for variable in ("CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "MMRT_LOG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]

for name, value in {
    "%python": python_with_test_packages(),
    "%source_dir": config.minimax_source_dir,
    "%build_dir": config.minimax_binary_dir,
    "%include_dir": os.path.join(config.minimax_source_dir, "include/minimax"),
    "%lib_dir": os.path.join(config.minimax_source_dir, "lib"),
    "%models_dir": os.path.join(config.minimax_source_dir, "models"),
    "%runtime_dir": os.path.join(config.minimax_source_dir, "runtime"),
    "%tools_dir": os.path.join(config.minimax_source_dir, "tools"),
}.items():
    config.substitutions.append((name, value))

flags = cpu_flags()
devices = cuda_devices()
present = {
    "compiler": config.minimax_build_compiler,
    "sanitizers": bool(config.minimax_sanitize),
    "asserts": config.build_type.lower() == "debug",
    "avx2": "avx2" in flags,
    "avx512": "avx512f" in flags,
    "avx512bf16": "avx512_bf16" in flags,
    "cuda": devices > 0,
    "multi-gpu": devices > 1,
    "ptxas": has_ptxas(),
    "python-packages": ".venv" in python_with_test_packages(),
}
config.available_features.update(k for k, here in present.items() if here)
