#include "daemon/api/context.hpp"
#include "daemon/api/json_values.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

constexpr Duration coverage_shown = std::chrono::hours(24 * 35);

std::string status_of(const SourceBook& sources, const SourceStatus& source, TimePoint now) {
  if (!source.failing_since) {
    return "ok";
  }
  return sources.is_blind(source.name, now) ? "blind" : "failing";
}

nlohmann::json cycle_json(const std::optional<RequestCycle>& cycle) {
  if (!cycle) {
    return nullptr;
  }
  nlohmann::json item;
  item["requests"] = cycle->requests();
  item["heads"] = cycle->heads;
  item["referrers"] = cycle->referrers;
  item["lists"] = cycle->lists;
  item["others"] = cycle->others;
  item["started_at"] = format_rfc3339(cycle->started_at);
  item["ended_at"] = format_rfc3339(cycle->ended_at);
  return item;
}

asio::awaitable<HttpResponse> list_sources(ApiContext& context) {
  const TimePoint now = context.clock.now();
  nlohmann::json items = nlohmann::json::array();
  for (const SourceStatus& source : context.engine.sources().all()) {
    nlohmann::json item;
    item["name"] = source.name;
    item["kind"] = to_string(source.kind);
    item["status"] = status_of(context.engine.sources(), source, now);
    item["reason"] = source.reason;
    item["detail"] = source.detail;
    item["failing_since"] = time_or_null(source.failing_since);
    item["last_success_at"] = time_or_null(source.last_success_at);
    item["next_poll_at"] = time_or_null(source.next_poll_at);
    item["requests"] = source.requests;
    item["last_cycle"] = cycle_json(source.last_cycle);
    item["seen"] = context.engine.inventory().members_of(source);
    item["coverage"] = nlohmann::json::array();
    const std::vector<CoverageInterval> intervals =
        co_await context.ledger.coverage(source.name, now - coverage_shown);
    for (const CoverageInterval& interval : intervals) {
      nlohmann::json watched;
      watched["from"] = format_rfc3339(interval.from);
      watched["to"] = format_rfc3339(interval.to);
      item["coverage"].push_back(std::move(watched));
    }
    items.push_back(std::move(item));
  }
  nlohmann::json body;
  body["sources"] = std::move(items);
  co_return json_response(200, body);
}

}  // namespace

void add_source_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/sources";
  route.summary = "Registries and orchestrators: whether they answer, and when each was watched.";
  route.role = Role::read;
  route.handle = [&context](ApiRequest) -> asio::awaitable<HttpResponse> {
    return list_sources(context);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
