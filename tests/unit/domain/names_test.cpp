#include "core/domain/digest.hpp"
#include "core/domain/image_reference.hpp"
#include "core/domain/platform.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace scanclock {
namespace {

const std::string hex_a(64, 'a');

TEST(DigestText, IsKeptInLowerCaseWithItsAlgorithm) {
  const auto upper = Digest::parse("sha256:" + std::string(64, 'A'));
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->str(), "sha256:" + hex_a);
  EXPECT_EQ(Digest::parse(std::string(64, 'A')), upper) << "a bare image ID of CRI-O";
  const auto longer = Digest::parse("sha512:" + std::string(128, 'b'));
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->algorithm(), "sha512");
  EXPECT_EQ(longer->hex(), std::string(128, 'b'));
}

TEST(DigestText, OfAnotherFormIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("sha256:"), std::string("sha256"), "sha256:" + hex_a + "a",
        "sha256:" + hex_a.substr(1), "sha256:" + hex_a.substr(1) + "g", "sha1:" + hex_a,
        "SHA256:" + hex_a, "sha512:" + hex_a, std::string(128, 'a'), "sha256: " + hex_a.substr(1),
        "sha256:sha256:" + hex_a.substr(7), "docker://sha256:" + hex_a}) {
    EXPECT_FALSE(Digest::parse(text)) << text;
    EXPECT_THROW(Digest::from_trusted(text), std::invalid_argument) << text;
  }
}

TEST(DigestText, GivesTheReferrersTagOfTheSpecification) {
  EXPECT_EQ(Digest::from_trusted("sha256:" + hex_a).referrers_tag(), "sha256-" + hex_a);
  EXPECT_EQ(Digest::from_trusted("sha512:" + std::string(128, 'b')).referrers_tag(),
            "sha512-" + std::string(64, 'b'));
  EXPECT_EQ(Digest::from_trusted("sha256:" + hex_a).short_form(), "sha256:aaaaaaaaaaaa");
  EXPECT_EQ(Digest().short_form(), "");
  EXPECT_TRUE(Digest().empty());
  EXPECT_LT(Digest(), Digest::from_trusted("sha256:" + std::string(64, '0')));
}

struct MatchCase {
  std::string wanted;
  std::string offered;
  bool expected;
};

TEST(PlatformMatching, ComparesVariantsOnlyWhereBothStateOne) {
  const std::vector<MatchCase> cases = {
      {"linux/amd64", "linux/amd64", true},     {"linux/amd64", "linux/arm64", false},
      {"linux/amd64", "windows/amd64", false},  {"linux/arm64", "linux/arm64/v8", true},
      {"linux/arm64/v8", "linux/arm64", true},  {"linux/arm/v7", "linux/arm/v7", true},
      {"linux/arm/v7", "linux/arm", true},      {"linux/arm", "linux/arm/v7", true},
      {"linux/arm/v6", "linux/arm", false},     {"linux/arm", "linux/arm/v6", false},
      {"linux/arm/v7", "linux/arm/v8", false},  {"linux/arm/v7", "linux/arm64/v8", false},
      {"linux/amd64", "linux/amd64/v3", true},  {"linux/amd64/v2", "linux/amd64/v3", false},
      {"linux/arm64/v9", "linux/arm64", false},
  };
  for (const MatchCase& item : cases) {
    EXPECT_EQ(matches(*parse_platform(item.wanted), *parse_platform(item.offered)), item.expected)
        << item.wanted << " wants " << item.offered;
  }
}

TEST(PlatformMatching, ComparesOperatingSystemVersionsWhereBothStateOne) {
  const Platform ltsc2019{"windows", "amd64", "", "10.0.17763.1"};
  const Platform ltsc2022{"windows", "amd64", "", "10.0.20348.1"};
  EXPECT_TRUE(matches(ltsc2019, ltsc2019));
  EXPECT_FALSE(matches(ltsc2019, ltsc2022));
  EXPECT_TRUE(matches(Platform{"windows", "amd64", "", ""}, ltsc2022));
}

TEST(PlatformText, IsReadAndPrintedTheSame) {
  for (const std::string text : {"linux/amd64", "linux/arm/v7", "windows/amd64"}) {
    ASSERT_TRUE(parse_platform(text)) << text;
    EXPECT_EQ(to_string(*parse_platform(text)), text);
  }
  for (const std::string text : {"", "linux", "linux/", "/amd64", "linux/arm/", "a/b/c/d"}) {
    EXPECT_FALSE(parse_platform(text)) << text;
  }
  EXPECT_EQ(to_string(Platform()), "");
}

struct ReferenceCase {
  std::string text;
  std::string full;
};

TEST(ImageReferenceText, IsCompletedAsDockerDoes) {
  const std::string digest = "sha256:" + hex_a;
  const std::vector<ReferenceCase> cases = {
      {"busybox", "docker.io/library/busybox"},
      {"busybox:1.36", "docker.io/library/busybox:1.36"},
      {"team/app", "docker.io/team/app"},
      {"docker.io/busybox", "docker.io/library/busybox"},
      {"index.docker.io/busybox", "docker.io/library/busybox"},
      {"localhost/app", "localhost/app"},
      {"localhost:5000/app", "localhost:5000/app"},
      {"localhost:5000", "docker.io/library/localhost:5000"},
      {"registry.example/team/app:1.4", "registry.example/team/app:1.4"},
      {"registry.example:5000/team/app@" + digest, "registry.example:5000/team/app@" + digest},
      {"registry.example/a/b/c:x@" + digest, "registry.example/a/b/c:x@" + digest},
      {"registry.example/a@sha256:" + std::string(64, 'A'), "registry.example/a@" + digest},
      {"[::1]:5000/app:1", "[::1]:5000/app:1"},
      {"docker-pullable://registry.example/a@" + digest, "registry.example/a@" + digest},
      {"docker://registry.example/a:1", "registry.example/a:1"},
      {"UPPER/app", "UPPER/app"},
      {"my_app", "docker.io/library/my_app"},
      {"import-2026-11-01/app", "docker.io/import-2026-11-01/app"},
  };
  for (const ReferenceCase& item : cases) {
    const auto reference = parse_image_reference(item.text);
    ASSERT_TRUE(reference) << item.text;
    EXPECT_EQ(to_string(*reference), item.full) << item.text;
    EXPECT_EQ(parse_image_reference(to_string(*reference)), reference) << item.text;
  }
}

TEST(ImageReferenceText, ThatNamesNoRepositoryIsRefused) {
  const std::string digest = "sha256:" + hex_a;
  const std::vector<std::string> cases = {
      "",
      digest,
      hex_a,
      "docker://" + digest,
      "docker-pullable://",
      "registry.example/",
      "registry.example/App",
      "registry.example//app",
      "registry.example/app:",
      "registry.example/app:-x",
      "registry.example/app:" + std::string(129, 't'),
      "registry.example/app@",
      "registry.example/app@sha256:12",
      "registry.example/app@" + hex_a,
      "registry.example/app@" + digest + "@" + digest,
      "registry.example/-app",
      "registry.example/app-",
      "registry.example/a b",
      "https://registry.example/app",
      "registry.example:/app",
      "registry.example:port/app",
      "registry.example:5000:6000/app",
      "registry..example/app",
      ".example/app",
      " registry.example/app",
      "reg\nistry.example/app",
      "[::1/app",
      "[]/app",
      "registry.example/../etc",
      "registry.example/" + std::string(256, 'a'),
      std::string(255, 'a'),
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(parse_image_reference(text)) << text;
  }
}

}  // namespace
}  // namespace scanclock
