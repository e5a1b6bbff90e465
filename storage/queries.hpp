#pragma once

#include "storage/embedded_files.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// One SQL statement and the name under which errors and metrics speak of it.
struct Query {
  Query(std::string query_name, std::string query_text)
      : name(std::move(query_name)), text(std::move(query_text)) {}

  std::string name;
  std::string text;
};

/// Splits a file of `-- name: SomeName` sections. Throws std::invalid_argument for text before the
/// first name, a malformed name, an empty section and a section of more than one statement.
std::vector<Query> parse_queries(const EmbeddedFile& file);

/// The same for many files; a name that occurs twice is an error, too.
std::vector<Query> parse_queries(std::span<const EmbeddedFile> files);

/// The statement of that name in storage/queries; lives as long as the program. Throws
/// std::logic_error for an unknown name. Any thread.
const Query& query(std::string_view name);

}  // namespace scanclock
