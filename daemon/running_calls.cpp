#include "daemon/running.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

Route operation(std::string method, std::string path, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.summary = std::move(summary);
  return route;
}

}  // namespace

void App::Running::add_operation_calls() {
  Route healthy = operation("GET", "/-/healthy", "200 while the process works.");
  healthy.handle = [](ApiRequest) -> asio::awaitable<HttpResponse> {
    co_return text_response(200, "text/plain; charset=utf-8", "scanclock is healthy.\n");
  };
  router_.add(std::move(healthy));

  Route ready = operation("GET", "/-/ready", "200 when this daemon watches and alerts.");
  ready.handle = [this](ApiRequest) -> asio::awaitable<HttpResponse> {
    const std::string reason = why_not_ready();
    co_return text_response(
        reason.empty() ? 200 : 503, "text/plain; charset=utf-8",
        reason.empty() ? "scanclock is ready.\n" : "scanclock is not ready: " + reason + "\n");
  };
  router_.add(std::move(ready));

  Route reload_route = operation("POST", "/-/reload", "Reads the settings file again.");
  reload_route.role = Role::admin;
  reload_route.handle = [this](ApiRequest) { return reload_call(); };
  router_.add(std::move(reload_route));
}

std::string App::Running::why_not_ready() const {
  if (not_ready_.empty() && !engine_->storage_failure().empty()) {
    return "the database does not take changes";
  }
  return not_ready_;
}

asio::awaitable<HttpResponse> App::Running::reload_call() {
  const std::string failure = co_await reload();
  if (!failure.empty()) {
    co_return problem(422, "settings_refused", failure);
  }
  nlohmann::json body;
  body["reloaded"] = true;
  co_return json_response(200, body);
}

void App::Running::add_calls() {
  Stores& stores = database_.stores();
  api_ = std::make_unique<ApiContext>(ApiContext{
      *engine_, *alerting_, stores.ledger, stores.outbox, telemetry_, clock_, pool_, *scan_intake_,
      [this](RepositoryKey repository, std::string reference) {
        return parts_->refresh(std::move(repository), std::move(reference));
      },
      [this](const RepositoryKey& repository, const std::string& tag) {
        parts_->hasten(repository, tag);
      },
      [this](const std::string& registry) { return parts_->confirm_drop(registry); },
      *workload_intake_, *metrics_page_});
  add_image_calls(router_, *api_);
  add_image_detail_calls(router_, *api_);
  add_evidence_calls(router_, *api_);
  add_container_calls(router_, *api_);
  add_alert_calls(router_, *api_);
  add_silence_calls(router_, *api_);
  add_notification_calls(router_, *api_);
  add_receiver_calls(router_, *api_);
  add_source_calls(router_, *api_);
  add_check_call(router_, *api_);
  add_forecast_call(router_, *api_);
  add_scan_calls(router_, *api_);
  add_event_calls(router_, *api_);
  add_workload_calls(router_, *api_);
  add_metrics_call(router_, *api_);
  add_status_page(router_, *api_);
  add_openapi_call(router_);
}

WaitingState App::Running::waiting_state() const {
  WaitingState state;
  state.reason = not_ready_;
  state.stands_by = active_.has_value();
  // Whoever may not read the pages is not told of hosts either.
  if (active_ && active_->alive && settings_.server.anonymous_read) {
    state.active_host = active_->holder.substr(0, active_->holder.rfind('/'));
    state.active_since = active_->acquired_at;
  }
  return state;
}

asio::awaitable<HttpResponse> App::Running::handle(HttpServerRequest request) {
  const bool is_operation = request.target.starts_with("/-/");
  if (!is_operation && !api_) {
    co_return waiting_answer(request, waiting_state(), clock_.now());
  }
  std::string failure;
  try {
    co_return co_await router_.handle(std::move(request));
  } catch (const PgError& error) {
    failure = error.what();
  }
  log::warning("api", "a request could not be answered: {}", failure);
  co_return problem(503, "database_unavailable",
                    "the database cannot be reached at the moment; try again");
}

}  // namespace scanclock
