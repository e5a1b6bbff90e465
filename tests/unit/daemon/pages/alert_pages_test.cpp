#include "daemon/pages/alert_list.hpp"
#include "daemon/pages/alert_page.hpp"
#include "daemon/pages/notification_list.hpp"
#include "daemon/pages/page_parts.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

namespace scanclock {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class AlertPages : public PageTest {
 protected:
  AlertPages() {
    world.add_image('a');
    world.scan('a', world.now - hours(24 * 31));
    world.run("a");
    world.sources.answered("host-a", 1, world.now);
    world.reevaluate();
  }

  std::string page(const Alert& alert, AlertPageInput input) {
    return checked(render_alert_page(frame(PageSection::alerts), input, alert));
  }
  AlertPageInput input() { return {world.inventory, world.sources, silences, {}, {}, {}, false}; }

  std::string list(const std::vector<Alert>& alerts,
                   const std::map<std::string, std::string>& query = {}) {
    AlertListQuestion question;
    EXPECT_FALSE(read_alert_list(query, question));
    std::vector<const Alert*> pointers;
    for (const Alert& alert : alerts) {
      pointers.push_back(&alert);
    }
    return checked(render_alert_list(frame(PageSection::alerts), question, pointers, silences));
  }

  Silence silence(const std::string& reason) const {
    Silence item;
    item.id = "sil_0123456789abcdef";
    item.matchers = {*parse_matcher("owner=\"payments\"")};
    item.author = "ann";
    item.reason = reason;
    item.created_at = item.starts_at = world.now - hours(1);
    item.expires_at = world.now + hours(3);
    return item;
  }

  NotificationRecord message(const std::string& id, NotificationState state) const {
    NotificationRecord record;
    record.id = id;
    record.position = 7;
    record.receiver = "oncall";
    record.alert_id = "alert-1";
    record.sequence = 1;
    record.type = "scanclock.alert.firing";
    record.state = state;
    record.created_at = world.now - hours(1);
    NotificationAttempt attempt;
    attempt.at = world.now - hours(1);
    attempt.outcome = "failed";
    attempt.status = 503;
    record.attempts = {attempt};
    record.last_error = "oncall answered 503";
    return record;
  }

