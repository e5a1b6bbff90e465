#include "alerts/receivers/plain_text.hpp"
#include "alerts/receivers/slack.hpp"
#include "alerts/receivers/teams.hpp"
#include "tests/unit/alerts/notification_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SlackMessage : public OverdueNotification {
 protected:
  json rendered(const Notification& notification) const {
    return json::parse(render_slack(receiver, input(), notification));
  }
  /// All texts of the blocks, one after the other.
  static std::string shown(const json& message) {
    std::string text;
    for (const json& block : message["attachments"][0]["blocks"]) {
      text += block.contains("text") ? block["text"]["text"].get<std::string>() + "\n" : "";
      const json fields = block.value("fields", json::array());
      for (const json& field : fields) {
        text += field["text"].get<std::string>() + "\n";
      }
    }
    return text;
  }
  SlackReceiver receiver;
};

TEST_F(SlackMessage, ShowsWhatAReaderNeeds) {
  const json message = rendered(one());
  EXPECT_THAT(message["text"].get<std::string>(),
              StartsWith("[CRITICAL] registry.example/team/app:1.a is overdue"));
  const std::string text = shown(message);
  for (const std::string& part :
       {std::string("*Image*\nregistry.example/team/app:1.a"),
        "*Digest*\n" + AlertWorld::digest('a').str(),
        std::string("*Deadline*\n2026-10-31 12:00 UTC (1d ago)"),
        std::string("*Runs in*\nhost-a (1 container)"),
        std::string("*Owner*\npayments (#pay-oncall)"), std::string("*What to do*\nscan the image"),
        std::string("<https://scanclock.example/alerts/alert-1|Details>"),
        std::string("|Runbook>")}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(SlackMessage, LetsNoValueBecomeAMentionOrALink) {
  say_hostile_things();
  const json message = rendered(one());
  for (const std::string& text : {message["text"].get<std::string>(), shown(message)}) {
    EXPECT_THAT(text, Not(HasSubstr("<!channel>")));
    EXPECT_THAT(text, HasSubstr("&lt;!channel&gt;"));
    EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  }
  EXPECT_EQ(slack_escaped("a & <b>"), "a &amp; &lt;b&gt;");
}

TEST_F(SlackMessage, KeepsTheMarkupOfTheTemplateAndEscapesItsValues) {
  transition.alert.annotations["summary"] = "<!here>";
  receiver.templates.title = "*{{summary}}* <https://wiki.example|wiki>";
  receiver.templates.text = "_{{owner}}_";
  const json message = rendered(one());
  EXPECT_EQ(shown(message), "*&lt;!here&gt;* <https://wiki.example|wiki>\n_payments_\n");
}

TEST_F(SlackMessage, StaysWithinTheLimitsWhateverTheTextsHold) {
  run_everywhere();
  say_hostile_things();
  transition.alert.annotations["description"] = std::string(50'000, '&');
  receiver.templates.text = "";
  for (const Notification& notification : {one(), group(50, 9'950)}) {
    const std::string message = render_slack(receiver, input(), notification);
    EXPECT_LE(message.size(), slack_message_bytes_max);
    const json parsed = json::parse(message);
    EXPECT_LE(code_points_of(parsed["text"].get<std::string>()), slack_text_max);
    EXPECT_LE(parsed["attachments"][0]["blocks"].size(), 50u);
    for (const json& block : parsed["attachments"][0]["blocks"]) {
      if (block.contains("text")) {
        const std::string text = block["text"]["text"];
        EXPECT_LE(code_points_of(text), slack_section_max);
        EXPECT_FALSE(text.empty());
      }
      const json fields = block.value("fields", json::array());
      EXPECT_LE(fields.size(), slack_section_fields_max);
      for (const json& field : fields) {
        EXPECT_LE(code_points_of(field["text"].get<std::string>()), slack_field_max);
      }
    }
  }
}

TEST_F(SlackMessage, ListsAGroupAndCountsWhatItLeavesOut) {
  const std::string text = shown(rendered(group(3, 97)));
  EXPECT_THAT(text, HasSubstr("100 alerts fire: owner payments"));
  EXPECT_THAT(text, HasSubstr("- [CRITICAL] image 2 is overdue; owner payments; overdue for 1d"));
  EXPECT_THAT(text, HasSubstr("… and 97 more"));
}

TEST_F(SlackMessage, IsNeverWithoutAWord) {
  receiver.templates.title = "{{ended_at}}";
  receiver.templates.text = "{{ended_at}}";
  EXPECT_THAT(rendered(one())["text"].get<std::string>(), StartsWith("[CRITICAL]"));
}

class TeamsMessage : public OverdueNotification {
 protected:
  json rendered(const Notification& notification) const {
    return json::parse(render_teams(receiver, input(), notification));
  }
  static json card_of(const json& message) { return message["attachments"][0]["content"]; }
  static std::string shown(const json& message) {
    std::string text;
    const json body = card_of(message)["body"];
    for (const json& block : body) {
      EXPECT_EQ(block["type"], "RichTextBlock");
      for (const json& run : block["inlines"]) {
        EXPECT_EQ(run["type"], "TextRun");
        text += run["text"].get<std::string>();
      }
      text += "\n";
    }
    return text;
  }
  TeamsReceiver receiver;
};

TEST_F(TeamsMessage, IsAnAdaptiveCardOfPlainTexts) {
  const json message = rendered(one());
  EXPECT_EQ(message["type"], "message");
  EXPECT_EQ(message["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(card_of(message)["type"], "AdaptiveCard");
  EXPECT_EQ(card_of(message)["actions"][0]["url"], "https://scanclock.example/alerts/alert-1");
  const std::string text = shown(message);
  EXPECT_THAT(text, HasSubstr("[CRITICAL] registry.example/team/app:1.a is overdue"));
  EXPECT_THAT(text, HasSubstr("Digest: " + AlertWorld::digest('a').str()));
  EXPECT_THAT(text, HasSubstr("What to do: scan the image now"));
}

TEST_F(TeamsMessage, StaysWithinTheLimitWhateverTheTextsHold) {
  run_everywhere();
  say_hostile_things();
  for (const Notification& notification : {one(), group(50, 9'950)}) {
    EXPECT_LE(render_teams(receiver, input(), notification).size(), teams_message_bytes_max);
  }
  EXPECT_THAT(shown(rendered(group(50, 9'950))), HasSubstr(" more"));
  receiver.templates.text = std::string(16'000, 'x') + "{{summary}}";
  EXPECT_LE(render_teams(receiver, input(), one()).size(), teams_message_bytes_max);
  EXPECT_THAT(shown(rendered(one())), HasSubstr("…"));
}

TEST_F(TeamsMessage, SaysWhyAnAlertEnded) {
  resolve("not_running");
  EXPECT_THAT(shown(rendered(one())), StartsWith("[RESOLVED: not_running] "));
  resolve("superseded");
  EXPECT_THAT(shown(rendered(one())), StartsWith("[SUPERSEDED] "));
}

}  // namespace
}  // namespace scanclock::alerts
