#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// OCI image-spec image-index.md, "platform". Empty fields are unknown or absent.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;

  auto operator<=>(const Platform&) const = default;
};

/// Reads `os/architecture[/variant]`.
std::optional<Platform> parse_platform(std::string_view text);

/// `linux/arm64/v8`; empty for a platform without an operating system.
std::string to_string(const Platform& platform);

/// True when `offered` is what a node or a policy that says `wanted` means: operating system and
/// architecture are equal; the variant is where both state one (arm64 without a variant is v8,
/// arm without one is v7: containerd platforms/defaults); os_version where both state one, of which
/// one may say less, without a revision.
bool matches(const Platform& wanted, const Platform& offered);

}  // namespace scanclock
