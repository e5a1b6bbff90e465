#include "config/loader.hpp"

#include "config/summary.hpp"
#include "config/url_check.hpp"
#include "config/yaml_tree.hpp"
#include "core/domain/label_matcher.hpp"
#include "tests/unit/config/errors_of.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

Settings load(const std::string& yaml, const std::string& base_dir = ".") {
  auto settings = load_settings_text(yaml, "s.yaml", base_dir);
  if (!settings.has_value()) {
    ADD_FAILURE() << to_string(settings.error());
    return {};
  }
  return *settings;
}

TEST(Loader, TakesTheContractsDefaultsForAnEmptyFile) {
  const Settings settings = load("# nothing\n");
  EXPECT_EQ(settings.mode, Mode::alert);
  EXPECT_EQ(settings.database.url, "");
  EXPECT_EQ(settings.database.embedded_data_dir, "/var/lib/scanclock/postgresql");
  EXPECT_EQ(settings.database.retention.history, hours(24 * 400));
  EXPECT_EQ(settings.database.retention.raw_evidence, hours(24 * 400));
  EXPECT_EQ(settings.server.listen, "127.0.0.1:9630");
  EXPECT_TRUE(settings.server.anonymous_read);
  ASSERT_EQ(settings.policies.size(), 1u);
  EXPECT_EQ(settings.policies[0].name, "fedramp-30d");
  EXPECT_EQ(settings.policies[0].window, seconds(2'592'000));
  EXPECT_THAT(settings.policies[0].warn_before,
              ElementsAre(hours(24 * 7), hours(24 * 3), hours(24)));
  EXPECT_EQ(settings.policies[0].database_age_max, hours(24 * 30));
  EXPECT_EQ(settings.display.time_zone, "UTC");
  EXPECT_FALSE(settings.unmonitored_registries.fetch_manifests);
}

TEST(Loader, AllowsToAskRegistriesThatNoEntryNames) {
  EXPECT_TRUE(load("unmonitored_registries: {fetch_manifests: true}\n")
                  .unmonitored_registries.fetch_manifests);
}

TEST(Loader, GivesSourcesAndReceiversTheContractsDefaults) {
  const Settings settings = load(R"(
registries: [{name: prod, url: "https://Registry.example/"}]
workloads: [{name: host, type: docker, url: "unix:///run/docker.sock"}]
receivers: [{name: am, alertmanager: {urls: ["http://127.0.0.1:9093/"]}}]
routes: [{receivers: [am]}]
)");
  const RegistrySettings& registry = settings.registries.at(0);
  EXPECT_EQ(registry.url, "https://Registry.example");
  EXPECT_EQ(registry.environment, "production");
  EXPECT_EQ(registry.poll.tags_every, minutes(15));
  EXPECT_EQ(registry.poll.evidence_every, hours(1));
  EXPECT_EQ(registry.poll.max_concurrency, 8);
  EXPECT_EQ(registry.poll.max_requests_per_second, 50);
  EXPECT_EQ(registry.blind_after, minutes(30));
  EXPECT_EQ(settings.workloads.at(0).poll_every, seconds(30));
  EXPECT_EQ(settings.workloads.at(0).blind_after, minutes(10));
  EXPECT_THAT(settings.receivers.at(0).alertmanager->urls, ElementsAre("http://127.0.0.1:9093"));
  EXPECT_EQ(settings.receivers.at(0).alertmanager->resolve_after, hours(24));
  EXPECT_EQ(settings.routes.at(0).repeat_every, hours(4));
}

TEST(Loader, BlindAfterIsNeverShorterThanTenMinutes) {
  const Settings settings =
      load("registries: [{name: a, url: \"https://r.example\", poll: {tags_every: 1m}}]\n");
  EXPECT_EQ(settings.registries.at(0).blind_after, minutes(10));
}

TEST(Loader, DropsDefaultStagesThatAShortWindowCannotReach) {
  const Settings settings = load("policies: [{name: short, window: 2d}]\n");
  EXPECT_THAT(settings.policies[0].warn_before, ElementsAre(hours(24)));
}

