#include "core/domain/ecs_endpoint.hpp"

#include <string_view>
#include <utility>

namespace scanclock {
namespace {

/// By the beginning of a region's name; the longer ones first.
constexpr std::pair<std::string_view, std::string_view> partition_domains[] = {
    {"cn-", "amazonaws.com.cn"}, {"us-isob-", "sc2s.sgov.gov"},  {"us-isof-", "csp.hci.ic.gov"},
    {"us-iso-", "c2s.ic.gov"},   {"eu-isoe-", "cloud.adc-e.uk"}, {"eusc-", "amazonaws.eu"},
};

}  // namespace

std::string ecs_endpoint(const std::string& region, bool fips) {
  std::string domain = "amazonaws.com";
  for (const auto& [beginning, of_partition] : partition_domains) {
    if (region.starts_with(beginning)) {
      domain = of_partition;
      break;
    }
  }
  return std::string("https://") + (fips ? "ecs-fips." : "ecs.") + region + "." + domain;
}

}  // namespace scanclock
