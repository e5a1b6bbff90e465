#include "config/summary.hpp"
#include "tests/unit/config/errors_of.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const char* const all_kinds = R"(
receivers:
  - name: hook
    webhook: {url: "https://h.example/hunter1", signing_secret_files: [new-secret, old-secret]}
    heartbeat_every: 5m
    digest_every: 7d
  - name: pager
    pagerduty: {routing_key_file: key, url: "https://events.eu.pagerduty.com"}
  - name: chat
    slack:
      url_file: slack-url
      templates:
        title: "{{severity}}: {{summary}}"
        text: |
          {{image}} of {{owner}}
          {{url}}
  - {name: rooms, teams: {url: "https://t.example/hunter3"}, digest_every: 1d}
  - {name: genie, opsgenie: {api_key: hunter4}}
  - name: post
    email:
      smarthost: mail.shop.example
      from: Scanclock <alerts@shop.example>
      to: [oncall@shop.example, "Müller <m@shop.example>"]
      username: scanclock
      password_file: key
  - name: local-post
    email: {smarthost: "127.0.0.1", from: a@b.example, to: [c@d.example], tls: none}
)";

class Receivers : public testing::Test {
 protected:
  Receivers() {
    files.write("new-secret", "whsec_bmV3LXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGVz\n");
    files.write("old-secret", "whsec_b2xkLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGVz\n");
    files.write("key", "hunter2\n");
    files.write("slack-url", "https://hooks.slack.example/services/hunter5\n");
  }
  Settings load(const std::string& yaml) const {
    const auto settings = load_settings_text(yaml, "s.yaml", files.path());
    EXPECT_TRUE(settings.has_value()) << to_string(settings.error());
    return settings.has_value() ? *settings : Settings();
  }
  TemporaryFiles files;
};

TEST_F(Receivers, AreReadWithAllTheyNeed) {
  const Settings settings = load(all_kinds);
  ASSERT_EQ(settings.receivers.size(), 7u);
  EXPECT_EQ(settings.receivers[0].webhook->signing_secrets.size(), 2u);
  EXPECT_EQ(settings.receivers[0].digest_every, Duration(std::chrono::hours(24 * 7)));
  EXPECT_EQ(settings.receivers[1].pagerduty->routing_key.reveal(), "hunter2");
  EXPECT_EQ(settings.receivers[1].pagerduty->url, "https://events.eu.pagerduty.com");
  EXPECT_EQ(settings.receivers[2].slack->url.reveal(),
            "https://hooks.slack.example/services/hunter5");
  EXPECT_EQ(settings.receivers[2].slack->templates.text, "{{image}} of {{owner}}\n{{url}}\n");
  EXPECT_EQ(settings.receivers[4].opsgenie->url, "https://api.opsgenie.com");
  const EmailSettings& email = *settings.receivers[5].email;
  EXPECT_EQ(email.smarthost, "mail.shop.example:587");
  EXPECT_THAT(email.to, ElementsAre("oncall@shop.example", "Müller <m@shop.example>"));
  EXPECT_FALSE(email.implicit_tls || email.allow_plaintext);
  EXPECT_EQ(settings.receivers[6].email->smarthost, "127.0.0.1:25");
  EXPECT_TRUE(settings.receivers[6].email->allow_plaintext);
}

TEST_F(Receivers, AreSummedUpWithoutSecretsAndReadBack) {
  const std::string summary = redacted_summary(load(all_kinds));
  EXPECT_THAT(summary, Not(HasSubstr("hunter")));
  EXPECT_THAT(summary, Not(HasSubstr("whsec_")));
  EXPECT_THAT(summary, HasSubstr("teams: {url: <secret>}"));
  EXPECT_THAT(summary, HasSubstr("opsgenie: {api_key: <secret>, url: "));
  EXPECT_THAT(summary, HasSubstr("slack: {url_file: "));
  EXPECT_THAT(summary, HasSubstr("tls: starttls}"));
  // What stands for a secret, or for a path, is none.
  std::string again = summary;
  for (const char* mark : {"{url: <secret>}", "{url: \"https://h.example/…\""}) {
    const std::size_t url = again.find("url: ", again.find(mark)) + 5;
    again.replace(url, again.find_first_of(",}", url) - url, "\"https://t.example/x\"");
  }
  const Settings second = load(again);
  EXPECT_EQ(second.receivers.at(2).slack->templates.text, "{{image}} of {{owner}}\n{{url}}\n");
  EXPECT_EQ(second.receivers.at(5).email->smarthost, "mail.shop.example:587");
}

