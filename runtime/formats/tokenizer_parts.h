//===- tokenizer_parts.h - the stages of a tokenizer -----------*- C++ -*-===//
//
// Normalizer, added tokens, pre-tokenizer and BPE model, in the order in which
// text passes through them. Internal to formats.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_TOKENIZER_PARTS_H_
#define MINIMAX_RUNTIME_FORMATS_TOKENIZER_PARTS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/json.h"
#include "unicode/regex.h"

namespace minimax::runtime {

/// "`file`: `part` '`type`' is not supported".
absl::Status UnsupportedPart(const std::string& file, absl::string_view part,
                             absl::string_view type);

/// The byte-level alphabet writes each byte as one printable character.
/// `bytes` in that alphabet, as UTF-8.
std::string ToAlphabet(absl::string_view bytes);

/// The bytes that `token` spells in the alphabet, or nothing if one of its
/// characters is not in the alphabet.
std::optional<std::string> FromAlphabet(absl::string_view token);

/// Unicode normalization forms and lower case, applied in order.
class Normalizer {
 public:
  /// Reads the field `normalizer`, which may be null.
  static absl::StatusOr<Normalizer> Parse(const Json* json,
                                          const std::string& file);

  /// The normalized text. `text` must be UTF-8.
  absl::StatusOr<std::string> Normalize(absl::string_view text) const;

 private:
  enum class Step : uint8_t { kNfc, kNfd, kNfkc, kNfkd, kLowercase };

  absl::Status Add(const Json& json, const std::string& file);

  std::vector<Step> steps_;
};

/// A token that is found in the text before anything else looks at it.
struct AddedToken {
  int32_t id = 0;
  std::string content;
  bool special = false;
  bool lstrip = false;
  bool rstrip = false;
  bool single_word = false;
  bool normalized = false;
};

/// A piece of text: either a token or text that still has to be split.
struct TextPiece {
  std::optional<int32_t> id;
  std::string text;
};

/// Finds added tokens: the leftmost, then longest, one after another.
class AddedTokenMatcher {
 public:
  /// Makes `text`, what is searched for, stand for `token`.
  void Add(absl::string_view text, const AddedToken& token);

  /// Appends the pieces of `text` to `pieces`; none is empty.
  void Split(absl::string_view text, std::vector<TextPiece>* pieces) const;

 private:
  struct Node {
    absl::flat_hash_map<char, int32_t> next;
    int32_t token = -1;
  };
  struct Match {
    size_t begin = 0;
    size_t end = 0;
    int32_t token = -1;
  };

  std::optional<Match> FindFrom(absl::string_view text, size_t begin) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<AddedToken> tokens_;
};

/// One regular expression or literal that cuts text into pieces.
struct Splitter {
  enum class Behavior : uint8_t {
    kRemoved,
    kIsolated,
    kMergedWithPrevious,
    kMergedWithNext,
    kContiguous,
  };

  std::unique_ptr<icu::RegexPattern> pattern;
  Behavior behavior = Behavior::kIsolated;
  bool invert = false;
  /// Put a space before text that does not begin with one, before cutting.
  bool add_prefix_space = false;
};

/// Cuts text into the words that BPE works on.
class PreTokenizer {
 public:
  /// Reads the field `pre_tokenizer`, which must end in ByteLevel.
  static absl::StatusOr<PreTokenizer> Parse(const Json* json,
                                            const std::string& file);

  /// The words of `text`, in order, none empty. `text` must be UTF-8.
  absl::StatusOr<std::vector<std::string>> Split(absl::string_view text) const;

 private:
  absl::Status Add(const Json& json, const std::string& file);
  absl::Status AddSplit(JsonReader& reader, const std::string& file);
  absl::Status AddDigits(JsonReader& reader, const std::string& file);
  absl::Status AddByteLevel(JsonReader& reader, const std::string& file);

  std::vector<Splitter> splitters_;
  bool ends_in_byte_level_ = false;
};

/// Byte pair encoding: merges neighbours, lowest rank first.
class BpeModel {
 public:
  /// Reads the field `model`.
  static absl::StatusOr<BpeModel> Parse(const Json& json,
                                        const std::string& file);

  /// Appends the ids of `word`, in O(n log n) of its bytes. InvalidArgument
  /// for a byte that the vocabulary lacks when there is no unknown token.
  absl::Status Encode(absl::string_view word, std::vector<int32_t>* ids) const;

  /// Token, as spelled in the file, to id.
  const absl::flat_hash_map<std::string, int32_t>& vocab() const {
    return vocab_;
  }

 private:
  struct Merge {
    int32_t rank = 0;
    int32_t id = 0;
  };

  absl::Status ReadVocab(const Json& json, const std::string& file);
  absl::Status AddMerge(const Json& json, int32_t rank,
                        const std::string& file);
  absl::Status ReadUnknown(JsonReader& reader, const std::string& file);
  absl::StatusOr<std::vector<int32_t>> BytesToIds(absl::string_view word) const;
  void MergeAll(const std::vector<int32_t>& bytes,
                std::vector<int32_t>* ids) const;
  const Merge* FindMerge(int32_t left, int32_t right) const;

  absl::flat_hash_map<std::string, int32_t> vocab_;
  absl::flat_hash_map<uint64_t, Merge> merges_;
  std::array<int32_t, 256> byte_ids_;
  int32_t unknown_ = -1;
  bool fuse_unknown_ = false;
  bool ignore_merges_ = false;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_TOKENIZER_PARTS_H_
