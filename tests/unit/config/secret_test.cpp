#include "config/secret.hpp"

#include "config/loader.hpp"
#include "config/summary.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>

namespace scanclock {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() { unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

constexpr const char* token_yaml =
    "server: {tokens: [{name: ci, token_file: ci-token, role: submit}]}\n";

TEST(Secret, IsNeverPrinted) {
  const Secret secret("hunter2");
  std::ostringstream stream;
  stream << secret;
  EXPECT_EQ(stream.str(), "<secret>");
  EXPECT_EQ(to_string(secret), "<secret>");
  EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(Secret, LosesTrailingLineEndsAndRemembersItsFile) {
  TemporaryFiles files;
  files.write("ci-token", " abc\r\n\n");
  const auto settings = load_settings_text(token_yaml, "s.yaml", files.path());
  ASSERT_TRUE(settings.has_value());
  const Secret& token = settings->server.tokens.at(0).token;
  EXPECT_EQ(token.reveal(), " abc");
  EXPECT_EQ(token.file(), files.path() + "/ci-token");

  files.write("ci-token", "rotated\n");
  EXPECT_EQ(read_secret(token.file())->reveal(), "rotated");
}

TEST(Secret, ComesFromTheCredentialsDirectoryFirst) {
  TemporaryFiles files;
  TemporaryFiles credentials;
  files.write("ci-token", "beside");
  const ScopedVariable variable("CREDENTIALS_DIRECTORY", credentials.path());
  auto settings = load_settings_text(token_yaml, "s.yaml", files.path());
  EXPECT_EQ(settings->server.tokens.at(0).token.reveal(), "beside");
  credentials.write("ci-token", "handed over");
  settings = load_settings_text(token_yaml, "s.yaml", files.path());
  EXPECT_EQ(settings->server.tokens.at(0).token.reveal(), "handed over");
}

TEST(Secret, NamesTheFileThatIsMissingEmptyOrTooLarge) {
  TemporaryFiles files;
  const std::string place = "s.yaml:1:42: server.tokens[0].token_file: ";
  const std::string advice =
      "\nHINT: a relative name is looked for in $CREDENTIALS_DIRECTORY, then beside the settings "
      "file\n";
  const auto errors = [&] {
    return to_string(load_settings_text(token_yaml, "s.yaml", files.path()).error());
  };
  const std::string file = files.path() + "/ci-token";
  EXPECT_EQ(errors(), place + "cannot read " + file + ": No such file or directory" + advice);
  files.write("ci-token", "\n");
  EXPECT_EQ(errors(), place + file + " is empty" + advice);
  files.write("ci-token", std::string(secret_bytes_max + 1, 'x'));
  EXPECT_EQ(errors(),
            place + "cannot read " + file + ": larger than 64 KiB, which is no secret" + advice);
}

TEST(Summary, ShowsNoSecretAndNoWebhookPath) {
  const auto settings = load_settings_text(R"(
database: {url: "postgresql://s@127.0.0.1/s", password: hunter2}
server: {tokens: [{name: ci, token: hunter3, role: submit}]}
registries:
  - {name: a, url: "https://r.example", credentials: {username: u, password: hunter4}}
  - {name: b, url: "https://q.example", credentials: {token: hunter5}}
receivers:
  - {name: w, webhook: {url: "https://h.example/hunter6?k=hunter7", signing_secret: hunter8hunter8hunter8hunter8hunter8}}
)",
                                           "s.yaml", ".");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  const std::string summary = redacted_summary(*settings);
  EXPECT_THAT(summary, Not(HasSubstr("hunter")));
  EXPECT_THAT(summary, HasSubstr("  password: <secret>\n"));
  EXPECT_THAT(summary, HasSubstr("{name: ci, token: <secret>, role: submit}"));
  EXPECT_THAT(summary, HasSubstr("credentials: {username: u, password: <secret>}\n"));
  EXPECT_THAT(summary, HasSubstr("credentials: {token: <secret>}\n"));
  EXPECT_THAT(summary, HasSubstr("webhook: {url: \"https://h.example/…\", "
                                 "signing_secret: <secret>, format: standard}\n"));
}

TEST(Summary, ReadsBackAsTheSameSettings) {
  const std::string yaml =
      "policies: [{name: a, window: 90m, warn_before: [30m], database_age_max: none}]\n"
      "registries: [{name: r, url: \"http://127.0.0.1:5000\", environments: {\"x/*\": dev}}]\n"
      "receivers: [{name: m, alertmanager: {urls: [\"http://127.0.0.1:9093\"]}}]\n"
      "routes: [{match: ['owner=~\"a|b\"'], receivers: [m]}]\n";
  const auto first = load_settings_text(yaml, "s.yaml", ".");
  ASSERT_TRUE(first.has_value()) << to_string(first.error());
  const std::string summary = redacted_summary(*first);
  const auto second = load_settings_text(summary, "summary", ".");
  ASSERT_TRUE(second.has_value()) << to_string(second.error()) << summary;
  EXPECT_EQ(redacted_summary(*second), summary);
  EXPECT_EQ(second->policies, first->policies);
  EXPECT_EQ(second->routes.at(0).match, first->routes.at(0).match);
}

}  // namespace
}  // namespace scanclock
