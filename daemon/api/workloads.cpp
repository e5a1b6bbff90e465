#include "core/workloads/workload_document.hpp"
#include "daemon/api/context.hpp"
#include "daemon/workload_intake.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace scanclock {
namespace {

constexpr Duration pushed_workloads_blind_after = std::chrono::minutes(10);

asio::awaitable<HttpResponse> submit_workloads(ApiContext& context, ApiRequest request) {
  using Parsed = Result<WorkloadReport, WorkloadDocumentFailure>;
  auto bytes = std::make_shared<const std::string>(std::move(request.http.body));
  const TimePoint now = context.clock.now();
  auto work = [bytes, now]() -> Parsed { return parse_workload_document(*bytes, now); };
  auto running = context.pool.run(std::move(work));
  Parsed parsed = co_await std::move(running);
  if (!parsed) {
    co_return problem(422, "malformed", parsed.error().message);
  }
  const std::string source = parsed->source;
  for (const WorkloadScope& workload : context.engine.inventory().scope().workloads) {
    if (workload.name == source) {
      co_return problem(422, "wrong_source",
                        "source " + source + " is one that the daemon polls by itself");
    }
  }
  // Whoever pushes once is expected to push again: its silence becomes an alert.
  if (context.engine.sources().find(source) == nullptr) {
    context.engine.sources().configure(source, SourceKind::workload, pushed_workloads_blind_after,
                                       now);
  }
  const std::size_t count = parsed->containers.size();
  WorkloadIntake intake(context.engine, context.clock, context.telemetry);
  intake.workloads_observed(std::move(*parsed));
  const bool stored = co_await context.engine.stored(store_wait_max);
  if (!stored) {
    co_return problem(503, "not_stored_yet",
                      "the database does not take changes at the moment; send it again");
  }
  nlohmann::json body;
  body["accepted"] = true;
  body["source"] = source;
  body["containers"] = count;
  co_return json_response(202, body);
}

}  // namespace

void add_workload_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "POST";
  route.path = "/api/v1/workloads";
  route.summary = "Takes a workload document of a source that the daemon cannot poll.";
  route.role = Role::submit;
  route.handle = [&context](ApiRequest request) {
    return submit_workloads(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
