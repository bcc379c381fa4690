//===- tokenizer_bpe.cc - byte pair encoding ------------------------------===//
//
// Merges the neighbours of lowest rank, leftmost first, with a heap of
// candidates over a linked list of symbols.
//
//===----------------------------------------------------------------------===//
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "formats/status_macros.h"
#include "formats/tokenizer_parts.h"

namespace minimax::runtime {
namespace {

// A symbol of the word; removed ones have id -1.
struct Symbol {
  int32_t id = -1;
  int32_t previous = -1;
  int32_t next = -1;
};

// A possible merge of the symbol at `position` with the next one.
struct Candidate {
  int32_t rank = 0;
  int32_t position = 0;
  int32_t id = 0;

  bool operator>(const Candidate& other) const {
    return std::pair(rank, position) > std::pair(other.rank, other.position);
  }
};

// Code points of the alphabet, by byte: printable Latin-1 characters stand for
// themselves, the others for U+0100 and on.
struct Alphabet {
  std::array<char16_t, 256> by_byte;
  std::array<int16_t, 512> to_byte;

  Alphabet() {
    to_byte.fill(-1);
    char16_t fresh = 256;
    for (int byte = 0; byte < 256; ++byte) {
      bool printable = (byte >= '!' && byte <= '~') ||
                       (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
      by_byte[byte] = printable ? static_cast<char16_t>(byte) : fresh++;
      to_byte[by_byte[byte]] = static_cast<int16_t>(byte);
    }
  }
};

}  // namespace

static const Alphabet& GetAlphabet() {
  static const Alphabet alphabet;
  return alphabet;
}

std::string ToAlphabet(absl::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    char16_t code = GetAlphabet().by_byte[static_cast<uint8_t>(c)];
    if (code < 0x80) {
      text.push_back(static_cast<char>(code));
      continue;
    }
    text.push_back(static_cast<char>(0xC0 | code >> 6));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
  return text;
}

std::optional<std::string> FromAlphabet(absl::string_view token) {
  std::string bytes;
  for (size_t i = 0; i < token.size(); ++i) {
    unsigned code = static_cast<uint8_t>(token[i]);
    // All characters of the alphabet are below U+0200: one or two bytes.
    if (code >= 0xC8) return std::nullopt;
    if (code >= 0x80) {
      if (++i >= token.size()) return std::nullopt;
      code = (code & 0x1F) << 6 | (static_cast<uint8_t>(token[i]) & 0x3F);
    }
    int16_t byte = GetAlphabet().to_byte[code];
    if (byte < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

static uint64_t PairKey(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 |
         static_cast<uint32_t>(right);
}

absl::Status BpeModel::ReadVocab(const Json& json, const std::string& file) {
  absl::flat_hash_set<int32_t> ids;
  for (const auto& item : json.items()) {
    int64_t id = -1;
    if (ReadJson(item.value(), &id) != nullptr || id < 0 ||
        id >= std::numeric_limits<int32_t>::max())
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": token '", item.key(),
                       "': expected an id of 31 bits, but got ",
                       DescribeJson(item.value())));
    vocab_[item.key()] = static_cast<int32_t>(id);
    if (!ids.insert(static_cast<int32_t>(id)).second)
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": id ", id, " has two tokens, one is '", item.key(), "'"));
  }
  for (int byte = 0; byte < 256; ++byte) {
    char c = static_cast<char>(byte);
    auto found = vocab_.find(ToAlphabet(absl::string_view(&c, 1)));
    byte_ids_[byte] = found == vocab_.end() ? -1 : found->second;
  }
  return absl::OkStatus();
}

absl::Status BpeModel::AddMerge(const Json& json, int32_t rank,
                                const std::string& file) {
  std::vector<std::string> parts;
  std::string text;
  if (ReadJson(json, &text) == nullptr)
    parts = absl::StrSplit(text, ' ');
  else
    ReadJson(json, &parts);
  auto invalid = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": merge ", rank, " (", DescribeJson(json), "): ", what));
  };
  if (parts.size() != 2) return invalid("expected two tokens");
  auto left = vocab_.find(parts[0]);
  auto right = vocab_.find(parts[1]);
  auto merged = vocab_.find(absl::StrCat(parts[0], parts[1]));
  if (left == vocab_.end() || right == vocab_.end() || merged == vocab_.end())
    return invalid("expected its parts and its result in the vocabulary");
  // Of a repeated merge the reference keeps the last.
  merges_.insert_or_assign(PairKey(left->second, right->second),
                           Merge{rank, merged->second});
  return absl::OkStatus();
}

