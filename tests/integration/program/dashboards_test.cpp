// Every expression of every dashboard, as Grafana would send it, at a real Prometheus that scraped
// a real daemon.
#include "tests/integration/program/program_test.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>

namespace scanclock {
namespace {

using nlohmann::json;

/// What Grafana makes of $__rate_interval with a scrape a second: four of them.
constexpr const char* rate_interval = "4s";

std::string url_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
    encoded += hex;
  }
  return encoded;
}

std::map<std::string, json> shipped_dashboards() {
  std::map<std::string, json> dashboards;
  for (const char* name : {"fleet", "image", "operations"}) {
    std::ifstream in(std::string(SCANCLOCK_SOURCE_DIR "/dashboards/") + name + ".json");
    dashboards[name] = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  }
  return dashboards;
}

/// With what a user has chosen; a variable that is not known here stays and makes the query fail.
std::string resolved(std::string text, const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) {
    const std::string written = "$" + name;
    for (std::size_t at = text.find(written); at != std::string::npos;
         at = text.find(written, at + value.size())) {
      text.replace(at, written.size(), value);
    }
  }
  return text;
}

class Dashboards : public ProgramTest {
 protected:
  /// An image of each state, a registry that is not there, a receiver that is not there.
  DaemonProcess& start_world() {
    const std::map<std::string, int> days{{"team/web", 2}, {"team/api", 26}, {"team/pay", 40}};
    for (const auto& [name, age] : days) {
      push(name);
      attach_scan(name, now_of_test() - age * day);
    }
    push("team/batch");
    run_workloads({"team/web", "team/api", "team/pay", "team/batch"});
    parts.registries +=
        "\n  - {name: mirror, url: 'http://127.0.0.1:" + std::to_string(free_port()) +
        "', repositories: {include: [team/app]}, "
        "poll: {tags_every: 1s, evidence_every: 1s}}";
    parts.receivers +=
        "\n  - name: gone\n    webhook: {url: 'http://127.0.0.1:" + std::to_string(free_port()) +
        "/'}\nowners:\n  - {match: {repositories: [team/pay]}, owner: payments}";
    DaemonProcess& daemon = start_daemon();
    eventually(soon, [&] {
      return state_of(daemon, "team/web") == "fresh" &&
             state_of(daemon, "team/api") == "due_soon" &&
             state_of(daemon, "team/pay") == "overdue" &&
             state_of(daemon, "team/batch") == "never_scanned" &&
             image_of(daemon, "team/batch").at("running") == true;
    });
    return daemon;
  }

  /// Scrapes the daemon under two jobs, so that a query that forgets to join on the image alone
  /// meets the same image twice.
  void start_prometheus(const DaemonProcess& daemon) {
    const std::string target = daemon.url().substr(std::string("http://").size());
    std::string config = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n";
    for (const char* job : {"scanclock", "second"}) {
      config += std::string("  - job_name: ") + job + "\n    static_configs: [{targets: ['" +
                target + "']}]\n";
    }
    write_file(folder.path() / "prometheus.yml", config);
    const std::string address = "127.0.0.1:" + std::to_string(free_port());
    const std::vector<std::string> command{
        "prometheus", "--config.file=" + (folder.path() / "prometheus.yml").string(),
        "--storage.tsdb.path=" + (folder.path() / "prometheus").string(),
        "--web.listen-address=" + address};
    server_ = std::make_unique<ChildProcess>(command, folder.path() / "prometheus.log");
    prometheus_ = "http://" + address;
    ASSERT_TRUE(eventually(soon, [&] { return http_get(prometheus_ + "/-/ready").status == 200; }))
        << server_->log();
  }

  std::map<std::string, std::string> variables(const std::string& job) const {
    return {
        {"job", job},         {"environment", ".*"},          {"owner", ".*"},
        {"repository", ".*"}, {"digest", digest("team/pay")}, {"__rate_interval", rate_interval}};
  }

  json ask(const std::string& path) const { return http_get(prometheus_ + path).json(); }

  /// As the panel asks: at one moment or over the last ten seconds.
  json answer_of(const json& target, const std::string& job) const {
    const std::string query = url_encoded(resolved(target.at("expr"), variables(job)));
    if (target.value("instant", false)) {
      return ask("/api/v1/query?query=" + query);
    }
    const auto now = std::chrono::duration<double>(now_of_test().time_since_epoch()).count();
    return ask("/api/v1/query_range?step=1&start=" + std::to_string(now - 10) +
               "&end=" + std::to_string(now) + "&query=" + query);
  }

  /// What is wrong with an answer; empty when a panel would show something.
  static std::string problem_of(const json& answer) {
    if (answer.value("status", "") != "success") {
      return answer.value("error", "no answer");
    }
    bool any = false;
    for (const json& series : answer.at("data").at("result")) {
      const json values =
          series.contains("values") ? series.at("values") : json::array({series.at("value")});
      for (const json& value : values) {
        any = any || std::isfinite(std::stod(value.at(1).get<std::string>()));
      }
    }
    return any ? "" : "nothing to show";
  }

