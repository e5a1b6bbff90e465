#include "tests/unit/house/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace scanclock::house {
namespace {

constexpr std::array folders{"core",   "config", "storage", "alerts",
                             "daemon", "cli",    "tests",   "bench"};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw std::runtime_error("cannot read " + path.string());
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<SourceFile> read_tree() {
  const std::filesystem::path root(SCANCLOCK_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const char* folder : folders) {
    if (!std::filesystem::is_directory(root / folder)) {
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (entry.is_regular_file() &&
          (extension == ".cpp" || extension == ".hpp" || extension == ".sql")) {
        files.push_back(
            {entry.path().lexically_relative(root).generic_string(), read_text(entry.path())});
      }
    }
  }
  if (files.empty()) {
    throw std::runtime_error("no sources below " + root.string());
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<ParsedFile> parse_tree() {
  std::vector<ParsedFile> parsed;
  for (const SourceFile& file : source_tree()) {
    if (!file.is_cpp()) {
      continue;
    }
    try {
      parsed.push_back({&file, Structure(tokenize(file.text))});
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(file.path + ": " + error.what());
    }
  }
  return parsed;
}

}  // namespace

bool SourceFile::is_product() const {
  return !path.starts_with("tests/") && !path.starts_with("bench/");
}

std::vector<std::string_view> SourceFile::lines() const {
  std::vector<std::string_view> result;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    result.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return result;
}

const std::vector<SourceFile>& source_tree() {
  static const std::vector<SourceFile> files = read_tree();
  return files;
}

const std::vector<ParsedFile>& parsed_tree() {
  static const std::vector<ParsedFile> parsed = parse_tree();
  return parsed;
}

std::string room_of(std::string_view path) {
  if (path.starts_with("core/") && path.find('/', 5) != std::string_view::npos) {
    path.remove_prefix(5);
  }
  return std::string(path.substr(0, path.find('/')));
}

std::vector<Include> includes_of(const Structure& structure) {
  static const std::regex pattern(R"re(#\s*include\s*(["<])([^">]+)[">][^]*)re");
  std::vector<Include> includes;
  for (const Token& token : structure.tokens()) {
    std::smatch match;
    if (token.kind == Token::Kind::directive && std::regex_match(token.text, match, pattern)) {
      includes.push_back({match[2].str(), match[1].str() == "\"", token.line});
    }
  }
  return includes;
}

}  // namespace scanclock::house
