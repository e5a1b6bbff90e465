// Deterministic mutations of good input: no parser may crash, hang or read outside its text.
#include "core/net/retry_after.hpp"
#include "core/registry/challenge.hpp"
#include "core/registry/docker_config.hpp"
#include "core/registry/link_header.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/token_response.hpp"

#include <gtest/gtest.h>

#include <random>

namespace scanclock {
namespace {

constexpr int rounds = 20'000;
constexpr unsigned seed = 20261101;

class Mutator {
 public:
  std::string operator()(std::string text) {
    const std::size_t edits = 1 + random_() % 6;
    for (std::size_t i = 0; i < edits && !text.empty(); ++i) {
      const std::size_t at = random_() % text.size();
      switch (random_() % 4) {
        case 0:
          text[at] = static_cast<char>(random_());
          break;
        case 1:
          text.erase(at, 1 + random_() % 8);
          break;
        case 2:
          text.insert(at, 1, "\"\\,;=<>[]{}: \0"[random_() % 15]);
          break;
        default:
          text.insert(at, text.substr(random_() % text.size(), random_() % 16));
      }
    }
    return text;
  }

 private:
  std::mt19937 random_{seed};
};

TEST(MutatedManifest, IsReadOrRefused) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::string good =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)"
      R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
      digest +
      R"(","size":7,"platform":{"os":"linux","architecture":"amd64"},"annotations":{"a":"b"}}],)"
      R"("subject":{"digest":")" +
      digest + R"("},"artifactType":"a/b"})";
  Mutator mutate;
  int read = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string text = mutate(good);
    const auto manifest = parse_manifest(Digest::from_trusted(digest), "application/json", text);
    read += manifest ? 1 : 0;
    if (manifest) {
      EXPECT_LE(manifest->children.size(), index_children_max);
    }
    (void)parse_layers(text);
    (void)parse_referrers(text);
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(read, rounds);
}

TEST(MutatedHeader, IsReadOrIgnored) {
  Mutator mutate;
  for (int i = 0; i < rounds; ++i) {
    const std::string challenge = mutate(
        R"(Negotiate ab==, Basic realm="x", Bearer realm="https://t/",service=s,scope="a:b:c,d")");
    for (const Challenge& read : parse_challenges(challenge)) {
      EXPECT_LE(read.scheme.size(), challenge.size());
    }
    const std::string link = mutate(R"(</a?b=c,d>; rel="prev", </e;f>; title="g,h"; rel="next")");
    for (const Link& read : parse_links(link)) {
      EXPECT_LE(read.target.size(), link.size());
    }
    const auto wait = parse_retry_after(mutate("Sun, 06 Nov 1994 08:49:37 GMT"), TimePoint());
    if (wait) {
      EXPECT_GE(*wait, Duration::zero());
      EXPECT_LE(*wait, retry_after_max);
    }
  }
}

TEST(MutatedLogin, IsReadOrRefused) {
  Mutator mutate;
  for (int i = 0; i < rounds; ++i) {
    (void)find_docker_logins(mutate(R"({"auths":{"h":{"auth":"dXNlcjpwYXNz"}}})"), "h");
    (void)parse_token_response(mutate(R"({"token":"abc","expires_in":300})"));
  }
}

}  // namespace
}  // namespace scanclock
