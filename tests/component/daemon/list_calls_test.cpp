// The API's lists, on an engine with a ledger in memory: no answer is unbounded, and nothing is
// missed or told twice over its pages.
#include "core/net/url.hpp"
#include "tests/component/daemon/workload_calls_fixture.hpp"

#include <boost/asio/post.hpp>

#include <functional>

namespace scanclock {
namespace {

using nlohmann::json;

Digest numbered_digest(char kind, int number) {
  char text[72];
  std::snprintf(text, sizeof text, "sha256:%c%063d", kind, number);
  return Digest::from_trusted(text);
}

class ListCalls : public WorkloadCallsTest {
 protected:
  ListCalls() {
    add_image_calls(router, context);
    add_image_detail_calls(router, context);
    add_alert_calls(router, context);
    add_silence_calls(router, context);
    add_notification_calls(router, context);
    add_forecast_call(router, context);
    add_status_page(router, context);
  }

  /// Images in the registry, none of them scanned, each in a container of its own.
  void run_images(int count) {
    WorkloadReport report = view_of("host-a", count);
    for (int number = 0; number < count; ++number) {
      Manifest image;
      image.digest = numbered_digest('a', number);
      image.config = numbered_digest('c', number);
      image.config_identifies = true;
      image.platform.os = "linux";
      image.platform.architecture = "amd64";
      engine.inventory().add_manifest(AlertWorld::key(), image, clock.now());
      engine.inventory().note_evidence_answered(AlertWorld::key(), image.digest, clock.now());
      report.containers[static_cast<std::size_t>(number)].digests = {image.digest};
    }
    engine.inventory().observe(report, clock.now());
    engine.sources().answered("prod", static_cast<std::uint64_t>(count), clock.now());
    engine.sources().answered("host-a", static_cast<std::uint64_t>(count), clock.now());
    engine.wake();
    EXPECT_TRUE(finish(engine.stored_wholly(std::chrono::seconds(30))));
  }

  json get(const std::string& target) {
    const Answer answer = ask("GET", target);
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    return answer.body;
  }

  /// The values of `key` over all pages; none holds more than `limit` items.
  std::vector<std::string> all_of(const std::string& path, const std::string& list,
                                  const std::string& key, std::size_t limit) {
    std::vector<std::string> values;
    std::string next;
    for (int page = 0; page < 100; ++page) {
      const json answer = get(path + (path.find('?') == std::string::npos ? "?" : "&") +
                              "limit=" + std::to_string(limit) + "&next=" + percent_encode(next));
      EXPECT_LE(answer.at(list).size(), limit);
      for (const json& item : answer.at(list)) {
        values.push_back(item.at(key));
      }
      if (answer.at("next").is_null()) {
        break;
      }
      next = answer.at("next");
    }
    return values;
  }

  /// How often others had their turn while this was answered.
  int turns_during(const std::string& target) {
    int turns = 0;
    bool is_over = false;
    const std::function<void()> take_turn = [&] {
      if (!is_over) {
        ++turns;
        asio::post(io, take_turn);
      }
    };
    asio::post(io, take_turn);
    finish(answer(target, is_over));
    return turns;
  }

