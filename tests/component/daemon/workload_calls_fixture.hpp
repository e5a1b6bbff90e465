#pragma once

#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/workload_intake.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/alert_world.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// The API's calls about workloads, on an engine with a ledger in memory.
class WorkloadCallsTest : public EngineTest {
 protected:
  struct Answer {
    int status = 0;
    nlohmann::json body;
  };

  WorkloadCallsTest() : EngineTest(AlertWorld::default_scope()) {
    add_container_calls(router, context);
    add_source_calls(router, context);
    add_workload_calls(router, context);
    std::vector<TokenSettings> tokens(2);
    tokens[0].name = "ci";
    tokens[0].token = Secret("submit-token");
    tokens[0].role = Role::submit;
    tokens[1].name = "operator";
    tokens[1].token = Secret("admin-token");
    tokens[1].role = Role::admin;
    router.set_access(std::move(tokens), true);
  }

  Answer ask(const std::string& method, const std::string& target, const std::string& token = {},
             std::string body = {}) {
    HttpServerRequest request;
    request.method = method;
    request.target = target;
    request.body = std::move(body);
    if (!token.empty()) {
      request.headers.emplace_back("Authorization", "Bearer " + token);
    }
    const HttpResponse response = finish(router.handle(std::move(request)));
    std::string text = response.body;
    for (const auto& piece : response.pieces) {
      text += *piece;
    }
    Answer answer;
    answer.status = response.status;
    answer.body = nlohmann::json::parse(text, nullptr, false);
    return answer;
  }

  /// Pushes a complete view of source `edge` with these containers, of now less `age`.
  Answer push(const std::vector<std::string>& ids, Duration age = Duration::zero()) {
    nlohmann::json document;
    document["source"] = "edge";
    document["observed_at"] = format_rfc3339(clock.now() - age);
    document["complete"] = true;
    document["containers"] = nlohmann::json::array();
    for (const std::string& id : ids) {
      nlohmann::json item;
      item["id"] = id;
      item["name"] = id;
      item["image"] = "registry.example/team/app:1";
      item["image_digest"] = AlertWorld::digest('a').str();
      document["containers"].push_back(std::move(item));
    }
    return ask("POST", "/api/v1/workloads", "submit-token", document.dump());
  }

  Answer confirm(const std::string& source, const std::string& token = "admin-token") {
    return ask("POST", "/api/v1/sources/" + source + "/confirm_drop", token);
  }

  nlohmann::json containers(const std::string& query = {}) {
    return ask("GET", "/api/v1/containers" + query).body.at("containers");
  }

  nlohmann::json source(const std::string& name) {
    const Answer answer = ask("GET", "/api/v1/sources");
    for (const nlohmann::json& item : answer.body.at("sources")) {
      if (item.at("name") == name) {
        return item;
      }
    }
    return nullptr;
  }

  /// A view of a configured source with `count` containers.
  WorkloadReport view_of(const std::string& name, int count) const {
    WorkloadReport report;
    report.source = name;
    report.observed_at = clock.now();
    report.complete = true;
    for (int number = 0; number < count; ++number) {
      ContainerObservation seen;
      seen.id = "c" + std::to_string(number);
      seen.name = seen.id;
      seen.image = "registry.example/team/app:1";
      seen.digests = {AlertWorld::digest('a')};
      report.containers.push_back(std::move(seen));
    }
    return report;
  }

  WorkloadIntake workload_intake{engine, clock, telemetry};
  std::set<std::string> doubted_registries;
  MetricsPage metrics_page{MetricsPage::Surroundings{io.get_executor(), clock, pool, engine,
                                                     alerting, outbox, telemetry}};
  ApiContext context{
      engine,
      alerting,
      ledger,
      outbox,
      telemetry,
      clock,
      pool,
      intake,
      [](RepositoryKey, std::string) -> asio::awaitable<std::string> { co_return std::string(); },
      [](const RepositoryKey&, const std::string&) {},
      [this](const std::string& registry) { return doubted_registries.erase(registry) > 0; },
      workload_intake,
      metrics_page};
  Router router;
};

}  // namespace scanclock
