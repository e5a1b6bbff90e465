#include "core/registry/origin_guard.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace scanclock {
namespace {

enum class Outcome {
  /// Not asked at all.
  refused,
  /// Asked without credentials; a token server only for an anonymous login.
  bare,
  /// Asked with credentials.
  trusted,
};

struct Vector {
  /// The hole of a peer that the vector plays through, or the rule that must survive the fix.
  const char* from;
  UrlUse use;
  const char* registry;
  const char* reference;
  Outcome expected;
};

constexpr auto realm = UrlUse::token_server;
constexpr auto location = UrlUse::redirect;
constexpr auto page = UrlUse::next_page;
constexpr const char* hub = "https://registry.corp.example";
constexpr const char* plain = "http://127.0.0.1:5000";
constexpr const char* inside = "https://10.1.2.3";

constexpr std::array<Vector, 48> vectors{{
    // Credentials sent to a token server that an attacker chose.
    {"CVE-2026-33540", realm, hub, "https://evil.test/token", Outcome::bare},
    {"CVE-2026-33540", realm, hub, "https://corp.example.evil.test/token", Outcome::bare},
    {"CVE-2026-33540", realm, hub, "https://evilcorp.example/token", Outcome::bare},
    {"CVE-2026-33540", realm, hub, "https://registry.corp.example.evil.test/", Outcome::bare},
    {"CVE-2026-33540", realm, hub, "https://10.0.0.9/token", Outcome::bare},
    {"CVE-2026-33540", realm, "https://a.azurecr.io", "https://b.azurecr.io/token", Outcome::bare},
    {"CVE-2026-33540", realm, "https://1.dkr.ecr.us-east-1.amazonaws.com",
     "https://x.s3.amazonaws.com/token", Outcome::bare},
    {"CVE-2026-33540", realm, "https://shop.co.uk", "https://evil.co.uk/token", Outcome::bare},
    {"CVE-2026-33540", realm, "https://quay.io", "https://evil.io/token", Outcome::bare},
    {"CVE-2026-48978", realm, hub, "http://registry.corp.example/token", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "http://auth.corp.example/token", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "https://169.254.169.254/latest/meta-data", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "https://[fe80::1]/token", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "https://[::ffff:169.254.169.254]/", Outcome::refused},
    {"CVE-2026-48978", realm, inside, "https://127.0.0.1:2376/token", Outcome::refused},
    {"CVE-2026-48978", realm, inside, "https://localhost/token", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "https://2852039166/token", Outcome::refused},
    {"CVE-2026-48978", realm, hub, "https://0x7f.1/token", Outcome::refused},
    {"CVE-2025-51471", realm, hub, "//evil.test/token", Outcome::bare},
    {"CVE-2025-51471", realm, hub, "ftp://registry.corp.example/token", Outcome::refused},
    {"CVE-2025-51471", realm, hub, "https://registry.corp.example@evil.test/", Outcome::refused},
    {"CVE-2019-10214", realm, plain, "http://127.0.0.1:5001/token", Outcome::bare},
    {"CVE-2019-10214", realm, plain, "http://auth.example/token", Outcome::bare},
    {"CVE-2024-35192", realm, hub, "https://gcr.io.evil.test/v2/token", Outcome::bare},
    {"devcontainers/cli 1276", realm, hub, "https://evil.test/?https://registry.corp.example/",
     Outcome::bare},
    {"devcontainers/cli 1276", realm, hub, "file:///etc/passwd", Outcome::refused},
    // Token servers that are what they claim to be.
    {"docker hub", realm, "https://registry-1.docker.io", "https://auth.docker.io/token",
     Outcome::trusted},
    {"gitlab", realm, "https://registry.gitlab.com", "https://gitlab.com/jwt/auth",
     Outcome::trusted},
    {"quay", realm, "https://quay.io", "https://quay.io/v2/auth", Outcome::trusted},
    {"relative realm", realm, hub, "/service/token", Outcome::trusted},
    {"neighbour", realm, hub, "https://sso.corp.example/token", Outcome::trusted},
    {"plain registry", realm, plain, "http://127.0.0.1:5000/token", Outcome::trusted},
    // Credentials that follow a redirect.
    {"CVE-2020-15157", location, hub, "https://evil.test/blob", Outcome::bare},
    {"CVE-2026-49349", location, hub, "https://blobs.corp.example/x", Outcome::bare},
    {"CVE-2026-49349", location, hub, "https://registry.corp.example:8443/x", Outcome::bare},
    {"CVE-2026-50151", location, hub, "http://registry.corp.example/x", Outcome::refused},
    {"GHSA-vh4v-2xq2-g5cg", location, hub, "http://evil.test/x", Outcome::refused},
    {"GHSA-vh4v-2xq2-g5cg", location, hub, "https://user:pass@evil.test/x", Outcome::refused},
    {"moby 50065", location, hub, "https://s3.registry.corp.example/x", Outcome::bare},
    {"redirect within", location, hub, "/v2/other", Outcome::trusted},
    // Requests that an attacker has us make.
    {"CVE-2020-13788", location, hub, "https://169.254.169.254/latest/", Outcome::refused},
    {"CVE-2020-13788", location, inside, "https://127.0.0.1:9200/", Outcome::refused},
    {"CVE-2020-13788", location, hub, "https://[fd00:ec2::254]/latest/", Outcome::refused},
    {"CVE-2020-13788", location, inside, "https://10.1.2.4/blob", Outcome::bare},
    // Lists that go on elsewhere.
    {"validatePaginationURL", page, hub, "https://evil.test/v2/_catalog?last=a", Outcome::refused},
    {"validatePaginationURL", page, hub, "http://registry.corp.example/v2/x", Outcome::refused},
    {"validatePaginationURL", page, hub, "//evil.test/v2/x/tags/list", Outcome::refused},
    {"CodesWhat/drydock 927", page, hub, "/v2/x/tags/list?last=opaque%2Fcursor%3D",
     Outcome::trusted},
}};

Outcome outcome_of(const UrlVerdict& verdict) {
  if (!verdict.url) {
    return Outcome::refused;
  }
  return verdict.gets_credentials ? Outcome::trusted : Outcome::bare;
}

TEST(OriginGuard, HoldsAgainstTheHolesOfPeers) {
  for (const Vector& vector : vectors) {
    const Url registry = *parse_url(vector.registry);
    const UrlVerdict verdict = judge_url(vector.use, registry, registry, vector.reference);
    EXPECT_EQ(outcome_of(verdict), vector.expected)
        << vector.from << ": " << vector.registry << " names " << vector.reference << ": "
        << verdict.refusal;
    EXPECT_EQ(verdict.refusal.empty(), vector.expected == Outcome::trusted) << vector.reference;
  }
}

TEST(OriginGuard, IsTriedWithAtLeastFortyAttacks) {
  std::size_t attacks = 0;
  std::set<std::string> origins;
  for (const Vector& vector : vectors) {
    attacks += vector.expected == Outcome::trusted ? 0 : 1;
    origins.insert(vector.from);
  }
  EXPECT_GE(attacks, 40U);
  EXPECT_GE(origins.size(), 12U);
}

TEST(OriginGuard, TrustsTheTokenServerThatTheSettingsName) {
  const Url registry = *parse_url("https://nvcr.test");
  const char* named = "https://authn.nvidia.test";
  EXPECT_EQ(
      outcome_of(judge_url(realm, registry, registry, "https://authn.nvidia.test/token", named)),
      Outcome::trusted);
  EXPECT_EQ(
      outcome_of(judge_url(realm, registry, registry, "https://other.nvidia.test/token", named)),
      Outcome::bare);
  // Named for tokens only: a redirect there carries no proof.
  EXPECT_EQ(
      outcome_of(judge_url(location, registry, registry, "https://authn.nvidia.test/x", named)),
      Outcome::bare);
}

TEST(OriginGuard, ForgetsNothingAlongAChainOfRedirects) {
  const Url registry = *parse_url("http://registry.corp.example");
  const Url elsewhere = *parse_url("https://cdn.example/x");
  EXPECT_EQ(outcome_of(judge_url(location, registry, elsewhere, "http://cdn.example/y")),
            Outcome::refused);
  EXPECT_EQ(outcome_of(judge_url(location, registry, elsewhere, "/y")), Outcome::bare);
}

TEST(Domain, IsSharedByNeighboursUnlessItIsOpenToAll) {
  EXPECT_TRUE(in_same_domain("registry.corp.example", "registry.corp.example"));
  EXPECT_TRUE(in_same_domain("registry.corp.example", "auth.registry.corp.example"));
  EXPECT_TRUE(in_same_domain("registry.corp.example", "corp.example"));
  EXPECT_TRUE(in_same_domain("harbor.shop.co.uk", "sso.shop.co.uk"));
  EXPECT_FALSE(in_same_domain("shop.co.uk", "co.uk"));
  EXPECT_FALSE(in_same_domain("corp.example", "other.example"));
  EXPECT_FALSE(in_same_domain("a.jfrog.io", "b.jfrog.io"));
  EXPECT_FALSE(in_same_domain("10.0.0.1", "1.0.0.1"));
  EXPECT_FALSE(in_same_domain("registry", "evil"));
}

}  // namespace
}  // namespace scanclock
