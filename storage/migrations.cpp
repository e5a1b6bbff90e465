#include "core/runtime/hashing.hpp"
#include "storage/migrator.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

namespace scanclock {
namespace {

constexpr std::size_t version_digits = 4;
constexpr std::string_view up_suffix = ".up.sql";
constexpr std::string_view down_suffix = ".down.sql";

[[noreturn]] void refuse(std::string_view file, std::string_view why) {
  throw std::invalid_argument("migration file " + std::string(file) + ": " + std::string(why));
}

struct FileName {
  int version = 0;
  std::string_view name;
  bool up = false;
};

FileName parse_file_name(std::string_view file) {
  FileName parsed;
  parsed.up = file.ends_with(up_suffix);
  if (!parsed.up && !file.ends_with(down_suffix)) {
    refuse(file, "its name does not end in .up.sql or .down.sql");
  }
  auto stem = file.substr(0, file.size() - (parsed.up ? up_suffix : down_suffix).size());
  const auto digits = stem.substr(0, version_digits);
  const bool numbered = stem.size() > version_digits + 1 && stem[version_digits] == '_' &&
                        std::all_of(digits.begin(), digits.end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!numbered) {
    refuse(file, "its name does not begin with four digits and an underscore");
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), parsed.version);
  parsed.name = stem.substr(version_digits + 1);
  return parsed;
}

struct Halves {
  std::string name;
  const EmbeddedFile* up = nullptr;
  const EmbeddedFile* down = nullptr;
};

}  // namespace

std::vector<Migration> parse_migrations(std::span<const EmbeddedFile> files) {
  std::map<int, Halves> by_version;
  for (const auto& file : files) {
    const auto parsed = parse_file_name(file.name);
    auto& halves = by_version[parsed.version];
    if (halves.name.empty()) {
      halves.name = std::string(parsed.name);
    }
    auto& half = parsed.up ? halves.up : halves.down;
    if (halves.name != parsed.name || half != nullptr) {
      refuse(file.name, "its version occurs twice");
    }
    half = &file;
  }
  std::vector<Migration> migrations;
  for (const auto& [version, halves] : by_version) {
    if (halves.up == nullptr || halves.down == nullptr) {
      refuse((halves.up != nullptr ? halves.up : halves.down)->name, "its other half is missing");
    }
    if (version != static_cast<int>(migrations.size()) + 1) {
      refuse(halves.up->name, "the version before it is missing");
    }
    Migration migration;
    migration.version = version;
    migration.name = halves.name;
    migration.up = std::string(halves.up->text);
    migration.down = std::string(halves.down->text);
    migration.checksum = std::string(sha256(halves.up->text).hex());
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

std::optional<std::string> migration_conflict(std::span<const Migration> known,
                                              std::span<const AppliedMigration> applied) {
  for (std::size_t index = 0; index < applied.size(); ++index) {
    const auto& done = applied[index];
    const auto title = std::to_string(done.version) + " (" + done.name + ")";
    if (done.version > static_cast<int>(known.size())) {
      return "the database is at migration " + title + ", newer than this program, which knows " +
             std::to_string(known.size()) +
             "\nHINT: install the newer scanclock again, or let it undo its migrations first";
    }
    if (done.version != static_cast<int>(index) + 1) {
      return "migration " + std::to_string(index + 1) + " is missing before applied migration " +
             title + "\nHINT: restore scanclock.schema_migrations from a backup";
    }
    if (done.checksum != known[index].checksum) {
      return "migration " + title +
             " was applied from another file than this program's\nHINT: this database was made by "
             "a different build of scanclock; run that build, or restore a backup made by this one";
    }
  }
  return std::nullopt;
}

}  // namespace scanclock
