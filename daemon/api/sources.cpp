#include "core/runtime/log.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/json_values.hpp"
#include "daemon/source_members.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace {

constexpr std::size_t coverage_listed_max = 500;
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

nlohmann::json confirmation(const std::string& source, std::string_view what,
                            std::string_view detail) {
  nlohmann::json body;
  body["source"] = source;
  body["confirmed"] = what;
  body["detail"] = detail;
  return body;
}

/// Somebody takes the responsibility: who, and for what, is for the log.
void log_confirmation(const ApiRequest& request, const std::string& source, std::string_view what) {
  log::warning("audit", "{} confirmed for source {}: {}", request.principal, source, what);
}

asio::awaitable<HttpResponse> end_abandoned(ApiContext& context, ApiRequest request) {
  const std::string source = request.argument;
  Engine& engine = context.engine;
  if (!co_await context.workload_intake.end_abandoned(source)) {
    co_return problem(409, "nothing_doubted",
                      "a view of source " + source +
                          " came in meanwhile, so it is not gone, and nothing was ended");
  }
  log_confirmation(request, source, "it is gone for good, and all that it showed has ended");
  if (!co_await engine.stored_wholly(store_wait_max)) {
    co_return problem(503, "not_stored_yet",
                      "the database does not take changes at the moment; look again in a while");
  }
  co_return json_response(
      200, confirmation(source, "removal", "all containers that it showed have ended"));
}

asio::awaitable<HttpResponse> confirm_drop(ApiContext& context, ApiRequest request) {
  const std::string source = request.argument;
  const SourceStatus* status = context.engine.sources().find(source);
  if (status == nullptr) {
    co_return problem(404, "unknown_source", "there is no source of this name");
  }
  if (is_abandoned(*status)) {
    co_return co_await end_abandoned(context, std::move(request));
  }
  const bool doubted =
      status->kind == SourceKind::workload
          ? context.engine.inventory().confirm_drop(source, context.clock.now())
          : status->kind == SourceKind::registry && context.confirm_registry_drop(source);
  if (!doubted) {
    co_return problem(409, "nothing_doubted",
                      "nothing that source " + source +
                          " showed or lost is doubted, so there is nothing to confirm");
  }
  bool applied = false;
  if (status->kind == SourceKind::workload) {
    applied = co_await context.workload_intake.take_doubted(source);
  }
  context.engine.wake();
  log_confirmation(request, source, "what vanished from its view is really gone");
  co_return json_response(
      200, confirmation(source, "drop",
                        applied ? "its last view is believed"
                                : "the drop is believed as soon as its next view shows it"));
}

/// The newest intervals, oldest first; a source that comes and goes makes one each time.
nlohmann::json coverage_json(const std::vector<CoverageInterval>& intervals) {
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t index = intervals.size() - std::min(intervals.size(), coverage_listed_max);
       index < intervals.size(); ++index) {
    nlohmann::json watched;
    watched["from"] = format_rfc3339(intervals[index].from);
    watched["to"] = format_rfc3339(intervals[index].to);
    list.push_back(std::move(watched));
  }
  return list;
}

asio::awaitable<HttpResponse> list_sources(ApiContext& context) {
  const TimePoint now = context.clock.now();
  SourceMembers members;
  const auto count = [&](const ImageRecord& image) { members.add(image); };
  co_await walk_images(context.engine.inventory(), std::nullopt, count);
  nlohmann::json items = nlohmann::json::array();
  for (const SourceStatus& source : context.engine.sources().all()) {
    nlohmann::json item;
    item["name"] = source.name;
    item["kind"] = to_string(source.kind);
    item["type"] = source.type.empty() ? nlohmann::json() : nlohmann::json(source.type);
    item["partial_view"] =
        source.namespaces ? nlohmann::json(*source.namespaces) : nlohmann::json();
    item["limits"] = source.limits.empty() ? nlohmann::json() : nlohmann::json(source.limits);
    item["unattended"] = source.unattended;
    item["status"] = status_of(context.engine.sources(), source, now);
    item["reason"] = source.reason;
    item["detail"] = source.detail;
    item["failing_since"] = time_or_null(source.failing_since);
    item["last_success_at"] = time_or_null(source.last_success_at);
    item["next_poll_at"] = time_or_null(source.next_poll_at);
    item["requests"] = source.requests;
    item["last_cycle"] = cycle_json(source.last_cycle);
    item["seen"] = members.of(source);
    const std::vector<CoverageInterval> intervals =
        co_await context.ledger.coverage(source.name, now - coverage_shown);
    item["coverage"] = coverage_json(intervals);
    item["coverage_total"] = intervals.size();
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

  Route confirm;
  confirm.method = "POST";
  confirm.path = "/api/v1/sources/{name}/confirm_drop";
  confirm.summary =
      "Confirms that what vanished from a source's view is really gone, or that a source that "
      "nobody attends to any more is. 409 when nothing is doubted.";
  confirm.role = Role::admin;
  confirm.handle = [&context](ApiRequest request) {
    return confirm_drop(context, std::move(request));
  };
  router.add(std::move(confirm));
}

}  // namespace scanclock
