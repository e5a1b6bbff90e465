#include "alerts/receivers/incident_key.hpp"
#include "alerts/receivers/opsgenie.hpp"
#include "alerts/receivers/pagerduty.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "tests/unit/alerts/notification_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

TEST(PlainText, MakesAnyBytesHarmless) {
  struct Case {
    const char* text;
    const char* line;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"Müller 30 °C 容器 😀", "Müller 30 °C 容器 😀"},
      {"two\r\nlines\tand", "two  lines and"},
      {"\x01\x7f", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xff", "\xef\xbf\xbd"},
      {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xe2\x80\xaeright to left", "\xef\xbf\xbdright to left"},
      {"\xe2\x80\xa8line", " line"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(clean_line(one.text), one.line) << one.text;
  }
  EXPECT_EQ(clean_text("a\nb\r"), "a\nb ");
}

TEST(PlainText, IsCutVisiblyBetweenCharacters) {
  EXPECT_EQ(cut_code_points("容器容器", 4), "容器容器");
  EXPECT_EQ(cut_code_points("容器容器", 3), "容器…");
  EXPECT_EQ(cut_code_points("abc", 1), "…");
  EXPECT_EQ(cut_bytes("容器", 6), "容器");
  EXPECT_EQ(cut_bytes("容器", 5), "…");
  EXPECT_EQ(cut_bytes("a容器", 6), "a…");
  EXPECT_EQ(cut_bytes("abcdef", 5), "ab…");
}

TEST(IncidentKey, StaysWhatItIsUntilItIsTooLong) {
  EXPECT_EQ(incident_key("alert-1", 255), "alert-1");
  const std::string a = incident_key(std::string(300, 'a'), 255);
  const std::string b = incident_key(std::string(300, 'a') + "b", 255);
  EXPECT_EQ(a.size(), 64u);
  EXPECT_NE(a, b);
}

class PagerDutyMessage : public OverdueNotification {
 protected:
  json rendered(const Notification& notification) const {
    return json::parse(render_pagerduty(receiver, input(), notification));
  }
  PagerDutyReceiver receiver;
};

TEST_F(PagerDutyMessage, TellsAReaderAtNightWhatIsWrongAndWhatToDo) {
  const json event = rendered(one());
  EXPECT_EQ(event["event_action"], "trigger");
  EXPECT_EQ(event["dedup_key"], transition.alert.id);
  EXPECT_FALSE(event.contains("routing_key"));
  const json& payload = event["payload"];
  EXPECT_EQ(payload["severity"], "critical");
  EXPECT_EQ(payload["source"], "registry.example/team/app:1.a");
  EXPECT_EQ(payload["component"], AlertWorld::digest('a').str());
  EXPECT_EQ(payload["class"], "ScanclockScanOverdue");
  EXPECT_EQ(payload["timestamp"], "2026-11-01T12:00:00Z");
  EXPECT_THAT(payload["summary"].get<std::string>(),
              StartsWith("[CRITICAL] registry.example/team/app:1.a is overdue"));
  const json& details = payload["custom_details"];
  EXPECT_EQ(details["Image"], "registry.example/team/app:1.a");
  EXPECT_EQ(details["Digest"], AlertWorld::digest('a').str());
  EXPECT_EQ(details["Deadline"], "2026-10-31 12:00 UTC (1d ago)");
  EXPECT_EQ(details["Since"], "2026-11-01 12:00 UTC");
  EXPECT_EQ(details["Last scan"], "2026-10-01 12:00 UTC (trivy 0.50.0)");
  EXPECT_EQ(details["Runs in"], "host-a (1 container)");
  EXPECT_EQ(details["Workloads"], "host-a/web/deployment/front");
  EXPECT_EQ(details["Owner"], "payments (#pay-oncall)");
  EXPECT_EQ(details["Environment"], "production");
  EXPECT_THAT(details["What to do"].get<std::string>(), StartsWith("scan the image now"));
  EXPECT_EQ(event["links"][0]["href"], "https://scanclock.example/alerts/alert-1");
  EXPECT_THAT(event["links"][1]["href"].get<std::string>(), HasSubstr("/runbook#"));
}

TEST_F(PagerDutyMessage, UpdatesAndResolvesTheSameIncident) {
  transition.kind = AlertEventKind::updated;
  const json update = rendered(one());
  EXPECT_EQ(update["event_action"], "trigger");
  EXPECT_EQ(update["dedup_key"], transition.alert.id);
  resolve("scanned");
  const json resolved = rendered(one());
  EXPECT_EQ(resolved["event_action"], "resolve");
  EXPECT_EQ(resolved["dedup_key"], transition.alert.id);
  EXPECT_THAT(resolved["payload"]["summary"].get<std::string>(), StartsWith("[RESOLVED: scanned]"));
}

TEST_F(PagerDutyMessage, ClosesTheIncidentOfAnAlertThatAGraverOneSupersedes) {
  resolve("superseded");
  EXPECT_EQ(rendered(one())["event_action"], "resolve");
}

TEST_F(PagerDutyMessage, BindsTheIncidentToTheGroup) {
  const json event = rendered(group(3, 7));
  EXPECT_EQ(event["dedup_key"], "grp_0123456789abcdef");
  EXPECT_EQ(event["payload"]["summary"], "[CRITICAL] 10 alerts fire: owner payments");
  EXPECT_EQ(event["payload"]["custom_details"]["Alerts"].size(), 3u);
  EXPECT_EQ(event["payload"]["custom_details"]["Alerts left out"], 7);
}

TEST_F(PagerDutyMessage, StaysWithinTheLimitsWhateverTheTextsHold) {
  run_everywhere();
  say_hostile_things();
  for (const Notification& notification : {one(), group(50, 9'950)}) {
    const std::string event = render_pagerduty(receiver, input(), notification);
    EXPECT_LE(with_routing_key(event, std::string(32, 'k')).size(), pagerduty_event_bytes_max);
    const json parsed = json::parse(event);
    EXPECT_LE(code_points_of(parsed["payload"]["summary"].get<std::string>()),
              pagerduty_summary_max);
  }
  EXPECT_THAT(rendered(one())["payload"]["custom_details"]["Workloads"].get<std::string>(),
              HasSubstr(" and 9990 more"));
  EXPECT_EQ(rendered(one())["payload"]["custom_details"]["Runs in"], "host-a (10000 containers)");
}

TEST_F(PagerDutyMessage, GetsItsKeyWhenItIsSent) {
  const std::string event = with_routing_key(R"({"event_action":"trigger"})", "a\"b");
  EXPECT_EQ(json::parse(event)["routing_key"], "a\"b");
  EXPECT_EQ(json::parse(event)["event_action"], "trigger");
}

TEST_F(PagerDutyMessage, TakesTheTextsOfTheSettings) {
  receiver.templates.title = "{{owner}}: {{image}}";
  receiver.templates.text = "{{summary}}\nNever: {{ended_at}}\n{{url}}";
  const json payload = rendered(one())["payload"];
  EXPECT_EQ(payload["summary"], "payments: registry.example/team/app:1.a");
  EXPECT_EQ(payload["custom_details"].size(), 1u);
  EXPECT_THAT(payload["custom_details"]["text"].get<std::string>(),
              testing::Not(HasSubstr("Never")));
}

class OpsgenieMessage : public OverdueNotification {
 protected:
  std::vector<OpsgenieRequest> rendered(const Notification& notification) const {
    return opsgenie_requests(render_opsgenie(receiver, input(), notification));
  }
  OpsgenieReceiver receiver;
};

TEST_F(OpsgenieMessage, CreatesAnAlertUnderTheKeyAsAlias) {
  const auto requests = rendered(one());
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].path, "/v2/alerts");
  const json body = json::parse(requests[0].body);
  EXPECT_EQ(body["alias"], "alert-1");
  EXPECT_EQ(body["priority"], "P1");
  EXPECT_EQ(body["entity"], "registry.example/team/app:1.a");
  EXPECT_EQ(body["tags"], json({"scanclock", "critical", "ScanclockScanOverdue", "production",
                                "payments", "fedramp-30d"}));
  EXPECT_THAT(body["description"].get<std::string>(), HasSubstr("What to do: scan the image now"));
  EXPECT_EQ(body["details"]["Digest"], AlertWorld::digest('a').str());
}

TEST_F(OpsgenieMessage, ChangesAnOpenAlertAndClosesIt) {
  transition.kind = AlertEventKind::updated;
  const auto update = rendered(one());
  ASSERT_EQ(update.size(), 4u);
  EXPECT_EQ(update[1].method, "PUT");
  EXPECT_EQ(update[1].path, "/v2/alerts/alert-1/message?identifierType=alias");
  EXPECT_EQ(update[2].path, "/v2/alerts/alert-1/description?identifierType=alias");
  EXPECT_EQ(update[3].body, R"({"priority":"P1"})");
  resolve("not_running");
  const auto closed = rendered(one());
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].path, "/v2/alerts/alert-1/close?identifierType=alias");
  EXPECT_THAT(json::parse(closed[0].body)["note"].get<std::string>(),
              StartsWith("[RESOLVED: not_running]"));
}

