#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock::house {
namespace {

using Rooms = std::set<std::string>;

/// The rooms that each room may look into, besides itself (docs/ARCHITECTURE.md).
const std::map<std::string, Rooms>& arrows() {
  static const std::map<std::string, Rooms> table{
      {"domain", {}},
      {"runtime", {"domain"}},
      {"net", {"domain", "runtime"}},
      {"registry", {"domain", "runtime", "net"}},
      {"evidence", {"domain", "runtime", "net"}},
      {"workloads", {"domain", "runtime", "net"}},
      {"alerts", {"domain", "runtime", "net"}},
      {"storage", {"domain", "runtime"}},
      {"config", {"domain"}},
      {"daemon",
       {"domain", "runtime", "net", "registry", "evidence", "workloads", "alerts", "storage",
        "config"}},
      {"cli", {"domain", "runtime", "net", "workloads", "storage", "config"}},
      {"core", {}},
  };
  return table;
}

/// Who may include a library; the longest prefix of an include decides.
struct LibraryRule {
  const char* prefix;
  Rooms rooms;
};

const std::vector<LibraryRule>& library_rules() {
  static const std::vector<LibraryRule> rules{
      {"boost/beast", {"net", "core"}},
      {"boost/asio/ssl", {"net", "core"}},
      {"libpq", {"storage"}},
      {"postgresql/", {"storage"}},
      {"yaml-cpp", {"config"}},
      {"spdlog", {"runtime"}},
      {"prometheus", {"daemon"}},
      {"systemd", {"daemon"}},
      {"CLI", {"daemon", "cli"}},
      {"zstd", {"runtime"}},
      {"zlib", {"net"}},
      {"curl/", {"net"}},
  };
  return rules;
}

/// Plain data structures, which do no I/O.
bool is_boost_container(std::string_view name) {
  return name.starts_with("boost/container/") || name.starts_with("boost/intrusive/") ||
         name.starts_with("boost/unordered/");
}

/// What is wrong with an include, else empty.
std::string complaint(const std::string& path, const Include& include) {
  const std::string room = room_of(path);
  if (include.is_quoted) {
    const std::string target = room_of(include.name);
    if (target == room) {
      return {};
    }
    const auto found = arrows().find(room);
    if (found == arrows().end()) {
      return "is in a room that the table of arrows does not know";
    }
    return found->second.contains(target) ? "" : "no arrow leads from " + room + " to " + target;
  }
  if (include.name == "nlohmann/json.hpp" && path.ends_with(".hpp")) {
    return "headers take <nlohmann/json_fwd.hpp>: the full one costs a second in each source";
  }
  if (room == "domain" && include.name.starts_with("boost/") &&
      include.name != "boost/asio/awaitable.hpp" && include.name != "boost/system/result.hpp" &&
      !include.name.starts_with("boost/smart_ptr/intrusive_") &&
      !is_boost_container(include.name)) {
    return "domain takes only awaitable, result, intrusive pointers and containers of Boost";
  }
  for (const LibraryRule& rule : library_rules()) {
    if (include.name.starts_with(rule.prefix) && !rule.rooms.contains(room)) {
      return "this library belongs to another room";
    }
  }
  return {};
}

TEST(IncludeArrows, RefuseWhatTheDesignForbids) {
  const auto refused = [](const char* path, const char* name, bool is_quoted) {
    return !complaint(path, {name, is_quoted, 1}).empty();
  };
  EXPECT_TRUE(refused("alerts/a.cpp", "storage/pg_pool.hpp", true));
  EXPECT_TRUE(refused("core/registry/a.cpp", "storage/pg_pool.hpp", true));
  EXPECT_TRUE(refused("core/evidence/a.cpp", "storage/pg_pool.hpp", true));
  EXPECT_TRUE(refused("core/workloads/a.cpp", "core/registry/pace.hpp", true));
  EXPECT_TRUE(refused("core/domain/a.hpp", "core/runtime/clock.hpp", true));
  EXPECT_TRUE(refused("core/runtime/a.hpp", "core/net/url.hpp", true));
  EXPECT_TRUE(refused("config/a.cpp", "core/net/url.hpp", true));
  EXPECT_TRUE(refused("storage/a.cpp", "core/net/url.hpp", true));
  EXPECT_TRUE(refused("cli/a.cpp", "daemon/app.hpp", true));
  EXPECT_TRUE(refused("storage/a.cpp", "tests/support/sim_clock.hpp", true));
  EXPECT_TRUE(refused("daemon/a.cpp", "boost/beast/http.hpp", false));
  EXPECT_TRUE(refused("daemon/a.cpp", "libpq-fe.h", false));
  EXPECT_TRUE(refused("cli/a.cpp", "yaml-cpp/yaml.h", false));
  EXPECT_TRUE(refused("core/net/a.hpp", "nlohmann/json.hpp", false));
  EXPECT_TRUE(refused("core/domain/a.cpp", "boost/asio/post.hpp", false));

  EXPECT_FALSE(refused("daemon/a.cpp", "storage/pg_pool.hpp", true));
  EXPECT_FALSE(refused("alerts/a.cpp", "core/net/url.hpp", true));
  EXPECT_FALSE(refused("core/net/a.cpp", "boost/beast/http.hpp", false));
  EXPECT_FALSE(refused("core/net/a.cpp", "nlohmann/json.hpp", false));
  EXPECT_FALSE(refused("core/domain/a.hpp", "boost/asio/awaitable.hpp", false));
  EXPECT_FALSE(refused("core/domain/a.hpp", "boost/container/flat_set.hpp", false));
}

TEST(IncludeArrows, HoldInTheTree) {
  std::size_t checked = 0;
  for (const ParsedFile& parsed : parsed_tree()) {
    for (const Include& include : includes_of(parsed.structure)) {
      ++checked;
      if (!parsed.file->is_product()) {
        continue;
      }
      const std::string wrong = complaint(parsed.file->path, include);
      EXPECT_TRUE(wrong.empty()) << parsed.file->path << ":" << include.line << ": " << include.name
                                 << ": " << wrong;
    }
  }
  EXPECT_GT(checked, 500u) << "the tree was not read";
}

/// An include from the own folder would hide which room it crosses.
TEST(IncludeArrows, AreWrittenFromTheRoot) {
  std::set<std::string> paths;
  for (const SourceFile& file : source_tree()) {
    paths.insert(file.path);
  }
  for (const ParsedFile& parsed : parsed_tree()) {
    for (const Include& include : includes_of(parsed.structure)) {
      if (include.is_quoted) {
        EXPECT_TRUE(paths.contains(include.name)) << parsed.file->path << ":" << include.line
                                                  << ": no " << include.name << " below the root";
      }
    }
  }
}

}  // namespace
}  // namespace scanclock::house