absl::Status BpeModel::ReadUnknown(JsonReader& reader,
                                   const std::string& file) {
  std::string token;
  reader.Optional("unk_token", &token);
  reader.Optional("fuse_unk", &fuse_unknown_);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (reader.Find("unk_token") == nullptr) return absl::OkStatus();
  auto found = vocab_.find(token);
  if (found == vocab_.end())
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": unk_token '", token, "' is not in the vocabulary"));
  unknown_ = found->second;
  return absl::OkStatus();
}

// Options that change the result and that we do not implement.
static absl::Status RejectOptions(JsonReader& reader, const std::string& file) {
  std::string type = "BPE";
  double dropout = 0;
  bool byte_fallback = false;
  reader.Optional("type", &type);
  reader.Optional("dropout", &dropout);
  reader.Optional("byte_fallback", &byte_fallback);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (type != "BPE") return UnsupportedPart(file, "model", type);
  if (dropout != 0) return UnsupportedPart(file, "model option", "dropout");
  if (byte_fallback)
    return UnsupportedPart(file, "model option", "byte_fallback");
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    std::string value;
    reader.Optional(name, &value);
    if (!value.empty()) return UnsupportedPart(file, "model option", name);
  }
  return reader.status();
}

absl::StatusOr<BpeModel> BpeModel::Parse(const Json& json,
                                         const std::string& file) {
  JsonReader reader(json, file, "model");
  BpeModel model;
  MMRT_RETURN_IF_ERROR(RejectOptions(reader, file));
  reader.Optional("ignore_merges", &model.ignore_merges_);
  const Json* vocab = reader.RequiredObject("vocab");
  const Json* merges = reader.RequiredArray("merges");
  MMRT_RETURN_IF_ERROR(reader.status());
  MMRT_RETURN_IF_ERROR(model.ReadVocab(*vocab, file));
  MMRT_RETURN_IF_ERROR(model.ReadUnknown(reader, file));
  int32_t rank = 0;
  for (const Json& merge : *merges)
    MMRT_RETURN_IF_ERROR(model.AddMerge(merge, rank++, file));
  return model;
}

const BpeModel::Merge* BpeModel::FindMerge(int32_t left, int32_t right) const {
  auto found = merges_.find(PairKey(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

absl::StatusOr<std::vector<int32_t>> BpeModel::BytesToIds(
    absl::string_view word) const {
  std::vector<int32_t> ids;
  ids.reserve(word.size());
  bool after_unknown = false;
  for (char c : word) {
    int32_t id = byte_ids_[static_cast<uint8_t>(c)];
    bool is_unknown = id < 0;
    if (is_unknown && unknown_ < 0)
      return absl::InvalidArgumentError(
          absl::StrCat("the tokenizer has neither a token for byte 0x",
                       absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2),
                       " nor an unknown token"));
    bool fused = is_unknown && after_unknown && fuse_unknown_;
    if (!fused) ids.push_back(is_unknown ? unknown_ : id);
    after_unknown = is_unknown;
  }
  return ids;
}

absl::Status BpeModel::Encode(absl::string_view word,
                              std::vector<int32_t>* ids) const {
  if (ignore_merges_) {
    auto whole = vocab_.find(ToAlphabet(word));
    if (whole != vocab_.end()) {
      ids->push_back(whole->second);
      return absl::OkStatus();
    }
  }
  MMRT_ASSIGN_OR_RETURN(std::vector<int32_t> bytes, BytesToIds(word));
  MergeAll(bytes, ids);
  return absl::OkStatus();
}

void BpeModel::MergeAll(const std::vector<int32_t>& bytes,
                        std::vector<int32_t>* ids) const {
  int32_t count = static_cast<int32_t>(bytes.size());
  std::vector<Symbol> symbols(bytes.size());
  for (int32_t i = 0; i < count; ++i)
    symbols[i] = {bytes[i], i - 1, i + 1 < count ? i + 1 : -1};

  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  auto propose = [&](int32_t position) {
    if (position < 0 || symbols[position].next < 0) return;
    const Symbol& symbol = symbols[position];
    const Merge* merge = FindMerge(symbol.id, symbols[symbol.next].id);
    if (merge != nullptr) heap.push({merge->rank, position, merge->id});
  };
  for (int32_t i = 0; i < count; ++i) propose(i);

  while (!heap.empty()) {
    Candidate top = heap.top();
    heap.pop();
    Symbol& left = symbols[top.position];
    if (left.id < 0 || left.next < 0) continue;
    // A neighbour may have changed since this was proposed.
    Symbol& right = symbols[left.next];
    const Merge* merge = FindMerge(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbols[left.next].previous = top.position;
    propose(left.previous);
    propose(top.position);
  }
  // The first symbol is never the right one of a merge.
  for (int32_t i = count > 0 ? 0 : -1; i >= 0; i = symbols[i].next)
    ids->push_back(symbols[i].id);
}

}  // namespace minimax::runtime