TEST_F(OpsgenieMessage, StaysWithinTheLimitsWhateverTheTextsHold) {
  run_everywhere();
  say_hostile_things();
  for (const Notification& notification : {one(), group(50, 9'950)}) {
    const json body = json::parse(rendered(notification).at(0).body);
    EXPECT_LE(code_points_of(body["message"].get<std::string>()), opsgenie_message_max);
    EXPECT_LE(code_points_of(body["description"].get<std::string>()), opsgenie_description_max);
    std::size_t details = 0;
    for (const auto& [key, value] : body["details"].items()) {
      details += code_points_of(key) + code_points_of(value.get<std::string>());
    }
    EXPECT_LE(details, opsgenie_details_max);
    EXPECT_LE(body["tags"].size(), opsgenie_tags_max);
    for (const json& tag : body["tags"]) {
      EXPECT_LE(code_points_of(tag.get<std::string>()), opsgenie_tag_max);
    }
  }
}

TEST(OpsgenieRequests, AreNotReadFromAnotherReceiversMessage) {
  for (const char* text :
       {"", "null", "{}", R"({"type":"scanclock.alert.firing"})", R"({"opsgenie":{}})",
        R"({"opsgenie":[{"method":"POST","path":"http://evil.example/","body":{}}]})",
        R"({"opsgenie":[{"method":"POST"}]})"}) {
    EXPECT_TRUE(opsgenie_requests(text).empty()) << text;
  }
}

}  // namespace
}  // namespace scanclock::alerts
