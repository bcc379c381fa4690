"""Calls the entries of a compiled artifact, one process, no runtime.

Loads the shared object with the serial stand-in for the runtime
(test/lib/serial_runtime.c), packs weights with the artifact's own functions and
calls entries on numpy arrays as abi.h describes. Kernels of GPU targets run in
the emulator (test/lib/emulator_runtime.cc), with its checks on, or, with
MINIMAX_TEST_DEVICE=cuda in the environment, on a GPU (test/lib/cuda_runtime.cc).
"""

import contextlib
import ctypes
import json
import os
import pathlib

import numpy as np

DTYPES = {"f32": np.float32, "i32": np.int32, "bf16": np.uint16, "f16": np.float16, "i8": np.int8}
ALIGNMENT = 64


def best_target():
    """The best x86-64 variant that this processor runs."""
    with open("/proc/cpuinfo") as file:
        flags = next(line for line in file if line.startswith("flags")).split()
    if "avx512_bf16" in flags:
        return "znver4"
    return "x86-64-v4" if "avx512vl" in flags and "avx512bw" in flags else "x86-64-v3"


def target_flags(target):
    """Flags of minimax-compile for a target that this machine can run."""
    return [f"--targets={target}", *(["--emulator"] if target.startswith("cuda") else [])]


def aligned(shape, dtype, fill=0):
    """A filled array whose first byte lies at a multiple of ALIGNMENT."""
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    raw = np.full(size + ALIGNMENT, fill, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(dtype).reshape(shape)


class Artifact:
    """A loaded artifact for one of its targets."""

    def __init__(self, path, runtime, target):
        self.emulator = self.cuda = None
        if target.startswith("cuda") and os.environ.get("MINIMAX_TEST_DEVICE") == "cuda":
            runtime = pathlib.Path(runtime).with_name("libcuda_runtime.so")
            self.cuda = ctypes.CDLL(str(runtime), ctypes.RTLD_GLOBAL)
            self.cuda.cuda_runtime_upload.restype = ctypes.c_void_p
            # What emulated kernels import, behind the GPU's functions; it runs
            # them if the driver is the one of the tests.
            ctypes.CDLL(str(runtime.with_name("libemulator_runtime.so")), ctypes.RTLD_GLOBAL)
            os.environ["FAKE_CUDA_KERNELS"] = str(path)
        elif target.startswith("cuda"):
            runtime = pathlib.Path(runtime).with_name("libemulator_runtime.so")
            self.emulator = ctypes.CDLL(str(runtime), ctypes.RTLD_GLOBAL)
        else:
            ctypes.CDLL(str(runtime), ctypes.RTLD_GLOBAL)
        self.library = ctypes.CDLL(str(path))
        size = ctypes.c_uint64.in_dll(self.library, "minimax_manifest_size").value
        text = (ctypes.c_char * size).in_dll(self.library, "minimax_manifest")
        self.manifest = json.loads(bytes(text))
        self.suffix = "__" + target.replace("-", "_").replace(":", "_")
        self.weights = []
        self.kernels = self.manifest.get("kernels", {}).get(target, [])

    def function(self, name):
        return getattr(self.library, name + self.suffix)

    def prepare_weights(self, sources):
        """`sources`: checkpoint name -> array."""
        for weight in self.manifest["weights"]:
            dtype = DTYPES[weight["dtype"]]
            if not weight["pack"]:
                source = sources[weight["sources"][0]["name"]]
                self.weights.append(np.ascontiguousarray(source, dtype))
                continue
            packed = aligned(weight["shape"], dtype)
            for source in weight["sources"]:
                array = np.ascontiguousarray(
                    sources[source["name"]], DTYPES[source["dtype"]]
                )
                self.function(weight["pack"])(
                    None, ctypes.c_void_p(array.ctypes.data),
                    ctypes.c_void_p(packed.ctypes.data),
                    ctypes.c_int64(source["first_row"]),
                )
            self.weights.append(packed)

    def shape(self, tensor, dims):
        return [
            size if isinstance(size, int) else dims["N"] + 1 if size == "N+1" else dims[size]
            for size in tensor["shape"]
        ]

    def new_states(self, slots, capacity, fill=0):
        """State name -> array; `fill` is the byte that memory starts with."""
        dims = {"S": slots, "C": capacity}
        return {
            state["name"]: aligned(self.shape(state, dims), DTYPES[state["dtype"]], fill)
            for state in self.manifest["states"]
        }

    def call(self, entry, inputs, states, dims):
        """Runs an entry; returns output name -> array. States change in place."""
        described = next(e for e in self.manifest["entries"] if e["name"] == entry)
        buffers = [
            np.ascontiguousarray(inputs[i["name"]], DTYPES[i["dtype"]])
            for i in described["inputs"]
        ]
        buffers += [states[s["name"]] for s in self.manifest["states"]]
        outputs = {
            o["name"]: aligned(self.shape(o, dims), DTYPES[o["dtype"]], 0xFF)
            for o in described["outputs"]
        }
        values = np.array([dims[d] for d in "TNSC"], np.int64)
        values_pointer = ctypes.c_void_p(values.ctypes.data)
        arena_size = self.function(f"mm_{entry}_arena")
        arena_size.restype = ctypes.c_int64
        arena = aligned([arena_size(values_pointer)], np.uint8, 0xFF)
        buffers += [*outputs.values(), *self.weights, arena]
        self.load_kernels()
        with self.checked_memory(buffers), self.on_device(buffers) as addresses:
            pointers = (ctypes.c_void_p * len(buffers))(*addresses)
            code = self.function(f"mm_{entry}")(None, pointers, values_pointer)
        if code != 0:
            raise RuntimeError(f"entry {entry} returned {code}")
        self.check_device()
        return outputs

    def load_kernels(self):
        """Tells the device which kernels launches mean."""
        names = (ctypes.c_char_p * len(self.kernels))(*(k.encode() for k in self.kernels))
        if self.cuda:
            self.cuda.cuda_runtime_load(
                self.gpu_code(), names, ctypes.c_int64(len(self.kernels))
            )
        if not self.emulator:
            return
        functions = (ctypes.c_void_p * len(self.kernels))(*(
            ctypes.cast(self.function(f"mm_emulated_{k}"), ctypes.c_void_p).value
            for k in self.kernels
        ))
        # The emulator keeps pointers to these.
        self.kernel_arrays = names, functions
        self.emulator.emulator_runtime_set_kernels(
            names, functions, ctypes.c_int64(len(self.kernels))
        )

    def gpu_code(self):
        """The machine code, or the PTX if there is none, with an end."""
        for kind in ("cubin", "ptx"):
            with contextlib.suppress(ValueError):
                size = ctypes.c_uint64.in_dll(self.library, f"mm_{kind}_size{self.suffix}").value
                text = (ctypes.c_char * size).in_dll(self.library, f"mm_{kind}{self.suffix}")
                return ctypes.create_string_buffer(bytes(text))
        raise RuntimeError(f"no code for {self.suffix}")

    @contextlib.contextmanager
    def checked_memory(self, buffers):
        """Lets the emulator check what kernels do to these buffers alone."""
        buffers = [b for b in buffers if self.emulator and b.nbytes]
        for buffer in buffers:
            self.emulator.emulator_runtime_register(
                ctypes.c_void_p(buffer.ctypes.data), ctypes.c_int64(buffer.nbytes)
            )
        yield
        for buffer in buffers:
            self.emulator.emulator_runtime_unregister(ctypes.c_void_p(buffer.ctypes.data))

    @contextlib.contextmanager
    def on_device(self, buffers):
        """Addresses of the buffers, which are copied to a GPU and back."""
        if not self.cuda:
            yield [b.ctypes.data for b in buffers]
            return
        spans = [(ctypes.c_void_p(b.ctypes.data), ctypes.c_int64(b.nbytes)) for b in buffers]
        addresses = [self.cuda.cuda_runtime_upload(*span) for span in spans]
        yield addresses
        for address, span in zip(addresses, spans):
            self.cuda.cuda_runtime_download(ctypes.c_void_p(address), *span)

    def check_device(self):
        if self.emulator:
            last_error = self.emulator.emulator_runtime_error
        elif self.cuda:
            last_error = self.cuda.cuda_runtime_error
        else:
            return
        last_error.restype = ctypes.c_char_p
        message = last_error()
        if message:
            raise RuntimeError(message.decode())
