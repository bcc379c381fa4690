#!/usr/bin/env python3
"""Compares our tokenizer with the `tokenizers` package on random strings.

Needs `pip install tokenizers`. Takes the tokenizer.json of a model, and trains
some on the fly that use the other components of the format. Exits 1 when any
string has other ids, or ids another text.

    tokenizer_compare.py BUILD/bin/tokenizer-dump models/kjv-tiny/tokenizer.json
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models
from tokenizers import normalizers, pre_tokenizers, trainers

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
GPT4O = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

RANGES = [
    (0x00, 0x20), (0x20, 0x7F), (0x20, 0x7F), (0x61, 0x7B), (0x7F, 0x100),
    (0x100, 0x250), (0x300, 0x370), (0x370, 0x400), (0x400, 0x500),
    (0x590, 0x600), (0x600, 0x700), (0x900, 0x980), (0xE00, 0xE80),
    (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2070), (0x2070, 0x20A0),
    (0x2150, 0x2190), (0x2460, 0x2500), (0x3000, 0x3100), (0x4E00, 0x5200),
    (0xAC00, 0xAE00), (0xF900, 0xFB07), (0xFE00, 0xFE10), (0xFF00, 0xFFF0),
    (0x10330, 0x10350), (0x1D400, 0x1D500), (0x1F300, 0x1F650),
    (0x1F900, 0x1FA00), (0x20000, 0x20100), (0xE0020, 0xE0080),
]
FRAGMENTS = [
    " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", " \n ", "\u3000", "\u00a0",
    "\u0085", "\u000b", "\u2028", "\u200d", "\ufeff", "\ufffd", "'s", "'LL",
    "'\u017f", "don't", "I'M", "123", "1234567", "\u0660\u0661", "\u00bd",
    "\u0130", "\u03a3", "\u00df", "e\u0301", "\ufb01", "\u212b",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
    "def f(x):\n    return x", "https://example.org/a?b=c#d", "...", "---",
]


def random_text(rng, specials):
    """A string of runs from different scripts, fragments and added tokens."""
    parts = []
    for _ in range(rng.randint(0, 12)):
        kind = rng.random()
        if kind < 0.35:
            parts.append(rng.choice(FRAGMENTS))
        elif kind < 0.45 and specials:
            token = rng.choice(specials)
            parts.append(token if rng.random() < 0.8 else token[:-1])
        else:
            low, high = rng.choice(RANGES)
            parts.append("".join(chr(rng.randrange(low, high))
                                 for _ in range(rng.randint(1, 8))))
    return "".join(parts)


def training_text(rng):
    """Python's documentation strings and words of many scripts."""
    import argparse, asyncio, collections, email, json, os, re, typing
    for module in (argparse, asyncio, collections, email, json, os, re,
                   typing):
        with open(module.__file__, encoding="utf-8") as source:
            yield from source
    for low, high in RANGES:
        letters = [chr(c) for c in range(low, high)
                   if unicodedata.category(chr(c)) != "Cn"]
        words = ["".join(rng.choice(letters) for _ in range(3))
                 for _ in range(60)]
        for _ in range(100):
            yield " ".join(rng.choice(words) for _ in range(8))


