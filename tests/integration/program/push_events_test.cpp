#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* event_secret = "0123456789abcdef0123456789abcdef";

/// A registry's notification that the image was pushed at a time.
std::string push_notification(const std::string& host, const std::string& repository,
                              const std::string& digest, TimePoint at) {
  json event;
  event["action"] = "push";
  event["timestamp"] = format_rfc3339(at);
  event["target"]["mediaType"] = "application/vnd.oci.image.manifest.v1+json";
  event["target"]["repository"] = repository;
  event["target"]["digest"] = digest;
  event["target"]["tag"] = "1.0";
  event["request"]["host"] = host;
  json body;
  body["events"] = json::array({event});
  return body.dump();
}

class PushNotification : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    parts.server = "  events: {secret: " + std::string(event_secret) + "}\n";
    write_settings();
    push("team/app");
    run_workloads({});
    daemon = &start_daemon();
    ASSERT_TRUE(eventually(soon, [&] { return !state_of(*daemon, "team/app").empty(); }));
  }

  std::string notification(TimePoint at) const {
    return push_notification(host, "team/app", digest("team/app"), at);
  }
  json place() const { return image_of(*daemon, "team/app").at("locations").at(0); }

  DaemonProcess* daemon = nullptr;
};

TEST_F(PushNotification, DatesAnEntryAndMovesNoClock) {
  EXPECT_EQ(place().at("entry_basis"), "initial");
  const TimePoint pushed_at = std::chrono::floor<std::chrono::seconds>(now_of_test() - 2 * day);
  const HttpAnswer taken =
      daemon->post("/api/v1/events/distribution", notification(pushed_at), event_secret);
  ASSERT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(taken.json(), json::parse(R"({"events": 1, "matched": 1, "dated": 1})"));
  ASSERT_TRUE(eventually(soon, [&] { return place().at("entry_basis") == "push_event"; }));
  EXPECT_EQ(place().at("entry_at"), format_rfc3339(pushed_at));
  EXPECT_EQ(state_of(*daemon, "team/app"), "never_scanned");
  const auto stored = [&] {
    return sql("SELECT entry_basis FROM scanclock.locations WHERE digest = '" + digest("team/app") +
               "'");
  };
  eventually(soon, [&] { return stored() == "push_event\n"; });
  EXPECT_EQ(stored(), "push_event\n");
  // Pushed again: nothing restarts.
  daemon->post("/api/v1/events/distribution", notification(now_of_test()), event_secret);
  EXPECT_EQ(place().at("entry_at"), format_rfc3339(pushed_at));
}

TEST_F(PushNotification, NeedsTheSecretOrAToken) {
  const std::string body = notification(now_of_test());
  const std::string path = "/api/v1/events/distribution";
  EXPECT_EQ(daemon->post(path, body, "wrong-secret").status, 401);
  EXPECT_EQ(daemon->post(path, body, "").status, 403);
  EXPECT_EQ(daemon->post(path, body, submit_token).status, 202);
  EXPECT_EQ(daemon->post(path + "?secret=" + event_secret, body, "").status, 403)
      << "only quay cannot send a header";
  EXPECT_EQ(
      daemon->post(std::string("/api/v1/events/quay?secret=") + event_secret, "{}", "").status,
      202);
  EXPECT_EQ(daemon->post("/api/v1/scans", body, event_secret).status, 401)
      << "it opens nothing else";
}

TEST_F(PushNotification, CreatesNoImage) {
  const std::string unknown = "sha256:" + std::string(64, 'f');
  const HttpAnswer taken =
      daemon->post("/api/v1/events/distribution",
                   push_notification(host, "team/none", unknown, now_of_test()), event_secret);
  ASSERT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(daemon->get("/api/v1/images/" + unknown).status, 404);
  const HttpAnswer elsewhere = daemon->post(
      "/api/v1/events/distribution",
      push_notification("registry.elsewhere", "team/app", digest("team/app"), now_of_test()),
      event_secret);
  EXPECT_EQ(elsewhere.json().at("matched"), 0);
}

TEST_F(PushNotification, OfAnUnknownKindOrRegistryIsRefused) {
  EXPECT_EQ(daemon->post("/api/v1/events/nexus", "{}", event_secret).status, 404);
  EXPECT_EQ(daemon->post("/api/v1/events/zot?registry=none", "{}", event_secret).status, 422);
  EXPECT_EQ(daemon->post("/api/v1/events/zot", "<html>", event_secret).status, 422);
  EXPECT_EQ(
      daemon->post("/api/v1/events/zot", std::string((1 << 20) + 1, ' '), event_secret).status,
      413);
}

/// docker-registry posts its own notifications, and the daemon polls once an hour.
class RegistryNotification : public ProgramTest {};

TEST_F(RegistryNotification, ShowsAPushLongBeforeTheNextPoll) {
  if (IsSkipped()) {
    return;
  }
  SCANCLOCK_NEEDS("skopeo", "skopeo");
  parts.server = "  events: {secret: " + std::string(event_secret) + "}\n";
  parts.registries = "- {name: lab, url: 'http://" + host +
                     "', poll: {tags_every: 1h, evidence_every: 1h, max_requests_per_second: 200}}";
  write_settings();
  run_workloads({});
  DaemonProcess& daemon = start_daemon();
  registry->notify(daemon.url() + "/api/v1/events/distribution", event_secret);
  push_with_skopeo("team/late");
  // The notification comes before the tag stands, so the daemon may have to look again.
  ASSERT_TRUE(eventually(6 * soon, [&] { return !state_of(daemon, "team/late").empty(); }));
  const json place = image_of(daemon, "team/late").at("locations").at(0);
  EXPECT_EQ(place.at("repository"), "team/late");
}

}  // namespace
}  // namespace scanclock
