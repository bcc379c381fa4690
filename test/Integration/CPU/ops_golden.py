"""Single ops against golden data of a reference implementation.

    ops_golden.py RUNNER [--tools DIR] [--target NAME]

Each case is one function on one op, written here with the shapes of the data.
A runner executes it: `interpret` in double precision, as it stands and with
the op decomposed into its parts, to the rounding of the stored f32 results;
`compiled` through a deployment binary, to 5 times the noise of f32.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import golden_tools as golden
from artifact import Artifact, aligned, best_target, target_flags

# Half a unit in the last place of f32, with room for sums.
F32_ROUNDING = 1.2e-7

# Multiples of the reference's own f32 noise that a compiled op may be off by.
NOISE_FACTOR = 5


@dataclasses.dataclass
class Case:
    """One function `@main`, its arguments and what it must return."""

    name: str
    module: str
    arguments: dict
    # name -> (golden array, f32 noise of the reference)
    expected: dict
    # minimax-opt flags that decompose the op
    decompose: str = ""
    # error of the golden data beyond its rounding to f32
    slack: float = 0.0


def function(arguments, results, body):
    """The text of `@main`; arguments and results are (name, type) pairs."""
    inputs = ", ".join(
        f'%{name}: {kind} {{minimax.name = "{name}"}}' for name, kind in arguments
    )
    outputs = ", ".join(f'{kind} {{minimax.name = "{name}"}}' for name, kind in results)
    return (
        f"func.func @main({inputs}) -> ({outputs}) attributes {{minimax.entry}} {{\n"
        f"{body}\n}}\n"
    )


def signature(arguments, names, results):
    """Functional type of an op on the named arguments."""
    kinds = dict(arguments)
    return f"({', '.join(kinds[n] for n in names)}) -> ({', '.join(results)})"


def cumulated(lengths):
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


# --- cases -------------------------------------------------------------------


def lightning_case(name, tensors, noise, lengths, query, key, value, state0, state1, out):
    """`query` etc. are [T, H, D]; states are [N, H, D, D], in reversed slots."""
    _, heads, dim = query.shape
    rows = f"tensor<?x{heads}x{dim}xf32>"
    state = f"!minimax.lightning_state<{heads}x{dim}x{dim}xf32>"
    arguments = [("query", rows), ("key", rows), ("value", rows)]
    arguments += [("slope", f"tensor<{heads}xf32>"), ("cu_seqlens", "tensor<?xi32>")]
    arguments += [("slots", "tensor<?xi32>"), ("state", state)]
    names = [argument for argument, _ in arguments]
    body = (
        f"  %o, %next = minimax.lightning_attention {', '.join('%' + n for n in names)}"
        f" chunk = 8 : {signature(arguments, names, [rows, state])}\n"
        f"  return %o, %next : {rows}, {state}"
    )
    slots = np.arange(len(lengths), dtype=np.int32)[::-1]
    return Case(
        name,
        function(arguments, [("out", rows), ("next", state)], body),
        {
            "query": query,
            "key": key,
            "value": value,
            "slope": tensors[f"{name}.slopes"],
            "cu_seqlens": cumulated(lengths),
            "slots": slots,
            "state": state0[::-1],
        },
        {"out": (out, noise["o"]), "state": (state1[::-1], noise["state"])},
        decompose="lightning-attention=true",
    )


def lightning_cases(meta):
    tensors = golden.read_tensors(golden.GOLDEN / "ops/lightning.safetensors")

    def packed(array):
        return array.transpose(0, 2, 1, 3).reshape(-1, array.shape[1], array.shape[3])

    for number in range(6):
        name = f"la{number}"
        q, k, v, o = (tensors[f"{name}.{x}"] for x in "qkvo")
        noise = {
            x: max(
                meta["noise"][name][run][x]["max_abs"]
                for run in ("hf_f32_block8", "hf_f32_block64")
            )
            for x in ("o", "state")
        }
        states = [tensors[f"{name}.state{i}"] for i in (0, 1)]
        yield lightning_case(
            name, tensors, noise, [q.shape[2]] * q.shape[0],
            packed(q), packed(k), packed(v), *states, packed(o),
        )
    lengths = np.diff(tensors["lav.cu_seqlens"])
    noise = {x: 5e-7 * np.abs(tensors[f"lav.{y}"]).max() for x, y in (("o", "o"), ("state", "state1"))}
    zeros = np.zeros_like(tensors["lav.state1"])
    first = tensors.get("lav.state0", zeros)
    yield lightning_case(
        "lav", tensors, noise, lengths, *(tensors[f"lav.{x}"] for x in "qkv"),
        first, tensors["lav.state1"], tensors["lav.o"],
    )


def attention_cases(meta):
    tensors = golden.read_tensors(golden.GOLDEN / "ops/attention.safetensors")
    for number in range(5):
        name = f"at{number}"
        get = lambda part: tensors[f"{name}.{part}"]
        heads, groups, dim, rotary = (int(x) for x in get("dims"))
        new = np.diff(get("cu_seqlens_q"))
        total = np.diff(get("cu_seqlens_k"))
        starts = get("cu_seqlens_k")[:-1]
        # The cache holds what came before this step's tokens.
        cached = total - new
        capacity = int(total.max())
        pools = np.zeros((2, len(new), capacity, groups, dim), np.float32)
        final = np.zeros_like(pools)
        rows, positions = [], []
        for n, (first, before, length) in enumerate(zip(starts, cached, total)):
            both = np.stack([get("k_rot"), get("v")])[:, first : first + length]
            pools[:, n, :before] = both[:, :before]
            final[:, n, :length] = both
            rows += range(first + before, first + length)
            positions += range(before, length)
        query, pair = f"tensor<?x{heads}x{dim}xf32>", f"tensor<?x{groups}x{dim}xf32>"
        cache = f"!minimax.kv_cache<{groups}x{dim}xf32>"
        arguments = [("query", query), ("key", pair), ("value", pair)]
        arguments += [(n, "tensor<?xi32>") for n in ("cu_seqlens", "positions", "slots")]
        arguments += [("cache", cache)]
        names = [argument for argument, _ in arguments]
        body = (
            f"  %o, %next = minimax.attention {', '.join('%' + n for n in names)}"
            f" scale = {dim ** -0.5!r} theta = {float(get('theta')[0]):e} rotary_dim = {rotary}"
            f" : {signature(arguments, names, [query, cache])}\n"
            f"  return %o, %next : {query}, {cache}"
        )
        noise = meta["noise"][name]["hf_f32"]["o"]["max_abs"]
        yield Case(
            name,
            function(arguments, [("out", query), ("next", cache)], body),
            {
                "query": get("q"),
                "key": get("k")[rows],
                "value": get("v")[rows],
                "cu_seqlens": cumulated(new),
                "positions": np.array(positions, np.int32),
                "slots": np.arange(len(new), dtype=np.int32),
                "cache.key": pools[0],
                "cache.value": pools[1],
            },
            {
                "out": (get("o"), noise),
                "cache.key": (final[0], 1e-6 * np.abs(final[0]).max()),
                "cache.value": (final[1], 0.0),
            },
            decompose="attention=true",
            # Angles are f32 products of f32 frequencies: two roundings.
            slack=1.2e-7 * capacity,
        )


def moe_cases(meta):
    tensors = golden.read_tensors(golden.GOLDEN / "ops/moe.safetensors")
    for number in range(3):
        name = f"moe{number}"
        get = lambda part: tensors[f"{name}.{part}"]
        gate_up = np.concatenate([get("w1"), get("w3")], axis=1)
        experts, hidden, ffn = get("w2").shape
        top_k = get("topk_idx").shape[1]
        rows = f"tensor<?x{hidden}xf32>"
        chosen = f"tensor<?x{top_k}xi32>"
        arguments = [("input", rows), ("router", f"tensor<{experts}x{hidden}xf32>")]
        arguments += [("gate_up", f"tensor<{experts}x{2 * ffn}x{hidden}xf32>")]
        arguments += [("down", f"tensor<{experts}x{hidden}x{ffn}xf32>")]
        names = [argument for argument, _ in arguments]
        body = (
            f"  %y, %e = minimax.moe {', '.join('%' + n for n in names)} top_k = {top_k}"
            f" : {signature(arguments, names, [rows, chosen])}\n"
            f"  return %y, %e : {rows}, {chosen}"
        )
        yield Case(
            name,
            function(arguments, [("out", rows), ("experts", chosen)], body),
            {
                "input": get("x"),
                "router": get("gate"),
                "gate_up": gate_up,
                "down": get("w2"),
            },
            {
                "out": (get("y"), meta["noise"][name]["hf_f32"]["y"]["max_abs"]),
                "experts": (get("topk_idx"), None),
            },
            decompose="lightning-attention=true",
        )


def norm_cases(meta):
    tensors = golden.read_tensors(golden.GOLDEN / "ops/misc.safetensors")
    for name in ("norm0", "norm1"):
        width = tensors[f"{name}.w"].size
        rows = f"tensor<?x{width}xf32>"
        arguments = [("input", rows), ("weight", f"tensor<{width}xf32>")]
        body = (
            f"  %y = minimax.rms_norm %input, %weight eps = {float(tensors[f'{name}.eps'][0]):e}"
            f" : ({rows}, tensor<{width}xf32>) -> {rows}\n"
            f"  return %y : {rows}"
        )
        yield Case(
            name,
            function(arguments, [("out", rows)], body),
            {"input": tensors[f"{name}.x"], "weight": tensors[f"{name}.w"]},
            {"out": (tensors[f"{name}.y"], meta["noise"][name]["hf_f32"]["max_abs"])},
        )


def all_cases():
    meta = json.loads((golden.GOLDEN / "ops/meta.json").read_text())
    for cases in (lightning_cases, attention_cases, moe_cases, norm_cases):
        yield from cases(meta)


# --- runners -----------------------------------------------------------------


class InterpretRunner:
    """Whole ops and their parts through minimax-interpret."""

    def __init__(self, tools, folder, _target):
        self.tools, self.folder = tools, folder

    def variants(self, case):
        """(suffix, module file) of each form of the case that is run."""
        whole = self.folder / f"{case.name}.mlir"
        whole.write_text(case.module)
        yield "", whole
        if case.decompose:
            parts = self.folder / f"{case.name}.parts.mlir"
            text = golden.run(
                self.tools / "minimax-opt", whole,
                f"--pass-pipeline=builtin.module(func.func(minimax-decompose{{{case.decompose}}}))",
            )
            parts.write_text(text)
            yield " parts", parts

    def run(self, case, module):
        arguments = self.folder / f"{case.name}.in.safetensors"
        results = self.folder / f"{case.name}.out.safetensors"
        golden.write_tensors(arguments, case.arguments)
        golden.run(
            self.tools / "minimax-interpret", module, "--entry=main",
            f"--args={arguments}", f"--out={results}",
        )
        return golden.read_tensors(results)

    def bound(self, case, want, noise):
        """Rounding of the stored f32 value, and what the reference adds."""
        scale = max(1.0, np.abs(want).max(initial=0.0))
        return (F32_ROUNDING + case.slack) * scale


class CompiledRunner:
    """Whole ops and their parts through an artifact of minimax-compile."""

    # Arguments that are weights in a model, and the names that states need.
    WEIGHTS = ("router", "gate_up", "down")
    STATES = {"state": "main.lightning_state", "cache": "main.kv_cache"}

    def __init__(self, tools, folder, target):
        self.tools, self.folder, self.target = tools, folder, target

    def variants(self, case):
        """Rows of arguments become tokens of the step, weights are declared."""
        text = case.module
        for name in self.WEIGHTS:
            match = re.search(rf', %{name}: (tensor<[^>]*>) {{[^}}]*}}', text)
            if match:
                kind = match[1]
                text = text.replace(match[0], "")
                text = text.replace("minimax.entry} {\n", "minimax.entry} {\n"
                                    f"  %{name} = minimax.get_weight @{name} : {kind}\n")
                text = f'minimax.weight @{name} : {kind} from ["{name}"]\n' + text
        for name, longer in self.STATES.items():
            text = self.begin_sequences(text, name)
            text = text.replace(f'minimax.name = "{name}"', f'minimax.name = "{longer}"')
        # The first dynamic size of every other argument counts tokens.
        text = re.sub(
            r'tensor<\?x([0-9x]+)xf32> {minimax.name = "(\w+)"}(?=[,)] ?[^>]*->|, %)',
            lambda m: m[0][:-1] + ", minimax.shape = affine_map<(t, n, s, c) -> (t, "
            + m[1].replace("x", ", ") + ")>}", text)
        path = self.folder / f"{case.name}.mlir"
        path.write_text(text)
        yield "", (path, [])
        if case.decompose:
            yield " parts", (path, ["--chunk-parallel", "--split-keys"])

    def begin_sequences(self, text, name):
        """Entries must begin sequences; at positions > 0 that changes nothing."""
        match = re.search(rf'%{name}: (!minimax[^ ]*>)', text)
        if not match:
            return text
        kind = match[1]
        if "%positions:" not in text:
            text = text.replace(f"%{name}: ", '%positions: tensor<?xi32> '
                                f'{{minimax.name = "positions"}}, %{name}: ')
        head, body = text.split("minimax.entry} {\n")
        begin = (f"  %begun = minimax.begin_sequences %{name}, %cu_seqlens, %positions, %slots"
                 f" : ({kind}, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> {kind}\n")
        body = re.sub(rf"%{name}\b", "%begun", body)
        return head + "minimax.entry} {\n" + begin + body

    def run(self, case, module):
        path, flags = module
        artifact_path = self.folder / f"{case.name}{len(flags)}.so"
        golden.run(self.tools / "minimax-compile", path, "-o", artifact_path, *flags,
                   *target_flags(self.target))
        loaded = Artifact(artifact_path, self.tools / "../lib/libserial_runtime.so", self.target)
        given = dict(case.arguments)
        if "query" in given:
            given.setdefault("positions", np.ones(len(given["query"]), np.int32))
        loaded.prepare_weights(given)
        names = {s["name"]: s["name"].replace("main.kv_cache", "cache")
                 .replace("main.lightning_state", "state") for s in loaded.manifest["states"]}
        states = {}
        for state in loaded.manifest["states"]:
            value = case.arguments[names[state["name"]]]
            states[state["name"]] = aligned(value.shape, np.float32)
            states[state["name"]][:] = value
        rows = case.arguments.get("query", case.arguments.get("input"))
        first = next(iter(states.values()), np.zeros((1, 1)))
        dims = {"T": len(rows), "N": len(case.arguments.get("slots", [0])),
                "S": first.shape[0], "C": first.shape[1]}
        results = loaded.call("main", given, states, dims)
        return results | {names[k]: v for k, v in states.items()}

    def bound(self, case, want, noise):
        """What f32 arithmetic in another order may differ by."""
        scale = max(1.0, np.abs(want).max(initial=0.0))
        return NOISE_FACTOR * max(noise, F32_ROUNDING * scale) + case.slack * scale


RUNNERS = {"interpret": InterpretRunner, "compiled": CompiledRunner}


def check(runner, case, comparison):
    for suffix, module in runner.variants(case):
        results = runner.run(case, module)
        for name, (want, noise) in case.expected.items():
            label = f"{case.name}{suffix} {name}"
            got = results.get(name)
            if noise is None:
                comparison.equal(label, got, want)
            else:
                comparison.close(label, got, want, runner.bound(case, want, noise))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner", choices=RUNNERS)
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path("build/bin"))
    parser.add_argument("--target", default=best_target())
    options = parser.parse_args()
    comparison = golden.Comparison()
    with tempfile.TemporaryDirectory() as folder:
        runner = RUNNERS[options.runner](options.tools, pathlib.Path(folder), options.target)
        for case in all_cases():
            check(runner, case, comparison)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
