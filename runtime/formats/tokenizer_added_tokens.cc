//===- tokenizer_added_tokens.cc - find added tokens in text --------------===//
//
// A trie over bytes, searched from each position: leftmost, then longest.
//
//===----------------------------------------------------------------------===//
#include <algorithm>

#include "formats/tokenizer_parts.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace minimax::runtime {

// What `\w` matches in the reference implementation.
static bool IsWord(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) ||
         u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL) ||
         (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

static bool IsSpace(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_WHITE_SPACE);
}

// The character that begins at `*at`, which moves past it.
static UChar32 Next(absl::string_view text, size_t* at) {
  int32_t i = 0;
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(text.data()) + *at;
  int32_t length =
      static_cast<int32_t>(std::min<size_t>(text.size() - *at, U8_MAX_LENGTH));
  UChar32 c;
  U8_NEXT(bytes, i, length, c);
  *at += static_cast<size_t>(i);
  return c;
}

// The character that ends at `*at`, which moves before it.
static UChar32 Previous(absl::string_view text, size_t* at) {
  size_t window = std::min<size_t>(*at, U8_MAX_LENGTH);
  const uint8_t* bytes =
      reinterpret_cast<const uint8_t*>(text.data()) + *at - window;
  int32_t i = static_cast<int32_t>(window);
  UChar32 c;
  U8_PREV(bytes, 0, i, c);
  *at -= window - static_cast<size_t>(i);
  return c;
}

// Whether neither neighbour of [begin, end) continues a word.
static bool IsWholeWord(absl::string_view text, size_t begin, size_t end) {
  bool before = begin > 0 && IsWord(Previous(text, &begin));
  bool after = end < text.size() && IsWord(Next(text, &end));
  return !before && !after;
}

static size_t SkipSpacesBack(absl::string_view text, size_t at) {
  while (at > 0) {
    size_t before = at;
    if (!IsSpace(Previous(text, &before))) break;
    at = before;
  }
  return at;
}

static size_t SkipSpaces(absl::string_view text, size_t at) {
  while (at < text.size()) {
    size_t after = at;
    if (!IsSpace(Next(text, &after))) break;
    at = after;
  }
  return at;
}

void AddedTokenMatcher::Add(absl::string_view text, const AddedToken& token) {
  if (text.empty()) return;
  int32_t node = 0;
  for (char c : text) {
    int32_t fresh = static_cast<int32_t>(nodes_.size());
    auto [found, inserted] = nodes_[node].next.try_emplace(c, fresh);
    node = found->second;
    if (inserted) nodes_.emplace_back();
  }
  nodes_[node].token = static_cast<int32_t>(tokens_.size());
  tokens_.push_back(token);
}

std::optional<AddedTokenMatcher::Match> AddedTokenMatcher::FindFrom(
    absl::string_view text, size_t begin) const {
  for (; begin < text.size(); ++begin) {
    Match match{begin, begin, -1};
    int32_t node = 0;
    for (size_t i = begin; i < text.size(); ++i) {
      auto found = nodes_[node].next.find(text[i]);
      if (found == nodes_[node].next.end()) break;
      node = found->second;
      if (nodes_[node].token >= 0) match = {begin, i + 1, nodes_[node].token};
    }
    if (match.token >= 0) return match;
  }
  return std::nullopt;
}

void AddedTokenMatcher::Split(absl::string_view text,
                              std::vector<TextPiece>* pieces) const {
  size_t done = 0;
  auto add_text = [&](size_t end) {
    if (done < end)
      pieces->push_back(
          {std::nullopt, std::string(text.substr(done, end - done))});
  };
  size_t from = 0;
  while (std::optional<Match> match = FindFrom(text, from)) {
    const AddedToken& token = tokens_[match->token];
    from = match->end;
    if (token.single_word && !IsWholeWord(text, match->begin, match->end))
      continue;
    size_t begin = match->begin;
    size_t end = match->end;
    if (token.lstrip) begin = std::max(SkipSpacesBack(text, begin), done);
    if (token.rstrip) end = SkipSpaces(text, end);
    add_text(begin);
    pieces->push_back({token.id, std::string()});
    done = end;
  }
  add_text(text.size());
}

}  // namespace minimax::runtime
