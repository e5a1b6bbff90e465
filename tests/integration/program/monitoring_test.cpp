// Prometheus and Alertmanager themselves at the daemon's outlets.
#include "tests/integration/program/program_test.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

/// contract.md, "Metrics"
constexpr const char* metric_names[] = {
    "scanclock_image_scan_deadline_timestamp_seconds",
    "scanclock_image_last_scan_timestamp_seconds",
    "scanclock_image_info",
    "scanclock_image_alias_info",
    "scanclock_workload_image_info",
    "scanclock_image_series_dropped",
    "scanclock_images",
    "scanclock_containers",
    "scanclock_source_up",
    "scanclock_source_last_success_timestamp_seconds",
    "scanclock_source_errors_total",
    "scanclock_registry_requests_total",
    "scanclock_registry_request_duration_seconds",
    "scanclock_evidence_total",
    "scanclock_alerts",
    "scanclock_notifications_total",
    "scanclock_notification_queue_length",
    "scanclock_notification_oldest_timestamp_seconds",
    "scanclock_evaluation_last_timestamp_seconds",
    "scanclock_event_loop_lag_seconds",
    "scanclock_database_up",
    "scanclock_config_last_reload_successful",
    "scanclock_build_info",
};

class Monitoring : public ProgramTest {
 protected:
  DaemonProcess& start_with_images() {
    push("team/web");
    attach_scan("team/web", now_of_test() - 2 * day);
    push("team/pay");
    attach_scan("team/pay", now_of_test() - 40 * day);
    run_workloads({"team/web", "team/pay"});
    DaemonProcess& daemon = start_daemon();
    eventually(soon, [&] {
      return state_of(daemon, "team/web") == "fresh" && state_of(daemon, "team/pay") == "overdue";
    });
    return daemon;
  }

  std::string start_prometheus(const DaemonProcess& daemon) {
    const int port = free_port();
    write_file(folder.path() / "prometheus.yml",
               "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
               "  - job_name: scanclock\n    static_configs: [{targets: ['" +
                   daemon.url().substr(std::string("http://").size()) + "']}]\n");
    const std::string address = "127.0.0.1:" + std::to_string(port);
    const std::vector<std::string> command{
        "prometheus", "--config.file=" + (folder.path() / "prometheus.yml").string(),
        "--storage.tsdb.path=" + (folder.path() / "prometheus").string(),
        "--web.listen-address=" + address};
    server = std::make_unique<ChildProcess>(command, folder.path() / "prometheus.log");
    eventually(soon, [&] { return http_get("http://" + address + "/-/ready").status == 200; });
    return "http://" + address;
  }

