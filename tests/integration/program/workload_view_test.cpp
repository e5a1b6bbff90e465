#include "tests/integration/program/program_test.hpp"
#include "tests/support/misbehaving_proxy.hpp"

#include <atomic>

namespace scanclock {
namespace {

using nlohmann::json;

class WorkloadView : public ProgramTest {};

TEST_F(WorkloadView, ThatIsSuddenlyEmptyRemovesNothing) {
  const std::vector<std::string> names{"team/one", "team/two", "team/three"};
  for (const std::string& name : names) {
    push(name);
    attach_scan(name, now_of_test() - 40 * day);
  }
  run_workloads(names);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] {
    return receiver.messages("firing", "ScanclockScanOverdue").size() == names.size();
  }));
  run_workloads({});
  ASSERT_TRUE(eventually(
      soon, [&] { return source_of(daemon, "hosts").at("reason") == "suspicious_drop"; }));
  EXPECT_EQ(source_of(daemon, "hosts").at("status"), "failing");
  EXPECT_TRUE(throughout(std::chrono::seconds(2), [&] {
    return list_of(daemon, "/api/v1/containers", "containers").size() == names.size();
  }));
  EXPECT_EQ(firing_alerts(daemon).size(), names.size());
  for (const std::string& name : names) {
    EXPECT_TRUE(image_of(daemon, name).at("running").get<bool>());
  }
  // One container less is an ordinary day.
  run_workloads({"team/one", "team/two"});
  EXPECT_TRUE(eventually(soon, [&] {
    return source_of(daemon, "hosts").at("status") == "ok" &&
           list_of(daemon, "/api/v1/containers", "containers").size() == 2;
  }));
}

TEST_F(WorkloadView, AMissingOrDamagedFileEndsNoContainer) {
  push("team/app");
  attach_scan("team/app", now_of_test());
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "team/app") == "fresh"; }));
  write_file(workloads_path(), R"({"source":"hosts","observed_at":)");
  EXPECT_TRUE(
      eventually(soon, [&] { return source_of(daemon, "hosts").at("reason") == "malformed"; }));
  std::filesystem::remove(workloads_path());
  EXPECT_TRUE(
      eventually(soon, [&] { return source_of(daemon, "hosts").at("reason") == "missing"; }));
  EXPECT_EQ(list_of(daemon, "/api/v1/containers", "containers").size(), 1u);
  EXPECT_TRUE(image_of(daemon, "team/app").at("running").get<bool>());
}

TEST_F(WorkloadView, AnImageThatNobodyWasAskedAboutIsNotCalledNeverScanned) {
  MisbehavingProxy proxy(registry->host());
  host = proxy.host();
  // A cycle that is long beside the test: "never scanned" may wait for two of them.
  parts.registries = "- {name: lab, url: 'http://" + host +
                     "', poll: {tags_every: 1s, evidence_every: 30s, "
                     "max_requests_per_second: 100}}";
  push("team/app");
  run_workloads({"team/app"});
  // Everything answers but the questions about evidence.
  std::atomic<int> asked = 0;
  proxy.behave_badly([&asked](const ServedConnection& connection, const ServedRequest& request) {
    if (request.target.find("/referrers/") == std::string::npos) {
      return std::optional<bool>();
    }
    ++asked;
    connection.wait_for_close();
    return std::optional<bool>(false);
  });
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "team/app") == "never_scanned"; }));
  ASSERT_TRUE(
      eventually(soon, [&] { return image_of(daemon, "team/app").at("running").get<bool>(); }));
  ASSERT_TRUE(eventually(soon, [&] { return asked > 0; }));
  EXPECT_NE(image_of(daemon, "team/app").at("observation").at("status"), "ok");
  EXPECT_TRUE(throughout(std::chrono::seconds(3), [&] { return receiver.messages().empty(); }))
      << "its evidence source has not answered yet";
  proxy.behave_well();
  EXPECT_TRUE(eventually(2 * soon, [&] { return fires("ScanclockNeverScanned", "team/app"); }));
  const json check =
      daemon.get_json("/api/v1/check?platform=linux/amd64&image=" + reference("team/app"));
  EXPECT_FALSE(check.at("allowed").get<bool>());
}

}  // namespace
}  // namespace scanclock
