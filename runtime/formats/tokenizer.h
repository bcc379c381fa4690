//===- tokenizer.h - byte-level BPE from tokenizer.json --------*- C++ -*-===//
//
// Turns text into token ids and back as the `tokenizers` package does.
//
// Supported of tokenizer.json: model BPE over ByteLevel; pre-tokenizers
// ByteLevel, Split, Digits and Sequences of them that end in ByteLevel;
// normalizers NFC, NFD, NFKC, NFKD, Lowercase and Sequences of them; added
// tokens with all their flags; decoder ByteLevel. The post-processor,
// truncation and padding are not applied: Encode adds no tokens of its own.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_TOKENIZER_H_
#define MINIMAX_RUNTIME_FORMATS_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace minimax::runtime {

/// A tokenizer. Immutable once made: one object may serve many threads.
class Tokenizer {
 public:
  /// Reads the file `path` (a tokenizer.json).
  static absl::StatusOr<Tokenizer> Load(const std::string& path);

  /// Reads the JSON `text`; `file` is used in messages. InvalidArgument for a
  /// malformed file, Unimplemented, naming it, for an unsupported component.
  static absl::StatusOr<Tokenizer> Parse(absl::string_view text,
                                         const std::string& file);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Ids of `text`. Bytes that are not UTF-8 count as U+FFFD, one for each
  /// maximal invalid part. Added tokens inside the text become their ids.
  absl::StatusOr<std::vector<int32_t>> Encode(absl::string_view text) const;

  /// Text of `ids`; bytes that are not UTF-8 become U+FFFD. InvalidArgument
  /// for an id that has no token.
  absl::StatusOr<std::string> Decode(absl::Span<const int32_t> ids,
                                     bool skip_special = true) const;

  /// Raw bytes of one token, which may be part of a UTF-8 character.
  absl::StatusOr<std::string> TokenBytes(int32_t id) const;

  /// Id of the token spelled `token` in the file (added tokens as they are,
  /// others in the byte-level alphabet), or nothing.
  std::optional<int32_t> IdOf(absl::string_view token) const;

  /// Whether `id` is an added token marked special.
  bool IsSpecial(int32_t id) const;

  /// Largest id plus one.
  int32_t vocab_size() const;

  /// The tokenizer's parts; defined in the implementation.
  struct Impl;

 private:
  explicit Tokenizer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// Decodes a stream of ids and emits only complete characters. All that it
/// emits, joined, equals Decode of all ids.
class StreamDecoder {
 public:
  /// `tokenizer` must outlive this object.
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = true)
      : tokenizer_(&tokenizer), skip_special_(skip_special) {}

  /// Adds one id and returns the text that is now complete, perhaps none.
  absl::StatusOr<std::string> Push(int32_t id);

  /// Returns what is left, with U+FFFD for an incomplete character, and
  /// becomes as new.
  std::string Finish();

 private:
  const Tokenizer* tokenizer_;
  bool skip_special_;
  std::string pending_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_TOKENIZER_H_
