"""Whole models against golden data of a reference implementation.

    model_golden.py RUNNER [--tools DIR] [--case NAME] [--target NAME]

A runner executes a model folder: `interpret` the imported program in double
precision, `compiled` the deployment binary; `emulated` its code for a GPU in the
emulator, `cuda` that code on a GPU (of MMRT_CUDA_DRIVER's driver). Logits, hidden states and states
must lie within 5 times the noise of the reference's own f32 arithmetic; router
choices and 24 greedy tokens must be equal.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

import numpy as np

import golden_tools as golden

NOISE_FACTOR = 5


# --- model folders -----------------------------------------------------------


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hash_name(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return np.uint64(value)


def make_weight(recipe, seed):
    """One tensor of weights_recipe.json, as f32 that is exact in bf16."""
    step = 0x9E3779B97F4A7C15
    count = int(np.prod(recipe["shape"]))
    with np.errstate(over="ignore"):
        start = mix(np.uint64((seed + step) % 2**64))
        key = mix(hash_name(recipe["name"]) ^ start)
        words = mix(key + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(step))
    parts = words.view(np.uint16).reshape(-1, 4).sum(axis=1, dtype=np.int64)
    value = (parts - 131070) * recipe["scale"] + recipe["mean"]
    bits = value.astype(np.float32).view(np.uint32)
    if recipe["round_bf16"]:
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    weight = bits.view(np.float32)
    assert np.allclose(weight[:3], recipe["first"][:count]), recipe["name"]
    return weight.reshape(recipe["shape"])


def write_small_weights(path):
    """The small model's weights: bf16, the routers f32 as in releases."""
    recipe = json.loads((golden.GOLDEN / "minimax-small/weights_recipe.json").read_text())
    weights = {t["name"]: make_weight(t, recipe["seed"]) for t in recipe["tensors"]}
    narrow = [name for name in weights if not name.endswith(".gate.weight")]
    golden.write_tensors(path, weights, bf16=narrow)


def make_folder(parent, name, config, weights):
    """A model folder of a configuration (a dictionary) and a weights file."""
    folder = parent / name
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").symlink_to(weights)
    return folder


def read_config(case, name):
    return json.loads((golden.GOLDEN / case / name).read_text())


# --- runners -----------------------------------------------------------------


class Runner:
    """Executes one model folder; subclasses say with which tool."""

    def __init__(self, options, model, scratch):
        self.tools, self.target = options.tools, options.target
        self.model, self.scratch = model, scratch
        self.prepare()

    def tokens_file(self, sequences):
        path = self.scratch / "tokens.txt"
        path.write_text("".join(" ".join(map(str, s)) + "\n" for s in sequences))
        return path

    def score(self, sequences):
        """(logits, hidden, states) by name, of all sequences in one batch."""
        files = [self.scratch / f"{kind}.safetensors" for kind in ("logits", "hidden", "states")]
        for file in files:
            file.unlink(missing_ok=True)
        golden.run(
            *self.command("score"),
            f"--tokens-file={self.tokens_file(sequences)}",
            *(f"--{file.stem}={file}" for file in files),
        )
        return [golden.read_tensors(file) for file in files]

    def generate(self, sequences, count):
        """Lists of `count` greedy tokens."""
        text = golden.run(
            *self.command("generate"),
            f"--tokens-file={self.tokens_file(sequences)}",
            f"--max-new-tokens={count}",
            "--json",
        )
        return [sequence["tokens"] for sequence in json.loads(text)["sequences"]]


class InterpretRunner(Runner):
    """The imported program in the interpreter."""

    def prepare(self):
        self.program = self.scratch / "model.mlir"
        text = golden.run(
            self.tools / "minimax-compile", self.model, "--emit=mlir", "--stop-after=import"
        )
        self.program.write_text(text)

    def command(self, _):
        return self.tools / "minimax-interpret", self.program, f"--weights={self.model}"


class CompiledRunner(Runner):
    """The deployment binary in the runtime."""

    def prepare(self):
        self.program = self.scratch / "model.so"
        golden.run(self.tools / "minimax-compile", self.model, "-o", self.program)

    def command(self, what):
        return self.tools / "minimax-run", what, self.program, f"--weights={self.model}"


class EmulatedRunner(CompiledRunner):
    """Its GPU kernels in the emulator."""

    def prepare(self):
        self.program = self.scratch / "model.so"
        golden.run(self.tools / "minimax-compile", self.model, "-o", self.program,
                   f"--target={self.target}", "--emulator")

    def command(self, what):
        return *super().command(what), "--device=emulator"


class CudaRunner(CompiledRunner):
    """Its GPU kernels on a GPU."""

    def prepare(self):
        self.program = self.scratch / "model.so"
        golden.run(self.tools / "minimax-compile", self.model, "-o", self.program,
                   f"--target={self.target}")

    def command(self, what):
        return *super().command(what), "--device=cuda"


RUNNERS = {
    "interpret": InterpretRunner,
    "compiled": CompiledRunner,
    "emulated": EmulatedRunner,
    "cuda": CudaRunner,
}


# --- checks ------------------------------------------------------------------


