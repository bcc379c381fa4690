#!/usr/bin/env python3
"""Writes the seed inputs and dictionaries of the fuzz targets beside itself."""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent


def write(kind, name, data):
    folder = HERE / "corpus" / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors_seeds():
    tensor = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    scalar = {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]}
    empty = {"dtype": "I64", "shape": [0, 4], "data_offsets": [26, 26]}
    write("safetensors", "empty", safetensors({}, b""))
    write("safetensors", "one", safetensors({"a": tensor}, bytes(24)))
    write("safetensors", "three", safetensors(
        {"__metadata__": {"format": "pt"}, "a": tensor, "b": scalar,
         "c": empty}, bytes(26)))


COMMON = {
    "hidden_size": 8, "intermediate_size": 4, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4,
    "num_local_experts": 4, "num_experts_per_tok": 2, "vocab_size": 16,
    "max_position_embeddings": 64, "hidden_act": "silu",
    "rms_norm_eps": 1e-5, "tie_word_embeddings": False,
    "sliding_window": None, "torch_dtype": "bfloat16",
}


def config_seeds():
    original = dict(COMMON, model_type="minimax_text_01", rotary_dim=2,
                    rope_theta=1e7, attn_type_list=[0, 1], postnorm=True,
                    eos_token_id=3, layernorm_full_attention_alpha=2.0,
                    layernorm_mlp_beta=1.0, shared_intermediate_size=0)
    native = dict(COMMON, model_type="minimax", block_size=8,
                  layer_types=["linear_attention", "full_attention"],
                  eos_token_id=[1, 2], full_attn_alpha_factor=2.0,
                  rope_parameters={"rope_type": "default", "rope_theta": 1e6,
                                   "partial_rotary_factor": 0.5})
    write("config", "original", json.dumps(original).encode())
    write("config", "transformers", json.dumps(native).encode())


def manifest_seeds():
    tensor = {"name": "tokens", "dtype": "i32", "shape": ["T"]}
    manifest = {
        "format": "minimax-artifact", "abi_version": 4, "compiler": "c",
        "content_hash": "h", "dtype": "f32",
        "model": {"model_type": "m", "vocab_size": 4, "hidden_size": 2,
                  "num_hidden_layers": 1, "num_local_experts": 1,
                  "num_experts_per_tok": 1, "max_position_embeddings": 8,
                  "eos_token_ids": [3]},
        "targets": ["x86-64-v3", "cuda:sm_80"],
        "kernels": {"cuda:sm_80": ["k"]}, "dims": ["T", "N", "S", "C"],
        "states": [{"name": "s", "kind": "kv_cache", "dtype": "f32",
                    "shape": ["S", "C", 2]}],
        "weights": [
            {"name": "w", "packing": "none", "dtype": "bf16", "shape": [4, 2],
             "bytes": 16, "pack": "",
             "sources": [{"name": "w", "dtype": "bf16", "shape": [4, 2]}]},
            {"name": "p", "packing": "panels", "dtype": "f32", "shape": [4, 2],
             "bytes": 32, "pack": "mm_pack_0",
             "sources": [{"name": "a", "dtype": "bf16", "shape": [2, 2],
                          "first_row": 0},
                         {"name": "b", "dtype": "bf16", "shape": [2, 2],
                          "first_row": 2}]}],
        "entries": [{"name": "step", "inputs": [tensor],
                     "outputs": [{"name": "logits", "dtype": "f32",
                                  "shape": ["N+1", 4]}]}],
        "ops": [{"name": "o", "weight": "", "function": "step", "dtype": "f32",
                 "flops": {"T": 2, "pairs(64)": 3},
                 "bytes": {"1": 1, "experts(4,2)": 5, "keys(1,2)": 7}}],
    }
    write("manifest", "small", json.dumps(manifest).encode())


def tokenizer(pre_tokenizer, normalizer=None, added=(), **model):
    vocab = {"a": 0, "b": 1, "\u0120": 2, "ab": 3, "\u0120ab": 4, "\u00c3": 5,
             "\u00a9": 6, "\u010a": 7, "1": 8, "\u00f0": 9, "?": 10}
    return json.dumps({
        "added_tokens": list(added), "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "post_processor": None,
        "decoder": {"type": "ByteLevel"},
        "model": dict({"type": "BPE", "unk_token": "?", "vocab": vocab,
                       "merges": ["a b", "\u0120 ab"]}, **model)}).encode()


def tokenizer_seeds():
    byte_level = {"type": "ByteLevel", "add_prefix_space": False,
                  "use_regex": True}
    text = "\0ab <s> ab \u00e9\n11a\U0001f600 \u0130".encode()
    token = {"id": 11, "content": "<s>", "special": True, "lstrip": True,
             "rstrip": True, "single_word": False, "normalized": False}
    split = {"type": "Split", "behavior": "Isolated", "invert": False,
             "pattern": {"Regex": "(?i:'s)|\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)"}}
    literal = {"type": "Split", "behavior": "MergedWithNext", "invert": True,
               "pattern": {"String": "b"}}
    digits = {"type": "Digits", "individual_digits": True}
    pre = {"type": "Sequence", "pretokenizers":
           [split, literal, digits, dict(byte_level, add_prefix_space=True)]}
    norm = {"type": "Sequence", "normalizers":
            [{"type": "NFKC"}, {"type": "Lowercase"}]}
    write("tokenizer", "plain", tokenizer(byte_level) + text)
    write("tokenizer", "added", tokenizer(byte_level, None, [token]) + text)
    write("tokenizer", "sequence", tokenizer(
        pre, norm, [dict(token, normalized=True, single_word=True)],
        merges=[["a", "b"]], ignore_merges=True, fuse_unk=True) + text)


DICTIONARIES = {
    "safetensors": ["dtype", "shape", "data_offsets", "__metadata__", "F32",
                    "BF16", "F8_E4M3", "-1", "9223372036854775807"],
    "config": list(COMMON) + ["model_type", "minimax", "MiniMaxM1", "rope_theta",
                              "layer_types", "attn_type_list", "rotary_dim",
                              "eos_token_id", "rope_scaling", "postnorm"],
    "manifest": ["N+1", "T", "kv_cache", "lightning_state", "none", "panels",
                 "first_row", "sources", "shape", "bytes", "f32", "i8"],
    "tokenizer": ["Split", "ByteLevel", "Sequence", "Digits", "Regex",
                  "String", "NFD", "NFKD", "Removed", "Contiguous",
                  "MergedWithPrevious", "lstrip", "normalized", "\\\\p{L}",
                  "(?!", "merges", "vocab", "unk_token", "TemplateProcessing"],
}


def main():
    safetensors_seeds()
    config_seeds()
    manifest_seeds()
    tokenizer_seeds()
    for kind, words in DICTIONARIES.items():
        lines = "".join('"%s"\n' % word for word in words)
        (HERE / f"{kind}.dict").write_text(lines)


if __name__ == "__main__":
    main()
