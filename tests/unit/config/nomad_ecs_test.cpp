#include "config/loader.hpp"
#include "config/summary.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

using testing::HasSubstr;
using testing::Not;

class NomadAndEcsSettings : public testing::Test {
 protected:
  NomadAndEcsSettings() { files_.write("secret", "hidden-value\n"); }

  WorkloadSettings load(const std::string& entries, std::size_t which = 0) {
    const auto settings = load_settings_text("workloads:\n" + entries, "s.yaml", files_.path());
    if (!settings) {
      ADD_FAILURE() << to_string(settings.error());
      return WorkloadSettings();
    }
    summary = redacted_summary(*settings);
    return settings->workloads.at(which);
  }
  std::string errors_of(const std::string& entries) const {
    const auto settings = load_settings_text("workloads:\n" + entries, "s.yaml", files_.path());
    return settings ? "none" : to_string(settings.error());
  }

  static constexpr const char* keys =
      "credentials: {access_key_id: AKID, secret_access_key_file: secret}";
  std::string summary;

 private:
  TemporaryFiles files_;
};

TEST_F(NomadAndEcsSettings, OfNomadNameTokenRegionNamespacesAndSourcesOfNodes) {
  const auto nomad = load(
      "  - {name: n, type: nomad, url: \"https://nomad.example:4646\", token_file: secret,\n"
      "     region: eu, watch_namespaces: [pay, default], docker_sources: {client-a: host-a}}\n"
      "  - {name: host-a, type: docker, url: \"unix:///run/docker.sock\"}\n");
  EXPECT_EQ(nomad.type, WorkloadType::nomad);
  EXPECT_EQ(nomad.url, "https://nomad.example:4646");
  EXPECT_EQ(nomad.nomad.token.reveal(), "hidden-value");
  EXPECT_EQ(nomad.nomad.region, "eu");
  EXPECT_EQ(nomad.nomad.watch_namespaces, (std::set<std::string>{"default", "pay"}));
  EXPECT_EQ(nomad.nomad.docker_sources.at("client-a"), "host-a");
  EXPECT_THAT(summary, HasSubstr("type: nomad"));
  EXPECT_THAT(summary, HasSubstr("token_file: "));
  EXPECT_THAT(summary, HasSubstr("docker_sources: {client-a: host-a}"));
  EXPECT_THAT(summary, Not(HasSubstr("hidden-value")));
}

TEST_F(NomadAndEcsSettings, OfEcsChooseTheEndpointByRegion) {
  const std::string start = std::string("  - {name: e, type: ecs, ") + keys + ", ";
  EXPECT_EQ(load(start + "region: us-east-1}\n").url, "https://ecs.us-east-1.amazonaws.com");
  EXPECT_EQ(load(start + "region: us-gov-west-1, fips: true}\n").url,
            "https://ecs-fips.us-gov-west-1.amazonaws.com");
  const auto vpc = load(start +
                        "region: us-gov-west-1, clusters: [web, pay],\n"
                        "     url: \"https://vpce-1.ecs.us-gov-west-1.vpce.amazonaws.com\"}\n");
  EXPECT_EQ(vpc.url, "https://vpce-1.ecs.us-gov-west-1.vpce.amazonaws.com");
  EXPECT_EQ(vpc.ecs.region, "us-gov-west-1");
  EXPECT_EQ(vpc.ecs.clusters, (std::vector<std::string>{"web", "pay"}));
  EXPECT_EQ(vpc.ecs.secret_access_key.reveal(), "hidden-value");
  EXPECT_THAT(summary, HasSubstr("credentials: {access_key_id: AKID, secret_access_key_file: "));
  EXPECT_THAT(summary, Not(HasSubstr("hidden-value")));
  const auto rotating = load(
      "  - {name: e, type: ecs, region: us-east-1, credentials: {access_key_id_file: secret,\n"
      "     secret_access_key_file: secret, session_token_file: secret}}\n");
  EXPECT_EQ(rotating.ecs.session_token.reveal(), "hidden-value");
  EXPECT_THAT(summary, HasSubstr("credentials: {access_key_id_file: "));
  EXPECT_THAT(summary, Not(HasSubstr("hidden-value")));
}

TEST_F(NomadAndEcsSettings, AreRefusedWithAdvice) {
  struct Case {
    std::string entry;
    const char* expected;
  };
  const std::string nomad = "{name: n, type: nomad, url: \"https://n.example:4646\", ";
  const std::string ecs = std::string("{name: e, type: ecs, ") + keys + ", ";
  const Case cases[] = {
      {"{name: n, type: nomad}", "\"url\" is missing"},
      {"{name: n, type: nomad, url: \"http://nomad.example:4646\"}", "plain"},
      {"{name: n, type: nomad, url: \"https://nomad.example/ui\"}", "nomad.example"},
      {nomad + "token_file: nowhere}", "nowhere"},
      {nomad + "watch_namespaces: []}", "names no namespace"},
      {nomad + "watch_namespaces: [\"*\"]}", "is no namespace's name"},
      {nomad + "docker_sources: {client-a: host-z}}",
       "there is no workload source \"host-z\" of type docker or podman"},
      {nomad + "docker_sources: {client-a: n}}", "there is no workload source \"n\""},
      {nomad + "tokens_file: secret}", "unknown key \"tokens_file\""},
      {nomad + "tls: {cert_file: secret}}", "cert_file and key_file come together"},
      {"{name: e, type: ecs, region: us-east-1}", "\"credentials\" is missing"},
      {"{name: e, type: ecs, region: us-east-1, credentials: {access_key_id: A}}",
       "access_key_id and secret_access_key_file are both needed"},
      {ecs + "clusters: [web]}", "\"region\" is missing"},
      {ecs + "region: \"us east\"}", "\"us east\" is no region"},
      {ecs + "region: us-east-1, clusters: []}", "names no cluster"},
      {ecs + "region: us-east-1, fips: true, url: \"https://v.example\"}",
       "\"fips\" chooses the default url"},
      {ecs + "region: us-east-1, url: \"http://ecs.example\"}", "plain"},
  };
  for (const Case& one : cases) {
    EXPECT_THAT(errors_of("  - " + one.entry + "\n"), HasSubstr(one.expected)) << one.entry;
  }
}

}  // namespace
}  // namespace scanclock
