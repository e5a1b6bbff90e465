#pragma once

#include "tests/unit/house/source_structure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock::house {

/// A text file of the tree; `path` is relative to the root and uses slashes.
struct SourceFile {
  std::string path;
  std::string text;

  bool is_header() const { return path.ends_with(".hpp"); }
  bool is_cpp() const { return path.ends_with(".hpp") || path.ends_with(".cpp"); }
  /// Tests and benchmarks are not part of the product.
  bool is_product() const;
  std::vector<std::string_view> lines() const;
};

/// Every C++ and SQL file of the product, the tests and the benchmarks, in the order of their
/// paths; read once. Throws when the tree is not there.
const std::vector<SourceFile>& source_tree();

/// The C++ files with their structure, in the same order; parsed once.
struct ParsedFile {
  const SourceFile* file = nullptr;
  Structure structure;
};
const std::vector<ParsedFile>& parsed_tree();

/// `core/net/url.hpp` → `net`, `storage/dsn.cpp` → `storage`; a file that lies in `core` itself has
/// the room `core`.
std::string room_of(std::string_view path);

/// Names of what is included: `"core/net/url.hpp"` without the quotes, `boost/asio.hpp` without the
/// angle brackets.
struct Include {
  std::string name;
  bool is_quoted = false;
  int line = 0;
};
std::vector<Include> includes_of(const Structure& structure);

}  // namespace scanclock::house
