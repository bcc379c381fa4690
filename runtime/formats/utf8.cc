//===- utf8.cc - checking and repairing UTF-8 -----------------------------===//
//
// The state machine of Unicode's table 3-7, well-formed byte sequences.
//
//===----------------------------------------------------------------------===//
#include "formats/utf8.h"

#include <cstdint>

namespace minimax::runtime {
namespace {

// The longest prefix of a text that begins a well-formed character.
struct Prefix {
  size_t length = 0;       // bytes of the text that belong together, at least 1
  bool complete = false;   // they are one whole character
  bool truncated = false;  // the text ended before the character did
};

}  // namespace

// Length of the character that `lead` starts, or 0 if it starts none.
static size_t LengthOf(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Whether `second` may follow `lead`: excludes overlong forms, surrogates and
// code points above U+10FFFF.
static bool MayFollow(uint8_t lead, uint8_t second) {
  uint8_t low = 0x80, high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  return second >= low && second <= high;
}

static Prefix ReadPrefix(absl::string_view bytes) {
  uint8_t lead = static_cast<uint8_t>(bytes[0]);
  size_t length = LengthOf(lead);
  if (length == 0) return {1, false, false};
  for (size_t i = 1; i < length; ++i) {
    if (i >= bytes.size()) return {i, false, true};
    uint8_t byte = static_cast<uint8_t>(bytes[i]);
    bool good = i == 1 ? MayFollow(lead, byte) : (byte & 0xC0) == 0x80;
    if (!good) return {i, false, false};
  }
  return {length, true, false};
}

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    Prefix prefix = ReadPrefix(bytes);
    if (!prefix.complete) return false;
    bytes.remove_prefix(prefix.length);
  }
  return true;
}

std::string ReplaceInvalidUtf8(absl::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    Prefix prefix = ReadPrefix(bytes);
    if (prefix.complete)
      text.append(bytes.data(), prefix.length);
    else
      text.append("\xEF\xBF\xBD");
    bytes.remove_prefix(prefix.length);
  }
  return text;
}

size_t IncompleteUtf8Suffix(absl::string_view bytes) {
  for (size_t length = 1; length <= 3 && length <= bytes.size(); ++length) {
    absl::string_view suffix = bytes.substr(bytes.size() - length);
    if (LengthOf(static_cast<uint8_t>(suffix[0])) == 0) continue;
    Prefix prefix = ReadPrefix(suffix);
    return prefix.truncated && prefix.length == length ? length : 0;
  }
  return 0;
}

}  // namespace minimax::runtime
