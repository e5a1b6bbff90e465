#include "config/sections.hpp"
#include "config/url_check.hpp"

namespace scanclock {

void read_database(MapReader& root, DatabaseSettings& database) {
  const std::optional<Cursor> section = root.find("database");
  if (!section) {
    return;
  }
  MapReader map(*section);
  map.boolean("allow_plaintext", database.allow_plaintext);
  if (const auto url = map.find("url")) {
    if (const auto value = url->text()) {
      const DatabaseUrlProblem problem = check_database_url(*value, database.allow_plaintext);
      if (problem.message.empty()) {
        database.url = *value;
      } else {
        url->fail(problem.message, problem.hint);
      }
    }
  }
  if (read_secret_setting(map, "password", database.password) && !map.has("url")) {
    map.cursor().fail("a password without a url has no use",
                      "the embedded PostgreSQL needs no password");
  }
  if (const auto embedded = map.find("embedded")) {
    MapReader inner(*embedded);
    if (const auto directory = inner.find("data_dir")) {
      if (const auto value = directory->text()) {
        const bool is_absolute = value->starts_with('/');
        database.embedded_data_dir =
            is_absolute ? *value : section->context().base_dir + "/" + *value;
      }
    }
    inner.finish();
  }
  if (const auto retention = map.find("retention")) {
    MapReader inner(*retention);
    inner.duration("history", database.retention.history, std::chrono::hours(24));
    inner.duration("raw_evidence", database.retention.raw_evidence, std::chrono::hours(24));
    inner.finish();
  }
  map.finish();
}

}  // namespace scanclock
