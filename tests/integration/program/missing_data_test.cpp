// What a real Prometheus and Alertmanager tell people while the daemon dies, comes back and sees
// nothing: rules of the usual kind beside those of alerts/prometheus and the daemon's own alerts.
#include "tests/integration/program/program_test.hpp"

#include <csignal>
#include <mutex>
#include <regex>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* usual_rules = R"(
groups:
  - name: usual
    rules:
      - alert: UsualScanTooOld
        expr: time() - scanclock_image_last_scan_timestamp_seconds > 30 * 86400
        labels: {severity: critical}
      - alert: UsualDeadlinePassed
        expr: scanclock_image_scan_deadline_timestamp_seconds < time()
        labels: {severity: critical}
)";

/// Notifications of Alertmanager, by the path that they were posted to.
class NotificationRecorder {
 public:
  NotificationRecorder()
      : server_([this](const ServedConnection& connection, const ServedRequest& request) {
          const std::scoped_lock lock(mutex_);
          bodies_[request.target].push_back(json::parse(request.body));
          connection.answer(200, {}, "");
          return true;
        }) {}

  std::string url(const std::string& path) const { return "http://" + server_.address() + path; }

  /// How many notifications said of a whole group that it is firing, or resolved.
  int groups(const std::string& path, const std::string& status) const {
    const std::scoped_lock lock(mutex_);
    int found = 0;
    if (const auto bodies = bodies_.find(path); bodies != bodies_.end()) {
      for (const json& body : bodies->second) {
        found += body.at("status") == status ? 1 : 0;
      }
    }
    return found;
  }

  /// How often an alert of this name was told with this status.
  int told(const std::string& path, const std::string& name, const std::string& status) const {
    const std::scoped_lock lock(mutex_);
    int found = 0;
    if (const auto bodies = bodies_.find(path); bodies != bodies_.end()) {
      for (const json& body : bodies->second) {
        for (const json& alert : body.at("alerts")) {
          found += alert.at("labels").at("alertname") == name && alert.at("status") == status;
        }
      }
    }
    return found;
  }

  std::string text() const {
    const std::scoped_lock lock(mutex_);
    return json(bodies_).dump(1);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<json>> bodies_;
  BlockingServer server_;
};

/// One address for a daemon that has another port after each start.
class FixedAddress {
 public:
  FixedAddress()
      : server_([this](const ServedConnection& connection, const ServedRequest& request) {
          return pass_on(connection, request);
        }) {}

  std::string address() const { return server_.address(); }
  void lead_to(const std::string& url) {
    const std::scoped_lock lock(mutex_);
    url_ = url;
  }

 private:
  bool pass_on(const ServedConnection& connection, const ServedRequest& request) {
    std::string url;
    {
      const std::scoped_lock lock(mutex_);
      url = url_;
    }
    std::vector<HttpHeader> headers;
    for (const char* name : {"Accept", "Accept-Encoding"}) {
      headers.emplace_back(name, request.header(name));
    }
    HttpAnswer answer;
    if (!url.empty()) {
      answer = http_call("GET", url + request.target, {}, headers, std::chrono::seconds(5));
    }
    if (answer.status == 0) {
      connection.reset();
      return false;
    }
    std::vector<HttpHeader> passed;
    for (const char* name : {"Content-Type", "Content-Encoding"}) {
      if (!answer.header(name).empty()) {
        passed.emplace_back(name, answer.header(name));
      }
    }
    connection.answer(answer.status, passed, answer.body);
    return true;
  }

  std::mutex mutex_;
  std::string url_;
  BlockingServer server_;
};

class MissingData : public ProgramTest {
 protected:
  /// The shipped rules with seconds in place of minutes and hours: the test is shorter than a day.
  static std::string quick_rules() {
    std::string rules = read_text(std::filesystem::path(SCANCLOCK_SOURCE_DIR) /
                                  "alerts/prometheus/scanclock.rules.yml");
    rules = std::regex_replace(rules, std::regex("\\[15m\\]"), "[6s]");
    rules = std::regex_replace(rules, std::regex("(for: )(\\d+)[mh]\\n"), "$012s\n");
    return rules;
  }

