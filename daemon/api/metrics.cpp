#include "core/runtime/log.hpp"
#include "daemon/api/context.hpp"
#include "daemon/metrics_page.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace scanclock {
namespace {

constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

/// While the database is away the page shows the queue as it was seen last.
asio::awaitable<void> refresh_statistics(Outbox& outbox, std::vector<OutboxStatistics>& known) {
  bool aborted = false;
  try {
    known = co_await outbox.statistics();
  } catch (const boost::system::system_error& error) {
    aborted = error.code() == asio::error::operation_aborted;
  } catch (const std::exception& error) {
    log::debug("metrics", "the queue cannot be counted: {}", error.what());
  }
  if (aborted) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

/// A receiver for which nothing waits has a queue of length zero, not none.
void add_idle_receivers(const alerts::Alerting& alerting, std::vector<OutboxStatistics>& queues) {
  for (const alerts::Alerting::ReceiverState& receiver : alerting.receivers()) {
    const bool waits = std::any_of(queues.begin(), queues.end(), [&](const auto& queue) {
      return queue.receiver == receiver.name;
    });
    if (!waits) {
      OutboxStatistics idle;
      idle.receiver = receiver.name;
      queues.push_back(std::move(idle));
    }
  }
}

asio::awaitable<HttpResponse> metrics(ApiContext& context,
                                      std::shared_ptr<std::vector<OutboxStatistics>> known) {
  co_await refresh_statistics(context.outbox, *known);
  std::vector<OutboxStatistics> queues = *known;
  add_idle_receivers(context.alerting, queues);
  const std::vector<Alert> alerts = context.alerting.alerts();
  const MetricsInput input{
      context.engine.inventory(),          context.engine.sources(), alerts, queues,
      context.engine.last_evaluation_at(), context.clock.now()};
  std::string text = render_metrics(input);
  text += prometheus::TextSerializer().Serialize(context.telemetry.registry()->Collect());
  co_return text_response(200, content_type, std::move(text));
}

}  // namespace

void add_metrics_call(Router& router, ApiContext& context) {
  auto known = std::make_shared<std::vector<OutboxStatistics>>();
  Route route;
  route.method = "GET";
  route.path = "/metrics";
  route.summary = "Metrics in the Prometheus text format.";
  route.role = Role::read;
  route.handle = [&context, known](ApiRequest) { return metrics(context, known); };
  router.add(std::move(route));
}

}  // namespace scanclock
