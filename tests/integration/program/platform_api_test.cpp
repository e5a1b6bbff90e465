#include "core/runtime/hashing.hpp"
#include "tests/integration/program/program_test.hpp"

#include <atomic>

namespace scanclock {
namespace {

using nlohmann::json;

/// A real registry whose scans are known to a Harbor of its own: a stub written from Harbor's
/// swagger file.
class HarborBesideTheRegistry : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    write_file(folder.path() / "robot", "robot-password\n");
    parts.registries = "- {name: lab, url: 'http://" + host +
                       "', poll: {tags_every: 1s, evidence_every: 1s, "
                       "max_requests_per_second: 200}, api: {type: harbor, url: 'http://" +
                       harbor.address() +
                       "', credentials: {username: robot, password_file: robot}, every: 1s}}";
    write_settings();
    push("team/app");
    run_workloads({"team/app"});
    app_digest = digest("team/app");
  }

  bool answer(const ServedConnection& connection, const ServedRequest& request) {
    const std::string login = "Basic " + base64_encode("robot:robot-password");
    if (status != 200 || request.header("Authorization") != login) {
      connection.answer(status == 200 ? 401 : status.load(), {}, "{}");
      return true;
    }
    json artifact;
    artifact["digest"] = app_digest;
    artifact["type"] = "IMAGE";
    artifact["manifest_media_type"] = "application/vnd.oci.image.manifest.v1+json";
    artifact["push_time"] = format_rfc3339(pushed_at);
    json scan;
    scan["scan_status"] = "Success";
    scan["end_time"] = format_rfc3339(finished_at);
    scan["summary"]["total"] = 0;
    scan["summary"]["summary"] = json::object();
    scan["scanner"] = {{"name", "Trivy"}, {"version", "v0.56.1"}};
    artifact["scan_overview"]["application/vnd.security.vulnerability.report; version=1.1"] = scan;
    const bool is_list =
        request.target.starts_with("/api/v2.0/projects/team/repositories/app/artifacts?");
    connection.answer(is_list ? 200 : 404, {HttpHeader("Content-Type", "application/json")},
                      json::array({artifact}).dump());
    return true;
  }

  const TimePoint finished_at = now_of_test() - std::chrono::hours(1);
  const TimePoint pushed_at = now_of_test() - 3 * day;
  std::string app_digest;
  std::atomic<int> status = 200;
  BlockingServer harbor{[this](const ServedConnection& connection, const ServedRequest& request) {
    return answer(connection, request);
  }};
};

TEST_F(HarborBesideTheRegistry, MovesTheClockWithTheTrustOfAPlatform) {
  const DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "team/app") == "fresh"; }));
  const json image = image_of(daemon, "team/app");
  EXPECT_EQ(image.at("last_scan").at("trust"), "platform");
  EXPECT_EQ(image.at("last_scan").at("scanner"), "Trivy");
  EXPECT_EQ(image.at("last_scan").at("finished_at"), format_rfc3339(finished_at));
  EXPECT_EQ(image.at("locations").at(0).at("entry_basis"), "platform_api");
  EXPECT_EQ(image.at("locations").at(0).at("entry_at"), format_rfc3339(pushed_at));
  EXPECT_TRUE(eventually(
      soon, [&] { return image_of(daemon, "team/app").at("observation").at("status") == "ok"; }));
}

TEST_F(HarborBesideTheRegistry, LeavesTheImageUnansweredWhileItRefuses) {
  status = 403;
  const DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(
      eventually(soon, [&] { return source_of(daemon, "lab").at("reason") == "forbidden"; }));
  const json image = image_of(daemon, "team/app");
  EXPECT_EQ(image.at("state"), "never_scanned");
  EXPECT_EQ(image.at("observation").at("status"), "unknown");
  EXPECT_EQ(image.at("observation").at("reason"), "forbidden");
  status = 200;
  EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, "team/app") == "fresh"; }));
  EXPECT_TRUE(eventually(soon, [&] {
    return source_of(daemon, "lab").at("status") == "ok" &&
           image_of(daemon, "team/app").at("observation").at("status") == "ok";
  }));
  EXPECT_EQ(daemon.log().find("robot-password"), std::string::npos);
}

}  // namespace
}  // namespace scanclock
