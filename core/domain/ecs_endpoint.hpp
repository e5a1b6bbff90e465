#pragma once

#include <string>

namespace scanclock {

/// `https://ecs.us-east-1.amazonaws.com`; `ecs-fips` and other domains where the region asks for
/// them, GovCloud being on the common one (docs.aws.amazon.com, "Amazon ECS endpoints and quotas").
std::string ecs_endpoint(const std::string& region, bool fips);

}  // namespace scanclock
