#include "tests/integration/program/program_test.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

struct Expected {
  const char* name;
  const char* state;
  bool running;
};

constexpr Expected fleet[] = {{"team/web", "fresh", true},    {"team/api", "due_soon", true},
                              {"team/pay", "overdue", true},  {"team/batch", "never_scanned", true},
                              {"team/tools", "fresh", false}, {"team/old", "overdue", false}};

/// A fleet of several ages, as the demo has it.
class MainFlow : public ProgramTest {
 protected:
  void push_fleet() {
    for (const Expected& expected : fleet) {
      push(expected.name);
    }
    const TimePoint now = now_of_test();
    attach_scan("team/web", now - 2 * day);
    pusher("team/api")
        .attach_referrer(image("team/api").amd64_descriptor(), sarif_report(now - 26 * day).dump(),
                         sarif_type);
    attach_scan("team/pay", now - 33 * day);
    attach_scan("team/tools", now - 12 * day);
    attach_scan("team/old", now - 45 * day);
    run_workloads({"team/web", "team/api", "team/pay", "team/batch"});
  }

  std::string differences(const DaemonProcess& daemon) const {
    std::string found;
    for (const Expected& expected : fleet) {
      const json known = image_of(daemon, expected.name);
      if (known.value("state", "") != expected.state ||
          known.value("running", !expected.running) != expected.running) {
        found += std::string(expected.name) + " is " + known.value("state", "unknown") +
                 ", expected " + expected.state + "\n";
      }
    }
    return found;
  }

  DaemonProcess& start_fleet() {
    push_fleet();
    DaemonProcess& daemon = start_daemon();
    eventually(soon, [&] { return differences(daemon).empty(); });
    return daemon;
  }

  json alert_about(const DaemonProcess& daemon, const std::string& rule, const std::string& name) {
    const json alerts = list_of(daemon, "/api/v1/alerts", "alerts");
    for (const json& alert : alerts) {
      if (alert.at("rule") == rule && alert.at("subject") == digest(name)) {
        return alert;
      }
    }
    return nullptr;
  }
};

TEST_F(MainFlow, EveryImageHasTheStateOfItsNewestScan) {
  DaemonProcess& daemon = start_fleet();
  EXPECT_EQ(differences(daemon), "");

  const json listed = list_of(daemon, "/api/v1/images?limit=1000", "images");
  // Six images of two platforms each; the attestation manifests are none.
  EXPECT_EQ(listed.size(), 12u);
  const json pay = image_of(daemon, "team/pay");
  EXPECT_EQ(pay.at("platform"), "linux/amd64");
  EXPECT_EQ(pay.at("index_digests"), json::array({image("team/pay").index().str()}));
  EXPECT_EQ(pay.at("names"), json::array({reference("team/pay")}));
  EXPECT_EQ(pay.at("last_scan").at("scanner"), "trivy");
  EXPECT_EQ(pay.at("last_scan").at("high"), 1);
  EXPECT_EQ(pay.at("last_scan").at("trust"), "unsigned");
  EXPECT_EQ(pay.at("evidence").size(), 1u);
  EXPECT_TRUE(pay.at("evidence").at(0).at("accepted").get<bool>());
  EXPECT_EQ(pay.at("observation").at("status"), "ok");
  const std::string evidence = pay.at("evidence").at(0).at("evidence_digest");
  EXPECT_FALSE(daemon.get("/api/v1/evidence/" + evidence + "/raw").body.empty());
}

TEST_F(MainFlow, ContainersSourcesAndChecksAnswerAsTheContractSays) {
  DaemonProcess& daemon = start_fleet();
  ASSERT_EQ(differences(daemon), "");

  std::map<std::string, std::string> verdicts;
  const json containers = list_of(daemon, "/api/v1/containers", "containers");
  for (const json& container : containers) {
    verdicts[container.at("name")] = container.at("verdict");
    EXPECT_EQ(container.at("source"), "hosts");
    EXPECT_TRUE(container.at("resolved_digest").is_string()) << container;
  }
  const std::map<std::string, std::string> expected{
      {"web", "compliant"}, {"api", "expiring"}, {"pay", "overdue"}, {"batch", "never_scanned"}};
  EXPECT_EQ(verdicts, expected);

  for (const char* source : {"lab", "hosts"}) {
    const json status = source_of(daemon, source);
    EXPECT_EQ(status.at("status"), "ok") << status;
    EXPECT_TRUE(status.at("last_success_at").is_string()) << status;
  }
  EXPECT_EQ(source_of(daemon, "lab").at("kind"), "registry");

  const json yes =
      daemon.get_json("/api/v1/check?image=" + reference("team/web") + "&platform=linux/amd64");
  EXPECT_TRUE(yes.at("allowed").get<bool>()) << yes;
  EXPECT_EQ(yes.at("digest"), image("team/web").index().str());
  EXPECT_EQ(yes.at("resolved_from"), "tag");
  const json stalest = daemon.get_json("/api/v1/check?image=" + reference("team/web"));
  EXPECT_FALSE(stalest.at("allowed").get<bool>()) << "arm64 was never scanned: " << stalest;
  const json no =
      daemon.get_json("/api/v1/check?image=" + reference("team/pay") + "&platform=linux/amd64");
  EXPECT_FALSE(no.at("allowed").get<bool>()) << no;
  const json unknown = daemon.get_json("/api/v1/check?image=" + host + "/team/nobody:1");
  EXPECT_FALSE(unknown.at("allowed").get<bool>()) << unknown;

  const json openapi = daemon.get_json("/api/v1/openapi.json");
  for (const char* path : {"/api/v1/images", "/api/v1/images/{digest}", "/api/v1/containers",
                           "/api/v1/alerts", "/api/v1/sources", "/api/v1/check", "/api/v1/scans",
                           "/api/v1/workloads", "/metrics", "/-/ready"}) {
    EXPECT_TRUE(openapi.at("paths").contains(path)) << path;
  }
  EXPECT_EQ(daemon.get("/").status, 200);
  EXPECT_EQ(daemon.get("/-/healthy").status, 200);
}

