#include "config/loader.hpp"

#include "config/sections.hpp"
#include "config/workload_types.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace scanclock {
namespace {

/// History shorter than a window would forget the very scan that keeps an image compliant.
void check_retention(MapReader& root, const Settings& settings, LoadContext& context) {
  if (!context.errors.empty()) {
    return;
  }
  const Policy& longest = *std::max_element(
      settings.policies.begin(), settings.policies.end(),
      [](const Policy& left, const Policy& right) { return left.window < right.window; });
  if (settings.database.retention.history >= longest.window) {
    return;
  }
  const std::optional<Cursor> database = root.find("database");
  const Cursor place = database ? *MapReader(*database).find("retention") : root.cursor();
  place.fail("history is kept for less than the window of policy \"" + longest.name + "\" (" +
             format_duration(longest.window) + ")");
}

Settings read_settings(MapReader& root, LoadContext& context) {
  Settings settings;
  if (const auto mode = root.find("mode")) {
    if (const auto word = mode->word({"alert", "observe"})) {
      settings.mode = *word == 0 ? Mode::alert : Mode::observe;
    }
  }
  UniqueNames sources;
  read_database(root, settings.database);
  read_server(root, settings.server);
  read_policies(root, settings.policies);
  read_registries(root, sources, settings.registries);
  read_unmonitored_registries(root, settings.unmonitored_registries);
  read_workloads(root, sources, settings.workloads);
  read_spool(root, sources, settings.spool);
  read_keys(root, settings.registries, settings.keys);
  read_owners(root, settings.owners);
  keep_labels_of_owners(settings.owners, settings.workloads);
  read_receivers(root, settings.receivers);
  read_routes(root, settings.receivers, settings.routes);
  read_display(root, settings.display);
  root.finish();
  check_retention(root, settings, context);
  return settings;
}

}  // namespace

Result<Settings, std::vector<SettingsError>> load_settings_text(const std::string& text,
                                                                const std::string& name,
                                                                const std::string& base_dir) {
  LoadContext context;
  context.file = name;
  context.base_dir = base_dir.empty() ? "." : base_dir;
  const YamlNode::Pointer tree = parse_yaml(text, name, context.errors);
  Settings settings;
  // An empty file is the default of everything.
  if (tree && tree->kind != YamlNode::Kind::null) {
    MapReader root(Cursor(context, tree, ""));
    settings = read_settings(root, context);
  }
  if (context.errors.empty()) {
    return settings;
  }
  std::stable_sort(
      context.errors.begin(), context.errors.end(),
      [](const SettingsError& left, const SettingsError& right) { return left.mark < right.mark; });
  return std::move(context.errors);
}

Result<Settings, std::vector<SettingsError>> load_settings(const std::string& path) {
  const auto refuse = [&path](const std::string& cause) {
    SettingsError error;
    error.file = path;
    error.message = "cannot read the settings: " + cause;
    return std::vector<SettingsError>(1, error);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return refuse("it is a directory");
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return refuse(std::strerror(errno));
  }
  // One byte more than allowed, so that parse_yaml sees that there was too much.
  std::string text(settings_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) {
    return refuse(std::strerror(errno));
  }
  return load_settings_text(text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace scanclock
