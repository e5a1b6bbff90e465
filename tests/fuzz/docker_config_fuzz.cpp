#include "core/registry/docker_config.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

/// An error may name an entry's key; all else in the file may be a secret.
void require_shows_no_value(std::string_view error, std::string_view text) {
  constexpr std::size_t shown_max = 12;
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  std::string keys;
  if (parsed.is_object() && parsed.contains("auths") && parsed["auths"].is_object()) {
    for (const auto& entry : parsed["auths"].items()) {
      keys += entry.key() + "\n";
    }
  }
  for (std::size_t at = 0; at + shown_max <= error.size(); ++at) {
    const std::string_view shown = error.substr(at, shown_max);
    require(shown.find(' ') != std::string_view::npos || text.find(shown) == text.npos ||
                keys.find(shown) != std::string::npos,
            "an error shows no value of the file");
  }
}

void require_sound(const DockerLogins& read) {
  const auto& namespaces = read.logins.namespaces;
  require(read.found ==
              (!namespaces.empty() || !read.logins.general.anonymous() || !read.helper.empty()),
          "found says whether there is anything to log in with");
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    require(!namespaces[i].second.anonymous(), "a namespace without a login is left out");
    require(i == 0 || namespaces[i - 1].first.size() >= namespaces[i].first.size(),
            "the longest namespace comes first");
    require(read.logins.namespace_of(namespaces[i].first) == namespaces[i].first,
            "a namespace has its own login");
  }
}

}  // namespace

// The first line is the host that is looked for, the rest the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view host = fuzzing::take_line(text);
  const auto logins = find_docker_logins(text, host);
  if (logins) {
    require_sound(*logins);
  } else {
    require_shows_no_value(logins.error(), text);
  }
  const auto login = parse_program_login(text);
  if (login) {
    require(!login->anonymous(), "what a helper prints is a login");
  } else {
    require_shows_no_value(login.error(), text);
  }
  return 0;
}
