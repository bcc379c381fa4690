//===- utf8_test.cc - tests of UTF-8 repair -------------------------------===//
//
// The examples of Unicode's chapter 3.9, "Substitution of Maximal Subparts".
//
//===----------------------------------------------------------------------===//
#include "formats/utf8.h"

#include "gtest/gtest.h"

namespace minimax::runtime {
namespace {

constexpr char kMark[] = "\xEF\xBF\xBD";

std::string Marks(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += kMark;
  return text;
}

TEST(Utf8Test, AcceptsWellFormed) {
  for (const char* text :
       {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "h\xC3\xA9!"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_EQ(ReplaceInvalidUtf8(text), text);
    EXPECT_EQ(IncompleteUtf8Suffix(text), 0u);
  }
}

TEST(Utf8Test, ReplacesEachMaximalSubpart) {
  // Overlong forms and surrogates: no byte continues the one before.
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            Marks(8) + "A");
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            Marks(8) + "A");
  EXPECT_EQ(ReplaceInvalidUtf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            Marks(5) + "A" + Marks(2) + "B");
  // Truncated characters: one mark each.
  EXPECT_EQ(ReplaceInvalidUtf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"),
            Marks(4) + "A");
}

TEST(Utf8Test, FindsIncompleteSuffix) {
  EXPECT_EQ(IncompleteUtf8Suffix("a\xC3"), 1u);
  EXPECT_EQ(IncompleteUtf8Suffix("a\xE2\x82"), 2u);
  EXPECT_EQ(IncompleteUtf8Suffix("a\xF0\x9F\x98"), 3u);
  // Nothing can complete these.
  EXPECT_EQ(IncompleteUtf8Suffix("a\x80"), 0u);
  EXPECT_EQ(IncompleteUtf8Suffix("\xE0\x80"), 0u);
  EXPECT_EQ(IncompleteUtf8Suffix("\xFF"), 0u);
  EXPECT_EQ(IncompleteUtf8Suffix("\x80\x80\x80"), 0u);
}

}  // namespace
}  // namespace minimax::runtime
