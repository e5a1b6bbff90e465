#include "core/domain/platform.hpp"

namespace scanclock {
namespace {

/// The variant that an architecture means when none is written (containerd platforms/defaults).
std::string_view effective_variant(const Platform& platform) {
  if (!platform.variant.empty()) {
    return platform.variant;
  }
  if (platform.architecture == "arm64") {
    return "v8";
  }
  if (platform.architecture == "arm") {
    return "v7";
  }
  return {};
}

/// `10.0.20348` and `10.0.20348.1547` agree: a Kubernetes node states no revision.
bool is_version_of(std::string_view shorter, std::string_view longer) {
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

}  // namespace

std::optional<Platform> parse_platform(std::string_view text) {
  const auto first = text.find('/');
  if (first == std::string_view::npos || first == 0) {
    return std::nullopt;
  }
  Platform platform;
  platform.os = text.substr(0, first);
  std::string_view rest = text.substr(first + 1);
  if (const auto second = rest.find('/'); second != std::string_view::npos) {
    platform.variant = rest.substr(second + 1);
    rest = rest.substr(0, second);
    if (platform.variant.empty() || platform.variant.find('/') != std::string::npos) {
      return std::nullopt;
    }
  }
  if (rest.empty()) {
    return std::nullopt;
  }
  platform.architecture = rest;
  return platform;
}

std::string to_string(const Platform& platform) {
  if (platform.os.empty()) {
    return {};
  }
  std::string text = platform.os + "/" + platform.architecture;
  if (!platform.variant.empty()) {
    text += "/" + platform.variant;
  }
  return text;
}

bool matches(const Platform& wanted, const Platform& offered) {
  if (wanted.os != offered.os || wanted.architecture != offered.architecture) {
    return false;
  }
  const auto wanted_variant = effective_variant(wanted);
  const auto offered_variant = effective_variant(offered);
  if (!wanted_variant.empty() && !offered_variant.empty() && wanted_variant != offered_variant) {
    return false;
  }
  return wanted.os_version.empty() || offered.os_version.empty() ||
         is_version_of(wanted.os_version, offered.os_version) ||
         is_version_of(offered.os_version, wanted.os_version);
}

}  // namespace scanclock
