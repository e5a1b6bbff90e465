#include "core/workloads/workload_document.hpp"
#include "daemon/api/context.hpp"
#include "daemon/workload_intake.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace scanclock {
namespace {

std::string doubt_text(const std::string& source) {
  return "more than half of the containers of source " + source +
         ", or all of them, vanished since its last view. What this view shows is taken; what it "
         "lacks is believed to run until views stay so for " +
         describe_duration(suspicious_drop_hold) +
         "\nHINT: push again after that time, or confirm the drop with `scanclock source confirm " +
         source + "`";
}

bool is_outdated(const ApiContext& context, const std::string& source, TimePoint observed_at) {
  const std::optional<TimePoint> newest = context.workload_intake.newest_view(source);
  return newest && observed_at < *newest;
}

HttpResponse outdated(const ApiContext& context, const std::string& source, TimePoint observed_at) {
  const std::optional<TimePoint> newest = context.workload_intake.newest_view(source);
  return problem(409, "outdated",
                 "a view of source " + source + " of " +
                     format_rfc3339(newest.value_or(observed_at)) +
                     " was taken already, this one is of " + format_rfc3339(observed_at));
}

asio::awaitable<HttpResponse> submit_workloads(ApiContext& context, ApiRequest request) {
  using Parsed = Result<WorkloadReport, WorkloadDocumentFailure>;
  auto bytes = std::make_shared<const std::string>(std::move(request.http.body));
  const TimePoint now = context.clock.now();
  auto work = [bytes, now]() -> Parsed { return parse_workload_document(*bytes, now); };
  auto running = context.pool.run(std::move(work));
  Parsed parsed = co_await std::move(running);
  if (!parsed) {
    co_return problem(422, reason_of(parsed.error().kind), parsed.error().message);
  }
  const std::string source = parsed->source;
  for (const WorkloadScope& workload : context.engine.inventory().scope().workloads) {
    if (workload.name == source) {
      co_return problem(422, "wrong_source",
                        "source " + source + " is one that the daemon polls by itself");
    }
  }
  if (now - parsed->observed_at > pushed_workloads_blind_after) {
    co_return problem(422, "stale",
                      "the view of source " + source + " is of " +
                          format_rfc3339(parsed->observed_at) + ", more than " +
                          describe_duration(pushed_workloads_blind_after) +
                          " ago\nHINT: push what runs now; check the clock of the sender");
  }
  const TimePoint observed_at = parsed->observed_at;
  if (is_outdated(context, source, observed_at)) {
    co_return outdated(context, source, observed_at);
  }
  const std::size_t count = parsed->containers.size();
  auto taken = context.workload_intake.take(std::move(*parsed));
  const WorkloadIntake::Outcome outcome = co_await std::move(taken);
  if (outcome == WorkloadIntake::Outcome::outdated) {
    co_return outdated(context, source, observed_at);
  }
  const bool stored = co_await context.engine.stored_wholly(store_wait_max);
  if (!stored) {
    co_return problem(503, "not_stored_yet",
                      "the database does not take changes at the moment; send it again");
  }
  if (outcome == WorkloadIntake::Outcome::doubted) {
    co_return problem(409, "suspicious_drop", doubt_text(source));
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
  route.summary =
      "Takes a workload document of a source that the daemon cannot poll. 409 suspicious_drop: its "
      "containers vanished, which is not believed yet; 409 outdated: a newer view is known.";
  route.role = Role::submit;
  route.handle = [&context](ApiRequest request) {
    return submit_workloads(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