def train(rng, pre_tokenizer, normalizer=None, added=(), vocab_size=8000):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(
        training_text(rng),
        trainers.BpeTrainer(
            vocab_size=vocab_size, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_tokens([token for token in added if not token.special])
    tokenizer.add_special_tokens([token for token in added if token.special])
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def byte_level(**options):
    options.setdefault("add_prefix_space", False)
    return pre_tokenizers.ByteLevel(**options)


def sequence(*parts):
    return pre_tokenizers.Sequence(list(parts))


def trained_tokenizers(rng):
    """Names and tokenizers that together use every supported component."""
    plain = byte_level(use_regex=False)
    special = [AddedToken("<|begin|>", special=True, normalized=False),
               AddedToken("<|begin|>x", special=True, normalized=False),
               AddedToken("<|\u00e9nd|>", special=True, normalized=False),
               AddedToken("  tool", special=False, normalized=False)]
    flags = [AddedToken("<l>", lstrip=True, special=True, normalized=False),
             AddedToken("<r>", rstrip=True, special=True, normalized=False),
             AddedToken("<lr>", lstrip=True, rstrip=True, normalized=False),
             AddedToken("word", single_word=True, normalized=False),
             AddedToken("\u00c5ngstr\u00f6m", normalized=True),
             AddedToken("YES", normalized=True, single_word=True),
             AddedToken("\ufb01n", normalized=True, lstrip=True)]
    yield "gpt4", train(rng, sequence(split(GPT4), plain), added=special)
    yield "gpt4-flags", train(rng, sequence(split(GPT4), plain), added=flags)
    yield "gpt4o-nfc", train(rng, sequence(split(GPT4O), plain),
                             normalizers.NFC(), special + flags)
    yield "nfkc-lower", train(
        rng, byte_level(add_prefix_space=True),
        normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]),
        flags)
    yield "nfd", train(rng, byte_level(), normalizers.NFD(), flags)
    yield "nfkd", train(rng, byte_level(), normalizers.NFKD(), flags)
    yield "no-split", train(rng, plain, added=special, vocab_size=1000)
    yield "prefix-only", train(
        rng, byte_level(add_prefix_space=True, use_regex=False),
        added=flags, vocab_size=1000)
    yield "digits", train(
        rng, sequence(pre_tokenizers.Digits(True), byte_level()),
        vocab_size=2000)
    yield "digit-runs", train(
        rng, sequence(pre_tokenizers.Digits(False), byte_level()),
        vocab_size=2000)
    for behavior in ("removed", "merged_with_previous", "merged_with_next",
                     "contiguous", "isolated"):
        for invert in (False, True):
            yield f"{behavior}-{invert}", train(
                rng, sequence(split(r"\p{L}|^'|.$", behavior, invert),
                              pre_tokenizers.Split(" ", behavior), plain),
                vocab_size=1000)


def variants(text):
    """The same tokenizer with the other spelling of merges, and with
    ignore_merges."""
    data = json.loads(text)
    yield "", text
    merges = data["model"]["merges"]
    data["model"]["merges"] = [
        merge.split(" ") if isinstance(merge, str) else " ".join(merge)
        for merge in merges]
    yield " (other merges)", json.dumps(data)
    data["model"]["ignore_merges"] = True
    data["model"]["merges"] = data["model"]["merges"][:200]
    yield " (ignore_merges)", json.dumps(data)


def compare(dump, name, text, rng, count):
    """Prints a line; returns the number of strings and of mismatches."""
    reference = Tokenizer.from_str(text)
    specials = [t["content"] for t in json.loads(text)["added_tokens"]]
    strings = [random_text(rng, specials) for _ in range(count)]
    strings += [f + g for f in FRAGMENTS for g in FRAGMENTS]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        lines = "".join(s.encode().hex() + "\n" for s in strings)
        result = subprocess.run([dump, path], input=lines, text=True,
                                stdout=subprocess.PIPE, check=True)
    mismatches = 0
    output = result.stdout.split("\n")[:-1]
    assert len(output) == len(strings), "tokenizer-dump lost lines"
    for string, line in zip(strings, output):
        ids_text, decoded, streamed = line.split("\t")
        ids = [int(i) for i in ids_text.split()]
        expected = reference.encode(string, add_special_tokens=False).ids
        expected_text = reference.decode(expected, skip_special_tokens=False)
        if (ids != expected or bytes.fromhex(decoded).decode() != expected_text
                or streamed != decoded):
            mismatches += 1
            if mismatches <= 3:
                print(f"  {string!r}\n    expected {expected}\n    got {ids}"
                      f"\n    expected {expected_text!r}\n    got"
                      f" {bytes.fromhex(decoded)!r}")
    print(f"{name}: {len(strings)} strings, {mismatches} mismatches")
    return len(strings), mismatches


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", help="the tokenizer-dump program")
    parser.add_argument("tokenizers", nargs="*", help="tokenizer.json files")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases = []
    for path in args.tokenizers:
        with open(path, encoding="utf-8") as file:
            cases.append((path, file.read()))
    cases += [(name, t.to_str()) for name, t in trained_tokenizers(rng)]
    strings = mismatches = 0
    for name, text in cases:
        for suffix, variant in variants(text):
            done, wrong = compare(args.dump, name + suffix, variant, rng,
                                  args.count)
            strings += done
            mismatches += wrong
    print(f"total: {strings} strings, {mismatches} mismatches")
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
