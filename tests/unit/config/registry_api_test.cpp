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

class RegistryApi : public testing::Test {
 protected:
  RegistryApi() {
    files_.write("secret", "hidden-value\n");
    files_.write("events", "0123456789abcdef\n");
  }

  std::string yaml(const std::string& url, const std::string& api,
                   const std::string& more = std::string()) const {
    return "registries:\n  - name: prod\n    url: " + url + "\n" + more + "    api: " + api + "\n";
  }
  RegistryApiSettings load(const std::string& text) {
    const auto settings = load_settings_text(text, "s.yaml", files_.path());
    if (!settings) {
      ADD_FAILURE() << to_string(settings.error());
      return RegistryApiSettings();
    }
    summary = redacted_summary(*settings);
    return *settings->registries.at(0).api;
  }
  std::string errors_of(const std::string& text) const {
    const auto settings = load_settings_text(text, "s.yaml", files_.path());
    return settings ? "" : to_string(settings.error());
  }

  static constexpr const char* login =
      "    credentials: {username: robot, password_file: secret}\n";
  static constexpr const char* keys =
      "credentials: {access_key_id: AKID, secret_access_key_file: secret}";
  static constexpr const char* ecr = "https://123456789012.dkr.ecr.us-gov-west-1.amazonaws.com";
  std::string summary;

 private:
  TemporaryFiles files_;
};

TEST_F(RegistryApi, OfHarborStandsWhereTheRegistryDoesAndTakesItsLogin) {
  const auto api = load(yaml("https://harbor.example", "{type: harbor}", login));
  EXPECT_EQ(api.type, RegistryApiType::harbor);
  EXPECT_EQ(api.url, "https://harbor.example");
  EXPECT_EQ(api.credentials.username, "robot");
  EXPECT_EQ(api.credentials.password.reveal(), "hidden-value");
  EXPECT_EQ(api.every, std::chrono::minutes(15));
}

TEST_F(RegistryApi, GetsTheRegistrysLoginOnTheRegistrysServerOnly) {
  EXPECT_THAT(errors_of(yaml("https://registry.example",
                             "{type: harbor, url: https://other.example}", login)),
              HasSubstr("not sent to another server"));
  const auto api = load(yaml("https://registry.example",
                             "{type: harbor, url: https://other.example, "
                             "credentials: {username: other, password_file: secret}, every: 5m}",
                             login));
  EXPECT_EQ(api.credentials.username, "other");
  EXPECT_EQ(api.every, std::chrono::minutes(5));
}

TEST_F(RegistryApi, OfQuayTakesATokenOrNothing) {
  EXPECT_TRUE(load(yaml("https://quay.io", "{type: quay}", login)).credentials.username.empty());
  const auto api = load(yaml("https://quay.io", "{type: quay, credentials: {token_file: secret}}"));
  EXPECT_EQ(api.credentials.token.reveal(), "hidden-value");
  EXPECT_EQ(api.every, std::chrono::hours(1));
  EXPECT_THAT(errors_of(yaml("https://quay.io",
                             "{type: quay, credentials: {username: a, password_file: secret}}")),
              HasSubstr("token_file"));
}

TEST_F(RegistryApi, OfEcrFollowsTheRegistrysHost) {
  const auto api = load(yaml(ecr, "{type: ecr, " + std::string(keys) + "}"));
  EXPECT_EQ(api.region, "us-gov-west-1");
  EXPECT_EQ(api.account, "123456789012");
  EXPECT_EQ(api.url, "https://api.ecr.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(load(yaml(ecr, "{type: ecr, fips: true, " + std::string(keys) + "}")).url,
            "https://ecr-fips.us-gov-west-1.amazonaws.com");
  const auto vpc = load(yaml(
      "https://ecr.internal.example",
      "{type: ecr, region: cn-north-1, url: https://vpce.example, " + std::string(keys) + "}"));
  EXPECT_EQ(vpc.url, "https://vpce.example");
  EXPECT_EQ(vpc.region, "cn-north-1");
  EXPECT_EQ(vpc.account, "");
}

TEST_F(RegistryApi, ShowsNoSecretInItsSummary) {
  load(yaml(ecr, "{type: ecr, " + std::string(keys) + "}"));
  EXPECT_THAT(summary, HasSubstr("access_key_id: AKID"));
  EXPECT_THAT(summary, HasSubstr("secret_access_key_file: "));
  load(yaml("https://quay.io", "{type: quay, credentials: {token: hidden-value}}"));
  EXPECT_THAT(summary, Not(HasSubstr("hidden-value")));
}

TEST_F(RegistryApi, RefusesWhatCannotWork) {
  EXPECT_THAT(errors_of(yaml("https://a.example", "{url: https://a.example}")), HasSubstr("type"));
  EXPECT_THAT(errors_of(yaml("https://a.example", "{type: nexus}")), HasSubstr("harbor"));
  EXPECT_THAT(errors_of(yaml("https://a.example", "{type: harbor, colour: red}")),
              HasSubstr("colour"));
  EXPECT_THAT(errors_of(yaml("https://a.example", "{type: harbor, region: us-east-1}")),
              HasSubstr("region"));
  EXPECT_THAT(errors_of(yaml("https://a.example", "{type: harbor, url: http://b.example}")),
              HasSubstr("http"));
  EXPECT_THAT(errors_of(yaml("https://a.example", "{type: ecr, " + std::string(keys) + "}")),
              HasSubstr("region"));
  EXPECT_THAT(errors_of(yaml(ecr, "{type: ecr}")), HasSubstr("credentials"));
  EXPECT_THAT(errors_of(yaml(ecr, "{type: ecr, credentials: {access_key_id: A}}")),
              HasSubstr("secret_access_key_file"));
  EXPECT_THAT(errors_of(yaml(ecr, "{type: ecr, fips: true, url: https://x.example, " +
                                      std::string(keys) + "}")),
              HasSubstr("fips"));
}

TEST_F(RegistryApi, ServerEventsTakeALongSecret) {
  const TemporaryFiles files;
  files.write("events", "0123456789abcdef\n");
  files.write("short", "0123456789\n");
  const auto settings =
      load_settings_text("server: {events: {secret_file: events}}", "s.yaml", files.path());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->server.events_secret.reveal(), "0123456789abcdef");
  EXPECT_THAT(redacted_summary(*settings), Not(HasSubstr("0123456789abcdef")));
  for (const char* events : {"{secret_file: short}", "{}", "{secret_file: missing}", "yes"}) {
    EXPECT_FALSE(
        load_settings_text("server: {events: " + std::string(events) + "}", "s.yaml", files.path()))
        << events;
  }
}

}  // namespace
}  // namespace scanclock
