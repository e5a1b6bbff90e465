#pragma once

#include "config/map_reader.hpp"
#include "config/secret.hpp"
#include "core/domain/pattern.hpp"
#include "core/domain/scope.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t name_length_max = 63;

/// Reads the required key `name`: letters, digits, dot, dash and underscore, starting with a letter
/// or digit. Empty when it is missing or wrong.
std::string read_name(MapReader& map);

/// Reports names that come twice among the things it was told of.
class UniqueNames {
 public:
  /// `what` is `registry`, `receiver`, …
  void add(const MapReader& map, const std::string& what, const std::string& name);

 private:
  struct First {
    int line;
    std::string what;
  };
  std::map<std::string, First> seen_;
};

/// Replaces `target` by a list of glob patterns, where the key is there.
void read_globs(MapReader& map, const std::string& key, std::vector<std::string>& target);

/// `{include: […], exclude: […]}`.
void read_filter(MapReader& map, const std::string& key, PatternFilter& target);

/// An environment's name, such as `production`.
void read_environment(MapReader& map, std::string& target);

/// The key `environments`: glob pattern to environment.
void read_environment_rules(MapReader& map, EnvironmentRules& target);

/// The key itself or its twin `<key>_file`, never both. Returns true when either is there, even if
/// it is wrong.
bool read_secret_setting(MapReader& map, const std::string& key, Secret& target);

/// Standard Webhooks 1.0: `whsec_` (may be left out) and the base64 form of 24 to 64 bytes.
bool is_signing_secret(std::string_view text);

/// A file that must be readable now; `target` becomes its resolved path.
void read_file_setting(MapReader& map, const std::string& key, std::string& target);

struct UrlRule {
  /// A path, and a query with it, may follow the host.
  bool path_allowed = false;
  bool allow_plaintext = false;
};

/// An http or https URL without credentials, its trailing slash cut; plain http only to loopback
/// or where it is allowed. Nothing, with an error, otherwise.
std::optional<std::string> read_http_url(const Cursor& cursor, UrlRule rule);

/// Reports plain http to anything but loopback, unless it is allowed.
bool check_plaintext(const Cursor& cursor, std::string_view scheme, std::string_view host,
                     bool allow_plaintext);

}  // namespace scanclock
