#include "alerts/digest.hpp"

#include "alerts/digest_book.hpp"
#include "alerts/receivers/digest_message.hpp"
#include "alerts/receivers/slack.hpp"
#include "alerts/receivers/teams.hpp"
#include "tests/support/alert_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

constexpr Duration day = hours(24);
constexpr Duration week = 7 * day;

TimePoint moment(const char* text) { return *parse_rfc3339(text); }

TEST(DigestGrid, BeginsOnMondaysAtEight) {
  struct Case {
    Duration every;
    const char* now;
    const char* due;
  };
  const Case cases[] = {
      {week, "2026-11-22T06:00:00Z", "2026-11-16T08:00:00Z"},
      {week, "2026-11-16T08:00:00Z", "2026-11-16T08:00:00Z"},
      {week, "2026-11-16T07:59:59.999999Z", "2026-11-09T08:00:00Z"},
      {day, "2026-11-22T06:00:00Z", "2026-11-21T08:00:00Z"},
      {hours(1), "2026-11-22T06:31:00Z", "2026-11-22T06:00:00Z"},
      {week, "1970-01-01T00:00:00Z", "1969-12-29T08:00:00Z"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(format_rfc3339(digest_due_at(one.every, TimeZone(), moment(one.now))), one.due)
        << one.now;
  }
}

/// Clocks in Berlin go forward on 29 March 2026 at 01:00 UTC, and back on 25 October.
TEST(DigestGrid, FollowsTheClockOnTheWall) {
  const TimeZone berlin = *TimeZone::find("Europe/Berlin");
  const TimeZone new_york = *TimeZone::find("America/New_York");
  // Half an hour at a time, and on a summer time of half an hour.
  const TimeZone lord_howe = *TimeZone::find("Australia/Lord_Howe");
  struct Case {
    TimeZone zone;
    Duration every;
    const char* now;
    const char* due;
    const char* next;
  };
  const Case cases[] = {
      {berlin, week, "2026-11-22T06:00:00Z", "2026-11-16T07:00:00Z", "2026-11-23T07:00:00Z"},
      {berlin, week, "2026-07-01T06:00:00Z", "2026-06-29T06:00:00Z", "2026-07-06T06:00:00Z"},
      {berlin, week, "2026-07-06T05:59:59Z", "2026-06-29T06:00:00Z", "2026-07-06T06:00:00Z"},
      {berlin, week, "2026-07-06T06:00:00Z", "2026-07-06T06:00:00Z", "2026-07-13T06:00:00Z"},
      // A week of 167 hours, and one of 169.
      {berlin, week, "2026-03-25T12:00:00Z", "2026-03-23T07:00:00Z", "2026-03-30T06:00:00Z"},
      {berlin, week, "2026-03-30T06:30:00Z", "2026-03-30T06:00:00Z", "2026-04-06T06:00:00Z"},
      {berlin, week, "2026-10-22T12:00:00Z", "2026-10-19T06:00:00Z", "2026-10-26T07:00:00Z"},
      {berlin, week, "2026-10-26T06:30:00Z", "2026-10-19T06:00:00Z", "2026-10-26T07:00:00Z"},
      {berlin, week, "2026-10-26T07:00:00Z", "2026-10-26T07:00:00Z", "2026-11-02T07:00:00Z"},
      // Days of 23 and of 25 hours.
      {berlin, day, "2026-03-28T12:00:00Z", "2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"},
      {berlin, day, "2026-10-24T12:00:00Z", "2026-10-24T06:00:00Z", "2026-10-25T07:00:00Z"},
      // No hour is left out in spring, and the hour that comes twice is told of once.
      {berlin, hours(1), "2026-03-29T00:30:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
      {berlin, hours(1), "2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
      {berlin, hours(1), "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"},
      {berlin, hours(1), "2026-10-25T01:10:00Z", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"},
      {new_york, week, "2026-11-22T06:00:00Z", "2026-11-16T13:00:00Z", "2026-11-23T13:00:00Z"},
      {new_york, week, "2026-10-28T00:00:00Z", "2026-10-26T12:00:00Z", "2026-11-02T13:00:00Z"},
      {lord_howe, week, "2026-04-03T00:00:00Z", "2026-03-29T21:00:00Z", "2026-04-05T21:30:00Z"},
  };
  for (const Case& one : cases) {
    const TimePoint now = moment(one.now);
    EXPECT_EQ(format_rfc3339(digest_due_at(one.every, one.zone, now)), one.due) << one.now;
    EXPECT_EQ(format_rfc3339(digest_due_after(one.every, one.zone, now)), one.next) << one.now;
  }
}

TEST(DigestGrid, NeverGoesBackAndMissesNothingThroughAYear) {
  const TimeZone berlin = *TimeZone::find("Europe/Berlin");
  for (const Duration every : {Duration(hours(1)), Duration(minutes(70)), day, week}) {
    TimePoint due = digest_due_at(every, berlin, moment("2026-01-01T00:00:00Z"));
    TimePoint next = digest_due_after(every, berlin, due);
    for (TimePoint now = due; now < moment("2027-01-01T00:00:00Z"); now += minutes(10)) {
      const TimePoint found = digest_due_at(every, berlin, now);
      ASSERT_EQ(found, now < next ? due : next) << format_rfc3339(now);
      if (found == next) {
        due = next;
        next = digest_due_after(every, berlin, due);
        ASSERT_GT(next, due);
      }
    }
  }
}

Receiver digest_receiver(const std::string& name, Duration every) {
  Receiver receiver;
  receiver.name = name;
  receiver.webhook = WebhookReceiver();
  receiver.digest_every = every;
  return receiver;
}

TEST(DigestReceivers, AreThoseThatPeopleRead) {
  Receiver receiver = digest_receiver("hook", week);
  EXPECT_TRUE(takes_digests(receiver));
  receiver.webhook->format = WebhookFormat::alertmanager;
  EXPECT_FALSE(takes_digests(receiver)) << "its body has alerts only";
  receiver.webhook.reset();
  receiver.pagerduty = PagerDutyReceiver();
  EXPECT_FALSE(takes_digests(receiver)) << "a digest is no incident";
  receiver.pagerduty.reset();
  receiver.slack = SlackReceiver();
  EXPECT_TRUE(takes_digests(receiver));
}

/// A week with an overdue image, one that falls due in three days, one in twenty, and one that
/// nobody scanned.
class DigestOfAWeek : public testing::Test {
 protected:
  DigestOfAWeek() {
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      world.add_image(letter);
    }
    world.scan('a', world.now - 31 * day);
    world.scan('b', world.now - 27 * day);
    world.scan('c', world.now - 10 * day);
    world.run("abcd");
    world.reevaluate();
  }

  ChangeSet write(DigestBook& book) {
    ChangeSet changes;
    book.write(world.inventory, "https://scanclock.example", world.now, changes);
    return changes;
  }

  AlertWorld world;
};

TEST_F(DigestOfAWeek, SaysWhatIsLateAndWhatComes) {
  const Forecast counted = forecast(world.inventory, digest_question(), world.now);
  EXPECT_EQ(digest_title(counted),
            "Scanclock: 1 overdue, 1 never scanned, 1 due within 7 days, 2 within 35 days, of 4 "
            "running images");
  const std::string text = digest_text(counted);
  EXPECT_THAT(text, HasSubstr("Overdue (1):\n- registry.example/team/app:1.a (payments), since " +
                              format_rfc3339(world.now - day) + "\n"));
  EXPECT_THAT(text,
              HasSubstr("Never scanned (1):\n- registry.example/team/app:1.d (payments), since "));
  EXPECT_THAT(text, HasSubstr("- " + format_rfc3339(world.now + 3 * day).substr(0, 10) + ": 1\n"));
  EXPECT_THAT(
      text, HasSubstr("Next to pass their deadline:\n- registry.example/team/app:1.b (payments), " +
                      format_rfc3339(world.now + 3 * day) + "\n"));
  EXPECT_THAT(text, HasSubstr("By owner:\n- payments: 1 overdue, 1 never scanned, 1 within 7 "
                              "days, 2 within 35 days\n"));
}

TEST_F(DigestOfAWeek, IsOneJsonBodyForWebhooks) {
  const Forecast counted = forecast(world.inventory, digest_question(), world.now);
  const ForecastDigest digest{"team", 3, world.now, counted};
  const json body = json::parse(digest_body(digest, "https://scanclock.example"));
  EXPECT_EQ(body.at("type"), "scanclock.digest");
  const json& data = body.at("data");
  EXPECT_EQ(data.at("id"), "digest_team");
  EXPECT_EQ(data.at("sequence"), 3);
  EXPECT_EQ(data.at("images"), 4);
  EXPECT_EQ(data.at("overdue"), 1);
  EXPECT_EQ(data.at("never_scanned"), 1);
  EXPECT_EQ(data.at("due_within_7_days"), 1);
  EXPECT_EQ(data.at("due_within_35_days"), 2);
  EXPECT_EQ(data.at("days").size(), 35U);
  EXPECT_EQ(data.at("overdue_images").at(0).at("digest"), AlertWorld::digest('a').str());
  EXPECT_EQ(data.at("nearest").at(0).at("digest"), AlertWorld::digest('b').str());
  EXPECT_EQ(data.at("owners").at(0).at("due_within_7_days"), 1);
  EXPECT_EQ(data.at("url"), "https://scanclock.example/");
}

TEST_F(DigestOfAWeek, TakesTheFormOfEachReceiver) {
  const Forecast counted = forecast(world.inventory, digest_question(), world.now);
  const ForecastDigest digest{"team", 1, world.now, counted};
  const std::string title = digest_title(counted);
  Receiver receiver;
  receiver.name = "team";
  receiver.slack = SlackReceiver();
  const json slack = json::parse(render_digest(receiver, digest, "https://scanclock.example"));
  EXPECT_EQ(slack.at("text"), title);
  EXPECT_THAT(slack.dump(), HasSubstr("Overdue (1):\\n- registry.example/team/app:1.a"));
  EXPECT_THAT(slack.dump(), HasSubstr("<https://scanclock.example/|Details>"));
  receiver.slack.reset();
  receiver.teams = TeamsReceiver();
  const json teams = json::parse(render_digest(receiver, digest, "https://scanclock.example"));
  const json& card = teams.at("attachments").at(0).at("content");
  EXPECT_EQ(card.at("body").at(0).at("inlines").at(0).at("text"), title);
  EXPECT_EQ(card.at("actions").at(0).at("url"), "https://scanclock.example/");
  receiver.teams.reset();
  receiver.email = EmailReceiver();
  receiver.email->from = "scanclock@scanclock.example";
  receiver.email->to = {"team@scanclock.example"};
  const std::string mail = render_digest(receiver, digest, "");
  EXPECT_THAT(mail, HasSubstr("Subject: Scanclock: 1 overdue, 1 never scanned"));
  EXPECT_THAT(mail, HasSubstr("To: team@scanclock.example\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\nOverdue (1):\r\n- registry.example/team/app:1.a"));
  receiver.email.reset();
  receiver.pagerduty = PagerDutyReceiver();
  EXPECT_THROW(render_digest(receiver, digest, ""), std::invalid_argument);
}

TEST_F(DigestOfAWeek, StaysWithinTheLimitsOfEachReceiver) {
  Forecast counted = forecast(world.inventory, digest_question(), world.now);
  counted.overdue.nearest.assign(digest_images_max, counted.overdue.nearest.front());
  counted.never_scanned.nearest.assign(digest_images_max, counted.overdue.nearest.front());
  ForecastGroup owner = counted.by_owner.groups.front();
  owner.name = std::string(200, '<');
  counted.by_owner.groups.assign(200, owner);
  const ForecastDigest digest{"team", 1, world.now, counted};
  Receiver receiver;
  receiver.teams = TeamsReceiver();
  EXPECT_LE(render_digest(receiver, digest, "").size(), teams_message_bytes_max);
  receiver.teams.reset();
  receiver.slack = SlackReceiver();
  const json slack = json::parse(render_digest(receiver, digest, ""));
  EXPECT_LE(slack.at("blocks").size(), 50U);
  for (const json& block : slack.at("blocks")) {
    EXPECT_LE(block.at("text").at("text").get<std::string>().size(), slack_section_max);
  }
  EXPECT_LE(slack.dump().size(), slack_message_bytes_max);
}

TEST_F(DigestOfAWeek, CutsLongListsAndSaysSo) {
  Forecast counted = forecast(world.inventory, digest_question(), world.now);
  counted.overdue.count = 25;
  EXPECT_THAT(digest_text(counted), HasSubstr("- and 24 more\n"));
}

TEST_F(DigestOfAWeek, TellsAReceiverFromItsNextMomentOn) {
  world.now = moment("2026-11-18T12:00:00Z");
  DigestBook book;
  EXPECT_FALSE(book.next_change_at());
  book.configure({digest_receiver("team", week)}, true);
  const ChangeSet first = write(book);
  EXPECT_TRUE(first.messages.empty());
  ASSERT_EQ(first.alert_groups.size(), 1U) << "that it is known survives a restart";
  EXPECT_EQ(book.next_change_at(), moment("2026-11-23T08:00:00Z"));
  world.now = moment("2026-11-23T07:59:59Z");
  EXPECT_TRUE(write(book).messages.empty());
  world.now = moment("2026-11-23T08:00:00Z");
  const ChangeSet due = write(book);
  ASSERT_EQ(due.messages.size(), 1U);
  EXPECT_EQ(due.messages[0].type, "scanclock.digest");
  EXPECT_EQ(due.messages[0].receiver, "team");
  EXPECT_EQ(due.messages[0].alert_id, "digest_team");
  EXPECT_EQ(due.messages[0].sequence, 1);
  EXPECT_EQ(due.messages[0].id, digest_message_id("team", world.now));
  ASSERT_EQ(due.alert_groups.size(), 1U);
  EXPECT_TRUE(write(book).messages.empty()) << "once a moment";
  EXPECT_EQ(book.next_change_at(), moment("2026-11-30T08:00:00Z"));
}

TEST_F(DigestOfAWeek, ComesAtEightInWinterToo) {
  world.now = moment("2026-10-21T12:00:00Z");
  DigestBook book;
  book.configure({digest_receiver("team", week)}, true, *TimeZone::find("Europe/Berlin"));
  write(book);
  EXPECT_EQ(book.next_change_at(), moment("2026-10-26T07:00:00Z"));
  world.now = moment("2026-10-26T06:59:59Z");
  EXPECT_TRUE(write(book).messages.empty());
  world.now = moment("2026-10-26T07:00:00Z");
  EXPECT_EQ(write(book).messages.size(), 1U);
}

TEST_F(DigestOfAWeek, IsNeitherLostNorRepeatedByARestart) {
  world.now = moment("2026-11-18T12:00:00Z");
  DigestBook before;
  before.configure({digest_receiver("team", week)}, true);
  const ChangeSet known = write(before);
  // Down over one moment, and over the next two.
  DigestBook after;
  after.restore(known.alert_groups);
  after.configure({digest_receiver("team", week)}, true);
  world.now = moment("2026-12-08T10:00:00Z");
  const ChangeSet late = write(after);
  ASSERT_EQ(late.messages.size(), 1U) << "one for all that were missed";
  EXPECT_EQ(late.messages[0].id, digest_message_id("team", moment("2026-12-07T08:00:00Z")));
  DigestBook again;
  again.restore(late.alert_groups);
  again.configure({digest_receiver("team", week)}, true);
  EXPECT_TRUE(write(again).messages.empty());
}

TEST_F(DigestOfAWeek, IsCountedInSteps) {
  DigestBook whole;
  DigestBook book(1);
  for (DigestBook* each : {&whole, &book}) {
    each->configure({digest_receiver("team", week)}, true);
    write(*each);
  }
  world.now += week;
  world.reevaluate();
  for (int step = 0; step < 3; ++step) {
    EXPECT_TRUE(write(book).messages.empty());
    ASSERT_LE(book.next_change_at(), world.now) << "there is more to count";
  }
  const ChangeSet told = write(book);
  ASSERT_EQ(told.messages.size(), 1U);
  EXPECT_EQ(told.messages[0].body, write(whole).messages.at(0).body);
  EXPECT_GT(book.next_change_at(), world.now);
}

TEST_F(DigestOfAWeek, GoesOnAfterAClockThatWasWrong) {
  world.now = moment("2026-11-18T12:00:00Z");
  DigestBook book;
  book.configure({digest_receiver("team", week)}, true);
  write(book);
  world.now += 40 * day;
  EXPECT_EQ(write(book).messages.size(), 1U);
  world.now -= 40 * day;
  EXPECT_TRUE(write(book).messages.empty());
  EXPECT_EQ(book.next_change_at(), moment("2026-11-23T08:00:00Z"));
  world.now = moment("2026-11-23T08:00:00Z");
  EXPECT_EQ(write(book).messages.size(), 1U);
}

TEST_F(DigestOfAWeek, IsForThoseWhoAskedAlone) {
  DigestBook book;
  Receiver quiet = digest_receiver("quiet", week);
  quiet.digest_every.reset();
  Receiver pager = digest_receiver("pager", week);
  pager.webhook.reset();
  pager.pagerduty = PagerDutyReceiver();
  book.configure({quiet, pager}, true);
  EXPECT_TRUE(write(book).alert_groups.empty());
  book.configure({digest_receiver("team", week)}, false);
  EXPECT_TRUE(write(book).alert_groups.empty()) << "mode observe tells nobody";
}

}  // namespace
}  // namespace scanclock::alerts