  std::string start_alertmanager() {
    const int port = free_port();
    write_file(folder.path() / "alertmanager.yml",
               "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
    const std::string address = "127.0.0.1:" + std::to_string(port);
    const std::vector<std::string> command{
        "prometheus-alertmanager", "--config.file=" + (folder.path() / "alertmanager.yml").string(),
        "--storage.path=" + (folder.path() / "alertmanager").string(),
        "--web.listen-address=" + address, "--cluster.listen-address="};
    server = std::make_unique<ChildProcess>(command, folder.path() / "alertmanager.log");
    eventually(soon, [&] { return http_get("http://" + address + "/-/ready").status == 200; });
    return "http://" + address;
  }

  /// Values of an instant query by the value of one label.
  static std::map<std::string, std::string> query(const std::string& prometheus,
                                                  const std::string& expression,
                                                  const std::string& label) {
    std::string encoded;
    for (const char c : expression) {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
      encoded += hex;
    }
    const json answer = http_get(prometheus + "/api/v1/query?query=" + encoded).json();
    std::map<std::string, std::string> values;
    for (const json& result : answer.at("data").at("result")) {
      values[result.at("metric").value(label, "")] = result.at("value").at(1);
    }
    return values;
  }

  std::unique_ptr<ChildProcess> server;
};

TEST_F(Monitoring, PrometheusScrapesWhatTheContractNames) {
  SCANCLOCK_NEEDS("prometheus", "prometheus");
  DaemonProcess& daemon = start_with_images();
  const std::string prometheus = start_prometheus(daemon);
  const std::string states = "sum by (state) (scanclock_images{running=\"true\"})";
  ASSERT_TRUE(eventually(soon, [&] {
    const auto values = query(prometheus, states, "state");
    return values.contains("overdue") && values.at("overdue") == "1";
  })) << server->log();
  auto values = query(prometheus, states, "state");
  EXPECT_EQ(values["fresh"], "1");
  EXPECT_EQ(values["due_soon"], "0") << "zero is said, not left out";
  EXPECT_EQ(values["never_scanned"], "0");
  EXPECT_EQ(query(prometheus, "sum by (source) (scanclock_source_up)", "source"),
            (std::map<std::string, std::string>{{"lab", "1"}, {"hosts", "1"}}));
  // The overdue image by name, as dashboards and rules join it.
  const auto late = query(prometheus,
                          "max by (repository) (scanclock_image_info * on (digest) group_left() "
                          "(scanclock_image_scan_deadline_timestamp_seconds < bool time()))",
                          "repository");
  EXPECT_EQ(late, (std::map<std::string, std::string>{{"team/pay", "1"}, {"team/web", "0"}}));
  EXPECT_EQ(query(prometheus, "count by (container) (scanclock_workload_image_info)", "container"),
            (std::map<std::string, std::string>{{"pay", "1"}, {"web", "1"}}));
  EXPECT_EQ(query(prometheus, "scanclock_alerts{rule=\"ScanclockScanOverdue\"} > 0", "severity"),
            (std::map<std::string, std::string>{{"critical", "1"}}));
}

TEST_F(Monitoring, PromtoolFindsNothingToSayAboutTheMetrics) {
  SCANCLOCK_NEEDS("prometheus", "promtool");
  DaemonProcess& daemon = start_with_images();
  const std::string page = daemon.get("/metrics").body;
  write_file(folder.path() / "metrics", page);
  const CommandResult checked = run_command(
      {"sh", "-c", "promtool check metrics < \"$0\"", (folder.path() / "metrics").string()});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.output, "");
  for (const std::string name : metric_names) {
    const bool has_series = page.find("\n" + name + "{") != std::string::npos ||
                            page.find("\n" + name + " ") != std::string::npos ||
                            page.find("\n" + name + "_bucket{") != std::string::npos;
    EXPECT_TRUE(has_series) << name;
  }
}

TEST_F(Monitoring, AlertmanagerIsToldAndSeesTheAlertResolved) {
  SCANCLOCK_NEEDS("prometheus-alertmanager", "prometheus-alertmanager");
  const std::string alertmanager = start_alertmanager();
  parts.receivers +=
      "\n  - name: alertmanagers\n    alertmanager: {urls: ['" + alertmanager + "']}";
  DaemonProcess& daemon = start_with_images();
  const auto alerts = [&] {
    const HttpAnswer answer = http_get(alertmanager + "/api/v2/alerts");
    return answer.status == 200 ? answer.json() : json::array();
  };
  ASSERT_TRUE(eventually(soon, [&] { return alerts().size() == 1; })) << daemon.log();
  const json alert = alerts().at(0);
  const json labels = {{"alertname", "ScanclockScanOverdue"},
                       {"digest", digest("team/pay")},
                       {"policy", "fedramp-30d"},
                       {"environment", "production"},
                       {"severity", "critical"}};
  for (const auto& [name, value] : labels.items()) {
    EXPECT_EQ(alert.at("labels").value(name, ""), value) << name;
  }
  EXPECT_LE(alert.at("labels").size(), labels.size() + 1) << "what moves is an annotation";
  EXPECT_EQ(alert.at("status").at("state"), "active");
  const auto ends_at = parse_rfc3339(alert.at("endsAt").get<std::string>());
  ASSERT_TRUE(ends_at.has_value());
  EXPECT_GT(*ends_at, now_of_test() + std::chrono::hours(23)) << "a dead monitor resolves nothing";
  EXPECT_TRUE(throughout(std::chrono::seconds(1), [&] { return alerts().size() == 1; }));
  // Both kinds of receivers are told.
  EXPECT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/pay"); }));

  attach_scan("team/pay", now_of_test());
  // Alertmanager lists only what is active.
  EXPECT_TRUE(eventually(soon, [&] { return alerts().empty(); }));
}

}  // namespace
}  // namespace scanclock
