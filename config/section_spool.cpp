#include "config/sections.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace scanclock {
namespace {

constexpr Duration spool_look_min = std::chrono::milliseconds(100);
constexpr Duration spool_blind_after_floor = std::chrono::minutes(10);

/// Two spools on one folder would take the files from under one another.
using SpoolPaths = std::map<std::string, std::string>;

void read_spool_path(MapReader& map, SpoolSettings& spool, SpoolPaths& paths) {
  const auto path = map.require("path");
  const auto value = path ? path->text() : std::nullopt;
  if (!value) {
    return;
  }
  spool.path = value->starts_with('/') ? *value : map.cursor().context().base_dir + "/" + *value;
  const std::string plain = std::filesystem::path(spool.path).lexically_normal().string();
  const auto [known, is_new] = paths.emplace(
      plain.size() > 1 && plain.ends_with('/') ? plain.substr(0, plain.size() - 1) : plain,
      spool.name);
  if (!is_new) {
    path->fail("the folder is that of spool \"" + known->second + "\"");
  }
}

}  // namespace

void read_spool(MapReader& root, UniqueNames& sources, std::vector<SpoolSettings>& spool) {
  const auto section = root.find("spool");
  if (!section) {
    return;
  }
  SpoolPaths paths;
  for (const Cursor& item : section->items()) {
    MapReader map(item);
    SpoolSettings folder;
    folder.name = read_name(map);
    sources.add(map, "spool", folder.name);
    read_spool_path(map, folder, paths);
    map.duration("poll_every", folder.poll_every, spool_look_min);
    folder.blind_after = std::max(2 * folder.poll_every, Duration(spool_blind_after_floor));
    map.duration("blind_after", folder.blind_after, std::chrono::seconds(1));
    map.finish();
    spool.push_back(std::move(folder));
  }
}

}  // namespace scanclock
