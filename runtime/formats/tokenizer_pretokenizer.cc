//===- tokenizer_pretokenizer.cc - cut text into words --------------------===//
//
// Splitting by regular expressions with the reference implementation's
// treatment of what matched.
//
//===----------------------------------------------------------------------===//
#include <utility>

#include "absl/strings/match.h"
#include "formats/status_macros.h"
#include "formats/tokenizer_parts.h"
#include "unicode/unistr.h"

namespace minimax::runtime {
namespace {

// A range of UTF-16 units and whether the pattern matched it.
struct Range {
  int32_t begin = 0;
  int32_t end = 0;
  bool match = false;
};

// GPT-2's pattern, which ByteLevel uses unless told not to.
constexpr char kByteLevelPattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

}  // namespace

static icu::UnicodeString ToUtf16(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

static absl::StatusOr<std::unique_ptr<icu::RegexPattern>> Compile(
    absl::string_view pattern, uint32_t flags, const std::string& file) {
  UErrorCode error = U_ZERO_ERROR;
  UParseError where;
  std::unique_ptr<icu::RegexPattern> compiled(
      icu::RegexPattern::compile(ToUtf16(pattern), flags, where, error));
  if (U_FAILURE(error) || compiled == nullptr)
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": cannot compile the pattern '", pattern,
                     "': ", u_errorName(error)));
  return compiled;
}

// All of the text as ranges that did and did not match.
static absl::StatusOr<std::vector<Range>> FindRanges(icu::RegexMatcher& matcher,
                                                     int32_t length,
                                                     bool invert) {
  std::vector<Range> ranges;
  int32_t end = 0;
  UErrorCode error = U_ZERO_ERROR;
  while (matcher.find(error)) {
    int32_t match_begin = matcher.start(error);
    int32_t match_end = matcher.end(error);
    if (end != match_begin) ranges.push_back({end, match_begin, invert});
    ranges.push_back({match_begin, match_end, !invert});
    end = match_end;
  }
  if (U_FAILURE(error))
    return absl::ResourceExhaustedError(absl::StrCat(
        "cannot split text by the tokenizer's pattern: ", u_errorName(error)));
  if (end != length) ranges.push_back({end, length, invert});
  return ranges;
}

// Joins each range to its predecessor if `joins` says so of their flags.
template <typename Joins>
static std::vector<Range> JoinForward(const std::vector<Range>& ranges,
                                      Joins joins) {
  std::vector<Range> result;
  bool previous = false;
  for (const Range& range : ranges) {
    if (!result.empty() && joins(previous, range.match))
      result.back().end = range.end;
    else
      result.push_back(range);
    previous = range.match;
  }
  return result;
}

// Joins each match to what follows it.
static std::vector<Range> JoinToNext(const std::vector<Range>& ranges) {
  std::vector<Range> result;
  bool next = false;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    if (!result.empty() && range->match && !next)
      result.back().begin = range->begin;
    else
      result.push_back(*range);
    next = range->match;
  }
  return {result.rbegin(), result.rend()};
}

static std::vector<Range> ApplyBehavior(Splitter::Behavior behavior,
                                        std::vector<Range> ranges) {
  switch (behavior) {
    case Splitter::Behavior::kIsolated:
      return ranges;
    case Splitter::Behavior::kRemoved:
      std::erase_if(ranges, [](const Range& range) { return range.match; });
      return ranges;
    case Splitter::Behavior::kContiguous:
      return JoinForward(ranges, [](bool a, bool b) { return a == b; });
    case Splitter::Behavior::kMergedWithPrevious:
      return JoinForward(ranges, [](bool a, bool b) { return b && !a; });
    case Splitter::Behavior::kMergedWithNext:
      return JoinToNext(ranges);
  }
  return ranges;
}

// Cuts `text` and appends its pieces.
static absl::Status SplitOne(const Splitter& splitter,
                             icu::RegexMatcher& matcher,
                             const std::string& text,
                             std::vector<std::string>* pieces) {
  icu::UnicodeString wide = ToUtf16(text);
  if (splitter.add_prefix_space && !absl::StartsWith(text, " "))
    wide.insert(0, UChar{' '});
  UErrorCode error = U_ZERO_ERROR;
  // In units of 10,000 steps: a bound on patterns that never end.
  matcher.setTimeLimit(5000 + wide.length() / 100, error);
  matcher.reset(wide);
  MMRT_ASSIGN_OR_RETURN(std::vector<Range> ranges,
                        FindRanges(matcher, wide.length(), splitter.invert));
  for (const Range& range :
       ApplyBehavior(splitter.behavior, std::move(ranges))) {
    if (range.begin == range.end) continue;
    std::string& piece = pieces->emplace_back();
    wide.tempSubStringBetween(range.begin, range.end).toUTF8String(piece);
  }
  return absl::OkStatus();
}

