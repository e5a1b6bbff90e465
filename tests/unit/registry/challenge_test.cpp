#include "core/registry/challenge.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

std::vector<HttpHeader> headers(std::vector<std::string> values) {
  std::vector<HttpHeader> result;
  for (std::string& value : values) {
    result.emplace_back("WWW-Authenticate", std::move(value));
  }
  return result;
}

struct DemandCase {
  const char* name;
  std::vector<std::string> headers;
  AuthDemand expected;
};

class ReadableChallenge : public testing::TestWithParam<DemandCase> {};

TEST_P(ReadableChallenge, GivesItsDemand) {
  const auto demand = demand_of(headers(GetParam().headers));
  ASSERT_TRUE(demand);
  EXPECT_EQ(demand->scheme, GetParam().expected.scheme);
  EXPECT_EQ(demand->realm, GetParam().expected.realm);
  EXPECT_EQ(demand->service, GetParam().expected.service);
  EXPECT_EQ(demand->scope, GetParam().expected.scope);
}

constexpr auto bearer = AuthDemand::Scheme::bearer;
constexpr auto basic = AuthDemand::Scheme::basic;

INSTANTIATE_TEST_SUITE_P(
    Registries, ReadableChallenge,
    testing::Values(
        DemandCase{"DockerHub",
                   {R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",)"
                    R"(scope="repository:samalba/my-app:pull,push")"},
                   {bearer, "https://auth.docker.io/token", "registry.docker.io",
                    "repository:samalba/my-app:pull,push"}},
        DemandCase{"OpaqueScope",
                   {R"(Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",)"
                    R"(scope="aws")"},
                   {bearer, "https://public.ecr.aws/token/", "public.ecr.aws", "aws"}},
        DemandCase{"RealmOnly",
                   {R"(Bearer realm="https://europe.pkg.dev/v2/token")"},
                   {bearer, "https://europe.pkg.dev/v2/token", "", ""}},
        DemandCase{"Unquoted",
                   {"Bearer realm=https://a.example/token,service=a.example,"
                    "scope=repository:a:pull,push"},
                   {bearer, "https://a.example/token", "a.example", "repository:a:pull"}},
        DemandCase{"UnquotedListBeforeAnotherParameter",
                   {"Bearer realm=https://a.example/token,scope=repository:a:pull,push,"
                    "service=a.example"},
                   {bearer, "https://a.example/token", "a.example", "repository:a:pull,push"}},
        DemandCase{"SeveralInOneHeader",
                   {R"(Negotiate, Basic realm="x", Bearer realm="https://t/",service="s")"},
                   {bearer, "https://t/", "s", ""}},
        DemandCase{"SeveralHeaders",
                   {R"(Basic realm="Registry")", R"(Bearer realm="https://t/")"},
                   {bearer, "https://t/", "", ""}},
        DemandCase{"UnknownSchemeWithToken68",
                   {R"(Negotiate YII+/a==, Basic realm="Registry")"},
                   {basic, "Registry", "", ""}},
        DemandCase{"CaseAndBlanks",
                   {R"(bEaReR   REALM = "https://t/" ,  Service= "s" )"},
                   {bearer, "https://t/", "s", ""}},
        DemandCase{"EscapedQuote", {R"(Basic realm="a \"b\" c")"}, {basic, "a \"b\" c", "", ""}},
        DemandCase{"BearerWithoutRealmIsPassedOver",
                   {R"(Bearer service="s", Basic realm="r")"},
                   {basic, "r", "", ""}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Challenge, IsNothingForUnknownSchemesAlone) {
  EXPECT_FALSE(demand_of(headers({"Negotiate", "Digest realm=\"x\", nonce=\"y\""})));
  EXPECT_FALSE(demand_of({}));
  EXPECT_FALSE(demand_of({HttpHeader("X-Authenticate", "Basic realm=x")}));
}

TEST(Challenge, OfExcessiveLengthIsIgnored) {
  EXPECT_TRUE(parse_challenges("Basic realm=\"" + std::string(challenge_bytes_max, 'a')).empty());
}

}  // namespace
}  // namespace scanclock