 private:
  asio::awaitable<void> answer(const std::string& target, bool& is_over) {
    HttpServerRequest request;
    request.method = "GET";
    request.target = target;
    const HttpResponse response = co_await router.handle(std::move(request));
    is_over = true;
    EXPECT_EQ(response.status, 200) << target;
  }
};

std::size_t distinct(const std::vector<std::string>& values) {
  return std::set<std::string>(values.begin(), values.end()).size();
}

TEST_F(ListCalls, ShowEverythingOnceOverTheirPages) {
  run_images(25);
  for (const auto& [path, list, key] :
       {std::tuple("/api/v1/images", "images", "digest"),
        std::tuple("/api/v1/containers", "containers", "container_id"),
        std::tuple("/api/v1/alerts?state=firing", "alerts", "id")}) {
    const auto values = all_of(path, list, key, 10);
    EXPECT_EQ(values.size(), 25U) << path;
    EXPECT_EQ(distinct(values), 25U) << path;
  }
}

TEST_F(ListCalls, RefuseAPlaceThatIsNone) {
  for (const char* target :
       {"/api/v1/alerts?next=x", "/api/v1/alerts?next=f.x", "/api/v1/alerts?limit=0",
        "/api/v1/images?next=x", "/api/v1/silences?next=x", "/api/v1/silences?limit=many",
        "/api/v1/containers?image=x", "/api/v1/forecast?days=400&limit=500"}) {
    EXPECT_EQ(ask("GET", target).status, 400) << target;
  }
}

TEST_F(ListCalls, OfAlertsMissNoneThatEndsWhileTheyAreRead) {
  run_images(4);
  const json first = get("/api/v1/alerts?limit=2");
  ASSERT_EQ(first.at("alerts").size(), 2U);
  // What fires on the second page ends before that is asked for.
  engine.inventory().end_source("host-a", clock.now());
  engine.wake();
  let_pass(std::chrono::minutes(11));
  std::set<std::string> seen;
  for (const json& alert : first.at("alerts")) {
    seen.insert(alert.at("id"));
  }
  const json rest =
      get("/api/v1/alerts?limit=100&next=" + percent_encode(first.at("next").get<std::string>()));
  for (const json& alert : rest.at("alerts")) {
    seen.insert(alert.at("id"));
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST_F(ListCalls, OfAlertsHoldFiveHundredAtMost) {
  run_images(600);
  const json answer = get("/api/v1/alerts?limit=5000");
  EXPECT_EQ(answer.at("alerts").size(), 500U);
  EXPECT_TRUE(answer.at("next").is_string());
}

TEST_F(ListCalls, LeaveTheThreadToOthersAgainAndAgain) {
  run_images(400);
  for (const auto& [target, least] :
       {std::pair("/api/v1/images", 5), std::pair("/api/v1/containers", 5),
        std::pair("/api/v1/alerts", 5), std::pair("/api/v1/forecast?days=400", 2)}) {
    EXPECT_GE(turns_during(target), least) << target;
  }
}

TEST_F(ListCalls, OfAnImageHoldSomeOfItsContainersAndSayHowManyThereAre) {
  run_images(1);
  WorkloadReport many = view_of("host-a", 700);
  for (ContainerObservation& seen : many.containers) {
    seen.digests = {numbered_digest('a', 0)};
  }
  engine.inventory().observe(many, clock.now());
  engine.wake();
  EXPECT_TRUE(finish(engine.stored_wholly(std::chrono::seconds(30))));
  const std::string digest = numbered_digest('a', 0).str();
  const json image = get("/api/v1/images/" + digest);
  EXPECT_EQ(image.at("containers").size(), 500U);
  EXPECT_EQ(image.at("containers_total"), 700);
  const auto all = all_of("/api/v1/containers?image=" + digest, "containers", "container_id", 300);
  EXPECT_EQ(distinct(all), 700U);
}

TEST_F(ListCalls, OfSilencesHavePagesToo) {
  for (int number = 0; number < 5; ++number) {
    const json silence = {{"matchers", {"owner=\"team-" + std::to_string(number) + "\""}},
                          {"reason", "r"},
                          {"duration", "4h"}};
    EXPECT_EQ(ask("POST", "/api/v1/silences", "admin-token", silence.dump()).status, 201);
  }
  for (const char* path : {"/api/v1/silences?state=active", "/api/v1/silences"}) {
    EXPECT_EQ(distinct(all_of(path, "silences", "id", 2)), 5U) << path;
  }
  EXPECT_EQ(get("/api/v1/silences").at("truncated"), false);
}

TEST_F(ListCalls, OfNotificationsHavePagesAndNameSomeAlertsOfAGroup) {
  std::vector<OutboxMessage> messages;
  for (int number = 0; number < 25; ++number) {
    OutboxMessage message;
    message.id = "m" + std::to_string(number);
    message.receiver = "oncall";
    message.alert_id = "grp_1";
    message.alert_ids = {"a", "b"};
    messages.push_back(std::move(message));
  }
  outbox.add(messages);
  EXPECT_EQ(distinct(all_of("/api/v1/notifications", "notifications", "id", 10)), 25U);
  EXPECT_EQ(get("/api/v1/notifications?limit=1").at("notifications")[0].at("alerts_total"), 2);
}

TEST_F(ListCalls, OnPagesHoldAHundredRowsAndLeadToTheNext) {
  run_images(250);
  for (const char* path : {"/images", "/containers", "/alerts"}) {
    HttpServerRequest request;
    request.method = "GET";
    request.target = path;
    const std::string page = finish(router.handle(std::move(request))).body;
    std::size_t rows = 0;
    constexpr std::string_view row = "<th role=\"rowheader\"";
    for (auto at = page.find(row); at != std::string::npos; at = page.find(row, at + 1)) {
      ++rows;
    }
    EXPECT_EQ(rows, 100U) << path;
    EXPECT_NE(page.find("rel=\"next\""), std::string::npos) << path;
    EXPECT_NE(page.find("1–100 of 250"), std::string::npos) << path;
  }
}

}  // namespace
}  // namespace scanclock
