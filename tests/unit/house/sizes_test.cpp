#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace scanclock::house {
namespace {

constexpr int file_lines_max = 400;
constexpr int function_lines_max = 100;
constexpr std::size_t shown = 10;

using Sizes = std::vector<std::pair<int, std::string>>;

/// Prints the longest, for people, and fails for each that is too long.
void judge(const char* title, Sizes sizes, int limit) {
  std::sort(sizes.rbegin(), sizes.rend());
  std::printf("%s:\n", title);
  for (std::size_t i = 0; i < std::min(shown, sizes.size()); ++i) {
    std::printf("%6d  %s\n", sizes[i].first, sizes[i].second.c_str());
  }
  for (const auto& [lines, what] : sizes) {
    EXPECT_LE(lines, limit) << what;
  }
}

TEST(Sizes, OfFilesStayReadable) {
  Sizes sizes;
  for (const SourceFile& file : source_tree()) {
    // A migration that was released is never split.
    if (file.is_cpp()) {
      sizes.emplace_back(static_cast<int>(file.lines().size()), file.path);
    }
  }
  judge("The longest files, in lines", std::move(sizes), file_lines_max);
}

TEST(Sizes, OfFunctionsStayReadable) {
  Sizes sizes;
  for (const ParsedFile& parsed : parsed_tree()) {
    for (const Function& function : parsed.structure.functions()) {
      sizes.emplace_back(
          function.body_lines,
          parsed.file->path + ":" + std::to_string(function.line) + " " + function.name);
    }
  }
  ASSERT_GT(sizes.size(), 500u) << "the tree was not read";
  judge("The longest functions, in lines", std::move(sizes), function_lines_max);
}

}  // namespace
}  // namespace scanclock::house