TEST(Loader, ReadsAPolicyWhole) {
  const Settings settings = load(R"(
policies:
  - name: strict
    match: {environments: [production, staging], repositories: ["team/**"], namespaces: ["pay-*"]}
    window: 20d
    warn_before: [1d, 5d]
    anchor: registry_entry
    never_scanned_grace: 0s
    trust: [signed, platform]
    database_age_max: none
    platforms: [linux/amd64, linux/arm/v7]
    alert_on: registry
    future_tolerance: 1m
)");
  Policy expected;
  expected.name = "strict";
  expected.match.environments = {"production", "staging"};
  expected.match.repositories = {"team/**"};
  expected.match.namespaces = {"pay-*"};
  expected.window = hours(24 * 20);
  expected.warn_before = {hours(24 * 5), hours(24)};
  expected.anchor = Anchor::registry_entry;
  expected.never_scanned_grace = Duration::zero();
  expected.trust = {Trust::signed_, Trust::platform};
  expected.database_age_max.reset();
  expected.platforms = {*parse_platform("linux/amd64"), *parse_platform("linux/arm/v7")};
  expected.alert_on = AlertOn::registry;
  expected.future_tolerance = minutes(1);
  ASSERT_EQ(settings.policies.size(), 1u);
  EXPECT_EQ(settings.policies[0], expected);
}

TEST(Loader, ReadsRoutesAsAlertmanagersMatchers) {
  const Settings settings = load(R"(
receivers: [{name: a, webhook: {url: "https://h.example/x?y=z"}}]
routes:
  - match: ['severity="critical"', owner=pay, 'environment != "dev"', 'rule =~ "a\.b|c"', 'x!~"\"q"']
    receivers: [a]
    continue: true
    group_by: [rule, owner]
    repeat_every: 30m
)");
  const RouteSettings& route = settings.routes.at(0);
  EXPECT_THAT(route.match, ElementsAre(LabelMatcher{"severity", MatchOperator::equal, "critical"},
                                       LabelMatcher{"owner", MatchOperator::equal, "pay"},
                                       LabelMatcher{"environment", MatchOperator::not_equal, "dev"},
                                       LabelMatcher{"rule", MatchOperator::regex, "a\\.b|c"},
                                       LabelMatcher{"x", MatchOperator::not_regex, "\"q"}));
  EXPECT_TRUE(route.continue_);
  EXPECT_THAT(route.group_by, ElementsAre("rule", "owner"));
  EXPECT_EQ(route.repeat_every, minutes(30));
  EXPECT_EQ(settings.receivers.at(0).webhook->url, "https://h.example/x?y=z");
}

TEST(Loader, AllowsPlainHttpWhereTheEntrySaysSo) {
  const Settings settings = load(R"(
database: {url: "postgresql://s@db.example/s", allow_plaintext: true}
registries: [{name: a, url: "http://r.example:5000", allow_plaintext: true}]
workloads: [{name: b, type: docker, url: "http://h.example:2375", allow_plaintext: true}]
receivers: [{name: c, webhook: {url: "http://h.example", allow_plaintext: true}}]
)");
  EXPECT_EQ(settings.database.url, "postgresql://s@db.example/s");
  EXPECT_EQ(settings.workloads.at(0).url, "http://h.example:2375");
}

TEST(Loader, TakesDatabaseUrlsThatAreLocalOrVerified) {
  for (const char* const url :
       {"postgresql:///s", "postgresql://s@localhost/s", "postgresql://[::1]:5433/s",
        "postgresql://%2Frun%2Fpostgresql/s", "postgresql:///s?host=/run/postgresql",
        "host=/run/postgresql dbname=s", "host = 'localhost' dbname = 'a \\' b'",
        "postgresql://a.example,b.example:5433/s?sslmode=verify-full",
        "postgresql://a.example/s?sslmode=verify-ca&sslrootcert=/ca.pem"}) {
    EXPECT_EQ(check_database_url(url, false).message, "") << url;
  }
}

TEST(Loader, KeepsTheOrderOfEnvironmentRules) {
  const Settings settings = load(
      "registries: [{name: a, url: \"https://r.example\", environments: {z/*: dev, a/*: test}}]\n");
  EXPECT_THAT(settings.registries.at(0).environments,
              ElementsAre(Pair("z/*", "dev"), Pair("a/*", "test")));
}

