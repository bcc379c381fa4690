//===- tokenizer_fuzzer.cc - hostile tokenizer.json and text --------------===//
//
// The input is a tokenizer.json, a zero byte and a text. What encodes must
// decode, at once and as a stream, to the same.
//
//===----------------------------------------------------------------------===//
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/tokenizer.h"
#include "formats/utf8.h"

using minimax::runtime::StreamDecoder;
using minimax::runtime::Tokenizer;

static void CheckText(const Tokenizer& tokenizer, absl::string_view text) {
  absl::StatusOr<std::vector<int32_t>> ids = tokenizer.Encode(text);
  if (!ids.ok()) return;
  for (bool skip_special : {false, true}) {
    absl::StatusOr<std::string> whole = tokenizer.Decode(*ids, skip_special);
    // An unknown token may be no token of its own, but every id has one.
    if (!whole.ok() || !minimax::runtime::IsUtf8(*whole)) std::abort();
    StreamDecoder decoder(tokenizer, skip_special);
    std::string streamed;
    for (int32_t id : *ids) {
      absl::StatusOr<std::string> part = decoder.Push(id);
      if (!part.ok() || !minimax::runtime::IsUtf8(*part)) std::abort();
      streamed += *part;
    }
    if (streamed + decoder.Finish() != *whole) std::abort();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view input(reinterpret_cast<const char*>(data), size);
  size_t zero = input.find('\0');
  absl::string_view text;
  if (zero != absl::string_view::npos) text = input.substr(zero + 1);
  absl::StatusOr<Tokenizer> tokenizer =
      Tokenizer::Parse(input.substr(0, zero), "input");
  if (tokenizer.ok()) CheckText(*tokenizer, text);
  return 0;
}
