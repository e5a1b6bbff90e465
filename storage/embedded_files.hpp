#pragma once

#include <span>
#include <string_view>

namespace scanclock {

/// A text file that was compiled into the program; `name` has no folder.
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

/// The files of storage/migrations, ordered by name.
std::span<const EmbeddedFile> embedded_migrations();

/// The files of storage/queries, ordered by name.
std::span<const EmbeddedFile> embedded_queries();

}  // namespace scanclock
