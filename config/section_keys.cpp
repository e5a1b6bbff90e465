#include "config/public_key_file.hpp"
#include "config/sections.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace scanclock {
namespace {

void read_key_file(MapReader& map, KeySettings& settings) {
  const std::optional<Cursor> cursor = map.require("public_key_file");
  const std::optional<std::string> name = cursor ? cursor->text() : std::nullopt;
  if (!name) {
    return;
  }
  // A public key is no secret, but its file is read with the same care.
  const auto file = read_secret(locate_file(*name, map.cursor().context().base_dir));
  if (!file) {
    cursor->fail(file.error().message,
                 "a relative name is looked for in $CREDENTIALS_DIRECTORY, then beside the "
                 "settings file");
    return;
  }
  const auto key = parse_public_key(file->reveal());
  if (!key) {
    cursor->fail(file->file() + " " + key.error().cause, key.error().hint);
    return;
  }
  settings.public_key_file = file->file();
  settings.key.algorithm = key->algorithm;
  settings.key.public_key = key->public_key;
  settings.key.fingerprint = key->fingerprint;
}

void read_key_repositories(MapReader& map, SigningKey& key) {
  const std::optional<Cursor> cursor = map.require("repositories");
  if (!cursor) {
    return;
  }
  read_globs(map, "repositories", key.repositories);
  if (cursor->node().kind == YamlNode::Kind::sequence && cursor->node().items.empty()) {
    cursor->fail("an empty list binds the key to nothing", "write [\"**\"] for all repositories");
  }
}

void read_key_registries(MapReader& map, const std::vector<RegistrySettings>& registries,
                         SigningKey& key) {
  const std::optional<Cursor> cursor = map.find("registries");
  if (!cursor) {
    return;
  }
  const std::vector<Cursor> items = cursor->text_items();
  for (const Cursor& item : items) {
    const std::string name = *item.text();
    const bool is_known =
        std::any_of(registries.begin(), registries.end(),
                    [&](const RegistrySettings& registry) { return registry.name == name; });
    if (!is_known) {
      item.fail("there is no registry \"" + name + "\"", "use the name of one under registries");
      continue;
    }
    key.registries.push_back(name);
  }
  if (cursor->node().kind == YamlNode::Kind::sequence && items.empty()) {
    cursor->fail("an empty list binds the key to nothing", "leave it out for all registries");
  }
}

void read_predicate_types(MapReader& map, SigningKey& key) {
  const std::optional<Cursor> cursor = map.find("predicate_types");
  if (!cursor) {
    return;
  }
  key.predicate_types.clear();
  const std::vector<Cursor> items = cursor->text_items();
  for (const Cursor& item : items) {
    const std::string type = *item.text();
    if (std::find(std::begin(signable_predicate_types), std::end(signable_predicate_types), type) ==
        std::end(signable_predicate_types)) {
      std::string known;
      for (const std::string_view candidate : signable_predicate_types) {
        known += (known.empty() ? "" : ", ") + std::string(candidate);
      }
      item.fail("no scan is read from the predicate type \"" + type + "\"", "known are: " + known);
      continue;
    }
    key.predicate_types.push_back(type);
  }
  if (cursor->node().kind == YamlNode::Kind::sequence && items.empty()) {
    cursor->fail("an empty list binds the key to nothing", "leave it out for the default");
  }
}

void read_key_time(MapReader& map, const std::string& name, std::optional<TimePoint>& target) {
  const std::optional<Cursor> cursor = map.find(name);
  const std::optional<std::string> text = cursor ? cursor->text() : std::nullopt;
  if (!text) {
    return;
  }
  target = parse_rfc3339(*text);
  if (!target) {
    cursor->fail("\"" + *text + "\" is not a time",
                 "write it as RFC 3339 with a zone, such as 2026-01-01T00:00:00Z");
  }
}

KeySettings read_key_settings(const Cursor& item, UniqueNames& names,
                              const std::vector<RegistrySettings>& registries) {
  MapReader map(item);
  KeySettings settings;
  settings.key.name = read_name(map);
  names.add(map, "key", settings.key.name);
  read_key_file(map, settings);
  read_key_repositories(map, settings.key);
  read_key_registries(map, registries, settings.key);
  read_predicate_types(map, settings.key);
  read_key_time(map, "valid_from", settings.key.valid_from);
  read_key_time(map, "valid_until", settings.key.valid_until);
  const SigningKey& key = settings.key;
  if (key.valid_from && key.valid_until && *key.valid_from >= *key.valid_until) {
    map.find("valid_until")->fail("is not after valid_from, so the key is never valid");
  }
  map.finish();
  return settings;
}

}  // namespace

void read_keys(MapReader& root, const std::vector<RegistrySettings>& registries,
               std::vector<KeySettings>& keys) {
  if (const auto section = root.find("keys")) {
    UniqueNames names;
    for (const Cursor& item : section->items()) {
      keys.push_back(read_key_settings(item, names, registries));
    }
  }
}

}  // namespace scanclock