static absl::StatusOr<Splitter::Behavior> ReadBehavior(
    const std::string& name, const std::string& file) {
  static constexpr std::pair<const char*, Splitter::Behavior> kNames[] = {
      {"Removed", Splitter::Behavior::kRemoved},
      {"Isolated", Splitter::Behavior::kIsolated},
      {"MergedWithPrevious", Splitter::Behavior::kMergedWithPrevious},
      {"MergedWithNext", Splitter::Behavior::kMergedWithNext},
      {"Contiguous", Splitter::Behavior::kContiguous}};
  for (const auto& [known, behavior] : kNames)
    if (name == known) return behavior;
  return UnsupportedPart(file, "split behavior", name);
}

absl::Status PreTokenizer::AddSplit(JsonReader& reader,
                                    const std::string& file) {
  Splitter splitter;
  std::string behavior;
  reader.Required("behavior", &behavior);
  reader.Optional("invert", &splitter.invert);
  const Json* pattern = reader.RequiredObject("pattern");
  MMRT_RETURN_IF_ERROR(reader.status());
  MMRT_ASSIGN_OR_RETURN(splitter.behavior, ReadBehavior(behavior, file));
  JsonReader pattern_reader = reader.Child("pattern", *pattern);
  bool literal = pattern_reader.Find("String") != nullptr;
  std::string text;
  pattern_reader.Required(literal ? "String" : "Regex", &text);
  MMRT_RETURN_IF_ERROR(pattern_reader.status());
  // The reference's regular expressions know no line ends but \n, and let ^
  // and $ match at each of them.
  uint32_t flags =
      literal ? UREGEX_LITERAL : UREGEX_MULTILINE | UREGEX_UNIX_LINES;
  // An empty literal matches nothing in the reference.
  if (literal && text.empty()) return absl::OkStatus();
  MMRT_ASSIGN_OR_RETURN(splitter.pattern, Compile(text, flags, file));
  splitters_.push_back(std::move(splitter));
  return absl::OkStatus();
}

absl::Status PreTokenizer::AddDigits(JsonReader& reader,
                                     const std::string& file) {
  bool individual = false;
  reader.Optional("individual_digits", &individual);
  MMRT_RETURN_IF_ERROR(reader.status());
  Splitter splitter;
  splitter.behavior = individual ? Splitter::Behavior::kIsolated
                                 : Splitter::Behavior::kContiguous;
  MMRT_ASSIGN_OR_RETURN(splitter.pattern, Compile(R"(\p{N})", 0, file));
  splitters_.push_back(std::move(splitter));
  return absl::OkStatus();
}

absl::Status PreTokenizer::AddByteLevel(JsonReader& reader,
                                        const std::string& file) {
  Splitter splitter;
  bool use_regex = true;
  reader.Optional("add_prefix_space", &splitter.add_prefix_space);
  reader.Optional("use_regex", &use_regex);
  MMRT_RETURN_IF_ERROR(reader.status());
  ends_in_byte_level_ = true;
  if (!use_regex && !splitter.add_prefix_space) return absl::OkStatus();
  // Without a pattern all of the text is one piece.
  absl::string_view pattern = use_regex ? kByteLevelPattern : "(?s).+";
  MMRT_ASSIGN_OR_RETURN(splitter.pattern, Compile(pattern, 0, file));
  splitters_.push_back(std::move(splitter));
  return absl::OkStatus();
}

absl::Status PreTokenizer::Add(const Json& json, const std::string& file) {
  JsonReader reader(json, file, "pre_tokenizer");
  std::string type;
  reader.Required("type", &type);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (type == "Sequence") {
    const Json* parts = reader.RequiredArray("pretokenizers");
    MMRT_RETURN_IF_ERROR(reader.status());
    for (const Json& part : *parts) MMRT_RETURN_IF_ERROR(Add(part, file));
    return absl::OkStatus();
  }
  if (ends_in_byte_level_)
    return UnsupportedPart(file, "pre_tokenizer after ByteLevel", type);
  if (type == "Split") return AddSplit(reader, file);
  if (type == "Digits") return AddDigits(reader, file);
  if (type == "ByteLevel") return AddByteLevel(reader, file);
  return UnsupportedPart(file, "pre_tokenizer", type);
}

absl::StatusOr<PreTokenizer> PreTokenizer::Parse(const Json* json,
                                                 const std::string& file) {
  PreTokenizer result;
  if (json != nullptr) MMRT_RETURN_IF_ERROR(result.Add(*json, file));
  if (!result.ends_in_byte_level_)
    return UnsupportedPart(file, "pre_tokenizer", "without ByteLevel");
  return result;
}

absl::StatusOr<std::vector<std::string>> PreTokenizer::Split(
    absl::string_view text) const {
  std::vector<std::string> pieces;
  if (!text.empty()) pieces.emplace_back(text);
  for (const Splitter& splitter : splitters_) {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexMatcher> matcher(
        splitter.pattern->matcher(error));
    if (U_FAILURE(error))
      return absl::InternalError(
          absl::StrCat("cannot make a matcher: ", u_errorName(error)));
    std::vector<std::string> next;
    for (const std::string& piece : pieces)
      MMRT_RETURN_IF_ERROR(SplitOne(splitter, *matcher, piece, &next));
    pieces = std::move(next);
  }
  return pieces;
}

}  // namespace minimax::runtime