struct ReceiverRefusal {
  const char* receiver;
  const char* error;
};

TEST_F(Receivers, AreRefusedWhereTheyCouldNotWork) {
  const ReceiverRefusal refusals[] = {
      {"pagerduty: {}",
       "s.yaml:1:34: receivers[0].pagerduty: \"routing_key\" is missing\n"
       "HINT: write routing_key_file: the name of a file\n"},
      {"pagerduty: {routing_key: \"a b\"}",
       "s.yaml:1:34: receivers[0].pagerduty: the routing_key holds blanks or other characters that "
       "no key has\n"},
      {"pagerduty: {routing_key: a, url: \"http://p.example\"}",
       "plain http to \"p.example\" is refused"},
      {"slack: {url: hunter2}",
       "s.yaml:1:30: receivers[0].slack: the url is not an https URL with a path\n"
       "HINT: copy the webhook's whole URL\n"},
      {"slack: {url: \"https://hooks.slack.example\"}", "not an https URL with a path"},
      {"teams: {url: \"http://t.example/hunter2\"}", "plain http to \"t.example\" is refused"},
      {"slack: {url: \"https://s.example/x\", templates: {title: \"{{sumary}}\"}}",
       "s.yaml:1:78: receivers[0].slack.templates.title: {{sumary}} is no variable of messages (at "
       "character 1 of the text)\nHINT: did you mean {{summary}}?\n"},
      {"slack: {url: \"https://s.example/x\", templates: {body: x}}", "unknown key \"body\""},
      {"opsgenie: {api_key: a}, heartbeat_every: 1m",
       "receivers[0].heartbeat_every: opsgenie receivers take no heartbeats\n"},
      {"pagerduty: {routing_key: a}, digest_every: 1d",
       "receivers[0].digest_every: pagerduty receivers take no digests\n"},
      {"webhook: {url: \"https://h.example\", format: alertmanager}, digest_every: 1d",
       "receivers[0].digest_every: Alertmanager's format knows no digests\n"},
      {"slack: {url: \"https://s.example/x\"}, digest_every: 1m", "must be at least 1h"},
      {"email: {smarthost: m.example, from: nobody, to: [a@b.example]}",
       "receivers[0].email.from: \"nobody\" is not a mail address\n"},
      {"email: {smarthost: m.example, from: a@b.example, to: []}",
       "receivers[0].email.to: must name at least one recipient\n"},
      {"email: {smarthost: m.example, from: a@b.example, to: [\"x@y.example\\r\\nBcc: z\"]}",
       "is not a mail address"},
      {"email: {smarthost: \"u:hunter2@m.example\", from: a@b.example, to: [a@b.example]}",
       "receivers[0].email.smarthost: is not host or host:port\n"},
      {"email: {smarthost: \"m.example:99999\", from: a@b.example, to: [a@b.example]}",
       "\"m.example:99999\" is not host or host:port"},
      {"email: {smarthost: m.example, from: a@b.example, to: [a@b.example], tls: none}",
       "mail without TLS to \"m.example\" is refused\n"
       "HINT: use tls: starttls, or set allow_plaintext: true beside it\n"},
      {"email: {smarthost: m.example, from: a@b.example, to: [a@b.example], username: u}",
       "username and password come together"},
      {"email: {smarthost: m.example, from: a@b.example, to: [a@b.example], password: hunter2}",
       "username and password come together"},
      {"email: {smarthost: m.example, from: a@b.example, to: [a@b.example], tls: ssl}",
       "HINT: known are: starttls, implicit, none\n"},
      {"webhook: {url: \"https://h.example\", signing_secrets: [hunter2]}",
       "receivers[0].webhook.signing_secrets[0]: the signing secret is not whsec_"},
      {"webhook: {url: \"https://h.example\", signing_secret_files: [none]}", "cannot read "},
      {"webhook: {url: \"https://h.example\", signing_secret_files: [old-secret, old-secret]}",
       "receivers[0].webhook.signing_secret_files[1]: the signing secret stands in the settings "
       "twice"},
  };
  for (const ReceiverRefusal& refusal : refusals) {
    const std::string errors =
        errors_of("receivers: [{name: a, " + std::string(refusal.receiver) + "}]\n", files.path());
    EXPECT_THAT(errors, HasSubstr(refusal.error)) << refusal.receiver;
    EXPECT_THAT(errors, Not(HasSubstr("hunter2"))) << refusal.receiver;
  }
}

}  // namespace
}  // namespace scanclock