class ModelCheck:
    """Compares the outputs of one model with one golden case."""

    def __init__(self, label, case, outputs, runner, comparison):
        self.label, self.runner, self.comparison = label, runner, comparison
        self.expected = golden.read_tensors(golden.GOLDEN / case / outputs)
        meta = json.loads((golden.GOLDEN / case / "meta.json").read_text())
        self.noise = meta["noise_float32_vs_float64"]["forward"]
        self.noise["gen.logits"] = meta["noise_float32_vs_float64"]["gen_logits"]
        self.noise |= meta["noise_float32_vs_float64"]["gen_state"]
        self.layers = meta["case_parameters"]["layers"]

    def bound(self, name):
        """5 times the noise; `layer_07` looks up `layer_NN`."""
        head, _, layer = name.partition(".layer_")
        return NOISE_FACTOR * self.noise[head + ".layer_NN" if layer else name]["max_abs"]

    def slope_error(self, name, want):
        """How far a state may be off because the reference's slopes are.

        The reference divides the layer by L - 1 + 1e-5; the original release, and
        a model in its spelling, by L - 1. A state moves by at most as much,
        relative to its largest value, as the slope.
        """
        if "linear_state" not in name or not self.label.endswith("original"):
            return 0.0
        layer = int(name.rpartition("_")[2])
        ours, theirs = (
            1 - layer / (self.layers - 1 + epsilon) + 1e-5 for epsilon in (0, 1e-5)
        )
        return abs(ours / theirs - 1) * np.abs(want).max()

    def close(self, name, got, want, bound):
        bound += self.slope_error(name, want)
        self.comparison.close(f"{self.label} {name}", got, want, bound)

    def check_outputs(self):
        """Logits, hidden states, router choices and states of the prompts."""
        prompts = self.expected["input_ids"]
        logits, hidden, states = self.runner.score(prompts)
        for name, want in self.expected.items():
            kind = name.partition(".")[0]
            if kind not in ("logits", "hidden", "router_topk_idx", "linear_state", "kv_cache"):
                continue
            parts = [self.output(name, i, logits, hidden, states) for i in range(len(prompts))]
            got = None if any(p is None for p in parts) else np.stack(parts)
            if kind == "router_topk_idx":
                rows = None if got is None else got.reshape(want.shape)
                self.comparison.equal(f"{self.label} {name}", rows, want)
            else:
                self.close(name, got, want, self.bound(name))

    @staticmethod
    def output(name, index, logits, hidden, states):
        """This project's counterpart of a golden tensor, of one sequence."""
        if name == "logits":
            return logits.get(f"logits.{index}")
        head, _, layer = name.partition(".layer_")
        if head == "linear_state":
            return states.get(f"layers.{int(layer)}.lightning_state.{index}")
        if head.startswith("kv_cache"):
            pool = states.get(f"layers.{int(layer)}.{head}.{index}")
            return None if pool is None else pool.transpose(1, 0, 2)
        return hidden.get(f"{name}.{index}")

    def check_tokens(self):
        want = self.expected["gen.tokens"]
        got = self.runner.generate(self.expected["input_ids"], want.shape[1])
        self.comparison.equal(f"{self.label} greedy tokens", got, want)

    def check_continuation(self):
        """Logits and states along the greedy tokens, scored as one text."""
        prompts, new = self.expected["input_ids"], self.expected["gen.tokens"]
        texts = np.concatenate([prompts, new[:, :-1]], axis=1)
        logits, hidden, states = self.runner.score(texts)
        rows = [logits[f"logits.{i}"][prompts.shape[1] - 1 :] for i in range(len(texts))]
        self.close("gen.logits", np.stack(rows), self.expected["gen.logits"], self.bound("gen.logits"))
        for name, want in self.expected.items():
            if not name.startswith("gen.linear_state"):
                continue
            short = name.removeprefix("gen.")
            parts = [self.output(short, i, logits, hidden, states) for i in range(len(texts))]
            self.close(name, np.stack(parts), want, self.bound(name))

    def check_varlen(self):
        """Sequences of several lengths, and an empty one, in one batch."""
        if "varlen.tokens" not in self.expected:
            return
        tokens, bounds = self.expected["varlen.tokens"], self.expected["varlen.cu_seqlens"]
        sequences = np.split(tokens, bounds[1:-1])
        logits, _, _ = self.runner.score(sequences)
        got = np.concatenate([logits[f"logits.{i}"] for i in range(len(sequences))])
        self.close("varlen logits", got, self.expected["varlen.logits"], self.bound("logits"))


def fullrope_config():
    config = read_config("minimax-tiny", "config.original.json")
    config["rotary_dim"] = config["head_dim"]
    return config


def cases(parent):
    """(label, golden case, outputs file, model folder) of every case."""
    tiny = golden.GOLDEN / "minimax-tiny/model.safetensors"
    for label, config in (("tiny-original", "config.original.json"), ("tiny-hf", "config.json")):
        yield label, "minimax-tiny", "outputs.safetensors", lambda label=label, config=config: (
            make_folder(parent, label, read_config("minimax-tiny", config), tiny)
        )
    yield "tiny-fullrope", "minimax-tiny", "outputs_fullrope.safetensors", lambda: (
        make_folder(parent, "tiny-fullrope", fullrope_config(), tiny)
    )

    def small(label, config):
        weights = parent / "small.safetensors"
        if not weights.exists():
            write_small_weights(weights)
        return make_folder(parent, label, read_config("minimax-small", config), weights)

    yield "small-original", "minimax-small", "outputs.safetensors", lambda: small(
        "small-original", "config.original.json"
    )
    yield "small-hf", "minimax-small", "outputs.safetensors", lambda: small(
        "small-hf", "config.json"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner", choices=RUNNERS)
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--case", help="run only cases whose name contains this")
    parser.add_argument("--target", default="cuda:sm_80", help="of GPU runners")
    options = parser.parse_args()
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as scratch:
        parent = pathlib.Path(scratch)
        for label, case, outputs, make in cases(parent):
            if options.case and options.case not in label:
                continue
            start = time.monotonic()
            runner = RUNNERS[options.runner](options, make(), parent)
            check = ModelCheck(label, case, outputs, runner, comparison)
            check.check_outputs()
            check.check_tokens()
            check.check_continuation()
            check.check_varlen()
            print(f"     {label}: {time.monotonic() - start:.1f} s")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
