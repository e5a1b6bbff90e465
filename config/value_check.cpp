#include "config/value_check.hpp"

#include "config/url_check.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace scanclock {
namespace {

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > name_length_max ||
      std::isalnum(static_cast<unsigned char>(text[0])) == 0) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

/// Empty for a usable pattern.
std::string glob_problem(std::string_view pattern) {
  if (pattern.find("***") != std::string_view::npos) {
    return "has more than two stars in a row";
  }
  const auto odd = std::find_if(pattern.begin(), pattern.end(), [](unsigned char c) {
    return std::isgraph(c) == 0 || std::strchr("[]{}()\\^$|", c) != nullptr;
  });
  if (odd != pattern.end()) {
    const bool is_shown = std::isgraph(static_cast<unsigned char>(*odd)) != 0;
    return is_shown ? "holds '" + std::string(1, *odd) + "'" : "holds a blank or control character";
  }
  return {};
}

bool check_glob(const Cursor& cursor, const std::string& pattern) {
  const std::string problem = glob_problem(pattern);
  if (!problem.empty()) {
    cursor.fail("the pattern \"" + pattern + "\" " + problem,
                "patterns know * (not across /), ** (across /) and ?");
  }
  return problem.empty();
}

std::optional<std::string> environment_of(const Cursor& cursor) {
  std::optional<std::string> value = cursor.text();
  if (value && !is_name(*value)) {
    cursor.fail("\"" + *value + "\" is not a name for an environment",
                "use letters, digits, '.', '-' and '_', at most 63");
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string read_name(MapReader& map) {
  const std::optional<Cursor> cursor = map.require("name");
  const std::optional<std::string> value = cursor ? cursor->text() : std::nullopt;
  if (!value) {
    return {};
  }
  if (!is_name(*value)) {
    cursor->fail("\"" + *value + "\" is not a name",
                 "use letters, digits, '.', '-' and '_', at most 63");
    return {};
  }
  return *value;
}

void UniqueNames::add(const MapReader& map, const std::string& what, const std::string& name) {
  if (name.empty()) {
    return;
  }
  MapReader again(map);
  const std::optional<Cursor> cursor = again.find("name");
  const auto [place, is_new] = seen_.emplace(name, First{cursor->mark().line, what});
  if (!is_new) {
    cursor->fail("the name \"" + name + "\" is taken by the " + place->second.what + " on line " +
                 std::to_string(place->second.line));
  }
}

void read_globs(MapReader& map, const std::string& key, std::vector<std::string>& target) {
  const std::optional<Cursor> cursor = map.find(key);
  if (!cursor) {
    return;
  }
  target.clear();
  for (const Cursor& item : cursor->text_items()) {
    std::string pattern = *item.text();
    if (check_glob(item, pattern)) {
      target.push_back(std::move(pattern));
    }
  }
}

void read_filter(MapReader& map, const std::string& key, PatternFilter& target) {
  if (const std::optional<Cursor> cursor = map.find(key)) {
    MapReader filter(*cursor);
    read_globs(filter, "include", target.include);
    read_globs(filter, "exclude", target.exclude);
    filter.finish();
  }
}

void read_environment(MapReader& map, std::string& target) {
  if (const std::optional<Cursor> cursor = map.find("environment")) {
    target = environment_of(*cursor).value_or(target);
  }
}

void read_environment_rules(MapReader& map, EnvironmentRules& target) {
  const std::optional<Cursor> cursor = map.find("environments");
  if (!cursor) {
    return;
  }
  for (const auto& [pattern, value] : cursor->entries()) {
    const std::optional<std::string> environment = environment_of(value);
    if (check_glob(value, pattern) && environment) {
      target.emplace_back(pattern, *environment);
    }
  }
}

bool read_secret_setting(MapReader& map, const std::string& key, Secret& target) {
  const std::optional<Cursor> inline_value = map.find(key);
  const std::optional<Cursor> file = map.find(key + "_file");
  if (inline_value && file) {
    file->fail("stands beside \"" + key + "\"; only one of them can be", "keep " + key + "_file");
    return true;
  }
  if (inline_value) {
    if (std::optional<std::string> value = inline_value->text()) {
      target = Secret(std::move(*value));
    }
    return true;
  }
  if (!file) {
    return map.has(key) || map.has(key + "_file");
  }
  if (const std::optional<std::string> name = file->text()) {
    Result<Secret, SecretFileError> secret =
        read_secret(locate_file(*name, map.cursor().context().base_dir));
    if (secret.has_value()) {
      target = std::move(*secret);
    } else {
      file->fail(secret.error().message,
                 "a relative name is looked for in $CREDENTIALS_DIRECTORY, then beside the "
                 "settings file");
    }
  }
  return true;
}

bool is_signing_secret(std::string_view text) {
  constexpr std::string_view prefix = "whsec_";
  if (text.starts_with(prefix)) {
    text.remove_prefix(prefix.size());
  }
  // Both alphabets, padded or not, as the signer reads it.
  const std::size_t end = text.find_last_not_of('=');
  const std::string_view digits = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const bool is_base64 = std::all_of(digits.begin(), digits.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '-' || c == '_';
  });
  const bool is_padded_well =
      text.size() == digits.size() || (text.size() % 4 == 0 && text.size() - digits.size() <= 2);
  const std::size_t bytes = digits.size() * 3 / 4;
  return is_base64 && is_padded_well && digits.size() % 4 != 1 && bytes >= 24 && bytes <= 64;
}

void read_file_setting(MapReader& map, const std::string& key, std::string& target) {
  const std::optional<Cursor> cursor = map.find(key);
  const std::optional<std::string> name = cursor ? cursor->text() : std::nullopt;
  if (!name) {
    return;
  }
  const std::string path = locate_file(*name, map.cursor().context().base_dir);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    cursor->fail("cannot read " + path + ": it is a directory");
    return;
  }
  errno = 0;
  if (!std::ifstream(path)) {
    cursor->fail("cannot read " + path + ": " + std::strerror(errno));
    return;
  }
  target = path;
}

bool check_plaintext(const Cursor& cursor, std::string_view scheme, std::string_view host,
                     bool allow_plaintext) {
  if (scheme != "http" || allow_plaintext || is_loopback_host(host)) {
    return true;
  }
  cursor.fail("plain http to \"" + std::string(host) + "\" is refused",
              "use https, or set allow_plaintext: true beside it");
  return false;
}

std::optional<std::string> read_http_url(const Cursor& cursor, UrlRule rule) {
  std::optional<std::string> value = cursor.text();
  if (!value) {
    return std::nullopt;
  }
  const std::optional<UrlParts> url = split_url(*value);
  // A URL with credentials is not repeated in the message.
  if (url && url->has_user) {
    cursor.fail("credentials in a URL are refused", "there are settings of their own for them");
    return std::nullopt;
  }
  if (!url || url->scheme == "unix") {
    const bool may_show = value->find('@') == std::string::npos;
    cursor.fail(
        (may_show ? "\"" + *value + "\" is" : std::string("is")) + " not an http or https URL",
        "write https://host or https://host:port");
    return std::nullopt;
  }
  if (url->has_fragment || (!rule.path_allowed && (url->has_query || url->path.size() > 1))) {
    cursor.fail("nothing may follow the host of \"" + url_for_people(*value) + "\"",
                "write https://host or https://host:port");
    return std::nullopt;
  }
  if (!check_plaintext(cursor, url->scheme, url->host, rule.allow_plaintext)) {
    return std::nullopt;
  }
  if (!url->has_query && value->ends_with('/')) {
    value->pop_back();
  }
  return value;
}

}  // namespace scanclock