  /// The panels that would show nothing or an error, with the reason.
  std::map<std::string, std::string> bad_panels(const std::string& job) const {
    std::map<std::string, std::string> bad;
    for (const auto& [name, dashboard] : shipped_dashboards()) {
      for (const json& panel : dashboard.at("panels")) {
        for (const json& target : panel.value("targets", json::array())) {
          const std::string problem = problem_of(answer_of(target, job));
          if (!problem.empty()) {
            bad[name + ": " + panel.at("title").get<std::string>() + " " +
                target.at("refId").get<std::string>()] =
                problem + " for " + resolved(target.at("expr"), variables(job));
          }
        }
      }
    }
    return bad;
  }

  /// The answer to the first query of a panel.
  json result_of(const std::string& board, const std::string& title) const {
    const json dashboard = shipped_dashboards().at(board);
    for (const json& panel : dashboard.at("panels")) {
      if (panel.at("title") == title) {
        return answer_of(panel.at("targets").at(0), "scanclock").at("data").at("result");
      }
    }
    throw std::runtime_error("no panel " + title);
  }

  double number_of(const std::string& board, const std::string& title) const {
    const json result = result_of(board, title);
    return result.size() == 1 ? std::stod(result.at(0).at("value").at(1).get<std::string>())
                              : std::nan("");
  }

  std::string prometheus_;
  std::unique_ptr<ChildProcess> server_;
};

TEST_F(Dashboards, ShowSomethingInEveryPanel) {
  SCANCLOCK_NEEDS("prometheus", "prometheus");
  start_prometheus(start_world());
  std::map<std::string, std::string> bad;
  for (const std::string job : {"scanclock", ".+"}) {
    eventually(soon, [&] {
      bad = bad_panels(job);
      return bad.empty();
    });
    for (const auto& [panel, problem] : bad) {
      ADD_FAILURE() << "job " << job << ", " << panel << ": " << problem;
    }
  }
}

TEST_F(Dashboards, OfferValuesInEveryVariable) {
  SCANCLOCK_NEEDS("prometheus", "prometheus");
  start_prometheus(start_world());
  ASSERT_TRUE(eventually(soon, [&] { return number_of("fleet", "Overdue") == 1; }));
  const std::regex label_values(R"(label_values\((.*), (\w+)\))");
  std::size_t asked = 0;
  for (const auto& [name, dashboard] : shipped_dashboards()) {
    for (const json& variable : dashboard.at("templating").at("list")) {
      if (variable.at("type") != "query") {
        continue;
      }
      const std::string definition = variable.at("definition");
      EXPECT_EQ(variable.at("query").at("query"), definition) << name;
      std::smatch match;
      ASSERT_TRUE(std::regex_match(definition, match, label_values)) << definition;
      const std::string selector = resolved(match[1], variables(".+"));
      const json values =
          ask("/api/v1/label/" + match[2].str() + "/values?match[]=" + url_encoded(selector));
      EXPECT_EQ(values.at("status"), "success") << values;
      EXPECT_FALSE(values.at("data").empty()) << name << ": " << definition;
      ++asked;
    }
  }
  EXPECT_GE(asked, 7U);
}

TEST_F(Dashboards, CountWhatTheDaemonKnows) {
  SCANCLOCK_NEEDS("prometheus", "prometheus");
  const DaemonProcess& daemon = start_world();
  start_prometheus(daemon);
  ASSERT_TRUE(eventually(soon, [&] { return number_of("fleet", "Never scanned") == 1; }));
  EXPECT_EQ(number_of("fleet", "Overdue"), 1);
  EXPECT_EQ(number_of("fleet", "Due soon"), 1);
  EXPECT_EQ(number_of("fleet", "In the window"), 0.5);
  const double to_breach = number_of("fleet", "Time to the next breach");
  EXPECT_GT(to_breach, 3.9 * 86400);
  EXPECT_LT(to_breach, 4 * 86400);

  // One bar a day, and the two images that are in their window on the days of their deadlines.
  std::map<std::string, std::string> bars;
  double sum = 0;
  for (const json& bar : result_of("fleet", "Breach calendar: images by days from today")) {
    bars[bar.at("metric").at("day")] = bar.at("value").at(1);
    sum += std::stod(bar.at("value").at(1).get<std::string>());
  }
  EXPECT_EQ(bars.size(), 35U);
  EXPECT_EQ(sum, 2);
  const auto days_until = [](TimePoint deadline) {
    const auto today = std::chrono::floor<std::chrono::days>(now_of_test());
    const auto days = (std::chrono::floor<std::chrono::days>(deadline) - today).count();
    return (days < 10 ? "0" : "") + std::to_string(days);
  };
  for (const std::string name : {"team/web", "team/api"}) {
    const std::string deadline = image_of(daemon, name).at("deadline_at");
    EXPECT_EQ(bars[days_until(*parse_rfc3339(deadline))], "1") << name;
  }
  const json owners = result_of("fleet", "By owner");
  std::map<std::string, std::string> late;
  for (const json& owner : owners) {
    late[owner.at("metric").value("owner", "")] = owner.at("value").at(1);
  }
  EXPECT_EQ(late, (std::map<std::string, std::string>{{"", "1"}, {"payments", "1"}}));
  EXPECT_LT(number_of("image", "Time left"), -9 * 86400) << "the chosen image is 10 days late";
  EXPECT_EQ(number_of("operations", "Sources failing"), 1);
  EXPECT_EQ(number_of("operations", "Last reload"), 1);
}

}  // namespace
}  // namespace scanclock