TEST_F(MainFlow, ANewScanResolvesTheAlertUnderTheSameId) {
  DaemonProcess& daemon = start_fleet();
  ASSERT_EQ(differences(daemon), "");
  ASSERT_TRUE(eventually(soon, [&] {
    return fires("ScanclockScanOverdue", "team/pay") && fires("ScanclockScanDueSoon", "team/api") &&
           fires("ScanclockNeverScanned", "team/batch");
  }));
  const auto fired =
      receiver.messages("firing", "ScanclockScanOverdue", digest("team/pay")).front();
  EXPECT_EQ(fired.text("severity"), "critical");
  EXPECT_EQ(fired.text("environment"), "production");
  EXPECT_EQ(fired.text("policy"), "fedramp-30d");
  EXPECT_EQ(fired.body.at("data").at("containers_total"), 1);
  EXPECT_EQ(fired.body.at("data").at("labels").at("alertname"), "ScanclockScanOverdue");
  EXPECT_NE(fired.body.at("data").at("annotations").at("summary"), "");
  // The stopped images and the other platforms, which nobody deploys, raise nothing.
  EXPECT_EQ(receiver.messages().size(), 3u);
  const json api = alert_about(daemon, "ScanclockScanOverdue", "team/pay");
  ASSERT_TRUE(api.is_object());
  EXPECT_EQ(api.at("id"), fired.text("id"));

  attach_scan("team/pay", now_of_test());
  ASSERT_TRUE(eventually(soon, [&] {
    return !receiver.messages("resolved", "ScanclockScanOverdue", digest("team/pay")).empty();
  }));
  const auto resolved =
      receiver.messages("resolved", "ScanclockScanOverdue", digest("team/pay")).front();
  EXPECT_EQ(resolved.text("id"), fired.text("id"));
  EXPECT_EQ(resolved.text("resolved_reason"), "scanned");
  EXPECT_NE(resolved.id, fired.id);
  EXPECT_GT(resolved.body.at("data").at("sequence").get<int>(),
            fired.body.at("data").at("sequence").get<int>());
  EXPECT_EQ(state_of(daemon, "team/pay"), "fresh");
  EXPECT_EQ(image_of(daemon, "team/pay").at("evidence").size(), 2u)
      << "what was known before is kept";
  ASSERT_TRUE(eventually(soon, [&] {
    const json ended = alert_about(daemon, "ScanclockScanOverdue", "team/pay");
    return ended.at("state") == "resolved" && !ended.at("notified").empty();
  }));
  EXPECT_EQ(receiver.bad_signatures(), 0);
}

TEST_F(MainFlow, TheClientAnswersWithTheContractsExitCodes) {
  SCANCLOCK_NEEDS("skopeo", "skopeo");
  DaemonProcess& daemon = start_fleet();
  ASSERT_EQ(differences(daemon), "");
  for (const char* list : {"status", "images", "containers", "alerts"}) {
    const CommandResult listed = client(daemon, {list});
    EXPECT_EQ(listed.exit_code, 0) << list << ": " << listed.output;
    EXPECT_NE(listed.output.find("team/pay"), std::string::npos) << list << ": " << listed.output;
  }
  const CommandResult as_json = client(daemon, {"--output", "json", "images"});
  EXPECT_TRUE(json::parse(as_json.output, nullptr, false).is_structured()) << as_json.output;
  EXPECT_EQ(client(daemon, {"alerts", "--exit-code"}).exit_code, 1);

  const std::string token_file = (folder.path() / "submit-token").string();
  const std::vector<std::string> check{"check", reference("team/pay"), "--platform", "linux/amd64"};
  EXPECT_EQ(client(daemon, check).exit_code, 1);
  write_file(folder.path() / "report.json", report("team/pay", now_of_test()));
  const CommandResult submitted = client(daemon, {"--token-file", token_file, "scan", "submit",
                                                  (folder.path() / "report.json").string()});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.output;
  const CommandResult allowed = client(daemon, check);
  EXPECT_EQ(allowed.exit_code, 0) << allowed.output;

  push_with_skopeo("team/late");
  const std::string late = host + "/team/late@" + image("team/late").index().str();
  attach_scan("team/late", now_of_test() - day);
  const CommandResult refreshed = client(daemon, {"--token-file", token_file, "refresh", late});
  EXPECT_EQ(refreshed.exit_code, 0) << refreshed.output;
  EXPECT_EQ(state_of(daemon, "team/late"), "fresh");

  EXPECT_EQ(client(daemon, {"check"}).exit_code, 2);
  daemon.process().stop();
  EXPECT_EQ(client(daemon, check).exit_code, 69);
}

}  // namespace
}  // namespace scanclock
