#include "core/runtime/log.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/json_values.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace scanclock {
namespace {

nlohmann::json seconds_or_null(const std::optional<Duration>& duration) {
  return duration ? nlohmann::json(std::chrono::floor<std::chrono::seconds>(*duration).count())
                  : nlohmann::json(nullptr);
}

const char* receiver_state(const alerts::ReceiverHealth& health) {
  if (health.stopped) {
    return "stopped";
  }
  return health.failing_since ? "failing" : "ok";
}

nlohmann::json receiver_json(const alerts::Receiver& receiver, const alerts::ReceiverHealth& health,
                             const OutboxStatistics& queue) {
  return {{"name", receiver.name},
          {"kind", alerts::kind_of(receiver)},
          {"state", receiver_state(health)},
          {"waiting", queue.waiting},
          {"set_aside", queue.set_aside},
          {"oldest_waiting_at", time_or_null(queue.oldest_waiting_at)},
          {"last_delivered_at", time_or_null(health.last_delivered_at)},
          {"failing_since", time_or_null(health.failing_since)},
          {"last_error", text_or_null(health.last_error)},
          {"heartbeat_every_seconds", seconds_or_null(receiver.heartbeat_every)},
          {"digest_every_seconds", seconds_or_null(receiver.digest_every)}};
}

asio::awaitable<HttpResponse> list_receivers(ApiContext& context) {
  std::map<std::string, OutboxStatistics> queues;
  for (OutboxStatistics& queue : co_await context.outbox.statistics()) {
    queues[queue.receiver] = std::move(queue);
  }
  std::map<std::string, alerts::ReceiverHealth> healths;
  for (alerts::ReceiverHealth& health : context.alerting.receiver_health()) {
    healths[health.name] = std::move(health);
  }
  nlohmann::json body;
  body["receivers"] = nlohmann::json::array();
  for (const alerts::Receiver& receiver : context.alerting.configured_receivers()) {
    body["receivers"].push_back(
        receiver_json(receiver, healths[receiver.name], queues[receiver.name]));
  }
  body["next"] = nullptr;
  co_return json_response(200, body);
}

asio::awaitable<HttpResponse> try_receiver(ApiContext& context, ApiRequest request) {
  const auto trial = co_await context.alerting.try_receiver(request.argument);
  if (!trial) {
    co_return problem(404, "no_such_receiver", "the settings have no receiver " + request.argument);
  }
  log::info("api", "{} sent a test message to receiver {}: {}",
            request.principal.empty() ? "somebody" : request.principal, trial->receiver,
            trial->delivered ? "delivered" : trial->error);
  const nlohmann::json body = {
      {"receiver", trial->receiver},
      {"kind", trial->kind},
      {"delivered", trial->delivered},
      {"status", trial->status == 0 ? nlohmann::json(nullptr) : nlohmann::json(trial->status)},
      {"error", text_or_null(trial->error)},
      {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(trial->took).count()}};
  co_return json_response(200, body);
}

}  // namespace

void add_receiver_calls(Router& router, ApiContext& context) {
  Route list;
  list.method = "GET";
  list.path = "/api/v1/receivers";
  list.summary = "Receivers of the settings: whether they take messages, and what waits for them.";
  list.role = Role::read;
  list.handle = [&context](ApiRequest) { return list_receivers(context); };
  router.add(std::move(list));

  Route trial;
  trial.method = "POST";
  trial.path = "/api/v1/receivers/{name}/test";
  trial.summary = "Sends one message to the receiver that says of itself that it is a test.";
  trial.role = Role::admin;
  trial.handle = [&context](ApiRequest request) {
    return try_receiver(context, std::move(request));
  };
  router.add(std::move(trial));
}

}  // namespace scanclock