  alerts::SilenceBook silences;
};

TEST_F(AlertPages, TellWhatIsWrongWhatToDoAndWhereItRuns) {
  const std::string html = page(alert_about('a', "alert-1", world.now - hours(24)), input());
  const std::string shown = words(html);
  EXPECT_THAT(shown, HasSubstr("registry.example/team/app:1.a is overdue"));
  EXPECT_THAT(shown, HasSubstr("Scan it."));
  EXPECT_THAT(shown, HasSubstr("payments, #pay-oncall"));
  EXPECT_THAT(shown, HasSubstr("1 container"));
  EXPECT_THAT(shown, HasSubstr("scanclock ack alert-1 --for 4h"));
  EXPECT_THAT(html, HasSubstr("href=\"/runbook#scanclockscanoverdue\""));
  EXPECT_THAT(html, HasSubstr("href=\"/images/" + AlertWorld::digest('a').str() + "\""));
  EXPECT_THAT(html, HasSubstr("class=\"badge overdue\""));
}

TEST_F(AlertPages, StayWhenTheAlertHasEnded) {
  Alert ended = alert_about('a', "alert-1", world.now - hours(24 * 60));
  ended.firing = false;
  ended.resolved_reason = "not_running";
  ended.ended_at = world.now - hours(24 * 59);
  const std::string shown = words(page(ended, input()));
  EXPECT_THAT(shown, HasSubstr("resolved not running"));
  EXPECT_THAT(shown, Not(HasSubstr("scanclock ack")));
}

TEST_F(AlertPages, HaveTheHistoryNewestFirstWithWhoTookIt) {
  AlertPageInput given = input();
  AlertEvent fired{"alert-1", 1, AlertEventKind::firing, world.now - hours(9), "deadline passed"};
  AlertEvent again{"alert-1", 2, AlertEventKind::repeated, world.now - hours(5), "still so"};
  given.events = {again, fired};
  given.acknowledgements = {
      {"alert-1", "bob", "rescan runs", world.now - hours(2), world.now + hours(2), {}}};
  given.notifications = {message("msg_1", NotificationState::delivered)};
  const std::string shown = words(page(alert_about('a', "alert-1", world.now - hours(9)), given));
  EXPECT_LT(shown.find("rescan runs"), shown.find("still so"));
  EXPECT_LT(shown.find("still so"), shown.find("deadline passed"));
  EXPECT_THAT(shown, HasSubstr("msg_1"));
  EXPECT_THAT(shown, HasSubstr("answer 503"));
}

TEST_F(AlertPages, SayThatTheRecordDoesNotAnswer) {
  AlertPageInput given = input();
  given.history_is_cut = true;
  EXPECT_THAT(words(page(alert_about('a', "alert-1", world.now), given)),
              HasSubstr("history and notifications are missing here"));
  EXPECT_THAT(words(checked(render_unknown_alert_page(frame(PageSection::alerts), true))),
              HasSubstr("Alert cannot be looked up"));
  EXPECT_THAT(words(checked(render_unknown_alert_page(frame(PageSection::alerts), false))),
              HasSubstr("No such alert"));
}

TEST_F(AlertPages, LeadToTheSubjectOfEveryRule) {
  Alert blind = alert_about('a', "alert-1", world.now);
  blind.key = {"ScanclockSourceBlind", "host-a", ""};
  EXPECT_THAT(page(blind, input()), HasSubstr("href=\"/sources#source-host-a\""));
  Alert unresolved = alert_about('a', "alert-1", world.now);
  unresolved.key = {"ScanclockImageUnresolved", "elsewhere.example/x:1", ""};
  EXPECT_THAT(page(unresolved, input()),
              HasSubstr("href=\"/containers?q=elsewhere.example%2Fx%3A1\""));
  Alert gone = alert_about('f', "alert-1", world.now);
  EXPECT_THAT(words(page(gone, input())), HasSubstr(AlertWorld::digest('f').str()))
      << "an image that is known no more";
}

TEST_F(AlertPages, ListWhatFiresWithWhoIsToldAndWhatEnded) {
  Alert grave = alert_about('a', "grave", world.now - hours(1));
  Alert mild = alert_about('b', "mild", world.now - hours(9));
  mild.severity = Severity::warning;
  Alert over = alert_about('c', "over", world.now - hours(9));
  over.firing = false;
  over.resolved_reason = "scanned";
  over.ended_at = world.now - hours(2);
  const std::string html = list({mild, grave, over});
  EXPECT_LT(html.find("/alerts/grave"), html.find("/alerts/mild"));
  EXPECT_LT(html.find("/alerts/mild"), html.find("/alerts/over"));
  EXPECT_THAT(words(html), HasSubstr("2 fire, the gravest first"));
  EXPECT_THAT(words(html), HasSubstr("No silence is in force."));
  silences.put(silence("scanner is rebuilt"));
  const std::string quiet = words(list({mild, grave, over}));
  EXPECT_THAT(quiet, HasSubstr("silenced by ann until"));
  EXPECT_THAT(quiet, HasSubstr("owner=\"payments\""));
}

TEST_F(AlertPages, FilterAndPageTheList) {
  std::vector<Alert> alerts;
  for (std::size_t index = 0; index < page_rows + 5; ++index) {
    alerts.push_back(alert_about('a', "a" + std::to_string(index), world.now - hours(index)));
  }
  alerts.back().severity = Severity::warning;
  alerts.back().key.rule = "ScanclockScanDueSoon";
  const std::string html = list(alerts);
  EXPECT_THAT(words(html), HasSubstr("1–100 of 105"));
  const auto at = html.find("href=\"/alerts?after=") + 20;
  const std::string after = html.substr(at, html.find('"', at) - at);
  EXPECT_THAT(words(list(alerts, {{"after", after}})), HasSubstr("101–105 of 105"));
  EXPECT_THAT(words(list(alerts, {{"severity", "warning"}})), HasSubstr("1 fires"));
  EXPECT_THAT(words(list(alerts, {{"rule", "ScanclockScanDueSoon"}})), HasSubstr("1 fires"));
  EXPECT_THAT(words(list(alerts, {{"owner", "nobody"}})), HasSubstr("No alert is firing."));
  AlertListQuestion question;
  EXPECT_TRUE(read_alert_list({{"severity", "huge"}}, question));
  EXPECT_TRUE(read_alert_list({{"after", "9.9.x"}}, question));
}

TEST_F(AlertPages, ShowTheLedgerWithEveryAnswer) {
  NotificationListInput given;
  given.receivers = {{"oncall", true, "answered 410"}, {"chat", false, ""}};
  OutboxStatistics queue;
  queue.receiver = "oncall";
  queue.waiting = 3;
  queue.set_aside = 1;
  queue.oldest_waiting_at = world.now - hours(2);
  given.queues = {queue};
  NotificationRecord grouped = message("msg_2", NotificationState::set_aside);
  grouped.alert_ids = {"a1", "a2", "a3", "a4", "a5", "a6"};
  grouped.grouped_alerts = 10'000;
  given.records = {grouped, message("msg_1", NotificationState::waiting)};
  const std::string html = checked(render_notification_list(frame(PageSection::notifications),
                                                            NotificationListQuestion(), given));
  const std::string shown = words(html);
  EXPECT_THAT(shown, HasSubstr("group of 10,000"));
  EXPECT_THAT(shown, HasSubstr("and 9,995 more"));
  EXPECT_THAT(html, HasSubstr("href=\"/alerts/a1\""));
  EXPECT_THAT(shown, HasSubstr("oncall answered 503"));
  EXPECT_THAT(html, HasSubstr("class=\"badge stopped\""));
  EXPECT_THAT(html, HasSubstr("class=\"badge set_aside\""));
  given.history_is_cut = true;
  EXPECT_THAT(words(checked(render_notification_list(frame(PageSection::notifications),
                                                     NotificationListQuestion(), given))),
              HasSubstr("The database does not answer"));
}

TEST_F(AlertPages, OfTheLedgerLeadToOlderOnes) {
  NotificationListInput given;
  given.records.assign(page_rows + 1, message("msg", NotificationState::delivered));
  NotificationListQuestion question;
  EXPECT_FALSE(read_notification_list({{"state", "delivered"}, {"before", "900"}}, question));
  EXPECT_EQ(question.before, 900);
  const std::string html =
      checked(render_notification_list(frame(PageSection::notifications), question, given));
  EXPECT_THAT(html, HasSubstr("href=\"/notifications?state=delivered&amp;before=7\""));
  EXPECT_TRUE(read_notification_list({{"state", "lost"}}, question));
  EXPECT_TRUE(read_notification_list({{"before", "x"}}, question));
}

TEST_F(AlertPages, EscapeWhatCameFromOutside) {
  Alert alert = alert_about('a', hostile_text, world.now);
  for (auto& [name, value] : alert.annotations) {
    value = hostile_text;
  }
  alert.labels[hostile_text] = hostile_text;
  alert.owner = alert.environment = alert.key.policy = hostile_text;
  AlertPageInput given = input();
  given.events = {{"x", 1, AlertEventKind::firing, world.now, hostile_text}};
  given.acknowledgements = {{"x", hostile_text, hostile_text, world.now, world.now, {}}};
  NotificationRecord record = message(hostile_text, NotificationState::waiting);
  record.receiver = record.type = record.last_error = record.alert_id = hostile_text;
  given.notifications = {record};
  silences.put(silence(hostile_text));
  EXPECT_THAT(page(alert, given), HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(list({alert}, {{"q", hostile_text}}), HasSubstr("&lt;script&gt;"));
}

}  // namespace
}  // namespace scanclock
