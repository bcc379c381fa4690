//===- tokenizer_normalizer.cc - Unicode normalization --------------------===//
//
// Normalization forms and lower case by ICU.
//
//===----------------------------------------------------------------------===//
#include <iterator>

#include "formats/status_macros.h"
#include "formats/tokenizer_parts.h"
#include "unicode/bytestream.h"
#include "unicode/normalizer2.h"
#include "unicode/uchar.h"
#include "unicode/unistr.h"

namespace minimax::runtime {

// Lower case of each character by itself, so without the final sigma rule.
static std::string Lowercase(absl::string_view text) {
  icu::UnicodeString source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  icu::UnicodeString lower;
  for (int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    UChar32 c = source.char32At(i);
    lower.append(u_tolower(c));
    // The one character whose lower case is two characters.
    if (c == 0x130) lower.append(UChar32{0x307});
  }
  std::string result;
  return lower.toUTF8String(result);
}

static absl::StatusOr<std::string> Apply(const icu::Normalizer2* form,
                                         UErrorCode& error,
                                         absl::string_view text) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  if (U_SUCCESS(error))
    form->normalizeUTF8(
        0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())),
        sink, nullptr, error);
  if (U_FAILURE(error))
    return absl::InternalError(
        absl::StrCat("cannot normalize text: ", u_errorName(error)));
  return result;
}

absl::Status Normalizer::Add(const Json& json, const std::string& file) {
  JsonReader reader(json, file, "normalizer");
  std::string type;
  reader.Required("type", &type);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (type == "Sequence") {
    const Json* parts = reader.RequiredArray("normalizers");
    MMRT_RETURN_IF_ERROR(reader.status());
    for (const Json& part : *parts) MMRT_RETURN_IF_ERROR(Add(part, file));
    return absl::OkStatus();
  }
  static constexpr const char* kNames[] = {"NFC", "NFD", "NFKC", "NFKD",
                                           "Lowercase"};
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (type == kNames[i]) {
      steps_.push_back(static_cast<Step>(i));
      return absl::OkStatus();
    }
  return UnsupportedPart(file, "normalizer", type);
}

absl::StatusOr<Normalizer> Normalizer::Parse(const Json* json,
                                             const std::string& file) {
  Normalizer normalizer;
  if (json != nullptr) MMRT_RETURN_IF_ERROR(normalizer.Add(*json, file));
  return normalizer;
}

absl::StatusOr<std::string> Normalizer::Normalize(
    absl::string_view text) const {
  std::string result(text);
  for (Step step : steps_) {
    if (step == Step::kLowercase) {
      result = Lowercase(result);
      continue;
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* form =
        step == Step::kNfc    ? icu::Normalizer2::getNFCInstance(error)
        : step == Step::kNfd  ? icu::Normalizer2::getNFDInstance(error)
        : step == Step::kNfkc ? icu::Normalizer2::getNFKCInstance(error)
                              : icu::Normalizer2::getNFKDInstance(error);
    MMRT_ASSIGN_OR_RETURN(result, Apply(form, error, result));
  }
  return result;
}

}  // namespace minimax::runtime
