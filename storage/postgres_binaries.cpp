#include "storage/postgres_binaries.hpp"

#include "storage/child_process.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <system_error>

namespace scanclock {
namespace {

namespace fs = std::filesystem;

constexpr const char* debian_root = "/usr/lib/postgresql";

bool is_program(const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; }

std::vector<fs::path> candidate_folders() {
  if (const char* chosen = std::getenv("SCANCLOCK_PG_BINDIR"); chosen != nullptr) {
    return {fs::path(chosen)};
  }
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(debian_root, ignored)) {
    folders.push_back(entry.path() / "bin");
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto end = rest.find(':');
    if (const auto folder = rest.substr(0, end); folder.starts_with('/')) {
      folders.emplace_back(folder);
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return folders;
}

std::optional<int> major_of(const fs::path& folder) {
  ChildCommand command;
  command.program = folder / "postgres";
  command.arguments.emplace_back("--version");
  try {
    const auto outcome = run_child(std::move(command));
    return outcome.status == 0 ? parse_postgres_major(outcome.output) : std::nullopt;
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<int> parse_postgres_major(std::string_view version_output) {
  constexpr std::string_view marker = "(PostgreSQL) ";
  const auto at = version_output.find(marker);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto text = version_output.substr(at + marker.size());
  int major = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), major);
  return read.ec == std::errc() ? std::optional(major) : std::nullopt;
}

std::vector<PostgresBinaries> find_postgres_binaries() {
  std::vector<PostgresBinaries> found;
  for (const auto& folder : candidate_folders()) {
    if (!is_program(folder / "postgres") || !is_program(folder / "initdb")) {
      continue;
    }
    if (const auto major = major_of(folder)) {
      PostgresBinaries binaries;
      binaries.folder = folder;
      binaries.major = *major;
      found.push_back(std::move(binaries));
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const PostgresBinaries& left, const PostgresBinaries& right) {
                     return left.major > right.major;
                   });
  return found;
}

PostgresBinaries newest_postgres_binaries() {
  auto found = find_postgres_binaries();
  if (found.empty()) {
    throw EmbeddedPostgresError(
        "no PostgreSQL server programs were found in /usr/lib/postgresql or PATH\n"
        "HINT: install the package postgresql, or set SCANCLOCK_PG_BINDIR to the folder that holds "
        "initdb and postgres");
  }
  return found.front();
}

}  // namespace scanclock
