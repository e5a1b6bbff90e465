// Receivers on their bad days: whatever one does, its message arrives in the end, under one id, and
// the others do not wait for it.
#include "core/runtime/clock.hpp"
#include "tests/integration/program/program_test.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr Duration until_well = std::chrono::seconds(75);

/// Answers its first requests badly and all later ones with 204, and remembers the ids of both.
class MoodyReceiver {
 public:
  /// What the request of this number, from 1, gets; true: it was dealt with, answer no more.
  using Mood = std::function<bool(const ServedConnection&, int number)>;

  explicit MoodyReceiver(Mood mood)
      : mood_(std::move(mood)),
        server_([this](const ServedConnection& connection, const ServedRequest& request) {
          return take(connection, request);
        }) {}

  std::string url() const { return "http://" + server_.address() + "/hook"; }

  std::vector<std::string> accepted() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }
  std::vector<std::string> refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  std::vector<std::string> targets() const {
    const std::lock_guard lock(mutex_);
    return targets_;
  }

 private:
  bool take(const ServedConnection& connection, const ServedRequest& request) {
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = ++count_;
      targets_.push_back(request.target);
    }
    const bool was_bad = mood_(connection, number);
    const std::lock_guard lock(mutex_);
    (was_bad ? refused_ : accepted_).push_back(request.header("webhook-id"));
    if (!was_bad) {
      connection.answer(204, {}, "");
    }
    return !was_bad;
  }

  Mood mood_;
  mutable std::mutex mutex_;
  int count_ = 0;
  std::vector<std::string> accepted_;
  std::vector<std::string> refused_;
  std::vector<std::string> targets_;
  BlockingServer server_;
};

std::string http_date_in(Duration wait) {
  const std::time_t at = std::chrono::system_clock::to_time_t(now_of_test() + wait);
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

MoodyReceiver::Mood first(int bad, std::function<void(const ServedConnection&)> answer) {
  return [bad, answer = std::move(answer)](const ServedConnection& connection, int number) {
    if (number > bad) {
      return false;
    }
    answer(connection);
    return true;
  };
}

struct BadDay {
  const char* name;
  MoodyReceiver::Mood mood;
  std::size_t refusals;
};

std::vector<BadDay> bad_days() {
  return {
      {"answers-500", first(2, [](const auto& peer) { peer.answer(500, {}, "oops"); }), 2},
      {"asks-for-seconds",
       first(1,
             [](const auto& peer) {
               peer.answer(429, {{"Retry-After", "2"}}, "");
             }),
       1},
      {"asks-for-a-date",
       first(1,
             [](const auto& peer) {
               const std::string date = http_date_in(std::chrono::seconds(3));
               peer.answer(429, {{"Retry-After", date}}, "");
             }),
       1},
      {"redirects",
       first(1,
             [](const auto& peer) {
               peer.answer(307, {{"Location", "/elsewhere"}}, "");
             }),
       1},
      {"sends-without-end",
       first(1,
             [](const auto& peer) {
               std::string bytes = "HTTP/1.1 500 No End\r\nTransfer-Encoding: chunked\r\n\r\n";
               const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
               while (peer.write(bytes)) {
                 bytes = chunk;
               }
             }),
       1},
      {"cuts-the-connection", first(1, [](const auto& peer) { peer.reset(); }), 1},
      {"never-answers", first(1, [](const auto& peer) { peer.wait_for_close(); }), 1},
      {"is-slow",
       [](const ServedConnection&, int) {
         std::this_thread::sleep_for(std::chrono::seconds(4));
         return false;
       },
       0},
  };
}

class ReceiverBadDays : public ProgramTest {
 protected:
  void push_overdue(const std::string& name) {
    push(name);
    attach_scan(name, now_of_test() - 40 * day);
    run_workloads({name});
  }
};

TEST_F(ReceiverBadDays, EachGetsItsMessageInTheEndUnderOneIdAndTheOthersDoNotWait) {
  std::map<std::string, std::unique_ptr<MoodyReceiver>> receivers;
  const std::vector<BadDay> days = bad_days();
  for (const BadDay& bad_day : days) {
    auto moody = std::make_unique<MoodyReceiver>(bad_day.mood);
    parts.receivers +=
        "\n  - {name: " + std::string(bad_day.name) + ", webhook: {url: '" + moody->url() + "'}}";
    receivers.emplace(bad_day.name, std::move(moody));
  }
  push_overdue("team/app");
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }))
      << "the receiver that is well waits for nobody";
  for (const BadDay& bad_day : days) {
    SCOPED_TRACE(bad_day.name);
    const MoodyReceiver& moody = *receivers.at(bad_day.name);
    EXPECT_TRUE(eventually(until_well, [&] { return !moody.accepted().empty(); })) << daemon.log();
    EXPECT_EQ(moody.refused().size(), bad_day.refusals);
    ASSERT_FALSE(moody.accepted().empty());
    for (const std::string& id : moody.refused()) {
      EXPECT_EQ(id, moody.accepted().front());
    }
  }
  const auto targets = receivers.at("redirects")->targets();
  EXPECT_EQ(std::count(targets.begin(), targets.end(), "/elsewhere"), 0)
      << "a redirect is not followed, for it may lead anywhere";
  for (const BadDay& bad_day : days) {
    EXPECT_EQ(receivers.at(bad_day.name)->accepted().size(), 1u) << bad_day.name;
  }
}

TEST_F(ReceiverBadDays, AReceiverThatIsTakenOutOfTheSettingsKeepsItsMessagesForItsReturn) {
  MoodyReceiver other([](const ServedConnection&, int) { return false; });
  const std::string both =
      parts.receivers + "\n  - {name: other, webhook: {url: '" + other.url() + "'}}";
  const std::string without_hook = "- {name: other, webhook: {url: '" + other.url() + "'}}";
  receiver.decide_by([](const json&) { return 503; });
  parts.receivers = both;
  push_overdue("team/app");
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return !receiver.refused().empty(); }));
  ASSERT_TRUE(eventually(soon, [&] { return other.accepted().size() == 1; }));
  const std::string id = receiver.refused().front();

  parts.receivers = without_hook;
  write_settings();
  ASSERT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  attach_scan("team/app", now_of_test());
  ASSERT_TRUE(eventually(soon, [&] { return other.accepted().size() == 2; }))
      << "the receivers that stay go on";
  const std::size_t refused = receiver.refused().size();
  EXPECT_EQ(sql("SELECT id FROM scanclock.outbox WHERE receiver = 'hook' AND state = 'waiting' "
                "ORDER BY position LIMIT 1"),
            id + "\n");
  EXPECT_NE(
      daemon.get("/metrics").body.find("scanclock_notification_queue_length{receiver=\"hook\""),
      std::string::npos)
      << "what waits for nobody stays visible";

  receiver.decide_by(nullptr);
  parts.receivers = both;
  write_settings();
  ASSERT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  ASSERT_TRUE(eventually(2 * soon, [&] { return receiver.messages().size() >= 2; }));
  EXPECT_EQ(receiver.refused().size(), refused) << "nothing was sent while it was not there";
  const auto messages = receiver.messages();
  EXPECT_EQ(messages.at(0).id, id) << "the oldest first, under its id";
  EXPECT_EQ(messages.at(0).type(), "scanclock.alert.firing");
  EXPECT_EQ(messages.at(1).type(), "scanclock.alert.resolved");
}

}  // namespace
}  // namespace scanclock
