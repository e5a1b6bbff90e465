#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

class PushedScan : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    push("team/app");
    push("team/other");
    run_workloads({"team/app"});
    daemon = &start_daemon();
    ASSERT_TRUE(eventually(soon, [&] { return state_of(*daemon, "team/app") == "never_scanned"; }));
  }

  HttpAnswer submit(const std::string& body, const std::string& query = {}) {
    return daemon->post("/api/v1/scans" + query, body, submit_token);
  }
  json good_report() const { return json::parse(report("team/app", now_of_test())); }
  std::string subject_query() const { return "?image=" + host + "/team/app@" + digest("team/app"); }

  DaemonProcess* daemon = nullptr;
};

TEST_F(PushedScan, CountsOnceItIsStoredAndIsIdempotentByContent) {
  const std::string body = report("team/app", now_of_test());
  const HttpAnswer first = submit(body);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_TRUE(first.json().at("accepted").get<bool>());
  EXPECT_EQ(first.json().at("scans").at(0).at("images"), json::array({digest("team/app")}));
  EXPECT_EQ(first.json().at("scans").at(0).at("trust"), "pushed");
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.evidence"), "1\n");
  const HttpAnswer second = submit(body);
  EXPECT_EQ(second.status, 201) << second.body;
  const json image = image_of(*daemon, "team/app");
  EXPECT_EQ(image.at("state"), "fresh");
  EXPECT_EQ(image.at("evidence").size(), 1u);
  EXPECT_EQ(image.at("last_scan").at("source"), "ci");
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.evidence"), "1\n");
}

TEST_F(PushedScan, IsRefusedWithTheReason) {
  json future = good_report();
  future["CreatedAt"] = format_rfc3339(now_of_test() + std::chrono::hours(1));
  json no_time = good_report();
  no_time.erase("CreatedAt");
  json no_subject = good_report();
  no_subject["Metadata"].erase("RepoDigests");
  json other_subject = json::parse(report("team/other", now_of_test()));
  json no_system = good_report();
  no_system["Metadata"].erase("OS");
  no_system["Results"] = json::array();
  json no_packages = good_report();
  no_packages["Results"] = json::array();
  json licences = good_report();
  licences["Results"] = json::array({{{"Target", "OS Packages"}, {"Class", "license"}}});
  const std::string failed = sarif_report(now_of_test(), false).dump();
  struct Case {
    const char* reason;
    std::string body;
    std::string query;
  };
  const std::vector<Case> cases{
      {"future_dated", future.dump(), ""},
      {"no_time", no_time.dump(), ""},
      {"no_subject", no_subject.dump(), ""},
      {"scan_failed", failed, subject_query()},
      {"wrong_subject", other_subject.dump(), subject_query()},
      {"unsupported_os", no_system.dump(), ""},
      {"no_packages", no_packages.dump(), ""},
      {"not_a_vulnerability_scan", licences.dump(), ""},
      {"unknown_format", R"({"hello":"world"})", ""},
      {"malformed", R"({"SchemaVersion":2,)", ""},
  };
  for (const Case& one : cases) {
    const HttpAnswer answer = submit(one.body, one.query);
    EXPECT_EQ(answer.status, 422) << one.reason << ": " << answer.body;
    if (answer.status == 422) {
      EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << one.reason;
      EXPECT_EQ(answer.json().at("reason"), one.reason) << answer.body;
      EXPECT_FALSE(answer.json().at("accepted").get<bool>());
    }
  }
  EXPECT_EQ(state_of(*daemon, "team/app"), "never_scanned");
  const HttpAnswer stated = submit(no_time.dump(), "?finished_at=" + format_rfc3339(now_of_test()));
  EXPECT_EQ(stated.status, 201) << stated.body;
}

TEST_F(PushedScan, NeedsATokenThatMaySubmit) {
  const std::string body = report("team/app", now_of_test());
  EXPECT_EQ(daemon->post("/api/v1/scans", body, "").status, 403);
  EXPECT_EQ(daemon->post("/api/v1/scans", body, "guessed").status, 401);
  EXPECT_EQ(daemon->post("/-/reload", "", submit_token).status, 403);
  EXPECT_EQ(state_of(*daemon, "team/app"), "never_scanned");
  EXPECT_EQ(daemon->post("/api/v1/scans", body, admin_token).status, 201);
}

TEST_F(PushedScan, LargerThanTheLimitIsRefusedUnread) {
  parts.server = "  max_body_size: 64KiB\n";
  DaemonProcess& first = *daemon;
  ASSERT_EQ(first.terminate(), 0);
  daemon = &start_daemon("small");
  json large = good_report();
  large["filling"] = std::string(std::size_t{128} << 10, 'x');
  const HttpAnswer answer = submit(large.dump());
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(submit(good_report().dump()).status, 201);
}

TEST_F(PushedScan, WorkloadsCanBePushedToo) {
  const std::string document = workload_document({"team/other"}, "edge");
  EXPECT_EQ(daemon->post("/api/v1/workloads", document, "").status, 403);
  const HttpAnswer taken = daemon->post("/api/v1/workloads", document, submit_token);
  ASSERT_EQ(taken.status / 100, 2) << taken.body;
  const json containers = list_of(*daemon, "/api/v1/containers?source=edge", "containers");
  ASSERT_EQ(containers.size(), 1u);
  EXPECT_EQ(containers.at(0).at("verdict"), "never_scanned");
  EXPECT_EQ(containers.at(0).at("resolved_digest"), digest("team/other"));
  EXPECT_EQ(source_of(*daemon, "edge").at("status"), "ok");
  const HttpAnswer polled =
      daemon->post("/api/v1/workloads", workload_document({"team/other"}, "hosts"), submit_token);
  EXPECT_EQ(polled.status, 422) << "a polled source is not overruled: " << polled.body;
  const HttpAnswer bad = daemon->post("/api/v1/workloads", R"({"source":"edge"})", submit_token);
  EXPECT_EQ(bad.status, 422) << bad.body;
  // Documents that come late, or from a host whose clock is wrong, are refused and say so.
  const auto seen_at = [&](Duration from_now) {
    json dated = json::parse(workload_document({"team/other"}, "edge"));
    dated["observed_at"] = format_rfc3339(now_of_test() + from_now);
    return daemon->post("/api/v1/workloads", dated.dump(), submit_token);
  };
  const HttpAnswer late = seen_at(-std::chrono::minutes(5));
  EXPECT_EQ(late.status, 409) << late.body;
  EXPECT_EQ(late.json().at("reason"), "outdated");
  const HttpAnswer behind = seen_at(-std::chrono::hours(1));
  EXPECT_EQ(behind.status, 422) << behind.body;
  EXPECT_EQ(behind.json().at("reason"), "stale");
  EXPECT_NE(behind.body.find("clock of the sender"), std::string::npos) << behind.body;
  const HttpAnswer ahead = seen_at(std::chrono::hours(1));
  EXPECT_EQ(ahead.status, 422) << ahead.body;
  EXPECT_EQ(ahead.json().at("reason"), "future_dated");
  EXPECT_NE(ahead.body.find("the clock of the source is ahead"), std::string::npos) << ahead.body;
  EXPECT_EQ(list_of(*daemon, "/api/v1/containers?source=edge", "containers").size(), 1u);
  // The record of the source and its containers is there after a restart, too.
  ASSERT_EQ(daemon->terminate(), 0);
  daemon->start();
  daemon->wait_until_up();
  EXPECT_EQ(list_of(*daemon, "/api/v1/containers?source=edge", "containers").size(), 1u);
}

}  // namespace
}  // namespace scanclock
