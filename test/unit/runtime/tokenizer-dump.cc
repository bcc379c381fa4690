//===- tokenizer-dump.cc - print what the tokenizer makes of lines --------===//
//
// Usage: tokenizer-dump TOKENIZER_JSON < LINES
//
// Each line of the input is a text in hexadecimal. Each line of the output is
// the text's ids, a tab, the text decoded from them in hexadecimal, a tab and
// the same from the stream decoder.
//
//===----------------------------------------------------------------------===//
#include <cstdio>
#include <iostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "formats/status_macros.h"
#include "formats/tokenizer.h"

using minimax::runtime::StreamDecoder;
using minimax::runtime::Tokenizer;

static absl::StatusOr<std::string> StreamAll(const Tokenizer& tokenizer,
                                             absl::Span<const int32_t> ids) {
  StreamDecoder decoder(tokenizer, /*skip_special=*/false);
  std::string text;
  for (int32_t id : ids) {
    MMRT_ASSIGN_OR_RETURN(std::string part, decoder.Push(id));
    text += part;
  }
  return text + decoder.Finish();
}

static absl::Status Dump(const std::string& path) {
  MMRT_ASSIGN_OR_RETURN(Tokenizer tokenizer, Tokenizer::Load(path));
  std::string line;
  while (std::getline(std::cin, line)) {
    MMRT_ASSIGN_OR_RETURN(std::vector<int32_t> ids,
                          tokenizer.Encode(absl::HexStringToBytes(line)));
    MMRT_ASSIGN_OR_RETURN(std::string text, tokenizer.Decode(ids, false));
    MMRT_ASSIGN_OR_RETURN(std::string streamed, StreamAll(tokenizer, ids));
    std::cout << absl::StrJoin(ids, " ") << '\t' << absl::BytesToHexString(text)
              << '\t' << absl::BytesToHexString(streamed) << '\n';
  }
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tokenizer-dump TOKENIZER_JSON < LINES\n");
    return 2;
  }
  absl::Status status = Dump(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "tokenizer-dump: %s\n",
               std::string(status.message()).c_str());
  return 1;
}
