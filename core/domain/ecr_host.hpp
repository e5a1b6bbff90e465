#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// The parts of a registry host of Amazon's: `123456789012.dkr.ecr.us-east-1.amazonaws.com`.
struct EcrHost {
  std::string account;
  std::string region;
};

/// Nothing for any other host. Knows the FIPS, dual-stack and China forms, too.
std::optional<EcrHost> parse_ecr_host(std::string_view host);

/// `https://api.ecr.us-east-1.amazonaws.com`; `ecr-fips` and `.com.cn` where the region asks for
/// them (docs.aws.amazon.com, "Amazon ECR endpoints and quotas").
std::string ecr_endpoint(const std::string& region, bool fips);

}  // namespace scanclock