  void start_alertmanager() {
    alertmanager = "127.0.0.1:" + std::to_string(free_port());
    const std::string timing = "group_wait: 1s, group_interval: 1s, repeat_interval: 1h";
    write_file(folder.path() / "alertmanager.yml",
               "route:\n  receiver: ours\n  group_by: [alertname, digest]\n  routes:\n"
               "    - {receiver: usual, matchers: ['alertname=~\"Usual.*\"'], "
               "group_by: [alertname, digest], " +
                   timing +
                   "}\n"
                   "    - {receiver: own, matchers: ['policy=~\".+\"'], group_by: [digest], " +
                   timing +
                   "}\n"
                   "    - {receiver: ours, group_by: [alertname, digest], " +
                   timing + "}\nreceivers:\n" + webhook("usual") + webhook("own") +
                   webhook("ours"));
    const std::vector<std::string> command{
        "prometheus-alertmanager", "--config.file=" + (folder.path() / "alertmanager.yml").string(),
        "--storage.path=" + (folder.path() / "alertmanager").string(),
        "--web.listen-address=" + alertmanager, "--cluster.listen-address="};
    servers.push_back(std::make_unique<ChildProcess>(command, folder.path() / "alertmanager.log"));
    ASSERT_TRUE(eventually(soon, [&] {
      return http_get("http://" + alertmanager + "/-/ready").status == 200;
    })) << servers.back()->log();
  }

  std::string webhook(const std::string& name) const {
    return "  - {name: " + name + ", webhook_configs: [{url: '" + told.url("/" + name) +
           "', send_resolved: true}]}\n";
  }

  void start_prometheus() {
    write_file(folder.path() / "ours.yml", quick_rules());
    write_file(folder.path() / "usual.yml", usual_rules);
    write_file(folder.path() / "prometheus.yml",
               "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
               "rule_files: [ours.yml, usual.yml]\n"
               "alerting: {alertmanagers: [{static_configs: [{targets: ['" +
                   alertmanager +
                   "']}]}]}\nscrape_configs:\n  - job_name: scanclock\n"
                   "    static_configs: [{targets: ['" +
                   front.address() + "']}]\n");
    const std::string address = "127.0.0.1:" + std::to_string(free_port());
    const std::vector<std::string> command{
        "prometheus", "--config.file=" + (folder.path() / "prometheus.yml").string(),
        "--storage.tsdb.path=" + (folder.path() / "prometheus").string(),
        "--rules.alert.resend-delay=1s", "--web.listen-address=" + address};
    servers.push_back(std::make_unique<ChildProcess>(command, folder.path() / "prometheus.log"));
    ASSERT_TRUE(eventually(soon, [&] {
      return http_get("http://" + address + "/-/ready").status == 200;
    })) << servers.back()->log();
  }

  DaemonProcess& start_world(TimePoint pay_scanned_at) {
    push("team/web");
    attach_scan("team/web", now_of_test() - 2 * day);
    push("team/pay");
    attach_scan("team/pay", pay_scanned_at);
    run_workloads({"team/web", "team/pay"});
    start_alertmanager();
    parts.receivers +=
        "\n  - name: alertmanagers\n    alertmanager: {urls: ['http://" + alertmanager + "']}";
    DaemonProcess& daemon = start_daemon();
    front.lead_to(daemon.url());
    return daemon;
  }

  bool is_told(const std::string& path, const std::string& name, const std::string& status,
               int times = 1) const {
    // Alertmanagers are told again every minute.
    return eventually(std::chrono::seconds(90),
                      [&] { return told.told(path, name, status) >= times; });
  }