TEST(Loader, ReportsAllErrorsAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(
      errors_of("routes: [{receivers: [nobody]}]\n"
                "mode: loud\n"
                "policies: [{name: a, window: 0s}, {name: a}]\n"
                "registries:\n"
                "  - {name: r, url: \"http://r.example\", colour: red}\n"),
      "s.yaml:1:23: routes[0].receivers[0]: there is no receiver \"nobody\"\n"
      "HINT: receivers is empty\n"
      "s.yaml:2:7: mode: unknown value \"loud\"\n"
      "HINT: known are: alert, observe\n"
      "s.yaml:3:30: policies[0].window: must be at least 1s, found \"0s\"\n"
      "s.yaml:3:42: policies[1].name: the name \"a\" is taken by the policy on line 3\n"
      "s.yaml:5:20: registries[0].url: plain http to \"r.example\" is refused\n"
      "HINT: use https, or set allow_plaintext: true beside it\n"
      "s.yaml:5:40: registries[0]: unknown key \"colour\"\n"
      "HINT: known are: name, allow_plaintext, url, environment, repositories, "
      "environments, tags, credentials, attestation_repository, ca_file, api, poll, blind_after\n");
}

TEST(Loader, SharesValuesByAnchorsAndMergeKeys) {
  const Settings settings = load(R"(
registries:
  - &base {name: a, url: "https://a.example", poll: &poll {tags_every: 1m}, environment: test}
  - {<<: *base, name: b, url: "https://b.example"}
  - {name: c, url: "https://c.example", poll: *poll}
)");
  ASSERT_EQ(settings.registries.size(), 3u);
  EXPECT_EQ(settings.registries[1].name, "b");
  EXPECT_EQ(settings.registries[1].environment, "test");
  EXPECT_EQ(settings.registries[2].poll.tags_every, minutes(1));
}

TEST(Loader, RefusesAFileThatExpandsOrNestsBeyondReason) {
  std::string deep;
  for (int level = 0; level < 1000; ++level) {
    deep += "[";
  }
  EXPECT_THAT(errors_of("owners: " + deep), HasSubstr("nested more than 32 levels deep"));
  EXPECT_THAT(errors_of(std::string(settings_bytes_max + 1, '#')), HasSubstr("larger than 1 MiB"));
  std::string laughs = "a0: &a0 [x]\n";
  for (int level = 1; level < 40; ++level) {
    const std::string last = "*a" + std::to_string(level - 1);
    laughs += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + last + ", " +
              last + "]\n";
  }
  EXPECT_THAT(errors_of(laughs), HasSubstr("s.yaml:1:1: unknown key \"a0\""));
}

TEST(Loader, NamesAFileThatCannotBeRead) {
  TemporaryFiles files;
  const auto missing = load_settings(files.path() + "/none.yaml");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(to_string(missing.error()),
            files.path() + "/none.yaml: cannot read the settings: No such file or directory\n");
  const auto directory = load_settings(files.path());
  ASSERT_FALSE(directory.has_value());
  EXPECT_THAT(to_string(directory.error()), HasSubstr("it is a directory"));
}

TEST(Loader, TakesTheWholeExample) {
  TemporaryFiles files;
  std::ifstream example(SCANCLOCK_SOURCE_DIR "/config/scanclock.example.yaml");
  std::ostringstream text;
  text << example.rdbuf();
  ASSERT_GT(text.str().size(), 1000u);
  files.write("scanclock.yaml", text.str());
  for (const char* const name : {"ci-token", "admin-token", "registry-password"}) {
    files.write(name, std::string("value-of-") + name + "\n");
  }
  files.write("webhook-secret", "whsec_dmFsdWUtb2Ytd2ViaG9vay1zZWNyZXQtMDEyMzQ1\n");
  const auto settings = load_settings(files.path() + "/scanclock.yaml");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  EXPECT_EQ(settings->policies, std::vector<Policy>{Policy{}});
  EXPECT_EQ(settings->registries.size(), 2u);
  EXPECT_EQ(settings->workloads.size(), 3u);
  EXPECT_EQ(settings->spool.size(), 1u);
  EXPECT_EQ(settings->routes.size(), 3u);
  EXPECT_EQ(settings->registries[0].credentials.password.reveal(), "value-of-registry-password");
  EXPECT_THAT(redacted_summary(*settings), Not(AnyOf(HasSubstr("value-of-"), HasSubstr("whsec_"))));
}

}  // namespace
}  // namespace scanclock
