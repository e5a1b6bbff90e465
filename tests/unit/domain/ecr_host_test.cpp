#include "core/domain/ecr_host.hpp"

#include <gtest/gtest.h>

#include <array>

namespace scanclock {
namespace {

struct HostCase {
  const char* host;
  const char* region;
};

TEST(EcrHost, NamesAccountAndRegionInAllItsForms) {
  constexpr std::array<HostCase, 6> cases{{
      {"123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"},
      {"123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
      {"123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com", "us-gov-east-1"},
      {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"},
      {"123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"},
      {"123456789012.dkr-ecr-fips.us-east-2.on.aws", "us-east-2"},
  }};
  for (const HostCase& item : cases) {
    const auto host = parse_ecr_host(item.host);
    ASSERT_TRUE(host) << item.host;
    EXPECT_EQ(host->account, "123456789012");
    EXPECT_EQ(host->region, item.region);
  }
}

TEST(EcrHost, IsNoOtherHost) {
  for (const char* host :
       {"registry.example", "public.ecr.aws", "12345.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
        "123456789012.dkr.ecr..amazonaws.com", "123456789012.dkr.ecr.a.b.amazonaws.com",
        "12345678901x.dkr.ecr.us-east-1.amazonaws.com", "123456789012.s3.us-east-1.amazonaws.com",
        ""}) {
    EXPECT_FALSE(parse_ecr_host(host)) << host;
  }
}

TEST(EcrEndpoint, FollowsRegionAndPartition) {
  EXPECT_EQ(ecr_endpoint("us-east-1", false), "https://api.ecr.us-east-1.amazonaws.com");
  EXPECT_EQ(ecr_endpoint("us-gov-west-1", false), "https://api.ecr.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(ecr_endpoint("us-gov-west-1", true), "https://ecr-fips.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(ecr_endpoint("cn-north-1", false), "https://api.ecr.cn-north-1.amazonaws.com.cn");
}

}  // namespace
}  // namespace scanclock
