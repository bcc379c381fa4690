//===- tokenizer.cc - byte-level BPE from tokenizer.json ------------------===//
//
// Joins the stages of a tokenizer and decodes ids.
//
//===----------------------------------------------------------------------===//
#include "formats/tokenizer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/json.h"
#include "formats/mapped_file.h"
#include "formats/status_macros.h"
#include "formats/tokenizer_parts.h"
#include "formats/utf8.h"

namespace minimax::runtime {

struct Tokenizer::Impl {
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  BpeModel model;
  // Searched in the text as it is and after normalization.
  AddedTokenMatcher raw_tokens;
  AddedTokenMatcher normalized_tokens;
  // Added tokens by content and by id.
  absl::flat_hash_map<std::string, AddedToken> added;
  absl::flat_hash_map<int32_t, AddedToken> added_by_id;
  // Bytes of every token.
  absl::flat_hash_map<int32_t, std::string> bytes;
  int32_t vocab_size = 0;

  absl::Status AddToken(JsonReader& reader, const std::string& file);
  void IndexTokens();
  absl::Status EncodePiece(absl::string_view text,
                           std::vector<int32_t>* ids) const;
};

absl::Status UnsupportedPart(const std::string& file, absl::string_view part,
                             absl::string_view type) {
  return absl::UnimplementedError(
      absl::StrCat(file, ": ", part, " '", type, "' is not supported"));
}

// Parts whose absence from Encode is documented: they only add tokens.
static absl::Status CheckPostProcessor(const Json* json,
                                       const std::string& file) {
  if (json == nullptr) return absl::OkStatus();
  JsonReader reader(*json, file, "post_processor");
  std::string type;
  reader.Required("type", &type);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (type == "ByteLevel" || type == "TemplateProcessing")
    return absl::OkStatus();
  if (type != "Sequence") return UnsupportedPart(file, "post_processor", type);
  const Json* parts = reader.RequiredArray("processors");
  MMRT_RETURN_IF_ERROR(reader.status());
  for (const Json& part : *parts)
    MMRT_RETURN_IF_ERROR(CheckPostProcessor(&part, file));
  return absl::OkStatus();
}

static absl::Status CheckDecoder(const Json* json, const std::string& file) {
  if (json == nullptr) return UnsupportedPart(file, "decoder", "null");
  JsonReader reader(*json, file, "decoder");
  std::string type;
  reader.Required("type", &type);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (type == "ByteLevel") return absl::OkStatus();
  return UnsupportedPart(file, "decoder", type);
}

absl::Status Tokenizer::Impl::AddToken(JsonReader& reader,
                                       const std::string& file) {
  AddedToken token;
  int64_t id = -1;
  reader.Required("id", &id);
  reader.Required("content", &token.content);
  reader.Optional("special", &token.special);
  reader.Optional("lstrip", &token.lstrip);
  reader.Optional("rstrip", &token.rstrip);
  reader.Optional("single_word", &token.single_word);
  token.normalized = !token.special;
  reader.Optional("normalized", &token.normalized);
  if (reader.ok() && (id < 0 || id >= INT32_MAX))
    reader.Fail("id", absl::StrCat("expected 31 bits, but got ", id));
  MMRT_RETURN_IF_ERROR(reader.status());
  token.id = static_cast<int32_t>(id);
  auto known = model.vocab().find(token.content);
  if (known != model.vocab().end() && known->second != token.id)
    reader.Fail("id",
                absl::StrCat("'", token.content, "' has id ", known->second,
                             " in the vocabulary, but ", id, " here"));
  if (!added.try_emplace(token.content, token).second ||
      !added_by_id.try_emplace(token.id, token).second)
    reader.Fail("content", absl::StrCat("'", token.content, "' or its id ", id,
                                        " is used twice"));
  MMRT_RETURN_IF_ERROR(reader.status());
  if (!token.normalized) {
    raw_tokens.Add(token.content, token);
    return absl::OkStatus();
  }
  // The reference finds and decodes such a token as its normalized text.
  std::string& content = added_by_id[token.id].content;
  MMRT_ASSIGN_OR_RETURN(content, normalizer.Normalize(token.content));
  normalized_tokens.Add(content, token);
  return absl::OkStatus();
}

// The decoder treats added tokens like all others.
static std::string BytesOf(const std::string& token) {
  return FromAlphabet(token).value_or(token);
}

void Tokenizer::Impl::IndexTokens() {
  for (const auto& [token, id] : model.vocab()) bytes[id] = BytesOf(token);
  for (const auto& [id, token] : added_by_id)
    bytes[id] = BytesOf(token.content);
  for (const auto& [id, token] : bytes)
    vocab_size = std::max(vocab_size, id + 1);
}

absl::StatusOr<Tokenizer> Tokenizer::Parse(absl::string_view text,
                                           const std::string& file) {
  MMRT_ASSIGN_OR_RETURN(Json json, ParseJson(text, file));
  JsonReader reader(json, file);
  const Json* model = reader.RequiredObject("model");
  MMRT_RETURN_IF_ERROR(reader.status());
  auto impl = std::make_unique<Impl>();
  MMRT_ASSIGN_OR_RETURN(impl->normalizer,
                        Normalizer::Parse(reader.Find("normalizer"), file));
  MMRT_ASSIGN_OR_RETURN(
      impl->pre_tokenizer,
      PreTokenizer::Parse(reader.Find("pre_tokenizer"), file));
  MMRT_RETURN_IF_ERROR(CheckPostProcessor(reader.Find("post_processor"), file));
  MMRT_RETURN_IF_ERROR(CheckDecoder(reader.Find("decoder"), file));
  MMRT_ASSIGN_OR_RETURN(impl->model, BpeModel::Parse(*model, file));
  if (reader.Find("added_tokens") != nullptr) {
    const Json* tokens = reader.RequiredArray("added_tokens");
    MMRT_RETURN_IF_ERROR(reader.status());
    for (size_t i = 0; i < tokens->size(); ++i) {
      JsonReader token = reader.Child("added_tokens", i, (*tokens)[i]);
      MMRT_RETURN_IF_ERROR(impl->AddToken(token, file));
    }
  }
  impl->IndexTokens();
  return Tokenizer(std::move(impl));
}

absl::StatusOr<Tokenizer> Tokenizer::Load(const std::string& path) {
  MMRT_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  return Parse(file.contents(), path);
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

absl::Status Tokenizer::Impl::EncodePiece(absl::string_view text,
                                          std::vector<int32_t>* ids) const {
  MMRT_ASSIGN_OR_RETURN(std::string normalized, normalizer.Normalize(text));
  std::vector<TextPiece> pieces;
  normalized_tokens.Split(normalized, &pieces);
  for (const TextPiece& piece : pieces) {
    if (piece.id) {
      ids->push_back(*piece.id);
      continue;
    }
    MMRT_ASSIGN_OR_RETURN(std::vector<std::string> words,
                          pre_tokenizer.Split(piece.text));
    for (const std::string& word : words)
      MMRT_RETURN_IF_ERROR(model.Encode(word, ids));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int32_t>> Tokenizer::Encode(
    absl::string_view text) const {
  // ICU counts in 32 bits, and normalization may lengthen text 18 times.
  constexpr size_t kLongestText = size_t{1} << 26;
  if (text.size() > kLongestText)
    return absl::ResourceExhaustedError(
        absl::StrCat("expected a text of at most ", kLongestText,
                     " bytes, but got ", text.size()));
  std::string repaired;
  if (!IsUtf8(text)) text = repaired = ReplaceInvalidUtf8(text);
  std::vector<TextPiece> pieces;
  impl_->raw_tokens.Split(text, &pieces);
  std::vector<int32_t> ids;
  for (const TextPiece& piece : pieces) {
    if (piece.id)
      ids.push_back(*piece.id);
    else
      MMRT_RETURN_IF_ERROR(impl_->EncodePiece(piece.text, &ids));
  }
  return ids;
}

absl::StatusOr<std::string> Tokenizer::TokenBytes(int32_t id) const {
  auto found = impl_->bytes.find(id);
  if (found == impl_->bytes.end())
    return absl::InvalidArgumentError(
        absl::StrCat("id ", id, " has no token in the tokenizer"));
  return found->second;
}

absl::StatusOr<std::string> Tokenizer::Decode(absl::Span<const int32_t> ids,
                                              bool skip_special) const {
  std::string bytes;
  for (int32_t id : ids) {
    MMRT_ASSIGN_OR_RETURN(std::string token, TokenBytes(id));
    if (!skip_special || !IsSpecial(id)) bytes += token;
  }
  return ReplaceInvalidUtf8(bytes);
}

std::optional<int32_t> Tokenizer::IdOf(absl::string_view token) const {
  if (auto found = impl_->added.find(token); found != impl_->added.end())
    return found->second.id;
  auto found = impl_->model.vocab().find(token);
  if (found == impl_->model.vocab().end()) return std::nullopt;
  return found->second;
}

bool Tokenizer::IsSpecial(int32_t id) const {
  auto found = impl_->added_by_id.find(id);
  return found != impl_->added_by_id.end() && found->second.special;
}

int32_t Tokenizer::vocab_size() const { return impl_->vocab_size; }

absl::StatusOr<std::string> StreamDecoder::Push(int32_t id) {
  MMRT_ASSIGN_OR_RETURN(std::string token, tokenizer_->TokenBytes(id));
  if (!skip_special_ || !tokenizer_->IsSpecial(id)) pending_ += token;
  size_t complete = pending_.size() - IncompleteUtf8Suffix(pending_);
  std::string text =
      ReplaceInvalidUtf8(absl::string_view(pending_).substr(0, complete));
  pending_.erase(0, complete);
  return text;
}

std::string StreamDecoder::Finish() {
  return ReplaceInvalidUtf8(std::exchange(pending_, std::string()));
}

}  // namespace minimax::runtime