  NotificationRecorder told;
  FixedAddress front;
  std::string alertmanager;
  std::vector<std::unique_ptr<ChildProcess>> servers;
};

TEST_F(MissingData, ADeadDaemonResolvesTheUsualRulesAndNoneOfOurs) {
  SCANCLOCK_NEEDS("prometheus", "prometheus");
  SCANCLOCK_NEEDS("prometheus-alertmanager", "prometheus-alertmanager");
  DaemonProcess& daemon = start_world(now_of_test() - 40 * day);
  start_prometheus();
  ASSERT_TRUE(is_told("/usual", "UsualScanTooOld", "firing")) << servers.back()->log();
  ASSERT_TRUE(is_told("/usual", "UsualDeadlinePassed", "firing"));
  ASSERT_TRUE(is_told("/ours", "ScanclockScanOverdue", "firing"));
  ASSERT_TRUE(is_told("/own", "ScanclockScanOverdue", "firing"));

  front.lead_to("");
  daemon.kill();
  EXPECT_TRUE(is_told("/usual", "UsualScanTooOld", "resolved")) << "nobody has scanned anything";
  EXPECT_TRUE(is_told("/usual", "UsualDeadlinePassed", "resolved"));
  EXPECT_TRUE(is_told("/ours", "ScanclockDown", "firing"));
  EXPECT_TRUE(throughout(std::chrono::seconds(8), [&] {
    return told.told("/ours", "ScanclockScanOverdue", "resolved") == 0 &&
           told.told("/own", "ScanclockScanOverdue", "resolved") == 0;
  })) << told.text();

  daemon.start();
  daemon.wait_until_up();
  front.lead_to(daemon.url());
  EXPECT_TRUE(is_told("/usual", "UsualScanTooOld", "firing", 2)) << "a second page for one thing";
  EXPECT_TRUE(is_told("/ours", "ScanclockDown", "resolved"));
  // Nobody says any more what runs.
  std::filesystem::remove(workloads_path());
  EXPECT_TRUE(throughout(std::chrono::seconds(10), [&] {
    return told.told("/ours", "ScanclockScanOverdue", "resolved") == 0 &&
           told.told("/own", "ScanclockScanOverdue", "resolved") == 0;
  })) << told.text();
  EXPECT_EQ(told.groups("/own", "firing"), 1) << "told once, and not again after the restart";

  run_workloads({"team/web", "team/pay"});
  attach_scan("team/pay", now_of_test());
  EXPECT_TRUE(is_told("/ours", "ScanclockScanOverdue", "resolved"));
  EXPECT_TRUE(is_told("/own", "ScanclockScanOverdue", "resolved"));
}

TEST_F(MissingData, StageAndSeverityReachAlertmanagerWithoutAResolveOfTheGroup) {
  SCANCLOCK_NEEDS("prometheus-alertmanager", "prometheus-alertmanager");
  parts.policies = "- {name: fedramp-30d, match: {environments: [production, staging]}}";
  DaemonProcess& daemon = start_world(now_of_test() - 30 * day + std::chrono::seconds(15));
  ASSERT_TRUE(is_told("/own", "ScanclockScanDueSoon", "firing")) << daemon.log();
  ASSERT_TRUE(is_told("/own", "ScanclockScanOverdue", "firing")) << "the deadline passes";
  const int before = told.told("/own", "ScanclockScanOverdue", "firing");
  parts.registries.insert(parts.registries.find("poll:"), "environment: staging, ");
  parts.workloads.insert(parts.workloads.find("path:"), "environment: staging, ");
  write_settings();
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(is_told("/own", "ScanclockScanOverdue", "firing", before + 1)) << daemon.log();
  EXPECT_TRUE(is_told("/own", "ScanclockScanOverdue", "resolved")) << "critical has become warning";
  EXPECT_EQ(told.groups("/own", "resolved"), 0)
      << "nobody is told that the image is well: " << told.text();

  attach_scan("team/pay", now_of_test());
  EXPECT_TRUE(
      eventually(std::chrono::seconds(60), [&] { return told.groups("/own", "resolved") == 1; }));
}

}  // namespace
}  // namespace scanclock
